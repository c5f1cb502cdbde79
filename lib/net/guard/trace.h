/* SPDX-License-Identifier: MIT */
/* The kernel's own account of which rules a packet met: events of NFNLGRP_NFTRACE. */
#ifndef SONDE_NET_GUARD_TRACE_H
#define SONDE_NET_GUARD_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

/** What an event tells of. */
enum trace_kind { TRACE_POLICY = 1, TRACE_RETURN = 2, TRACE_RULE = 3 }; /* NFT_TRACETYPE_* */

/** One step of a packet through the rules. Texts and slices point into the reader's memory. */
struct trace_event {
    uint8_t family;  /* of the table: NFPROTO_INET ... */
    uint8_t kind;    /* enum trace_kind */
    int32_t verdict; /* NF_DROP, NF_ACCEPT, NF_QUEUE, NFT_CONTINUE, NFT_JUMP ...; of the chain's policy */
    const char *table, *chain;
    const char *target; /* of a jump or goto; NULL */
    uint64_t handle;    /* of the rule; 0: none */
    struct slice network,
        transport; /* headers, as far as they are told: with the first event in a base chain */
};

/** A reader; zero-initialise. */
struct trace {
    int fd;
    int64_t room; /* octets of events that may wait */
    uint8_t *memory;
};

/** What a listener does with an event. */
typedef void trace_listener(void *context, const struct trace_event *event);

/**
 * Listen in the calling thread's network namespace.
 * @param all also the steps after which a packet goes on in the same base chain (jump, goto, return, and
 * rules that only count), which are most
 * @return 0; SONDE_E_UNSUPPORTED when the kernel has no such group; SONDE_E_PERMISSION; -errno
 */
int trace_open(struct trace *trace, bool all, struct sonde_error *error);

/**
 * Hand over what waits.
 * @param patience_ms to wait for the first event; 0: not at all
 * @return the number of events, 0 when nothing waits, or -ENOBUFS when events were lost before those that
 * come next, or -errno
 */
int trace_read(struct trace *trace, int patience_ms, trace_listener *listener, void *context);

/** Close; does nothing to a closed one. */
void trace_close(struct trace *trace);

#endif
