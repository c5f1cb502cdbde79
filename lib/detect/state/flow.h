/* SPDX-License-Identifier: MIT */
/* Flows that passed: which five-tuples there were and how far TCP had come, to judge what errors quote. */
#ifndef SONDE_DETECT_STATE_FLOW_H
#define SONDE_DETECT_STATE_FLOW_H

#include <stdbool.h>

#include "base/hash.h"
#include "base/macro.h"
#include "wire/packet.h"

enum { FLOW_WAYS = 4, FLOW_SENDERS = 1 << 16 /* octets of the bitmap of senders */ };

/** What is known of a quoted packet. */
enum flow_known {
    FLOW_NOT_ASKED, /* the packet is no error, or its quote is unreadable or of a later fragment */
    FLOW_SEEN,      /* packets of this flow passed in the quoted direction */
    FLOW_REVERSED,  /* only packets of the other direction passed */
    FLOW_UNSEEN, /* none passed, although other packets of the quoted sender and protocol did, and nothing was
                    forgotten */
    FLOW_UNCERTAIN, /* none is remembered, but this place may not see them or may have forgotten */
};

/** Things known of a direction of TCP. */
enum flow_flag {
    FLOW_OPENED = 1, /* it began with a SYN that was seen */
    FLOW_USED = 2,   /* segments without SYN were seen */
    FLOW_JUMPED = 4, /* its sequence numbers are not those of one connection: a scanner, or a reset */
};

enum { FLOW_SENT_UNIT = 64 /* octets */ };

/** One direction of a flow. */
struct flow {
    uint32_t tag;      /* 0: free */
    uint32_t sequence; /* TCP: behind the highest octet sent so far */
    uint32_t last_ms;  /* since the watch began */
    uint16_t sent;     /* TCP: how far `sequence` moved, in FLOW_SENT_UNIT, rounded up; stops at the top */
    uint8_t packets;   /* stops at the top */
    uint8_t flags;     /* of enum flow_flag */
};

/** The table. */
struct flows {
    struct hash_key key;
    struct flow *slots;
    size_t sets;
    uint8_t *senders;      /* a bit for each host that sent anything, and one for each that used a protocol */
    uint32_t senders_used; /* bits that are set */
    uint64_t evictions;
    int64_t begin_ns;
};

/** Hashes of what an error quotes. */
struct flow_quote {
    uint64_t source, destination; /* of its addresses, as hash_address gives them */
    uint64_t there, back;         /* of the flow in the quoted direction, and in the other one */
};

/** The octets of so many sets. */
size_t flows_size(size_t sets);

/** Place the table into zeroed memory, aligned to 64. */
void flows_init(struct flows *flows, void *memory, size_t sets, const struct hash_key *key);

/** The hash of a packet's flow direction (PACKET_FLOW, echo request or query). */
uint64_t flows_hash(const struct flows *flows, const struct packet *packet);

/** The same from the hashes of its addresses (hash_address). */
uint64_t flows_hash_known(const struct flows *flows, const struct packet *packet, uint64_t source,
                          uint64_t destination);

/** The hashes of what an error quotes; both directions of the flow have the same set. */
struct flow_quote flows_hash_quote(const struct flows *flows, const struct packet_quote *quote);

/** Remember a packet. @param hash from flows_hash */
void flows_see(struct flows *flows, uint64_t hash, const struct packet *packet);

/** The same when the hash of the sender's address (hash_address) is known. */
void flows_see_from(struct flows *flows, uint64_t hash, uint64_t sender, const struct packet *packet);

/** Whether there is the bit of a sender, of whose address this is the hash (hash_address). */
static inline bool flows_is_noted(const struct flows *flows, uint64_t hash)
{
    return flows->senders[(hash >> 3) % FLOW_SENDERS] >> (hash & 7) & 1;
}

/** Fetch the bit of a sender into the cache. */
ALWAYS_INLINE void flows_prefetch_sender(const struct flows *flows, uint64_t hash)
{
    __builtin_prefetch(flows->senders + (hash >> 3) % FLOW_SENDERS, 1);
}

/** Remember that an address sends, of which this is the hash (hash_address). */
static inline void flows_note(struct flows *flows, uint64_t hash)
{
    uint8_t *octet = &flows->senders[(hash >> 3) % FLOW_SENDERS], before = *octet;

    *octet = (uint8_t)(before | 1 << (hash & 7));
    flows->senders_used += *octet != before;
}

/** Whether an address was seen to send anything; a stranger may share its bit. */
bool flows_is_sender(const struct flows *flows, const uint8_t *address);

/** Whether an address was seen to send packets of a protocol, ICMP excepted; a stranger may share its bit. */
bool flows_is_user(const struct flows *flows, const uint8_t *address, uint8_t protocol);

/**
 * Judge a quote of a packet that is no ICMP.
 * @param now_ns time of the error
 * @param flow set to the remembered direction when FLOW_SEEN, else NULL
 */
enum flow_known flows_judge(const struct flows *flows, const struct packet_quote *quote, int64_t now_ns,
                            const struct flow **flow);

/** The same for a quote whose hashes are known. */
enum flow_known flows_judge_quote(const struct flows *flows, const struct packet_quote *quote,
                                  const struct flow_quote *hashes, int64_t now_ns, const struct flow **flow);

/** Fetch a set into the cache. */
ALWAYS_INLINE void flows_prefetch(const struct flows *flows, uint64_t hash)
{
    __builtin_prefetch(flows->slots + (hash & (flows->sets - 1)) * FLOW_WAYS);
}

#endif
