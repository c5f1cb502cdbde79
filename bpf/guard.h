/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the early filter and its owner share: the verdict of each message, the limits, the lease, the counts.
 */
#ifndef SONDE_BPF_GUARD_H
#define SONDE_BPF_GUARD_H

enum guard_xdp_family { GUARD_XDP4, GUARD_XDP6, GUARD_XDP_FAMILIES };

enum {
    GUARD_XDP_TYPES = 256,
    GUARD_XDP_CODES = 256,
    GUARD_XDP_GENERATIONS = 2, /* the policy in force, and the one on trial */
    GUARD_XDP_NOTHING = 2,     /* instead of a generation: everything goes on */
    GUARD_XDP_ROWS = GUARD_XDP_FAMILIES * GUARD_XDP_TYPES,
    GUARD_XDP_LIMITS = 224,         /* rules with a limit, of a generation */
    GUARD_XDP_SOURCES = 128 * 1024, /* that are remembered; the one that was not heard for longest goes */
};

/** What becomes of a message: one octet. What needs state, or an answer, goes on to nftables. */
enum guard_xdp_action {
    GUARD_XDP_PASS,
    GUARD_XDP_DROP,
    GUARD_XDP_LINK_255,   /* dropped unless its hop limit is 255 */
    GUARD_XDP_LINK_1,     /* dropped unless its hop limit is 1 and its source link-local or none */
    GUARD_XDP_LINK_ANY,   /* dropped unless its source is link-local or none */
    GUARD_XDP_LIMIT = 32, /* and those above: limit number action - GUARD_XDP_LIMIT */
};

/** The codes of a type. */
struct guard_xdp_row {
    unsigned char actions[GUARD_XDP_CODES];
};

/** Which generation decides: the one on trial until the deadline (of CLOCK_MONOTONIC), the firm one after. */
struct guard_xdp_control {
    unsigned long long deadline_ns;
    unsigned int trial, firm; /* a generation, or GUARD_XDP_NOTHING */
};

/** A bucket as times (the generic cell rate algorithm, ITU-T I.371): one packet each so often, and so many at
 * once that they make up for that time. */
struct guard_xdp_rate {
    unsigned long long gap_ns, burst_ns;
};

/** A limit: of each source, and of all together behind it. */
struct guard_xdp_limit {
    struct guard_xdp_rate source, total;
};

/** Whose bucket it is. */
struct guard_xdp_source {
    unsigned char address[8]; /* IPv4: the address and zeros; IPv6: its /64 */
    unsigned int limit;       /* number in both generations */
    unsigned int family;
};

/** Messages of a type that were dropped here, on one processor. */
struct guard_xdp_counts {
    unsigned long long codes[GUARD_XDP_CODES];
};

/** The row of a type. */
static inline unsigned int guard_xdp_row_of(unsigned int family, unsigned int type)
{
    return family * GUARD_XDP_TYPES + type;
}

#endif
