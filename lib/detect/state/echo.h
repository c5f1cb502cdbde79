/* SPDX-License-Identifier: MIT */
/* Echo requests that wait for their replies, in a table of fixed size. */
#ifndef SONDE_DETECT_STATE_ECHO_H
#define SONDE_DETECT_STATE_ECHO_H

#include <stdbool.h>

#include "base/hash.h"
#include "base/macro.h"
#include "wire/octets.h"
#include "wire/packet.h"

enum { ECHO_WAYS = 4 /* entries of a set, one cache line */ };

/** How a reply relates to what was asked. */
enum echo_match {
    ECHO_NONE,      /* not an echo reply */
    ECHO_ANSWER,    /* its request was seen, and it returns the same data */
    ECHO_ALTERED,   /* its request was seen, but the data is different */
    ECHO_DUPLICATE, /* its request was answered before */
    ECHO_ORPHAN,    /* nobody asked, as far as this place sees */
    ECHO_UNKNOWN,   /* the request may have been forgotten, or came before the watch began */
};

/** A request. */
struct echo_slot {
    uint32_t tag;  /* of asker, asked, id and sequence; 0: free */
    uint32_t data; /* hash of the payload, its low bits: flags below */
    int64_t time_ns;
};

/** The table. */
struct echoes {
    struct hash_key key;
    struct echo_slot *slots;
    size_t sets;                            /* a power of two */
    int64_t begin_ns;                       /* when the watch began */
    uint64_t requests, answers, unanswered; /* unanswered: replaced or too late without an answer */
    uint64_t evictions;                     /* requests that had to go while young */
};

/** What is known of a reply. */
struct echo_result {
    enum echo_match match;
    bool fresh;     /* the request was the first of its sender to this target */
    int64_t rtt_ns; /* of answers */
};

/** The octets of so many sets. */
size_t echoes_size(size_t sets);

/** Place the table into zeroed memory, aligned to 64. */
void echoes_init(struct echoes *echoes, void *memory, size_t sets, const struct hash_key *key);

/** The key of a request or of the request that a reply answers. */
static inline uint64_t echoes_hash(const struct echoes *echoes, uint64_t asker_hash, uint64_t asked_hash,
                                   const struct packet *packet)
{
    uint32_t word = packet->available >= 8 ? octets_get32(packet->octets + 4) : 0;

    return hash_with(&echoes->key, asker_hash + (asked_hash << 1), word);
}

/** The key of a request that an error quotes. */
uint64_t echoes_quote_hash(const struct echoes *echoes, uint64_t asker_hash, uint64_t asked_hash,
                           const struct packet_quote *quote);

/** Remember a request. @param fresh whether it is the first of its sender to this target */
void echoes_ask(struct echoes *echoes, uint64_t hash, const struct packet *packet, bool fresh);

/** Match a reply. */
struct echo_result echoes_answer(struct echoes *echoes, uint64_t hash, const struct packet *packet);

/** Whether a request with this hash is waiting or was answered lately: for errors that quote it. */
bool echoes_seen(const struct echoes *echoes, uint64_t hash);

/**
 * Forget that a request was the first of its sender to this target: it ran out of hops, which says nothing
 * about the target.
 * @return whether it was, and had no answer yet
 */
bool echoes_expire(struct echoes *echoes, uint64_t hash);

/** Fetch a set into the cache. */
ALWAYS_INLINE void echoes_prefetch(const struct echoes *echoes, uint64_t hash)
{
    __builtin_prefetch(echoes->slots + (hash & (echoes->sets - 1)) * ECHO_WAYS);
}

#endif
