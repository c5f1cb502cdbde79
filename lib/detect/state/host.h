/* SPDX-License-Identifier: MIT */
/* Who sends and who receives ICMP: two tables of fixed size, where the least busy make room for the new. */
#ifndef SONDE_DETECT_STATE_HOST_H
#define SONDE_DETECT_STATE_HOST_H

#include <stdbool.h>

#include "base/hash.h"
#include "wire/packet.h"

enum { HOST_WAYS = 4 /* entries of a set */ };

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

/** Both tables. */
struct hosts {
    struct hash_key key;
    struct source *sources;
    struct target *targets;
    size_t source_sets, target_sets; /* powers of two */
    uint64_t source_evictions, target_evictions;
    uint32_t sources_used, targets_used;
};

/** The octets that the tables need for so many sets. */
size_t hosts_size(size_t source_sets, size_t target_sets);

/** Place the tables into zeroed memory of hosts_size() octets, aligned to 64. */
void hosts_init(struct hosts *hosts, void *memory, size_t source_sets, size_t target_sets,
                const struct hash_key *key);

/** The hash of a sender's key: the address, or the /64 of an IPv6 address. */
uint64_t hosts_source_hash(const struct hosts *hosts, uint8_t family, const uint8_t *address);

/** The hash of a receiver's key: the address. */
uint64_t hosts_target_hash(const struct hosts *hosts, uint8_t family, const uint8_t *address);

/**
 * The entry of a sender, made if need be.
 * @param fresh set to whether it is new
 * @return never NULL
 */
struct source *hosts_source(struct hosts *hosts, uint64_t hash, uint8_t family, const uint8_t *address,
                            uint32_t now_s, bool *fresh);

/** The entry of a sender, or NULL. */
struct source *hosts_find_source(const struct hosts *hosts, uint64_t hash);

/** The entry of a receiver, made if need be; never NULL. */
struct target *hosts_target(struct hosts *hosts, uint64_t hash, uint8_t family, const uint8_t *address,
                            uint32_t now_s, bool *fresh);

/** The entry of a receiver, or NULL. */
struct target *hosts_find_target(const struct hosts *hosts, uint64_t hash);

/** Fetch the sets of these hashes into the cache, for a packet that comes soon. */
static inline void hosts_prefetch(const struct hosts *hosts, uint64_t source_hash, uint64_t target_hash)
{
    const struct source *sources = hosts->sources + (source_hash & (hosts->source_sets - 1)) * HOST_WAYS;
    const struct target *targets = hosts->targets + (target_hash & (hosts->target_sets - 1)) * HOST_WAYS;

    for (int way = 0; way < HOST_WAYS; way++) {
        __builtin_prefetch(sources + way);
        __builtin_prefetch(targets + way);
    }
}

/** The busiest senders, most packets first. Returns how many were written. */
size_t hosts_top_sources(const struct hosts *hosts, const struct source **top, size_t most);

/** The busiest receivers, most packets first. Returns how many were written. */
size_t hosts_top_targets(const struct hosts *hosts, const struct target **top, size_t most);

#endif
