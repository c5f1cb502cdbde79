/* SPDX-License-Identifier: MIT */
/* Rules tried on the kernel itself: every type and code of both families is sent, and the kernel's own trace
 * (NFNLGRP_NFTRACE) says which rule decided. */
#ifndef SONDE_NET_GUARD_REHEARSE_H
#define SONDE_NET_GUARD_REHEARSE_H

#include "net/guard/scratch.h"
#include "net/program/iptables.h"
#include "policy/matrix.h"

/** A limit that must hold: a burst of messages from one source is sent, and some of them must be dropped. */
struct rehearsal_limit {
    uint8_t family, type, code;
    enum direction direction;
    uint32_t burst; /* packets that may pass at once */
    bool tried, held;
};

/** A message from a certain source, which an exception names. */
struct rehearsal_source {
    uint8_t family, type, code;
    enum direction direction;
    struct sonde_address source;
    enum fate promised, seen; /* seen: filled */
    uint16_t rule;            /* filled: an index of the matrix's names */
};

/** What to rehearse. */
struct rehearsal {
    const char *const *rules;             /* texts for `nft -f`, loaded one after the other */
    const char *iptables[IPTABLES_COUNT]; /* texts for iptables_restore, or NULL */
    const char *const *interfaces;        /* all names that the rules may use; NULL ends the list, or NULL */
    const char *interface;                /* where messages arrive ("eth0"); of an edge: from outside */
    const char *other;                    /* by which forwarded ones leave; NULL: nothing is forwarded */
    const char *const *outside;           /* of an edge: interfaces that lead outside; NULL */
    unsigned directions;                  /* bits 1 << enum direction */
    unsigned shapes;        /* bits 1 << enum shape; SHAPE_ANSWER and SHAPE_LINK only where they differ */
    struct matrix *promise; /* NULL; shapes are also sent where it promises them another fate than a plain
                               message */
    struct rehearsal_limit *limits; /* filled */
    size_t limit_count;
    struct rehearsal_source *sources; /* filled */
    size_t source_count;
};

/** How it went. */
struct rehearsal_result {
    int64_t sent, traced, lost; /* messages; lost: the trace is incomplete there, the cell stays unseen */
    int64_t elapsed_ns;
};

/**
 * Load the rules into a scratch namespace, send everything, read the verdicts. Messages that have a name are
 * sent in other forms too (several sources, 1,300 octets, fragments, DF); where one of them fares otherwise,
 * the cell says so, and the name of its rule ends with the form.
 * @param matrix filled, the rules named by table, chain, handle and comment
 * @return 0; SONDE_E_FORMAT when the rules cannot be loaded, with what the kernel said; SONDE_E_PERMISSION;
 * SONDE_E_UNSUPPORTED when the kernel lacks a feature; -errno
 */
int rehearse(const struct rehearsal *rehearsal, struct matrix *matrix, struct rehearsal_result *result,
             struct sonde_error *error);

#endif
