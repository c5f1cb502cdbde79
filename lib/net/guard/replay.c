/* SPDX-License-Identifier: MIT */
/* Recorded traffic: which way each message went, and whether it answered what was seen before. */
#include "net/guard/replay.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/hash.h"
#include "net/capture/capture.h"
#include "net/server/host.h"
#include "wire/octets.h"
#include "wire/packet.h"

enum { FLOWS = 1 << 20 /* remembered; a power of two */, LINE_MAX_OCTETS = 65536 };

/* A reading under way. */
struct reading {
    struct replay *replay;
    uint64_t *flows; /* a hash each, overwritten when two meet: then an answer counts as unsolicited */
    void (*take)(void *context, const struct plan_message *message);
    void *context;
};

/* A flow as one end sees it. */
struct flow {
    uint8_t source[16], destination[16];
    uint16_t source_port, destination_port;
    uint8_t family, protocol;
    uint16_t zero;
};

static uint64_t hash_flow(const struct flow *flow)
{
    return XXH3_64bits(flow, sizeof(*flow)) | 1;
}

static void remember(struct reading *reading, const struct flow *flow)
{
    uint64_t hash = hash_flow(flow);

    reading->flows[hash >> 1 & (FLOWS - 1)] = hash;
}

static bool was_seen(const struct reading *reading, const struct flow *flow)
{
    uint64_t hash = hash_flow(flow);

    return reading->flows[hash >> 1 & (FLOWS - 1)] == hash;
}

static struct flow flow_of(const struct packet *packet)
{
    struct flow flow = {.family = packet->family, .protocol = packet->protocol};
    bool ports = packet->protocol == IPPROTO_TCP || packet->protocol == IPPROTO_UDP;

    memcpy(flow.source, packet->source, sizeof(flow.source));
    memcpy(flow.destination, packet->destination, sizeof(flow.destination));
    if (ports && packet->available >= 4 && packet->fragment_offset == 0) {
        flow.source_port = octets_get16(packet->octets);
        flow.destination_port = octets_get16(packet->octets + 2);
    }
    return flow;
}

static struct flow turned(const struct flow *flow)
{
    struct flow other = *flow;

    memcpy(other.source, flow->destination, sizeof(other.source));
    memcpy(other.destination, flow->source, sizeof(other.destination));
    other.source_port = flow->destination_port;
    other.destination_port = flow->source_port;
    return other;
}

/* Queries and their replies: the identifier stands where ports do, so that both are the same flow. */
static struct flow query_of(const struct packet *packet)
{
    struct flow flow = flow_of(packet);

    flow.source_port = flow.destination_port = packet->available >= 6 ? octets_get16(packet->octets + 4) : 0;
    return flow;
}

static struct flow quoted_of(const struct packet *packet)
{
    struct packet_quote quote;
    struct flow flow = {0};

    packet_read_quote(packet, &quote);
    flow.family = quote.family;
    flow.protocol = quote.protocol;
    memcpy(flow.source, quote.source, sizeof(flow.source));
    memcpy(flow.destination, quote.destination, sizeof(flow.destination));
    flow.source_port = quote.ports ? quote.source_port : 0;
    flow.destination_port = quote.ports ? quote.destination_port : 0;
    if (quote.protocol == IPPROTO_ICMP || quote.protocol == IPPROTO_ICMPV6)
        flow.source_port = flow.destination_port = quote.id;
    return flow;
}

static bool is_local(const struct replay *replay, const struct sonde_address *address)
{
    for (size_t i = 0; i < replay->local_count; i++)
        if (sonde_address_equal(&replay->locals[i], address))
            return true;
    return false;
}

static bool is_for_all(const struct sonde_address *address)
{
    return address->family == 4 ? address->bytes[0] >= 224 : address->bytes[0] == 0xff;
}

static enum direction direction_of(const struct replay *replay, const struct sonde_address *source,
                                   const struct sonde_address *destination)
{
    if (is_local(replay, source))
        return DIRECTION_OUTPUT;
    if (is_local(replay, destination) || is_for_all(destination))
        return DIRECTION_INPUT;
    if (replay->directions & 1u << DIRECTION_FORWARD_IN)
        return DIRECTION_FORWARD_IN;
    return replay->directions & 1u << DIRECTION_FORWARD ? DIRECTION_FORWARD : DIRECTION_INPUT;
}

static enum shape shape_of(const struct reading *reading, const struct packet *packet,
                           const struct sonde_address *source, const struct flow *flow)
{
    uint8_t hops = policy_hop_limit(packet->family, packet->type);
    struct flow back = turned(flow);

    if (packet->class == PACKET_ERROR && (was_seen(reading, flow) || was_seen(reading, &back)))
        return SHAPE_ANSWER;
    if ((packet->class == PACKET_ECHO_REPLY || packet->class == PACKET_QUERY) && was_seen(reading, &back))
        return SHAPE_ANSWER;
    if (hops && packet->ttl == hops)
        return SHAPE_LINK;
    return address_is_link_local(source) ? SHAPE_LINK : SHAPE_PLAIN;
}

static void take_packet(struct reading *reading, const struct packet *packet)
{
    struct sonde_address source = packet_address(packet, packet->source);
    struct sonde_address destination = packet_address(packet, packet->destination);
    struct flow flow;

    if (packet->class == PACKET_FLOW || packet->class == PACKET_FRAGMENT) {
        flow = flow_of(packet);
        reading->replay->other++;
        remember(reading, &flow);
        return;
    }
    flow = packet->class == PACKET_ERROR ? quoted_of(packet) : query_of(packet);
    reading->replay->icmp++;
    reading->take(reading->context,
                  &(struct plan_message){.family = packet->family,
                                         .type = packet->type,
                                         .code = packet->code,
                                         .direction = direction_of(reading->replay, &source, &destination),
                                         .shape = shape_of(reading, packet, &source, &flow),
                                         .packets = 1,
                                         .source = source,
                                         .flow = hash_flow(&flow)});
    if (packet->class == PACKET_ECHO_REQUEST || packet->class == PACKET_QUERY)
        remember(reading, &flow);
}

static int read_capture(struct reading *reading, const char *path, struct sonde_error *error)
{
    struct frame frames[CAPTURE_BATCH];
    struct packet packets[PACKET_LAYERS_MAX];
    struct capture *capture = NULL;
    int count = capture_open_file(path, &capture, error);

    if (count < 0)
        return count;
    while (!capture->ended && (count = capture->read(capture, frames, error)) >= 0)
        for (int i = 0; i < count; i++) {
            bool malformed;
            size_t layers = packet_dissect(&frames[i], packets, &malformed);

            if (layers > 0) /* rules see the outermost packet */
                take_packet(reading, &packets[0]);
        }
    capture->free(capture);
    return count < 0 ? count : 0;
}

static void take_count(struct reading *reading, const json_t *record)
{
    const char *schema = json_string_value(json_object_get(record, "schema"));
    const char *layer = json_string_value(json_object_get(record, "layer"));
    json_int_t family = json_integer_value(json_object_get(record, "family"));
    json_int_t type = json_integer_value(json_object_get(record, "type"));
    json_int_t code = json_integer_value(json_object_get(record, "code"));
    json_int_t packets = json_integer_value(json_object_get(record, "packets"));

    if (!schema || strcmp(schema, "sonde.watch.count/1") != 0 || (layer && !strcmp(layer, "inner")))
        return;
    if ((family != 4 && family != 6) || type < 0 || type > 255 || code < 0 || code > 255 || packets < 0)
        return;
    reading->replay->icmp += packets;
    reading->take(reading->context, &(struct plan_message){.family = (uint8_t)family,
                                                           .type = (uint8_t)type,
                                                           .code = (uint8_t)code,
                                                           .direction = DIRECTION_INPUT,
                                                           .packets = (uint64_t)packets});
}

static int read_counts(struct reading *reading, FILE *file, const char *path, struct sonde_error *error)
{
    int64_t before = reading->replay->icmp;
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, file) > 0) {
        json_t *record = json_loads(line, 0, NULL);

        if (record)
            take_count(reading, record);
        json_decref(record);
    }
    free(line);
    return reading->replay->icmp > before
               ? 0
               : error_set(error, SONDE_E_FORMAT, "%s has no counts of `sonde watch --json`", path);
}

int replay_add_locals(struct replay *replay)
{
    struct host host = {0};
    int result = host_read_here(&host);

    for (size_t i = 0; result == 0 && i < host.address_count && replay->local_count < REPLAY_LOCALS_MAX; i++)
        replay->locals[replay->local_count++] = host.addresses[i].address;
    host_deinit(&host);
    return result;
}

int replay_read(struct replay *replay, const char *path,
                void (*take)(void *context, const struct plan_message *message), void *context,
                struct sonde_error *error)
{
    struct reading reading = {.replay = replay, .take = take, .context = context};
    FILE *file = fopen(path, "re");
    int first, result;

    if (!file)
        return error_set(error, errno == ENOENT ? SONDE_E_NOT_FOUND : -errno, "%s cannot be read: %s", path,
                         sonde_error_text(-errno));
    reading.flows = calloc(FLOWS, sizeof(*reading.flows));
    if (!reading.flows)
        abort(); /* as base/text.c */
    first = fgetc(file);
    ungetc(first, file);
    result = first == '{' ? read_counts(&reading, file, path, error) : read_capture(&reading, path, error);
    fclose(file);
    free(reading.flows);
    return result;
}
