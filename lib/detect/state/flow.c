/* SPDX-License-Identifier: MIT */
/* Flows that passed: which five-tuples there were and how far TCP had come, to judge what errors quote. */
#include "detect/state/flow.h"

#include <netinet/in.h>

#include "base/macro.h"
#include "wire/icmp.h"
#include "wire/octets.h"

enum { TCP_HEADER = 20 };

#define START_NS (3 * NS_PER_S) /* a quoted packet may have passed before the watch began */

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

    return (both & UINT32_MAX) | ((source ^ key->protocol) >> 32) << 32;
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

static uint8_t *sender_octet(const struct flows *flows, const uint8_t *address, uint8_t *bit)
{
    uint64_t hash = hash_address(&flows->key, address);

    *bit = (uint8_t)(1 << (hash & 7));
    return flows->senders + (hash >> 3) % FLOW_SENDERS;
}

void flows_note_sender(struct flows *flows, const uint8_t *address)
{
    uint8_t bit, *octet = sender_octet(flows, address, &bit);

    *octet |= bit;
}

bool flows_is_sender(const struct flows *flows, const uint8_t *address)
{
    uint8_t bit;

    return *sender_octet(flows, address, &bit) & bit;
}

static uint32_t ms_since(const struct flows *flows, int64_t now_ns)
{
    int64_t ms = (now_ns - flows->begin_ns) / NS_PER_MS;

    return ms < 0 ? 0 : (uint32_t)ms;
}

/* The sequence number that comes behind a segment. */
static uint32_t next_sequence(const struct packet *packet)
{
    uint32_t header, payload;

    if (packet->protocol != IPPROTO_TCP || packet->available < TCP_HEADER)
        return 0;
    header = (uint32_t)(packet->octets[12] >> 4) * 4;
    payload = packet->length > header ? packet->length - header : 0;
    return octets_get32(packet->octets + 4) + payload +
           ((packet->octets[13] & 3) != 0); /* SYN and FIN count */
}

void flows_see(struct flows *flows, uint64_t hash, const struct packet *packet)
{
    struct flow *set = flows->slots + (hash & (flows->sets - 1)) * FLOW_WAYS, *slot = set;
    uint32_t tag = (uint32_t)(hash >> 32) | 1, now_ms = ms_since(flows, packet->time_ns);
    uint32_t sequence = next_sequence(packet);

    flows_note_sender(flows, packet->source);
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
        *slot = (struct flow){.tag = tag, .sequence = sequence};
    }
    if ((int32_t)(sequence - slot->sequence) > 0)
        slot->sequence = sequence;
    slot->last_ms = now_ms;
    slot->packets++;
}

static const struct flow *find(const struct flow *set, uint64_t hash)
{
    for (int way = 0; way < FLOW_WAYS; way++)
        if (set[way].tag == ((uint32_t)(hash >> 32) | 1))
            return set + way;
    return NULL;
}

static bool is_full(const struct flow *set)
{
    return set[0].tag && set[1].tag && set[2].tag && set[3].tag;
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
    return is_full(set) || !flows_is_sender(flows, quote->source) || now_ns - flows->begin_ns < START_NS
               ? FLOW_UNCERTAIN
               : FLOW_UNSEEN;
}
