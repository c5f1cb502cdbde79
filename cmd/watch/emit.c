/* SPDX-License-Identifier: MIT */
/* What was counted and found, as records to the sink. */
#include <string.h>

#include "base/macro.h"
#include "catalog/icmp.h"
#include "catalog/services.h"
#include "cmd/watch/watching.h"

enum { TALKERS = 10 };

static void emit(struct sink *sink, const struct schema *schema, const void *record)
{
    sink->record(sink, schema, record);
}

static void emit_counts(const struct watching *watching, struct sink *sink)
{
    struct watch_count count;
    uint32_t place = 0;

    sink->begin(sink, &watch_count_schema);
    while (watch_next_count(watching->watch, &place, &count))
        emit(sink, &watch_count_schema, &count);
}

static bool is_broken_down(const struct counts *counts)
{
    const struct breakdown *first = NULL;

    for (size_t i = 0; i < BREAKDOWN_MAX; i++) {
        const struct breakdown *cell = &counts->breakdown[i];

        if (!cell->family)
            continue;
        first = first ? first : cell;
        if (cell->interface != first->interface || cell->direction)
            return true;
    }
    return false;
}

/* By interface, direction, layer, family, type and code, as these stand in the struct. */
static int by_name(const void *one, const void *other)
{
    return memcmp(*(const struct breakdown *const *)one, *(const struct breakdown *const *)other,
                  offsetof(struct breakdown, code) + 1);
}

static void emit_interface(const struct watching *watching, struct sink *sink, const struct breakdown *cell)
{
    struct watch_interface_count count = {watching_interface_name(watching, cell->interface),
                                          watch_direction_name(cell->direction),
                                          {cell->family, cell->type, cell->code,
                                           sonde_icmp_find(cell->family, cell->type, cell->code)->name,
                                           cell->layer == PACKET_OUTER ? "outer" : "inner",
                                           (int64_t)cell->tally.packets, (int64_t)cell->tally.octets}};

    emit(sink, &watch_interface_schema, &count);
}

static void emit_interfaces(const struct watching *watching, struct sink *sink)
{
    const struct counts *counts = watching->watch->counts;
    const struct breakdown *cells[BREAKDOWN_MAX];
    size_t count = 0;

    if (!is_broken_down(counts))
        return;
    for (size_t i = 0; i < BREAKDOWN_MAX; i++)
        if (counts->breakdown[i].family)
            cells[count++] = &counts->breakdown[i];
    qsort(cells, count, sizeof(const struct breakdown *), by_name);
    sink->begin(sink, &watch_interface_schema);
    for (size_t i = 0; i < count; i++)
        emit_interface(watching, sink, cells[i]);
}

static void emit_talker(const struct watching *watching, struct sink *sink, const char *role,
                        struct sonde_address address, int64_t prefix, uint32_t packets, uint32_t first_s,
                        uint32_t last_s)
{
    int64_t begin = watching->watch->begin_ns;
    struct watch_talker talker = {
        role, address, prefix, packets, begin + first_s * NS_PER_S, begin + last_s * NS_PER_S};

    emit(sink, &watch_talker_schema, &talker);
}

static void emit_talkers(const struct watching *watching, struct sink *sink)
{
    const struct hosts *hosts = &watching->watch->hosts;
    const struct source *sources[TALKERS];
    const struct target *targets[TALKERS];
    size_t count;

    if (!hosts->sources)
        return;
    sink->begin(sink, &watch_talker_schema);
    count = hosts_top_sources(hosts, sources, TALKERS);
    for (size_t i = 0; i < count; i++) {
        uint8_t octets[16] = {0};

        memcpy(octets, sources[i]->address, sizeof(sources[i]->address));
        emit_talker(watching, sink, "sender", address_from(sources[i]->family, octets),
                    sources[i]->family == 6 ? 64 : INTEGER_ABSENT, sources[i]->packets, sources[i]->first_s,
                    sources[i]->last_s);
    }
    count = hosts_top_targets(hosts, targets, TALKERS);
    for (size_t i = 0; i < count; i++)
        emit_talker(watching, sink, "receiver", address_from(targets[i]->family, targets[i]->address),
                    INTEGER_ABSENT, targets[i]->packets, targets[i]->first_s, targets[i]->last_s);
}

static void emit_complaints(const struct watching *watching, struct sink *sink)
{
    const struct watch *watch = watching->watch;
    const struct complaint_row *rows[TALKERS];
    size_t count = complaints_top(watch->complaints, rows, TALKERS);

    if (count == 0)
        return;
    sink->begin(sink, &watch_complaint_schema);
    for (size_t i = 0; i < count; i++) {
        const struct service *service = rows[i]->port ? service_find(rows[i]->protocol, rows[i]->port) : NULL;
        const struct watch_complaint record = {
            address_from(rows[i]->family, rows[i]->address),
            rows[i]->protocol,
            rows[i]->port ? rows[i]->port : INTEGER_ABSENT,
            service ? service->scheme : NULL,
            rows[i]->family,
            rows[i]->type,
            rows[i]->code,
            sonde_icmp_find(rows[i]->family, rows[i]->type, rows[i]->code)->name,
            rows[i]->packets,
            watch->begin_ns + rows[i]->last_s * NS_PER_S};

        sink->record(sink, &watch_complaint_schema, &record);
    }
}

static void emit_history(const struct watching *watching, struct sink *sink)
{
    const struct history *history = watching->watch->history;

    sink->begin(sink, &watch_history_schema);
    for (size_t i = 0; i < HISTORY_SERIES; i++)
        for (size_t step = 0; step < history_steps(history); step++) {
            const struct history_series *series = &history->series[i];
            bool known = series->family == 4 || series->family == 6;
            struct watch_step row = {known ? series->family : INTEGER_ABSENT,
                                     known ? series->type : INTEGER_ABSENT,
                                     known ? series->code : INTEGER_ABSENT,
                                     known ? sonde_icmp_find(series->family, series->type, series->code)->name
                                           : "others",
                                     (history->first_s + (int64_t)step * history->step_s) * NS_PER_S,
                                     history->step_s * NS_PER_S,
                                     series->timeline[step]};

            if (series->timeline[step])
                emit(sink, &watch_history_schema, &row);
        }
}

void watching_emit_finding(struct watching *watching, const struct finding *finding)
{
    struct watch_finding record;

    watch_finding_init(&record, finding);
    emit(watching->sink, watching->rows ? &watch_finding_row_schema : &watch_finding_schema, &record);
    watch_finding_deinit(&record);
}

static void emit_summary(const struct watching *watching)
{
    struct capture_statistics statistics = drive_statistics(&watching->drive);
    struct watch_summary summary;

    watch_summarize(watching->watch, statistics.dropped_by_kernel, &summary);
    emit(watching->sink, &watch_summary_schema, &summary);
}

void watching_emit_tables(const struct watching *watching, struct sink *sink, bool history)
{
    emit_counts(watching, sink);
    emit_interfaces(watching, sink);
    emit_talkers(watching, sink);
    emit_complaints(watching, sink);
    if (history)
        emit_history(watching, sink);
}

void watching_emit(struct watching *watching)
{
    const struct findings *findings = watching->watch->findings;

    watching_emit_tables(watching, watching->sink, watching->config->history);
    for (size_t i = 0; i < findings->count && !watching->streams; i++)
        watching_emit_finding(watching, &findings->rows[i]);
    emit_summary(watching);
}
