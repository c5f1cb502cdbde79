/* SPDX-License-Identifier: MIT */
/* Traceroute, a label and no accusation: several routers report that the TTL of packets between the same two
 * hosts ran out, or such packets pass with one TTL after the other. */
#include "detect/scan/traceroute.h"

#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "catalog/services.h"
#include "detect/detectors.h"
#include "detect/watch.h"
#include "wire/icmp.h"
#include "wire/octets.h"

enum {
    PATHS = 128,
    WAYS = 4,
    HOPS_MAX = 32,    /* of a path; also the largest TTL that probes have */
    HOPS_MIN = 3,     /* routers that report */
    TTLS_MIN = 4,     /* different TTLs of probes */
    WINDOW_S = 180,   /* in which they have to come */
    PORT_LOW = 33434, /* UDP ports of traceroute and mtr */
    PORT_HIGH = 33999,
    UNTOLD_MAX = 5, /* packets that are added to the finding one by one */
};

/* The way from one host to another. */
struct path {
    uint64_t tag; /* of both; 0: free */
    uint32_t first_s, last_s, told_s;
    uint32_t packets, told; /* packets of it, and how many the finding knows of */
    uint32_t ttls;          /* a bit for each TTL of its probes, from 1 */
    uint8_t hops;
    uint8_t family, protocol;
    bool raised;
    uint16_t port;
    uint32_t reporters[HOPS_MAX]; /* part of their hash */
    uint8_t source[16], target[16];
};

struct traceroutes {
    struct path rows[PATHS];
};

/* A probe, as it passes or as an error quotes it. */
struct probe {
    uint64_t tag;
    const uint8_t *source, *target;
    uint8_t family, protocol;
    uint16_t port;
};

/* Of the hashes of both addresses. */
static uint64_t tag_of(const struct watch *watch, uint8_t family, uint64_t source, uint64_t target)
{
    const struct hash_key *key = &watch->options.key;

    return hash_with(key, hash_with(key, source, target), family) | 1;
}

static struct path *find(const struct traceroutes *state, uint64_t tag, const struct path **victim)
{
    const struct path *set = &state->rows[(tag >> 8) % (PATHS / WAYS) * WAYS];

    *victim = set;
    for (size_t way = 0; way < WAYS; way++) {
        if (set[way].tag == tag)
            return (struct path *)&set[way];
        if (!set[way].tag || ((*victim)->tag && set[way].last_s < (*victim)->last_s))
            *victim = &set[way];
    }
    return NULL;
}

static struct path *path_of(struct traceroutes *state, const struct probe *probe, uint32_t now_s)
{
    const struct path *victim;
    struct path *path = find(state, probe->tag, &victim);

    if (path && now_s - path->last_s <= WINDOW_S && (path->raised || now_s - path->first_s <= WINDOW_S))
        return path;
    path = path ? path : &state->rows[victim - state->rows];
    *path = (struct path){.tag = probe->tag,
                          .first_s = now_s,
                          .last_s = now_s,
                          .family = probe->family,
                          .protocol = probe->protocol,
                          .port = probe->port};
    memcpy(path->source, probe->source, sizeof(path->source));
    memcpy(path->target, probe->target, sizeof(path->target));
    return path;
}

static void state_facts(struct finding *finding, const struct path *path)
{
    struct evidence *evidence = &finding->evidence;
    bool reported = path->hops >= HOPS_MIN;
    unsigned ttls = (unsigned)__builtin_popcount(path->ttls);

    if (!finding->subject.source.family) /* it sums up many */
        return;
    evidence_number(evidence, FACT_OBSERVED, reported ? path->hops : ttls);
    evidence_number(evidence, FACT_THRESHOLD, reported ? HOPS_MIN : TTLS_MIN);
    evidence_text(evidence, FACT_MEASURE,
                  reported ? "routers that report expired packets between two hosts"
                           : "different small TTLs of packets between two hosts");
    evidence_number(evidence, FACT_WINDOW, (double)(WINDOW_S * NS_PER_S));
    evidence_number(evidence, FACT_HOPS, path->hops);
    if (path->ttls) /* the highest */
        evidence_number(evidence, FACT_TTL, HOPS_MAX - __builtin_clz(path->ttls));
    evidence_text(evidence, FACT_QUOTED_PROTOCOL, protocol_word(path->protocol));
    if (path->protocol == IPPROTO_UDP || path->protocol == IPPROTO_TCP)
        evidence_number(evidence, FACT_QUOTED_PORT, path->port);
}

static void tell(struct watch *watch, struct path *path, const struct packet *packet)
{
    bool fresh;
    struct finding *finding = watch_raise_prefix(watch, KIND_TRACEROUTE, packet, path->family, path->source,
                                                 0, path->target, 0, &fresh);

    path->raised = true;
    path->told_s = watch->now_s;
    if (finding) {
        finding->packets += path->packets - path->told - 1;
        finding->patience_ns = WINDOW_S * NS_PER_S;
        state_facts(finding, path);
    }
    if (finding && fresh)
        finding->first_ns -= (watch->now_s - path->first_s) * NS_PER_S;
    path->told = path->packets;
}

static void judge(struct watch *watch, struct path *path, const struct packet *packet)
{
    path->packets++;
    path->last_s = watch->now_s;
    if (path->hops < HOPS_MIN && __builtin_popcount(path->ttls) < TTLS_MIN)
        return;
    if (!path->raised || path->packets - path->told < UNTOLD_MAX || path->told_s != watch->now_s)
        tell(watch, path, packet);
}

static void add_reporter(struct path *path, uint64_t hash)
{
    uint32_t part = (uint32_t)(hash >> 32) | 1;

    for (size_t i = 0; i < path->hops; i++)
        if (path->reporters[i] == part)
            return;
    if (path->hops < HOPS_MAX)
        path->reporters[path->hops++] = part;
}

static bool is_expired(const struct packet *packet)
{
    return packet->code == 0 &&
           packet->type == (packet->family == 4 ? ICMP4_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED);
}

static void see_error(struct watch *watch, struct traceroutes *state, const struct sighting *sighting)
{
    const struct packet_quote *quote = sighting->quote;
    struct path *path;
    struct probe probe;

    if (!quote || !is_expired(sighting->packet))
        return;
    probe = (struct probe){tag_of(watch, quote->family, sighting->quote_source, sighting->quote_target),
                           quote->source,
                           quote->destination,
                           quote->family,
                           quote->protocol,
                           quote->destination_port};
    path = path_of(state, &probe, sighting->now_s);
    add_reporter(path, sighting->source_address);
    judge(watch, path, sighting->packet);
}

/* UDP and TCP that may be probes: the first packets of connections, datagrams to high ports. */
static bool is_probe(const struct packet *packet)
{
    if (packet->class == PACKET_ECHO_REQUEST)
        return true;
    if (packet->available < 4 || packet->fragment_offset)
        return false;
    if (packet->protocol == IPPROTO_TCP)
        return packet->available >= 14 && (packet->octets[13] & 0x3f) == 2;
    return packet->protocol == IPPROTO_UDP && octets_get16(packet->octets + 2) >= PORT_LOW &&
           octets_get16(packet->octets + 2) <= PORT_HIGH;
}

static void see_probe(struct watch *watch, struct traceroutes *state, const struct sighting *sighting)
{
    const struct packet *packet = sighting->packet;
    struct path *path;
    struct probe probe;

    if (packet->ttl == 0 || !is_probe(packet))
        return;
    probe = (struct probe){tag_of(watch, packet->family, sighting->source_address, sighting->target_address),
                           packet->source,
                           packet->destination,
                           packet->family,
                           packet->protocol,
                           packet->class == PACKET_FLOW ? octets_get16(packet->octets + 2) : 0};
    path = path_of(state, &probe, watch->now_s);
    path->ttls |= 1U << (packet->ttl - 1);
    judge(watch, path, packet);
}

static void see(struct watch *watch, void *state, const struct sighting *sighting)
{
    if (sighting->packet->class == PACKET_ERROR)
        see_error(watch, state, sighting);
    else if (sighting->packet->ttl <= HOPS_MAX)
        see_probe(watch, state, sighting);
}

static bool quotes_probe_port(const struct packet_quote *quote)
{
    return quote->protocol == IPPROTO_UDP && quote->ports && quote->destination_port >= PORT_LOW &&
           quote->destination_port <= PORT_HIGH;
}

static bool is_known(const struct watch *watch, const struct sighting *sighting)
{
    uint64_t tag = tag_of(watch, sighting->quote->family, sighting->quote_source, sighting->quote_target);
    const struct path *path = NULL, *victim;

    for (size_t i = 0; i < watch->active_count; i++)
        if (watch->active[i] == &detector_traceroute)
            path = find(watch->states[i], tag, &victim);
    return path && path->raised && watch->now_s - path->last_s <= WINDOW_S;
}

bool traceroute_explains(const struct watch *watch, const struct sighting *sighting)
{
    const struct packet_quote *quote = sighting->quote;

    if (!quote)
        return false;
    if (quotes_probe_port(quote))
        return true;
    if (is_expired(sighting->packet))
        return is_known(watch, sighting);
    return quote->ttl <= HOPS_MAX && is_known(watch, sighting);
}

static void finish(struct watch *watch, void *state)
{
    memset(state, 0, sizeof(struct traceroutes));
    (void)watch;
}

static const enum finding_kind kinds[] = {KIND_TRACEROUTE};

const struct detector detector_traceroute = {
    .name = "traceroute",
    .kinds = kinds,
    .kind_count = COUNT_OF(kinds),
    .wants = WANTS(PACKET_ERROR) | WANTS(PACKET_ECHO_REQUEST) | WANTS(PACKET_FLOW),
    .only =
        {[PACKET_ERROR] = TRAIT_EXPIRED, [PACKET_ECHO_REQUEST] = TRAIT_SHORT, [PACKET_FLOW] = TRAIT_SHORT},
    .state_size = sizeof(struct traceroutes),
    .packet = see,
    .finish = finish,
};
