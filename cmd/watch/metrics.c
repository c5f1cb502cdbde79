/* SPDX-License-Identifier: MIT */
/* The option --metrics: what was counted, for Prometheus. Types and codes are labels, addresses never are. */
#include <errno.h>
#include <stdio.h>

#include "catalog/icmp.h"
#include "cmd/watch/outputs.h"
#include "net/web.h"
#include "out/prometheus.h"

struct metrics {
    struct web *web;
    struct web_page page;
    struct watching *watching;
};

/* Series that are there from the first scrape on, so that a rate never misses their beginning. */
static const struct {
    uint8_t family, type, code;
} always[] = {
    {4, 0, 0},   {4, 3, 0},   {4, 3, 1},   {4, 3, 3},   {4, 3, 4},   {4, 3, 13},  {4, 5, 0},
    {4, 5, 1},   {4, 8, 0},   {4, 11, 0},  {4, 12, 0},  {6, 1, 0},   {6, 1, 1},   {6, 1, 3},
    {6, 1, 4},   {6, 2, 0},   {6, 3, 0},   {6, 4, 0},   {6, 128, 0}, {6, 129, 0}, {6, 133, 0},
    {6, 134, 0}, {6, 135, 0}, {6, 136, 0}, {6, 137, 0},
};

enum value { MESSAGES, OCTETS };

static void add_series(struct text *text, const char *name, const struct watch_count *count, enum value value)
{
    char family[2] = {(char)('0' + count->family), 0}, type[8], code[8];
    const struct prometheus_label labels[] = {{"family", family},    {"type", type},          {"code", code},
                                              {"name", count->name}, {"layer", count->layer}, {0}};

    snprintf(type, sizeof(type), "%u", (uint8_t)count->type);
    snprintf(code, sizeof(code), "%u", (uint8_t)count->code);
    prometheus_sample(text, name, labels, (uint64_t)(value == MESSAGES ? count->packets : count->bytes));
}

static void add_absent(struct text *text, const char *name, const struct watch *watch)
{
    for (size_t i = 0; i < COUNT_OF(always); i++) {
        struct watch_count none = {always[i].family,
                                   always[i].type,
                                   always[i].code,
                                   sonde_icmp_find(always[i].family, always[i].type, always[i].code)->name,
                                   "outer",
                                   0,
                                   0};

        if (!count_cell(watch->counts, PACKET_OUTER, always[i].family, always[i].type, always[i].code)
                 ->packets)
            add_series(text, name, &none, MESSAGES);
    }
}

static void add_counts(struct text *text, const struct watch *watch, const char *name, const char *help,
                       enum value value)
{
    struct watch_count count;
    uint32_t place = 0;

    prometheus_family(text, name, PROMETHEUS_COUNTER, help);
    while (watch_next_count(watch, &place, &count))
        add_series(text, name, &count, value);
    add_absent(text, name, watch);
}

static void add_interfaces(struct text *text, const struct watching *watching)
{
    static const char name[] = "sonde_icmp_interface_messages_total";
    const struct counts *counts = watching->watch->counts;

    prometheus_family(text, name, PROMETHEUS_COUNTER,
                      "ICMP messages by interface, direction, type and code.");
    for (size_t i = 0; i < BREAKDOWN_MAX; i++) {
        const struct breakdown *cell = &counts->breakdown[i];
        char family[2] = {(char)('0' + cell->family), 0}, type[8], code[8];
        const struct prometheus_label labels[] = {
            {"interface", watching_interface_name(watching, cell->interface)},
            {"direction", watch_direction_name(cell->direction)},
            {"family", family},
            {"type", type},
            {"code", code},
            {"layer", cell->layer == PACKET_OUTER ? "outer" : "inner"},
            {0}};

        if (!cell->family)
            continue;
        snprintf(type, sizeof(type), "%u", cell->type);
        snprintf(code, sizeof(code), "%u", cell->code);
        prometheus_sample(text, name, labels, cell->tally.packets);
    }
}

static void add_findings(struct text *text, const struct watch *watch)
{
    static const char name[] = "sonde_findings_total";

    prometheus_family(text, name, PROMETHEUS_COUNTER, "Findings raised, by kind.");
    for (size_t kind = 0; kind < KIND_COUNT; kind++) {
        const struct prometheus_label labels[] = {{"kind", kind_row((enum finding_kind)kind)->name}, {0}};

        prometheus_sample(text, name, labels, watch->findings->raised[kind]);
    }
}

static void add_losses(struct text *text, const struct watching *watching)
{
    const struct watch *watch = watching->watch;
    const struct {
        const char *table;
        uint64_t evictions;
    } tables[] = {{"sources", watch->hosts.source_evictions}, {"targets", watch->hosts.target_evictions},
                  {"scans", watch->scans.evictions},          {"echoes", watch->echoes.evictions},
                  {"flows", watch->flows.evictions},          {"findings", watch->findings->suppressed}};

    prometheus_family(text, "sonde_drops_total", PROMETHEUS_COUNTER,
                      "Packets lost before they could be read.");
    prometheus_sample(text, "sonde_drops_total", (const struct prometheus_label[]){{"reason", "kernel"}, {0}},
                      drive_statistics(&watching->drive).dropped_by_kernel);
    prometheus_family(text, "sonde_evictions_total", PROMETHEUS_COUNTER, "Entries that had to go, by table.");
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        prometheus_sample(text, "sonde_evictions_total",
                          (const struct prometheus_label[]){{"table", tables[i].table}, {0}},
                          tables[i].evictions);
}

static void write_page(void *context, struct text *text)
{
    const struct metrics *metrics = context;
    const struct watch *watch = metrics->watching->watch;
    const struct counts *counts = watch->counts;

    prometheus_family(text, "sonde_build_info", PROMETHEUS_GAUGE, "Always 1; the version is a label.");
    prometheus_sample(text, "sonde_build_info",
                      (const struct prometheus_label[]){{"version", SONDE_VERSION}, {0}}, 1);
    add_counts(text, watch, "sonde_icmp_messages_total", "ICMP messages by family, type and code.", MESSAGES);
    add_counts(text, watch, "sonde_icmp_bytes_total", "Octets of the IP packets of these messages.", OCTETS);
    add_interfaces(text, metrics->watching);
    prometheus_family(text, "sonde_packets_total", PROMETHEUS_COUNTER,
                      "IP packets of any kind; of ICMP only, when the kernel counts.");
    prometheus_sample(text, "sonde_packets_total", NULL, counts->packets);
    prometheus_family(text, "sonde_malformed_total", PROMETHEUS_COUNTER,
                      "Frames with a header that is cut or lies.");
    prometheus_sample(text, "sonde_malformed_total", NULL, counts->malformed);
    prometheus_family(text, "sonde_icmp_fragments_total", PROMETHEUS_COUNTER,
                      "Later fragments of ICMP packets.");
    prometheus_sample(text, "sonde_icmp_fragments_total", NULL, counts->fragments);
    add_findings(text, watch);
    add_losses(text, metrics->watching);
}

static void serve(void *context)
{
    web_serve(((struct metrics *)context)->web);
}

static int open_metrics(struct watching *watching, void **state, struct sonde_error *error)
{
    struct drive *drive = &watching->drive;
    struct metrics *metrics;
    int code;

    if (!watching->config->metrics)
        return 0;
    metrics = calloc(1, sizeof(*metrics));
    if (!metrics)
        return error_set(error, -ENOMEM, "no memory for --metrics");
    metrics->watching = watching;
    metrics->page =
        (struct web_page){"/metrics", "text/plain; version=0.0.4; charset=utf-8", write_page, metrics};
    code = web_open(watching->config->metrics, &metrics->page, &metrics->web, error);
    if (code < 0) {
        free(metrics);
        return code;
    }
    drive->guests[drive->guest_count++] = (struct drive_guest){web_descriptor(metrics->web), serve, metrics};
    *state = metrics;
    return 0;
}

static int close_metrics(void *state, struct sonde_error *error)
{
    struct metrics *metrics = state;

    (void)error;
    web_close(metrics->web);
    free(metrics);
    return 0;
}

const struct watch_output metrics_output = {"metrics", open_metrics, NULL, NULL, close_metrics};
