/* SPDX-License-Identifier: MIT */
/* Any frames at any times through the whole engine of watch, findings and records included: no reading
 * outside, the counts add up, what is found is well-formed, and ends.
 * fuzz-runs: 6000
 * fuzz-sources: cmd/watch/line.c out/json.c out/stream.c out/utf8.c out/value.c */
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "cmd/watch/line.h"
#include "detect/report.h"
#include "out/json.h"
#include "wire/link.h"

enum {
    PACKETS_MAX = 96, /* of one input, for the sake of time */
    LEAPS_MAX = 16,   /* pauses of more than a second, which are much work for all detectors */
    LEAP_BITS = 30,
    TIME_BITS = 44, /* pauses up to nearly five hours, and back */
    MEMORY = 8 << 20,
};

#define BEGIN_NS (INT64_C(1767603600) * NS_PER_S)

static const uint16_t links[] = {LINK_ETHERNET,
                                 LINK_RAW,
                                 LINK_LINUX_SLL,
                                 LINK_LINUX_SLL2,
                                 LINK_NULL,
                                 LINK_PPP,
                                 LINK_IEEE802_11_RADIOTAP,
                                 LINK_NFLOG,
                                 LINK_IPV4,
                                 LINK_IPV6,
                                 9999};

/* The head of a frame in the input. A frame may come several times, with another number at one place: else no
 * input would be long enough for a sweep. */
struct head {
    uint8_t link;
    uint8_t times, place; /* it is repeated; this octet of it counts up */
    uint8_t pause;        /* the power of two of ns before each; the highest bit: back in time */
    uint8_t flags;        /* direction, interface, octets that the capture left out */
    uint8_t length;
};

/* An engine and what it told. */
struct trial {
    struct watch *watch;
    struct line_writer *lines;
    int64_t now_ns;
    unsigned packets, findings, leaps;
    bool live;
};

static void check_finding(const struct finding *finding)
{
    CHECK(finding->subject.kind < KIND_COUNT && finding->severity <= SEVERITY_ALERT);
    CHECK(finding->confidence >= 0 && finding->confidence <= 1);
    CHECK(finding->first_ns <= finding->last_ns && finding->last_ns <= WATCH_TIME_MAX);
    CHECK(finding->sample_count <= FINDING_SAMPLES && finding->id > 0 && finding->incident > 0);
    CHECK(memchr(finding->words, '\0', sizeof(finding->words)) != NULL);
    for (size_t i = 0; i < finding->sample_count; i++)
        CHECK(finding->samples[i].captured <= FINDING_SAMPLE_MAX);
}

/* As a line of JSON: printable, and with what every finding has. */
static void hear_finding(void *context, const struct finding *finding)
{
    struct trial *trial = context;
    struct watch_finding record;
    struct text text = {0};

    check_finding(finding);
    watch_finding_init(&record, finding);
    CHECK(record.summary && *record.summary && record.advice && *record.advice);
    json_add_record(&text, &watch_finding_schema, &record);
    for (const char *at = text_get(&text); *at; at++)
        CHECK((uint8_t)*at >= ' ');
    text_deinit(&text);
    watch_finding_deinit(&record);
    trial->findings++;
}

static void hear_packets(void *context, const struct packet *packets, size_t count)
{
    struct trial *trial = context;
    char line[LINE_MAX_OCTETS];

    for (size_t i = 0; i < count; i++) {
        size_t length = line_write(trial->lines, &packets[i], line);

        CHECK(length < LINE_MAX_OCTETS && (length == 0 || line[length - 1] == '\n'));
        CHECK(length == 0 || memchr(line, '\n', length) == line + length - 1);
    }
}

/* The kernel's answer is made of the question. */
static int ask_sockets(void *context, const struct packet_quote *quote, uint32_t *unacknowledged,
                       uint32_t *next_sequence)
{
    (void)context;
    *unacknowledged = quote->sequence & ~UINT32_C(0xff);
    *next_sequence = *unacknowledged + 1000;
    return (int)(quote->source_port % 3) - 1;
}

/* One block for all inputs: to clear it is faster than to get new pages. */
static void *take_pages(size_t octets)
{
    static void *block;
    static size_t size;

    block = block ? block : malloc(octets);
    size = size ? size : octets;
    CHECK(block && size == octets);
    return memset(block, 0, octets);
}

static void give_pages(void *memory, size_t octets)
{
    (void)memory;
    (void)octets;
}

static void start(struct trial *trial, uint8_t how)
{
    struct watch_options options = {
        .memory = MEMORY,
        .key = {{1, 2, 3, 4}},
        .take_pages = take_pages,
        .give_pages = give_pages,
        .kinds = (UINT64_C(1) << KIND_COUNT) - 1,
        .live = how & 1,
        .listener = {trial, how & 2 ? hear_packets : NULL, hear_finding, how & 4 ? ask_sockets : NULL},
    };

    trial->live = how & 1;
    trial->now_ns = BEGIN_NS;
    if (how & 8) {
        CHECK(prefixes_add(&options.profile.internal, "192.0.2.0/24") == 0);
        CHECK(prefixes_add(&options.profile.internal, "2001:db8::/32") == 0);
        CHECK(prefixes_add(&options.profile.dark, "192.0.2.128/25") == 0);
        CHECK(prefixes_add(&options.profile.allowed, "192.0.2.1") == 0);
    }
    CHECK(watch_new(&options, &trial->watch) == 0);
    if (how & 16)
        watch_learn(trial->watch);
}

static void pass_time(struct trial *trial, uint8_t pause)
{
    unsigned bits = (pause & 0x7f) % TIME_BITS;
    int64_t step;

    if (bits >= LEAP_BITS && trial->leaps++ >= LEAPS_MAX)
        bits %= LEAP_BITS;
    step = INT64_C(1) << bits;
    trial->now_ns += pause & 0x80 ? -step : step;
}

/* Each frame in memory of its own, so that the sanitizer sees an octet too far. */
static void send(struct trial *trial, const struct head *head, const uint8_t *octets)
{
    uint8_t *copy = malloc(head->length ? head->length : 1);
    struct frame frame = {.data = slice_of(copy, head->length),
                          .length = head->length + (head->flags >> 4) * 100U,
                          .link = links[head->link % COUNT_OF(links)],
                          .interface = head->flags >> 2 & 3,
                          .direction = (head->flags & 3) % 3};

    CHECK(copy);
    if (head->length)
        memcpy(copy, octets, head->length);
    for (unsigned i = 0; i <= head->times && trial->packets < PACKETS_MAX; i++) {
        pass_time(trial, head->pause);
        frame.time_ns = trial->now_ns;
        watch_frames(trial->watch, &frame, 1);
        trial->packets++;
        if (head->place < head->length)
            copy[head->place]++;
    }
    free(copy);
    if (trial->live)
        watch_tick(trial->watch, trial->now_ns);
}

/* The walk through all cells takes longer than everything else: most inputs do without. */
static void check_counts(const struct watch *watch, bool walk)
{
    struct watch_summary summary;
    struct watch_count count;
    uint32_t place = 0;
    int64_t messages = 0;

    watch_summarize(watch, 0, &summary);
    CHECK(summary.icmp_packets <= summary.packets && summary.malformed + summary.not_ip <= summary.frames);
    CHECK(summary.elapsed_ns >= 0 && summary.memory_octets <= MEMORY);
    while (walk && watch_next_count(watch, &place, &count)) {
        CHECK(count.packets > 0 && count.bytes > 0 && count.name && count.layer);
        messages += count.packets;
    }
    CHECK(!walk || messages + summary.fragments == summary.icmp_packets);
}

/* Nothing is open at the end. */
static void finish(struct trial *trial, bool walk)
{
    const struct findings *findings;

    if (trial->watch->learning) {
        CHECK(trial->findings == 0);
        watch_learned(trial->watch);
    }
    watch_finish(trial->watch);
    findings = trial->watch->findings;
    for (size_t i = 0; i < findings->count; i++)
        CHECK(findings->rows[i].state == FINDING_ENDED);
    CHECK(trial->findings >= findings->next_id);
    check_counts(trial->watch, walk);
    watch_free(trial->watch);
}

/* The first octet of the input says how it is watched. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct line_writer *lines;
    struct trial trial = {0};
    struct slice rest = slice_of(data, size);

    if (size == 0)
        return 0;
    lines = lines ? lines : line_writer_new();
    CHECK(lines);
    trial.lines = lines;
    start(&trial, data[0]);
    rest = slice_skip(rest, 1);
    while (rest.length >= sizeof(struct head) && trial.packets < PACKETS_MAX) {
        struct head head;

        memcpy(&head, rest.data, sizeof(head));
        rest = slice_skip(rest, sizeof(head));
        head.length = head.length < rest.length ? head.length : (uint8_t)rest.length;
        send(&trial, &head, rest.data);
        rest = slice_skip(rest, head.length);
        if (trial.watch->learning && trial.packets > PACKETS_MAX / 2)
            watch_learned(trial.watch);
    }
    finish(&trial, size % 64 == 1);
    return 0;
}
