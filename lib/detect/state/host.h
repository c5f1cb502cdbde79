/* SPDX-License-Identifier: MIT */
/* Who sends and who receives ICMP: two tables of fixed size. While they are half empty everybody gets an
 * entry; then a host must show up a few times first, so that millions of made-up addresses neither push the
 * real ones out nor cost the memory accesses of a large table. */
#ifndef SONDE_DETECT_STATE_HOST_H
#define SONDE_DETECT_STATE_HOST_H

#include <stdbool.h>
#include <string.h>

#include "base/hash.h"
#include "base/macro.h"
#include "wire/packet.h"

enum {
    HOST_WAYS = 4,          /* entries of a set */
    HOST_ADMISSION = 4,     /* packets that a host must show in a crowd */
    HOST_SOURCE_CROWD = 12, /* counters of strangers in each set */
    HOST_TARGET_CROWD = 44,
};

/** Things known of a host. */
enum host_flag {
    HOST_INTERNAL = 1, /* inside, or nothing is declared inside */
    HOST_ALLOWED = 2,  /* the user allows it to scan and flood, or it did so in the quiet capture */
    HOST_DARK = 4,     /* in an unused range */
    HOST_PROMOTED = 8, /* asked several targets: state/scan.h has more of it */
};

/** A sender; an IPv6 sender is its /64, because one host may use all of its addresses. One cache line. */
struct source {
    _Alignas(64) uint64_t tag; /* keyed hash; 0: free */
    uint8_t address[8];        /* IPv4, or the first half of IPv6 */
    uint8_t family, flags;     /* of enum host_flag */
    uint16_t fresh;   /* questions that certainly went to a target for the first time; stops at the top */
    uint32_t packets; /* ICMP messages */
    uint32_t first_s, last_s; /* seconds since the watch began */
    uint64_t asked;           /* a bit for each of 64 classes of targets that it asked */
    uint32_t probes;          /* questions: echo requests and queries */
    uint16_t answered;        /* fresh questions that were answered; stops at the top */
    uint32_t errors;          /* error messages that it sent */
    uint32_t scan_place;      /* where its struct scan was last */
};

/** A receiver. One cache line. */
struct target {
    _Alignas(64) uint64_t tag;
    uint8_t address[16];
    uint8_t family, flags;
    uint32_t packets, first_s, last_s;
    uint32_t requests_in, replies_in; /* echo messages that it got */
    uint32_t errors_in;               /* error messages that it got */
};

/** What is known of a set of senders at a glance: in a crowd most packets touch no more than this. */
struct source_front {
    _Alignas(32) uint32_t tags[HOST_WAYS]; /* of each entry; 0: free */
    uint8_t ranks[HOST_WAYS];              /* packets of each entry; stop at the top; 0: idle */
    uint8_t crowd[HOST_SOURCE_CROWD];      /* packets of hosts without an entry, of late; fades with time */
};

/** The same of a set of receivers. */
struct target_front {
    _Alignas(64) uint32_t tags[HOST_WAYS];
    uint8_t ranks[HOST_WAYS];
    uint8_t crowd[HOST_TARGET_CROWD];
};

/** Both tables. */
struct hosts {
    struct hash_key key;
    struct source *sources;
    struct target *targets;
    struct source_front *source_fronts; /* of each set */
    struct target_front *target_fronts;
    size_t source_sets, target_sets; /* powers of two */
    struct source stranger_source;   /* stands for a host without an entry */
    struct target stranger_target;
    uint64_t source_evictions, target_evictions; /* entries that had to go */
    uint64_t strangers;                          /* packets of hosts without an entry */
    uint32_t sources_used, targets_used;
    uint32_t made; /* entries that were made: as long as none was, who had none has none */
    uint32_t part; /* of the tables that was cleaned last */
};

/** The octets that the tables need for so many sets. */
size_t hosts_size(size_t source_sets, size_t target_sets);

/** Place the tables into zeroed memory of hosts_size() octets, aligned to 64. */
void hosts_init(struct hosts *hosts, void *memory, size_t source_sets, size_t target_sets,
                const struct hash_key *key);

/** The hash of a receiver's key from that of its address (hash_address). 0 marks a free entry. */
static inline uint64_t hosts_target_key(uint64_t address_hash, uint8_t family)
{
    uint64_t hash = address_hash + family;

    return hash ? hash : 1;
}

/** The hash of a sender's key: the address, or the /64 of an IPv6 address. @param address its first 8 octets
 */
static inline uint64_t hosts_source_hash(const struct hosts *hosts, uint8_t family, const uint8_t *address)
{
    uint8_t key[16] = {[15] = family == 6 ? 6 : 0};

    memcpy(key, address, 8);
    return hosts_target_key(hash_address(&hosts->key, key), family);
}

/** The same when the hash of the whole address (hash_address) is known: of IPv4 it serves for both. */
static inline uint64_t hosts_source_key(const struct hosts *hosts, uint8_t family, const uint8_t *address,
                                        uint64_t address_hash)
{
    return family == 4 ? hosts_target_key(address_hash, 4) : hosts_source_hash(hosts, family, address);
}

/** The hash of a receiver's key: the address. */
static inline uint64_t hosts_target_hash(const struct hosts *hosts, uint8_t family, const uint8_t *address)
{
    return hosts_target_key(hash_address(&hosts->key, address), family);
}

/**
 * Make the entry of a sender that has none.
 * @return never NULL; in a crowd an empty entry that is gone with the next packet
 */
struct source *hosts_make_source(struct hosts *hosts, uint64_t hash, uint8_t family, const uint8_t *address,
                                 uint32_t now_s);

/** Make the entry of a receiver that has none; never NULL. */
struct target *hosts_make_target(struct hosts *hosts, uint64_t hash, uint8_t family, const uint8_t *address,
                                 uint32_t now_s);

/** Let the counters of strangers fade, and forget who is idle for long; to be called each second. */
void hosts_fade(struct hosts *hosts, uint32_t now_s);

/** Whether a table is so full that strangers must wait. */
static inline bool hosts_are_crowded(uint32_t used, size_t sets)
{
    return used * UINT64_C(2) > sets * HOST_WAYS;
}

/** The front of the set of a sender. */
static inline struct source_front *hosts_source_front(const struct hosts *hosts, uint64_t hash)
{
    return hosts->source_fronts + (hash & (hosts->source_sets - 1));
}

/** The front of the set of a receiver. */
static inline struct target_front *hosts_target_front(const struct hosts *hosts, uint64_t hash)
{
    return hosts->target_fronts + (hash & (hosts->target_sets - 1));
}

/** Fetch the fronts of these hashes into the cache, for a packet that comes soon. */
ALWAYS_INLINE void hosts_prefetch(const struct hosts *hosts, uint64_t source_hash, uint64_t target_hash)
{
    __builtin_prefetch(hosts_source_front(hosts, source_hash), 1);
    __builtin_prefetch(hosts_target_front(hosts, target_hash), 1);
}

/** Tags of a set, compared at once. */
typedef uint32_t host_tags __attribute__((vector_size(HOST_WAYS * sizeof(uint32_t)), may_alias));
typedef uint64_t host_tag_pairs __attribute__((vector_size(HOST_WAYS * sizeof(uint32_t))));

/** Which way of a set has a tag; HOST_WAYS when none has. Without branches: in a crowd nobody foresees it. */
static inline unsigned hosts_way(const uint32_t tags[HOST_WAYS], uint64_t hash)
{
    static const host_tags bits = {1, 2, 4, 8};
    host_tags wanted = (host_tags){0} + ((uint32_t)(hash >> 32) | 1);
    host_tag_pairs found = (host_tag_pairs)((host_tags)(*(const host_tags *)tags == wanted) & bits);
    uint64_t both = found[0] | found[1];

    return (unsigned)__builtin_ctz((unsigned)(both | both >> 32) | 1U << HOST_WAYS);
}

/** Count a packet of an entry. */
static inline void hosts_raise_rank(uint8_t *rank)
{
    *rank = (uint8_t)(*rank + (*rank < UINT8_MAX));
}

/** The entry of a sender, or NULL. */
static inline struct source *hosts_find_source(const struct hosts *hosts, uint64_t hash)
{
    unsigned way = hosts_way(hosts_source_front(hosts, hash)->tags, hash);

    return way < HOST_WAYS ? hosts->sources + (hash & (hosts->source_sets - 1)) * HOST_WAYS + way : NULL;
}

/** The entry of a receiver, or NULL. */
static inline struct target *hosts_find_target(const struct hosts *hosts, uint64_t hash)
{
    unsigned way = hosts_way(hosts_target_front(hosts, hash)->tags, hash);

    return way < HOST_WAYS ? hosts->targets + (hash & (hosts->target_sets - 1)) * HOST_WAYS + way : NULL;
}

/**
 * The entry of a sender who sent a packet, made if need be.
 * @param fresh set to whether it is new
 * @return never NULL; in a crowd an empty entry that is gone with the next packet
 */
static inline struct source *hosts_source(struct hosts *hosts, uint64_t hash, uint8_t family,
                                          const uint8_t *address, uint32_t now_s, bool *fresh)
{
    struct source_front *front = hosts_source_front(hosts, hash);
    unsigned way = hosts_way(front->tags, hash);

    *fresh = way == HOST_WAYS;
    if (*fresh)
        return hosts_make_source(hosts, hash, family, address, now_s);
    hosts_raise_rank(front->ranks + way);
    return hosts->sources + (hash & (hosts->source_sets - 1)) * HOST_WAYS + way;
}

/** The entry of a receiver who got a packet, made if need be; never NULL. */
static inline struct target *hosts_target(struct hosts *hosts, uint64_t hash, uint8_t family,
                                          const uint8_t *address, uint32_t now_s, bool *fresh)
{
    struct target_front *front = hosts_target_front(hosts, hash);
    unsigned way = hosts_way(front->tags, hash);

    *fresh = way == HOST_WAYS;
    if (*fresh)
        return hosts_make_target(hosts, hash, family, address, now_s);
    hosts_raise_rank(front->ranks + way);
    return hosts->targets + (hash & (hosts->target_sets - 1)) * HOST_WAYS + way;
}

/** What was found out about a packet some packets before its turn: its entries, or NULL. */
struct hosts_found {
    struct source *source;
    struct target *target;
    uint32_t made; /* hosts->made at that time */
};

/** Find both hosts, and fetch their entries into the cache. */
static inline struct hosts_found hosts_find(const struct hosts *hosts, uint64_t source_hash,
                                            uint64_t target_hash)
{
    struct hosts_found found = {hosts_find_source(hosts, source_hash), hosts_find_target(hosts, target_hash),
                                hosts->made};

    if (found.source)
        __builtin_prefetch(found.source, 1);
    if (found.target)
        __builtin_prefetch(found.target, 1);
    return found;
}

/** As hosts_source, for one who was looked for before. */
static inline struct source *hosts_found_source(struct hosts *hosts, const struct hosts_found *found,
                                                uint64_t hash, uint8_t family, const uint8_t *address,
                                                uint32_t now_s, bool *fresh)
{
    struct source *source = found->source;

    *fresh = !source && found->made == hosts->made;
    if (*fresh)
        return hosts_make_source(hosts, hash, family, address, now_s);
    if (!source || source->tag != hash)
        return hosts_source(hosts, hash, family, address, now_s, fresh);
    hosts_raise_rank(hosts_source_front(hosts, hash)->ranks + (size_t)(source - hosts->sources) % HOST_WAYS);
    return source;
}

/** As hosts_target, for one who was looked for before. */
static inline struct target *hosts_found_target(struct hosts *hosts, const struct hosts_found *found,
                                                uint64_t hash, uint8_t family, const uint8_t *address,
                                                uint32_t now_s, bool *fresh)
{
    struct target *target = found->target;

    *fresh = !target && found->made == hosts->made;
    if (*fresh)
        return hosts_make_target(hosts, hash, family, address, now_s);
    if (!target || target->tag != hash)
        return hosts_target(hosts, hash, family, address, now_s, fresh);
    hosts_raise_rank(hosts_target_front(hosts, hash)->ranks + (size_t)(target - hosts->targets) % HOST_WAYS);
    return target;
}

/** The busiest senders, most packets first. Returns how many were written. */
size_t hosts_top_sources(const struct hosts *hosts, const struct source **top, size_t most);

/** The busiest receivers, most packets first. Returns how many were written. */
size_t hosts_top_targets(const struct hosts *hosts, const struct target **top, size_t most);

#endif
