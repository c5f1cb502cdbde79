/* SPDX-License-Identifier: MIT */
/* The path of a packet through the engine: taken apart, counted, looked up, shown to detectors. */
#include <string.h>

#include "base/macro.h"
#include "detect/covert/payload.h"
#include "detect/watch.h"
#include "wire/icmp.h"

enum {
    ECHO_HEADER = 8,
    BATCH = 64, /* packets that are taken apart before the first of them is looked at */
    AHEAD = 16, /* packets between the one that is looked at and the one whose memory is fetched */
    RING = 32,  /* of packets that are prepared */
    FRAGMENTATION_NEEDED = 4, /* code of unreachable (RFC 1191 4) */
};

/* A packet and the places in memory that it needs. */
struct prepared {
    struct sighting sighting;
    uint64_t state_hash; /* of its echo or its flow */
    struct hosts_found hosts;
    struct flow_quote hashes;
    struct packet_quote quote;
};

/* Packets of several frames. */
struct batch {
    struct packet packets[BATCH + PACKET_LAYERS_MAX];
    struct prepared prepared[RING];
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

static void prepare_quote(struct watch *watch, struct prepared *prepared)
{
    packet_read_quote(prepared->sighting.packet, &prepared->quote);
    if (!prepared->quote.family)
        return;
    prepared->hashes = flows_hash_quote(&watch->flows, &prepared->quote);
    prepared->sighting.quote_source = prepared->hashes.source;
    prepared->sighting.quote_target = prepared->hashes.destination;
    flows_prefetch(&watch->flows, prepared->hashes.there);
}

static void prepare_echo(struct watch *watch, struct prepared *prepared)
{
    const struct sighting *sighting = &prepared->sighting;
    const struct packet *packet = sighting->packet;
    uint64_t source = hosts_target_key(sighting->source_address, packet->family);
    bool request = packet->class == PACKET_ECHO_REQUEST;

    prepared->state_hash = echoes_hash(&watch->echoes, request ? source : sighting->target_hash,
                                       request ? sighting->target_hash : source, packet);
    echoes_prefetch(&watch->echoes, prepared->state_hash);
}

/* Member by member: to clear all of it first costs more than the rest. What belongs to a quote is set with
 * it. */
static void begin_sighting(struct watch *watch, const struct packet *packet, struct sighting *sighting)
{
    const struct hash_key *key = &watch->hosts.key;

    sighting->packet = packet;
    sighting->source_address = hash_address(key, packet->source);
    sighting->target_address = hash_address(key, packet->destination);
    sighting->source_hash = sighting->target_hash = 0;
    sighting->source = NULL;
    sighting->target = NULL;
    sighting->scan = NULL;
    sighting->quote = NULL;
    sighting->quoted_flow = NULL;
    sighting->echo = (struct echo_result){0};
    sighting->flow = FLOW_NOT_ASKED;
    sighting->fresh = false;
}

static void prepare(struct watch *watch, const struct packet *packet, struct prepared *prepared)
{
    struct hosts *hosts = &watch->hosts;
    struct sighting *sighting = &prepared->sighting;

    begin_sighting(watch, packet, sighting);
    flows_prefetch_sender(&watch->flows, sighting->source_address);
    if (packet->class == PACKET_FLOW) {
        prepared->state_hash =
            flows_hash_known(&watch->flows, packet, sighting->source_address, sighting->target_address);
        flows_prefetch(&watch->flows, prepared->state_hash);
        return;
    }
    sighting->source_hash = hosts_source_key(hosts, packet->family, packet->source, sighting->source_address);
    sighting->target_hash = hosts_target_key(sighting->target_address, packet->family);
    hosts_prefetch(hosts, sighting->source_hash, sighting->target_hash);
    if (packet->class <= PACKET_ECHO_REPLY)
        prepare_echo(watch, prepared);
    else if (packet->class <= PACKET_REDIRECT)
        prepare_quote(watch, prepared);
}

static void find_hosts(const struct watch *watch, struct prepared *prepared)
{
    const struct sighting *sighting = &prepared->sighting;

    if (sighting->source_hash)
        prepared->hosts = hosts_find(&watch->hosts, sighting->source_hash, sighting->target_hash);
}

static uint8_t flags_of(const struct watch *watch, uint8_t family, const uint8_t *address)
{
    const struct profile *profile = &watch->options.profile;
    bool link = family == 6 && address[0] == 0xfe && (address[1] & 0xc0) == 0x80; /* no router lets it in */
    bool internal;

    internal = profile->internal.count == 0 || link || prefixes_hold(&profile->internal, family, address);
    return (uint8_t)((internal ? HOST_INTERNAL : 0) |
                     (prefixes_hold(&profile->allowed, family, address) ? HOST_ALLOWED : 0) |
                     (prefixes_hold(&profile->dark, family, address) ? HOST_DARK : 0));
}

static void look_up_hosts(struct watch *watch, const struct hosts_found *found, struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    struct source *source;
    struct target *target;
    bool fresh;

    source = hosts_found_source(&watch->hosts, found, sighting->source_hash, packet->family, packet->source,
                                sighting->now_s, &fresh);
    if (fresh)
        source->flags = watch->plain_flags ?: flags_of(watch, packet->family, packet->source);
    source->packets++;
    source->last_s = sighting->now_s;
    sighting->source = source;
    target = hosts_found_target(&watch->hosts, found, sighting->target_hash, packet->family,
                                packet->destination, sighting->now_s, &fresh);
    if (fresh)
        target->flags = watch->plain_flags ?: flags_of(watch, packet->family, packet->destination);
    target->packets++;
    target->last_s = sighting->now_s;
    sighting->target = target;
}

/* Keep a point of a random sample: the n-th is kept with probability WATCH_SCATTER / n, decided in skips. */
static void __attribute__((noinline))
keep_point(struct watch *watch, const uint8_t *asker, const uint8_t *asked, bool answered,
           const struct packet *packet)
{
    uint64_t seen = watch->scatter_seen - 1, random;
    size_t at = (size_t)seen;

    if (seen >= WATCH_SCATTER) {
        random = hash_mix(seen ^ watch->options.key.words[0], watch->options.key.words[1] | 1);
        at = (size_t)(random % WATCH_SCATTER);
        watch->scatter_next = seen + 1 + (random >> 32) % (2 * seen / WATCH_SCATTER);
    }
    watch->scatter[at] = (struct scatter_point){packet_address(packet, asker), packet_address(packet, asked),
                                                packet->time_ns, answered};
}

static inline void scatter(struct watch *watch, const uint8_t *asker, const uint8_t *asked, bool answered,
                           const struct packet *packet)
{
    if (watch->scatter_seen++ >= watch->scatter_next)
        keep_point(watch, asker, asked, answered, packet);
}

static void ask(struct watch *watch, struct sighting *sighting, uint64_t echo_hash)
{
    const struct packet *packet = sighting->packet;

    if (sighting->source->flags & HOST_PROMOTED)
        sighting->scan = scans_get(&watch->scans, sighting->source, sighting->now_s);
    sighting->fresh =
        scans_ask(sighting->source, sighting->scan, sighting->target_hash, packet, sighting->now_s);
    flows_note(&watch->flows, sighting->source_address);
    if (packet->class == PACKET_ECHO_REQUEST) {
        echoes_ask(&watch->echoes, echo_hash, packet, sighting->fresh);
        sighting->target->requests_in++;
    }
    scatter(watch, packet->source, packet->destination, false, packet);
}

static void answer(struct watch *watch, struct sighting *sighting, uint64_t echo_hash)
{
    const struct packet *packet = sighting->packet;
    struct source *asker;

    sighting->echo = echoes_answer(&watch->echoes, echo_hash, packet);
    sighting->target->replies_in++;
    flows_note(&watch->flows, sighting->source_address);
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

/* The hash of the request that an error about an echo message is about. */
static uint64_t quoted_echo(const struct watch *watch, const struct sighting *sighting, bool reply)
{
    const struct packet_quote *quote = sighting->quote;
    uint64_t source = hosts_target_key(sighting->quote_source, quote->family);
    uint64_t target = hosts_target_key(sighting->quote_target, quote->family);

    return echoes_quote_hash(&watch->echoes, reply ? target : source, reply ? source : target, quote);
}

/* Of ICMP only echo requests are remembered, and with them their replies; that others were not sent is
 * nothing that this place knows. */
static enum flow_known judge_icmp(const struct watch *watch, const struct sighting *sighting)
{
    const struct packet_quote *quote = sighting->quote;
    bool reply = quote->type == (quote->family == 4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY);
    bool request = quote->type == (quote->family == 4 ? ICMP4_ECHO_REQUEST : ICMP6_ECHO_REQUEST);

    if (echoes_seen(&watch->echoes, quoted_echo(watch, sighting, reply)))
        return FLOW_SEEN;
    return sighting->flow == FLOW_UNSEEN && !request ? FLOW_UNCERTAIN : sighting->flow;
}

/* The first questions of ping-like traceroutes run out of hops: no contact with their target, thus none that
 * failed.
 */
static void expire(struct watch *watch, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    const struct packet_quote *quote = sighting->quote;
    struct hosts *hosts = &watch->hosts;
    bool four = packet->family == 4;
    struct source *asker;

    if (packet->type != (four ? ICMP4_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED) || packet->code != 0 ||
        quote->type != (four ? ICMP4_ECHO_REQUEST : ICMP6_ECHO_REQUEST) ||
        !echoes_expire(&watch->echoes, quoted_echo(watch, sighting, false)))
        return;
    asker = hosts_find_source(hosts, hosts_source_hash(hosts, quote->family, quote->source));
    if (asker && asker->fresh > 0)
        asker->fresh--;
}

static void read_error(struct watch *watch, const struct prepared *prepared, struct sighting *sighting)
{
    const struct packet_quote *quote = &prepared->quote;

    sighting->source->errors++;
    sighting->target->errors_in++;
    if (!quote->family)
        return;
    sighting->quote = quote;
    complaints_count(watch->complaints, &watch->options.key, prepared->hashes.destination, sighting->packet,
                     quote, sighting->now_s);
    sighting->flow = flows_judge_quote(&watch->flows, quote, &prepared->hashes, sighting->packet->time_ns,
                                       &sighting->quoted_flow);
    if (!quotes_icmp(quote))
        return;
    expire(watch, sighting);
    if (sighting->flow != FLOW_SEEN)
        sighting->flow = judge_icmp(watch, sighting);
}

/* Whether an address may stand for several hosts. */
static bool is_group(uint8_t family, const uint8_t *address)
{
    return family == 4 ? address[0] >= 224 || (uint8_t)(address[3] + 1) <= 1 : address[0] == 0xff;
}

static unsigned traits_of_echo(const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    bool plain = packet->available == ECHO_HEADER + PAYLOAD_LINUX &&
                 payload_is_linux(packet->octets + ECHO_HEADER, PAYLOAD_LINUX);
    unsigned traits = (plain ? 0 : TRAIT_DATA) | (packet->code ? TRAIT_UNUSUAL : 0);

    if (packet->class == PACKET_ECHO_REQUEST)
        return traits | (is_group(packet->family, packet->destination) ? TRAIT_GROUP : 0) |
               (sighting->scan ? TRAIT_SCANNER : 0) |
               (sighting->target->requests_in > TRAIT_PINGED_MIN ? TRAIT_PINGED : 0);
    return traits | (is_group(packet->family, packet->source) ? TRAIT_GROUP : 0) |
           (sighting->echo.match > ECHO_ALTERED ? TRAIT_UNASKED : 0);
}

static unsigned traits_of_error(const struct watch *watch, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    unsigned message = (unsigned)packet->type << 8 | packet->code;
    bool four = packet->family == 4;
    bool expired = message == (four ? ICMP4_TIME_EXCEEDED << 8 : ICMP6_TIME_EXCEEDED << 8);
    bool too_big =
        four ? message == (ICMP4_UNREACHABLE << 8 | FRAGMENTATION_NEEDED) : packet->type == ICMP6_TOO_BIG;

    return (expired ? TRAIT_EXPIRED : 0) | (too_big ? TRAIT_TOO_BIG : 0) |
           (packet->code >= watch->usual_codes[!four][packet->type] ? TRAIT_UNUSUAL : 0) |
           (sighting->quote && sighting->quote_target == sighting->source_address ? TRAIT_SELF : 0) |
           (sighting->flow >= FLOW_UNSEEN ? TRAIT_UNASKED : 0);
}

/* All messages, or a random sample when there are very many. */
static unsigned choose(struct watch *watch, struct sighting *sighting)
{
    uint32_t seen = ++watch->second_icmp, weight = seen <= WATCH_STORM ? WATCH_WEIGHT : WATCH_WEIGHT_STORM;

    sighting->weight = 1;
    if (seen <= WATCH_MANY)
        return TRAIT_SAMPLE;
    sighting->weight = weight;
    watch->random =
        watch->random * 6364136223846793005U + (watch->options.key.words[3] | 1); /* Knuth 3.3.4 */
    return watch->random >> 32 < UINT32_MAX / weight ? TRAIT_SAMPLE : 0;
}

static unsigned traits_of(struct watch *watch, struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    unsigned traits = watch->traits;

    traits |= packet->flags || packet->class == PACKET_FRAGMENT ? TRAIT_ODD : 0;
    traits |= packet->ttl <= TRAIT_SHORT_TTL ? TRAIT_SHORT : 0;
    traits |= watch->counts->packets < watch->early_packets ? TRAIT_EARLY : 0;
    traits |= packet->class == PACKET_FLOW ? 0 : choose(watch, sighting);
    if (packet->class <= PACKET_ECHO_REPLY)
        return traits | traits_of_echo(sighting);
    if (packet->class == PACKET_ERROR)
        return traits | traits_of_error(watch, sighting);
    return traits;
}

/* Call the detectors in their order. */
static void show(struct watch *watch, const struct sighting *sighting, unsigned traits)
{
    const struct watch_audience *audience = &watch->audiences[sighting->packet->class];
    uint32_t calls = audience->always;

    for (; traits; traits &= traits - 1)
        calls |= audience->by_trait[__builtin_ctz(traits)];
    for (; calls; calls &= calls - 1) {
        const struct watch_call *call = &watch->calls[__builtin_ctz(calls)];

        call->packet(watch, call->state, sighting);
    }
}

static void look(struct watch *watch, struct prepared *prepared)
{
    struct sighting *sighting = &prepared->sighting;
    const struct packet *packet = sighting->packet;

    sighting->now_s = watch->now_s;
    if (packet->class == PACKET_FLOW)
        flows_see_from(&watch->flows, prepared->state_hash, sighting->source_address, packet);
    else
        look_up_hosts(watch, &prepared->hosts, sighting);
    if (packet->class == PACKET_ECHO_REPLY)
        answer(watch, sighting, prepared->state_hash);
    else if (packet->class == PACKET_ERROR || packet->class == PACKET_REDIRECT)
        read_error(watch, prepared, sighting);
    else if (is_question(packet))
        ask(watch, sighting, prepared->state_hash);
    show(watch, sighting, traits_of(watch, sighting));
}

/* Whoever prints packets wants the time that was captured. */
static void tell_packets(const struct watch *watch, struct batch *batch)
{
    const struct watch_listener *listener = &watch->options.listener;

    for (size_t i = 0; i < batch->count; i++)
        batch->packets[i].time_ns = batch->packets[i].frame->time_ns;
    listener->packets(listener->context, batch->packets, batch->count);
}

static void count_at(struct watch *watch, struct packet *packet)
{
    packet->time_ns = pass_time(watch, packet->time_ns);
    count_packet(watch->counts, packet);
}

/* Memory is fetched for packets to come while those before them are looked at. */
static void look_at_all(struct watch *watch, struct batch *batch)
{
    size_t count = batch->count;

    for (size_t i = 0; i < AHEAD && i < count; i++)
        prepare(watch, &batch->packets[i], &batch->prepared[i]);
    for (size_t i = 0; i < AHEAD / 2 && i < count; i++)
        find_hosts(watch, &batch->prepared[i]);
    for (size_t i = 0; i < count; i++) {
        struct packet *packet = &batch->packets[i];

        if (i + AHEAD < count)
            prepare(watch, packet + AHEAD, &batch->prepared[(i + AHEAD) % RING]);
        if (i + AHEAD / 2 < count)
            find_hosts(watch, &batch->prepared[(i + AHEAD / 2) % RING]);
        count_at(watch, packet);
        look(watch, &batch->prepared[i % RING]);
    }
}

static void count_all(struct watch *watch, struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        count_at(watch, &batch->packets[i]);
}

static void flush(struct watch *watch, struct batch *batch)
{
    if (watch->options.kinds)
        look_at_all(watch, batch);
    else
        count_all(watch, batch);
    if (watch->options.listener.packets && batch->count && !watch->learning)
        tell_packets(watch, batch);
    if (watch->findings->next_id != watch->told_id)
        watch_tell(watch);
    batch->count = 0;
}

/* Whether nobody wants to know more of packets than how many there are. */
static bool only_counts(const struct watch *watch)
{
    return !watch->options.kinds && !watch->options.listener.packets;
}

/* Take a frame apart behind those of the batch. */
static void dissect(struct watch *watch, const struct frame *frame, struct batch *batch)
{
    bool malformed;
    size_t layers = packet_dissect(frame, batch->packets + batch->count, &malformed);

    watch->counts->malformed += malformed;
    watch->counts->not_ip += layers == 0 && !malformed;
    batch->count += layers;
}

void watch_frames(struct watch *watch, const struct frame *frames, size_t count)
{
    bool glance = only_counts(watch);
    struct batch batch;
    struct packet packet;

    batch.count = 0;
    for (size_t i = 0; i < count; i++) {
        if (glance && packet_glance(&frames[i], &packet)) {
            count_at(watch, &packet);
            continue;
        }
        dissect(watch, &frames[i], &batch);
        if (glance || batch.count >= BATCH)
            flush(watch, &batch);
    }
    watch->counts->frames += count;
    flush(watch, &batch);
}
