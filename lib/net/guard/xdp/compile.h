/* SPDX-License-Identifier: MIT */
/* A policy as the tables of the early filter. */
#ifndef SONDE_NET_GUARD_XDP_COMPILE_H
#define SONDE_NET_GUARD_XDP_COMPILE_H

#include <stddef.h>

#include "bpf/guard.h"
#include "policy/policy.h"

/** The tables; zero-initialise. */
struct xdp_tables {
    struct guard_xdp_row rows[GUARD_XDP_ROWS];
    struct guard_xdp_limit limits[GUARD_XDP_LIMITS];
    const struct policy_rule *limited[GUARD_XDP_LIMITS];
    size_t limit_count;
};

/**
 * Fill the tables: what arrives at an interface for this machine. Whatever is not for certain, or wants state
 * or an answer (an exception for a source, answer-only, reject), passes, and nftables decides.
 * @param now_s seconds since 1970
 */
void xdp_compile(const struct policy *policy, const char *interface, int64_t now_s,
                 struct xdp_tables *tables);

#endif
