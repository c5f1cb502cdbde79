/* SPDX-License-Identifier: MIT */
/* Flows that passed: which five-tuples there were and how far TCP had come, to judge what errors quote. */
#include "detect/state/flow.h"

#include <netinet/in.h>

#include "base/macro.h"
#include "wire/icmp.h"
#include "wire/octets.h"
#include "wire/tcp.h"

enum {
    TCP_HEADER = 20,
    JUMP = 1 << 24,              /* octets that no connection skips between two of its segments */
    CROWD = FLOW_SENDERS * 8 / 4 /* bits of senders with which too many strangers share theirs */
};

/* A quoted packet may have passed before the watch began: a router reports a host that does not answer its
 * neighbour solicitations after three seconds. */
#define START_NS (4 * NS_PER_S)

size_t flows_size(size_t sets)
{
    return sets * FLOW_WAYS * sizeof(struct flow) + FLOW_SENDERS;
}

void flows_init(struct flows *flows, void *memory, size_t sets, const struct hash_key *key)
{
    *flows = (struct flows){.key = *key, .slots = memory, .sets = sets};
    flows->senders = (uint8_t *)(flows->slots + sets * FLOW_WAYS);
}

/* Both directions of a flow are in one set, so that one look finds either: the low half of the hash is the
 * same for both, the high half, which becomes the tag, is not. An end is an address with its port. */
static uint64_t join_ends(uint64_t from, uint64_t to, uint8_t family, uint8_t protocol)
{
    uint64_t both = (from + to) ^ ((uint64_t)protocol << 8 | family);

    return (both & UINT32_MAX) | (from - to) >> 32 << 32;
}

static bool has_ports(uint8_t protocol)
{
    static const bool with_ports[UINT8_MAX + 1] = {[IPPROTO_TCP] = true,
                                                   [IPPROTO_UDP] = true,
                                                   [IPPROTO_DCCP] = true,
                                                   [IPPROTO_SCTP] = true,
                                                   [IPPROTO_UDPLITE] = true};

    return with_ports[protocol];
}

static bool is_icmp(uint8_t protocol)
{
    return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

uint64_t flows_hash_known(const struct flows *flows, const struct packet *packet, uint64_t source,
                          uint64_t destination)
{
    const struct hash_key *key = &flows->key;
    uint32_t ports = 0;

    if (packet->class != PACKET_FLOW)
        ports = packet->available >= 8 ? octets_get16(packet->octets + 4) * 0x10001U : 0;
    else if (has_ports(packet->protocol) && packet->available >= 4 && packet->fragment_offset == 0)
        ports = octets_get32(packet->octets);
    return join_ends(hash_with(key, source, ports >> 16), hash_with(key, destination, ports & 0xffff),
                     packet->family, packet->protocol);
}

uint64_t flows_hash(const struct flows *flows, const struct packet *packet)
{
    return flows_hash_known(flows, packet, hash_address(&flows->key, packet->source),
                            hash_address(&flows->key, packet->destination));
}

/* The bit of a protocol lies near that of its sender, so that both are in one line of the cache. */
static uint64_t user_hash(uint64_t hash, uint8_t protocol)
{
    return hash ^ ((protocol & 63) + 1u) << 3;
}

bool flows_is_sender(const struct flows *flows, const uint8_t *address)
{
    return flows_is_noted(flows, hash_address(&flows->key, address));
}

bool flows_is_user(const struct flows *flows, const uint8_t *address, uint8_t protocol)
{
    return flows_is_noted(flows, user_hash(hash_address(&flows->key, address), protocol));
}

static uint32_t ms_since(const struct flows *flows, int64_t now_ns)
{
    int64_t ms = (now_ns - flows->begin_ns) / NS_PER_MS;

    return ms < 0 ? 0 : (uint32_t)ms;
}

/* The sequence number that comes behind a segment. */
static uint32_t next_sequence(const struct packet *packet)
{
    uint32_t header = (uint32_t)(packet->octets[12] >> 4) * 4;
    uint32_t payload = packet->length > header ? packet->length - header : 0;

    return octets_get32(packet->octets + 4) + payload + ((packet->octets[13] & (TCP_SYN | TCP_FIN)) != 0);
}

/* A second, different SYN before anything else is a scanner's or follows a refusal; behind a connection it
 * opens the next one with the same ports. */
static void open_flow(struct flow *slot, uint32_t sequence)
{
    if (slot->flags & FLOW_OPENED && slot->sequence == sequence)
        return;
    slot->flags =
        slot->flags == FLOW_OPENED || slot->flags & FLOW_JUMPED ? FLOW_OPENED | FLOW_JUMPED : FLOW_OPENED;
    slot->sequence = sequence;
    slot->sent = 0;
}

/* How far TCP has come. */
static void advance(struct flow *slot, const struct packet *packet)
{
    uint8_t flags = packet->octets[13];
    uint32_t sequence = next_sequence(packet), units;
    int32_t ahead;

    if (flags & TCP_RST) { /* may carry any number, and nothing follows */
        slot->flags |= FLOW_JUMPED;
        return;
    }
    if (flags & TCP_SYN) {
        open_flow(slot, sequence);
        return;
    }
    if (!slot->flags)
        slot->sequence = sequence;
    slot->flags |= FLOW_USED;
    ahead = (int32_t)(sequence - slot->sequence);
    if (ahead > JUMP || ahead < -JUMP)
        slot->flags |= FLOW_JUMPED;
    if (ahead <= 0)
        return;
    units = ((uint32_t)ahead + FLOW_SENT_UNIT - 1) / FLOW_SENT_UNIT;
    slot->sent = (uint16_t)(units < (uint32_t)UINT16_MAX - slot->sent ? slot->sent + units : UINT16_MAX);
    slot->sequence = sequence;
}

void flows_see(struct flows *flows, uint64_t hash, const struct packet *packet)
{
    flows_see_from(flows, hash, hash_address(&flows->key, packet->source), packet);
}

void flows_see_from(struct flows *flows, uint64_t hash, uint64_t sender, const struct packet *packet)
{
    struct flow *set = flows->slots + (hash & (flows->sets - 1)) * FLOW_WAYS, *slot = set;
    uint32_t tag = (uint32_t)(hash >> 32) | 1, now_ms = ms_since(flows, packet->time_ns);

    flows_note(flows, sender);
    flows_note(flows, user_hash(sender, packet->protocol));
    for (int way = 0; way < FLOW_WAYS; way++) {
        if (set[way].tag == tag) {
            slot = set + way;
            break;
        }
        if (set[way].last_ms < slot->last_ms || !set[way].tag)
            slot = set + way;
    }
    if (slot->tag != tag) {
        flows->evictions += slot->tag != 0;
        *slot = (struct flow){.tag = tag};
    }
    if (packet->protocol == IPPROTO_TCP && packet->available >= TCP_HEADER && packet->fragment_offset == 0)
        advance(slot, packet);
    slot->last_ms = now_ms;
    slot->packets = (uint8_t)(slot->packets + (slot->packets < UINT8_MAX));
}

static const struct flow *find(const struct flow *set, uint64_t hash)
{
    for (int way = 0; way < FLOW_WAYS; way++)
        if (set[way].tag == ((uint32_t)(hash >> 32) | 1))
            return set + way;
    return NULL;
}

/* Whether a flow may have lost its place within the time in which errors about its packets come. */
static bool is_forgetful(const struct flow *set, uint32_t now_ms)
{
    for (int way = 0; way < FLOW_WAYS; way++)
        if (!set[way].tag || (int32_t)(now_ms - set[way].last_ms) > START_NS / NS_PER_MS)
            return false;
    return true;
}

struct flow_quote flows_hash_quote(const struct flows *flows, const struct packet_quote *quote)
{
    const struct hash_key *key = &flows->key;
    struct flow_quote hashes = {hash_address(key, quote->source), hash_address(key, quote->destination), 0,
                                0};
    uint16_t from = 0, to = 0;
    uint64_t source, destination;

    if (has_ports(quote->protocol)) {
        from = quote->source_port;
        to = quote->destination_port;
    } else if (is_icmp(quote->protocol)) {
        from = to = quote->id;
    }
    source = hash_with(key, hashes.source, from);
    destination = hash_with(key, hashes.destination, to);
    hashes.there = join_ends(source, destination, quote->family, quote->protocol);
    hashes.back = join_ends(destination, source, quote->family, quote->protocol);
    return hashes;
}

/* Whether other packets of the quoted sender pass here, so that the quoted one would have passed as well.
 * What a capture of ICMP alone shows says nothing of TCP. */
static bool is_user(const struct flows *flows, uint8_t protocol, uint64_t source)
{
    return flows->senders_used <= CROWD &&
           flows_is_noted(flows, is_icmp(protocol) ? source : user_hash(source, protocol));
}

enum flow_known flows_judge_quote(const struct flows *flows, const struct packet_quote *quote,
                                  const struct flow_quote *hashes, int64_t now_ns, const struct flow **flow)
{
    const struct flow *set = flows->slots + (hashes->there & (flows->sets - 1)) * FLOW_WAYS;

    *flow = NULL;
    if (quote->fragment_offset || (!quote->ports && (has_ports(quote->protocol) || is_icmp(quote->protocol))))
        return FLOW_NOT_ASKED;
    *flow = find(set, hashes->there);
    if (*flow)
        return FLOW_SEEN;
    if (find(set, hashes->back))
        return FLOW_REVERSED;
    return now_ns - flows->begin_ns < START_NS || !is_user(flows, quote->protocol, hashes->source) ||
                   is_forgetful(set, ms_since(flows, now_ns))
               ? FLOW_UNCERTAIN
               : FLOW_UNSEEN;
}

enum flow_known flows_judge(const struct flows *flows, const struct packet_quote *quote, int64_t now_ns,
                            const struct flow **flow)
{
    struct flow_quote hashes = flows_hash_quote(flows, quote);

    return flows_judge_quote(flows, quote, &hashes, now_ns, flow);
}
