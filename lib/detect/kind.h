/* SPDX-License-Identifier: MIT */
/* The kinds of findings: what each is called, how grave it is, and what to do about it. */
#ifndef SONDE_DETECT_KIND_H
#define SONDE_DETECT_KIND_H

#include <stddef.h>
#include <stdint.h>

/** In the order in which they are listed. */
enum finding_kind {
    KIND_SWEEP,
    KIND_SWEEP_MONOTONIC,
    KIND_SWEEP_SLOW,
    KIND_QUERY_RECONNAISSANCE,
    KIND_DARK_SPACE_PROBE,
    KIND_TRACEROUTE,
    KIND_ECHO_FLOOD,
    KIND_PREFIX_FLOOD,
    KIND_RATE_SPIKE,
    KIND_SMURF,
    KIND_OVERSIZE_FRAGMENT,
    KIND_ND_FLOOD,
    KIND_REDIRECT,
    KIND_ROUTER_ADVERTISEMENT_ROGUE,
    KIND_FORGED_ERROR,
    KIND_PMTU_ATTACK,
    KIND_PMTU_BLACK_HOLE,
    KIND_SCAN_BACKSCATTER,
    KIND_TUNNEL,
    KIND_UNREACHABLE_BURST,
    KIND_FAILED_CONNECTIONS,
    KIND_ROUTING_TROUBLE,
    KIND_RATE_LIMITED,
    KIND_ECHO_LOSS,
    KIND_DEPRECATED_TYPE,
    KIND_COUNT,
};

/** Whether anybody is accused. */
enum severity {
    SEVERITY_INFO,    /* context, nobody accused */
    SEVERITY_WARNING, /* something is broken or odd */
    SEVERITY_ALERT,   /* an attack */
};

/** One kind. In `next` and `guard`, {source}, {target}, {service} (a URL of the quoted service) and {prefix}
 * stand for what was found; a sentence whose word is unknown is left out. */
struct kind {
    const char *name;       /* "sweep" */
    const char *title;      /* "An address sweep" */
    enum severity severity; /* unless the detector says otherwise */
    const char *means;      /* one sentence: what it is */
    const char *advice;     /* what to do, by whom */
    const char *next;       /* the next command, or NULL */
    const char *guard;      /* a line of a guard policy that helps, or NULL */
};

/** The row of a kind. */
const struct kind *kind_row(enum finding_kind kind);

/**
 * The kind of this name.
 * @return 0, or -EINVAL when there is none
 */
int kind_find(const char *name, enum finding_kind *kind);

/** The word for a severity: "info", "warning", "alert". */
const char *severity_name(enum severity severity);

/** The innocent explanations that a detector looked at and excluded. */
enum innocent {
    INNOCENT_MONITORING,   /* it would ask the same targets again and get answers */
    INNOCENT_TRACEROUTE,   /* rising TTL, one target */
    INNOCENT_ALLOWED,      /* the user named it, or it was seen in the quiet capture */
    INNOCENT_START,        /* the capture had just begun */
    INNOCENT_ONE_WAY,      /* only one direction passes here */
    INNOCENT_PMTU,         /* path-MTU discovery as it should be */
    INNOCENT_BOOT,         /* neighbour discovery of machines that start */
    INNOCENT_OWN_BASELINE, /* as much as usual */
    INNOCENT_ONE_ERROR,    /* a single error may be a mishap */
    INNOCENT_QUOTE_OURS,   /* the quoted packet was really sent */
    INNOCENT_TWO_ROUTERS,  /* a router that knows a better first hop on this link */
    INNOCENT_KNOWN_ROUTER, /* an advertisement like those before */
    INNOCENT_LARGE_PING,   /* ping -s up to what IP allows */
    INNOCENT_PING_PATTERN, /* the payload that an operating system's ping sends */
    INNOCENT_SAME_DATA,    /* replies return the data of their requests */
    INNOCENT_RETRY,        /* a program that tries again */
    INNOCENT_PING_FLOOD,   /* ping -f between two hosts that answer each other */
    INNOCENT_COUNT,
};

/** Why an innocent explanation does not hold, as a sentence. */
const char *innocent_sentence(enum innocent innocent);

#endif
