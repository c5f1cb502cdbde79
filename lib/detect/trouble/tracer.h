/* SPDX-License-Identifier: MIT */
/* Who sends packets with little time to live to whom: the errors that follow were asked for. */
#ifndef SONDE_DETECT_TROUBLE_TRACER_H
#define SONDE_DETECT_TROUBLE_TRACER_H

#include "detect/trouble/quoted.h"

enum {
    TRACERS = 256,
    TRACER_TTL = 32, /* below it: no system begins with less, and no path is so long from 64 */
    TRACER_S = 60,   /* errors come later only by accident */
};

/** What packets with little time to live say of a pair. */
enum trace {
    TRACE_NONE,  /* there were none */
    TRACE_PATH,  /* probes of a traceroute: their time to live rises */
    TRACE_CIRCLE /* packets in a routing loop pass again and again, each time with less */
};

/** A sender and its target; other pairs may push it out. */
struct tracer {
    uint32_t tag; /* 0: free */
    uint32_t last_s;
    uint8_t ttl;          /* of the last packet */
    uint8_t rises, falls; /* of the time to live from packet to packet; both stop at the top */
};

/** The table; zeroed memory is ready. */
struct tracers {
    struct tracer rows[TRACERS];
};

/** Look at a packet that is no error. */
void tracers_see(struct tracers *tracers, const struct watch *watch, const struct sighting *sighting);

/** What a client sent to a target lately, by the hashes of both as targets. */
enum trace tracers_find(const struct tracers *tracers, uint64_t client, uint64_t target, uint32_t now_s);

#endif
