/* SPDX-License-Identifier: MIT */
/* The path of a packet through the engine: taken apart, counted, looked up, shown to detectors. */
#include <string.h>

#include "base/macro.h"
#include "detect/watch.h"
#include "wire/icmp.h"

enum { BATCH = 32 /* packets that are prepared together, so that their memory is fetched meanwhile */ };

/* A packet and the places in memory that it needs. */
struct prepared {
    uint64_t source_hash, target_hash;
    uint64_t state_hash; /* of its echo, its flow, or the flow that an error quotes */
    struct packet_quote quote;
};

/* Packets of several frames. */
struct batch {
    struct packet packets[BATCH + PACKET_LAYERS_MAX];
    struct prepared prepared[BATCH + PACKET_LAYERS_MAX];
    size_t count;
};

static bool is_question(const struct packet *packet)
{
    if (packet->class != PACKET_QUERY)
        return packet->class == PACKET_ECHO_REQUEST;
    return packet->family == 4 ? packet->type % 2 == (packet->type < 42)
                               : packet->type % 2 == (packet->type == 139);
}

/* Most packets come within the second of the one before. */
static int64_t pass_time(struct watch *watch, int64_t time_ns)
{
    if (time_ns < watch->now_ns || time_ns >= watch->next_ns || watch->shift_ns)
        return watch_pass_time(watch, time_ns);
    watch->late_run = 0;
    watch->now_ns = time_ns;
    return time_ns;
}

static void prepare_quote(struct watch *watch, const struct packet *packet, struct prepared *prepared)
{
    packet_read_quote(packet, &prepared->quote);
    if (prepared->quote.family)
        flows_prefetch(&watch->flows, flows_quote_hash(&watch->flows, &prepared->quote));
}

static void prepare(struct watch *watch, const struct packet *packet, struct prepared *prepared)
{
    struct hosts *hosts = &watch->hosts;

    if (packet->class == PACKET_FLOW) {
        prepared->state_hash = flows_hash(&watch->flows, packet);
        flows_prefetch(&watch->flows, prepared->state_hash);
        return;
    }
    prepared->source_hash = hosts_source_hash(hosts, packet->family, packet->source);
    prepared->target_hash = hosts_target_hash(hosts, packet->family, packet->destination);
    hosts_prefetch(hosts, prepared->source_hash, prepared->target_hash);
    if (packet->class == PACKET_ERROR || packet->class == PACKET_REDIRECT)
        prepare_quote(watch, packet, prepared);
    if (packet->class > PACKET_ECHO_REPLY)
        return;
    prepared->state_hash = hosts_target_hash(hosts, packet->family, packet->source);
    prepared->state_hash =
        packet->class == PACKET_ECHO_REQUEST
            ? echoes_hash(&watch->echoes, prepared->state_hash, prepared->target_hash, packet)
            : echoes_hash(&watch->echoes, prepared->target_hash, prepared->state_hash, packet);
    echoes_prefetch(&watch->echoes, prepared->state_hash);
}

static uint8_t flags_of(const struct watch *watch, uint8_t family, const uint8_t *address)
{
    const struct profile *profile = &watch->options.profile;
    bool link = family == 6 && address[0] == 0xfe && (address[1] & 0xc0) == 0x80; /* no router lets it in */
    bool internal;

    if (profile->internal.count + profile->allowed.count + profile->dark.count == 0)
        return HOST_INTERNAL;
    internal = profile->internal.count == 0 || link || prefixes_hold(&profile->internal, family, address);
    return (uint8_t)((internal ? HOST_INTERNAL : 0) |
                     (prefixes_hold(&profile->allowed, family, address) ? HOST_ALLOWED : 0) |
                     (prefixes_hold(&profile->dark, family, address) ? HOST_DARK : 0));
}

static void look_up_hosts(struct watch *watch, const struct prepared *prepared, struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    bool fresh;

    sighting->source_hash = prepared->source_hash;
    sighting->target_hash = prepared->target_hash;
    sighting->source = hosts_source(&watch->hosts, prepared->source_hash, packet->family, packet->source,
                                    sighting->now_s, &fresh);
    if (fresh)
        sighting->source->flags = flags_of(watch, packet->family, packet->source);
    sighting->source->packets++;
    sighting->source->last_s = sighting->now_s;
    sighting->target = hosts_target(&watch->hosts, prepared->target_hash, packet->family, packet->destination,
                                    sighting->now_s, &fresh);
    if (fresh)
        sighting->target->flags = flags_of(watch, packet->family, packet->destination);
    sighting->target->packets++;
    sighting->target->last_s = sighting->now_s;
}

/* Keep a random sample: the n-th is kept with probability WATCH_SCATTER / n, decided in skips. */
static void scatter(struct watch *watch, const uint8_t *asker, const uint8_t *asked, bool answered,
                    const struct packet *packet)
{
    uint64_t seen = watch->scatter_seen++, random;
    size_t at = (size_t)seen;

    if (seen >= WATCH_SCATTER) {
        if (seen < watch->scatter_next)
            return;
        random = hash_mix(seen ^ watch->options.key.words[0], watch->options.key.words[1] | 1);
        at = (size_t)(random % WATCH_SCATTER);
        watch->scatter_next = seen + 1 + (random >> 32) % (2 * seen / WATCH_SCATTER);
    }
    watch->scatter[at] = (struct scatter_point){packet_address(packet, asker), packet_address(packet, asked),
                                                packet->time_ns, answered};
}

static void ask(struct watch *watch, const struct prepared *prepared, struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;

    if (sighting->source->flags & HOST_PROMOTED)
        sighting->scan = scans_get(&watch->scans, sighting->source, sighting->now_s);
    sighting->fresh =
        scans_ask(sighting->source, sighting->scan, prepared->target_hash, packet, sighting->now_s);
    flows_note_sender(&watch->flows, packet->source);
    if (packet->class == PACKET_ECHO_REQUEST) {
        echoes_ask(&watch->echoes, prepared->state_hash, packet, sighting->fresh);
        sighting->target->requests_in++;
    }
    scatter(watch, packet->source, packet->destination, false, packet);
}

static void answer(struct watch *watch, const struct prepared *prepared, struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    struct source *asker;

    sighting->echo = echoes_answer(&watch->echoes, prepared->state_hash, packet);
    sighting->target->replies_in++;
    flows_note_sender(&watch->flows, packet->source);
    if (sighting->echo.match == ECHO_ANSWER)
        scatter(watch, packet->destination, packet->source, true, packet);
    if (!sighting->echo.fresh)
        return;
    asker = hosts_find_source(&watch->hosts,
                              hosts_source_hash(&watch->hosts, packet->family, packet->destination));
    if (asker && asker->answered < UINT16_MAX)
        asker->answered++;
}

static bool quotes_icmp(const struct packet_quote *quote)
{
    return quote->ports &&
           ((quote->family == 4 && quote->protocol == 1) || (quote->family == 6 && quote->protocol == 58));
}

/* Of ICMP only echo requests are remembered, and with them their replies; that others were not sent is
 * nothing that this place knows. */
static enum flow_known judge_icmp(const struct watch *watch, const struct packet_quote *quote,
                                  enum flow_known flow)
{
    const struct hosts *hosts = &watch->hosts;
    bool reply = quote->type == (quote->family == 4 ? 0 : 129);
    uint64_t source = hosts_target_hash(hosts, quote->family, quote->source);
    uint64_t destination = hosts_target_hash(hosts, quote->family, quote->destination);
    uint64_t hash =
        echoes_quote_hash(&watch->echoes, reply ? destination : source, reply ? source : destination, quote);

    if (echoes_seen(&watch->echoes, hash))
        return FLOW_SEEN;
    return flow == FLOW_UNSEEN && quote->type != (quote->family == 4 ? 8 : 128) ? FLOW_UNCERTAIN : flow;
}

/* The first questions of ping-like traceroutes run out of hops: no contact with their target, thus none that
 * failed.
 */
static void expire(struct watch *watch, const struct packet *packet, const struct packet_quote *quote)
{
    const struct hosts *hosts = &watch->hosts;
    bool four = packet->family == 4;
    struct source *asker;

    if (packet->type != (four ? ICMP4_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED) || packet->code != 0 ||
        quote->type != (four ? ICMP4_ECHO_REQUEST : ICMP6_ECHO_REQUEST) || !quotes_icmp(quote) ||
        !echoes_expire(&watch->echoes,
                       echoes_quote_hash(&watch->echoes,
                                         hosts_target_hash(hosts, quote->family, quote->source),
                                         hosts_target_hash(hosts, quote->family, quote->destination), quote)))
        return;
    asker = hosts_find_source(hosts, hosts_source_hash(hosts, quote->family, quote->source));
    if (asker && asker->fresh > 0)
        asker->fresh--;
}

static void read_error(struct watch *watch, struct sighting *sighting, const struct packet_quote *quote)
{
    const struct packet *packet = sighting->packet;

    sighting->source->errors++;
    sighting->target->errors_in++;
    if (!quote->family)
        return;
    sighting->quote = quote;
    sighting->flow = flows_judge(&watch->flows, quote, packet->time_ns, &sighting->quoted_flow);
    expire(watch, packet, quote);
    if (quotes_icmp(quote) && sighting->flow != FLOW_SEEN)
        sighting->flow = judge_icmp(watch, quote, sighting->flow);
}

static void look(struct watch *watch, const struct packet *packet, const struct prepared *prepared)
{
    struct sighting sighting = {.packet = packet, .now_s = watch->now_s};
    const uint8_t *index;

    if (packet->class == PACKET_FLOW)
        flows_see(&watch->flows, prepared->state_hash, packet);
    else
        look_up_hosts(watch, prepared, &sighting);
    if (packet->class == PACKET_ECHO_REPLY)
        answer(watch, prepared, &sighting);
    else if (packet->class == PACKET_ERROR || packet->class == PACKET_REDIRECT)
        read_error(watch, &sighting, &prepared->quote);
    else if (is_question(packet))
        ask(watch, prepared, &sighting);
    for (index = watch->by_class[packet->class]; *index != UINT8_MAX; index++)
        watch->active[*index]->packet(watch, watch->states[*index], &sighting);
}

/* Whoever prints packets wants the time that was captured. */
static void show(const struct watch *watch, struct batch *batch)
{
    const struct watch_listener *listener = &watch->options.listener;

    for (size_t i = 0; i < batch->count; i++)
        batch->packets[i].time_ns = batch->packets[i].frame->time_ns;
    listener->packets(listener->context, batch->packets, batch->count);
}

static void flush(struct watch *watch, struct batch *batch)
{
    bool tracks = watch->options.kinds != 0;

    for (size_t i = 0; i < batch->count && tracks; i++)
        prepare(watch, &batch->packets[i], &batch->prepared[i]);
    for (size_t i = 0; i < batch->count && tracks; i++)
        if (batch->packets[i].class != PACKET_FLOW)
            hosts_prefetch_entries(&watch->hosts, batch->prepared[i].source_hash,
                                   batch->prepared[i].target_hash);
    for (size_t i = 0; i < batch->count; i++) {
        batch->packets[i].time_ns = pass_time(watch, batch->packets[i].time_ns);
        count_packet(watch->counts, &batch->packets[i]);
        if (tracks)
            look(watch, &batch->packets[i], &batch->prepared[i]);
    }
    if (watch->options.listener.packets && batch->count && !watch->learning)
        show(watch, batch);
    if (watch->findings->next_id != watch->told_id)
        watch_tell(watch);
    batch->count = 0;
}

void watch_frames(struct watch *watch, const struct frame *frames, size_t count)
{
    struct batch batch;
    bool malformed;

    batch.count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t layers = packet_dissect(&frames[i], batch.packets + batch.count, &malformed);

        watch->counts->malformed += malformed;
        watch->counts->not_ip += layers == 0 && !malformed;
        batch.count += layers;
        if (batch.count >= BATCH)
            flush(watch, &batch);
    }
    watch->counts->frames += count;
    flush(watch, &batch);
}
