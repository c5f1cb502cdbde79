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

/* What names one direction of a flow. */
struct key {
    const uint8_t *source, *destination;
    uint32_t ports; /* source port << 16 | destination port, or twice the id of an echo */
    uint8_t family, protocol;
};

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
 * same for both, the high half, which becomes the tag, is not. */
static uint64_t hash_key_of(const struct flows *flows, const struct key *key)
{
    uint64_t source = hash_with(&flows->key, hash_address(&flows->key, key->source), key->ports >> 16);
    uint64_t destination =
        hash_with(&flows->key, hash_address(&flows->key, key->destination), key->ports & 0xffff);
    uint64_t both = (source + destination) ^ ((uint64_t)key->protocol << 8 | key->family);

    return (both & UINT32_MAX) | (source - destination) >> 32 << 32;
}

static bool has_ports(uint8_t protocol)
{
    return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP ||
           protocol == IPPROTO_UDPLITE || protocol == IPPROTO_DCCP;
}

static bool is_icmp(uint8_t protocol)
{
    return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

uint64_t flows_hash(const struct flows *flows, const struct packet *packet)
{
    struct key key = {packet->source, packet->destination, 0, packet->family, packet->protocol};

    if (packet->class != PACKET_FLOW)
        key.ports = packet->available >= 8 ? octets_get16(packet->octets + 4) * 0x10001U : 0;
    else if (has_ports(packet->protocol) && packet->available >= 4 && packet->fragment_offset == 0)
        key.ports = octets_get32(packet->octets);
    return hash_key_of(flows, &key);
}

static uint8_t *sender_octet(const struct flows *flows, uint64_t hash, uint8_t *bit)
{
    *bit = (uint8_t)(1 << (hash & 7));
    return flows->senders + (hash >> 3) % FLOW_SENDERS;
}

/* The bit of a protocol lies near that of its sender, so that both are in one line of the cache. */
static uint64_t user_hash(uint64_t hash, uint8_t protocol)
{
    return hash ^ ((protocol & 63) + 1u) << 3;
}

static void note(struct flows *flows, uint64_t hash)
{
    uint8_t bit, *octet = sender_octet(flows, hash, &bit);

    flows->senders_used += !(*octet & bit);
    *octet |= bit;
}

static bool is_noted(const struct flows *flows, uint64_t hash)
{
    uint8_t bit;

    return *sender_octet(flows, hash, &bit) & bit;
}

void flows_note_sender(struct flows *flows, const uint8_t *address)
{
    note(flows, hash_address(&flows->key, address));
}

bool flows_is_sender(const struct flows *flows, const uint8_t *address)
{
    return is_noted(flows, hash_address(&flows->key, address));
}

bool flows_is_user(const struct flows *flows, const uint8_t *address, uint8_t protocol)
{
    return is_noted(flows, user_hash(hash_address(&flows->key, address), protocol));
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
    struct flow *set = flows->slots + (hash & (flows->sets - 1)) * FLOW_WAYS, *slot = set;
    uint32_t tag = (uint32_t)(hash >> 32) | 1, now_ms = ms_since(flows, packet->time_ns);
    uint64_t sender = hash_address(&flows->key, packet->source);

    note(flows, sender);
    note(flows, user_hash(sender, packet->protocol));
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

static struct key key_of_quote(const struct packet_quote *quote)
{
    struct key key = {quote->source, quote->destination, 0, quote->family, quote->protocol};

    if (has_ports(quote->protocol))
        key.ports = (uint32_t)quote->source_port << 16 | quote->destination_port;
    else if (is_icmp(quote->protocol))
        key.ports = (uint32_t)quote->id << 16 | quote->id;
    return key;
}

/* Whether other packets of the quoted sender pass here, so that the quoted one would have passed as well.
 * What a capture of ICMP alone shows says nothing of TCP. */
static bool is_user(const struct flows *flows, const struct packet_quote *quote)
{
    if (flows->senders_used > CROWD)
        return false;
    return is_icmp(quote->protocol) ? flows_is_sender(flows, quote->source)
                                    : flows_is_user(flows, quote->source, quote->protocol);
}

uint64_t flows_quote_hash(const struct flows *flows, const struct packet_quote *quote)
{
    struct key key = key_of_quote(quote);

    return hash_key_of(flows, &key);
}

enum flow_known flows_judge(const struct flows *flows, const struct packet_quote *quote, int64_t now_ns,
                            const struct flow **flow)
{
    struct key key = key_of_quote(quote);
    uint64_t hash = hash_key_of(flows, &key);
    const struct flow *set = flows->slots + (hash & (flows->sets - 1)) * FLOW_WAYS;

    *flow = NULL;
    if (quote->fragment_offset || (!quote->ports && (has_ports(quote->protocol) || is_icmp(quote->protocol))))
        return FLOW_NOT_ASKED;
    *flow = find(set, hash);
    if (*flow)
        return FLOW_SEEN;
    key = (struct key){key.destination, key.source, key.ports << 16 | key.ports >> 16, key.family,
                       key.protocol};
    if (find(set, hash_key_of(flows, &key)))
        return FLOW_REVERSED;
    return is_forgetful(set, ms_since(flows, now_ns)) || !is_user(flows, quote) ||
                   now_ns - flows->begin_ns < START_NS
               ? FLOW_UNCERTAIN
               : FLOW_UNSEEN;
}
