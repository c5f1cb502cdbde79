/* SPDX-License-Identifier: MIT */
/* Senders that asked several targets: how many, in which order, and whether they come back. */
#ifndef SONDE_DETECT_STATE_SCAN_H
#define SONDE_DETECT_STATE_SCAN_H

#include <stdbool.h>

#include "base/distinct.h"
#include "detect/state/host.h"

enum {
    SCAN_PROMOTE = 6, /* different targets that make a sender worth more memory */
    SCAN_WAYS = 4,
};

/** What is known of such a sender. */
struct scan {
    uint64_t tag;                              /* of its struct source; 0: free */
    uint32_t last_s;                           /* seconds since the watch began */
    uint32_t probes;                           /* questions since it was promoted */
    struct distinct targets;                   /* whom it asked since; SCAN_PROMOTE more before */
    float short_mark, long_mark;               /* targets.count when the windows below began */
    uint32_t short_s, long_s;                  /* when they began */
    float growth_mark;                         /* targets.count when growth was last judged, and */
    uint32_t growth_probes;                    /* probes then */
    uint32_t last;                             /* last 32 bits of the target asked last */
    uint16_t run, best_run;                    /* targets in one direction, at present and at most */
    uint16_t gaps;                             /* questions that did not fit into the run */
    int8_t way;                                /* 1: up, -1: down, 0: no run */
    bool routine;                              /* it asks the same targets again and again */
    uint32_t stride;                           /* of the run */
    uint32_t upward, downward, other;          /* steps between targets, by kind */
    uint8_t first_target[16], last_target[16]; /* of the present run */
    uint8_t net[16];                           /* the /24 or /120 asked first */
    uint8_t covered[32];                       /* a bit for each address of that net */
};

/** The table. */
struct scans {
    struct scan *slots;
    size_t sets;
    uint64_t evictions;
};

/** The octets of so many sets. */
size_t scans_size(size_t sets);

/** Place the table into zeroed memory, aligned to 64. */
void scans_init(struct scans *scans, void *memory, size_t sets);

/** The entry of a promoted sender, made if need be; never NULL. */
struct scan *scans_get(struct scans *scans, const struct source *source, uint32_t now_s);

/** The entry of a sender, or NULL. */
struct scan *scans_find(const struct scans *scans, uint64_t tag);

/**
 * A sender asks a target.
 * @param scan its entry, or NULL while it is not promoted
 * @return whether this certainly is the first time
 */
bool scans_ask(struct source *source, struct scan *scan, uint64_t target_hash, const struct packet *packet,
               uint32_t now_s);

#endif
