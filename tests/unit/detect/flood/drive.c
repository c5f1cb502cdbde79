/* SPDX-License-Identifier: MIT */
/* A watch that is fed with made-up traffic, and what it found. */
#include "tests/unit/detect/flood/drive.h"

#include <string.h>

static void take(void *context, const struct frame *frame)
{
    struct drive *drive = context;

    watch_frames(drive->watch, frame, 1);
}

struct drive *drive_new(const struct profile *profile)
{
    struct drive *drive = calloc(1, sizeof(*drive));
    struct watch_options options = {
        .memory = (size_t)16 << 20,
        .key = {{0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb, 0xd6e8feb86659fd93}},
        .kinds = (UINT64_C(1) << KIND_COUNT) - 1};

    assert_non_null(drive);
    if (profile)
        options.profile = *profile;
    assert_int_equal(watch_new(&options, &drive->watch), 0);
    traffic_init(&drive->traffic, 1, take, drive);
    return drive;
}

struct drive *drive_free(struct drive *drive)
{
    watch_free(drive->watch);
    free(drive);
    return NULL;
}

void drive_icmp(struct drive *drive, const char *source, const char *target, uint8_t type, uint8_t code,
                uint32_t word, size_t octets)
{
    struct traffic_route route = traffic_route(source, target);
    uint8_t body[2048];

    memset(body, 'X', sizeof(body));
    assert_in_range(octets, 0, sizeof(body));
    traffic_icmp(&drive->traffic, &route, type, code, word, (struct slice){body, octets});
}

static void ask(struct drive *drive, const struct drive_stream *stream, struct traffic_route *route,
                uint64_t number)
{
    bool six = route->source.family == 6;
    uint8_t type = six ? (stream->reply ? 129 : 128) : (stream->reply ? 0 : 8);
    uint16_t sequence = (uint16_t)number;

    if (stream->payload)
        traffic_echo(&drive->traffic, route, stream->reply, 77, sequence, stream->payload);
    else
        traffic_icmp(&drive->traffic, route, type, 0, 77U << 16 | sequence, (struct slice){0});
}

void drive_pings(struct drive *drive, const struct drive_stream *stream)
{
    int64_t begin_ns = drive->traffic.now_ns;

    for (uint64_t i = 0; i < (uint64_t)stream->rate * stream->seconds; i++) {
        struct traffic_route route = traffic_route(stream->source, stream->target), back;
        struct drive_stream answer = *stream;

        route.source = traffic_address(stream->source, stream->sources ? i % stream->sources : 0);
        route.destination = traffic_address(stream->target, stream->targets ? i % stream->targets : 0);
        route.ttl = stream->ttl;
        back = (struct traffic_route){.source = route.destination, .destination = route.source};
        answer.reply = true;
        drive->traffic.now_ns = begin_ns + (int64_t)(i * (uint64_t)NS_PER_S / stream->rate);
        ask(drive, stream, &route, i);
        drive->traffic.now_ns += 100 * NS_PER_US;
        if (i % 100 < drive->answers && !stream->reply)
            ask(drive, &answer, &back, i);
    }
    drive->traffic.now_ns = begin_ns + stream->seconds * NS_PER_S;
}

void drive_wait(struct drive *drive, unsigned milliseconds)
{
    drive->traffic.now_ns += milliseconds * NS_PER_MS;
    watch_tick(drive->watch, drive->traffic.now_ns);
}

const struct finding *drive_find(const struct drive *drive, enum finding_kind kind)
{
    const struct findings *findings = drive->watch->findings;

    for (size_t i = 0; i < findings->count; i++)
        if (findings->rows[i].subject.kind == kind)
            return &findings->rows[i];
    return NULL;
}

size_t drive_count(const struct drive *drive, enum severity severity)
{
    const struct findings *findings = drive->watch->findings;
    size_t count = 0;

    for (size_t i = 0; i < findings->count; i++)
        count += findings->rows[i].severity >= severity;
    return count;
}

void drive_is(const struct sonde_address *address, const char *text)
{
    char actual[SONDE_ADDRESS_TEXT] = "";

    if (address->family)
        sonde_address_format(address, actual);
    assert_string_equal(actual, text);
}

double drive_fact(const struct finding *finding, enum fact fact)
{
    const union fact_value *value = &finding->evidence.facts[fact];

    return evidence_schema.fields[fact].type == FIELD_INTEGER ? (double)value->integer : value->real;
}
