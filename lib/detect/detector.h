/* SPDX-License-Identifier: MIT */
/* What a detector is: a row, its state of fixed size, and a function for each packet of the classes it wants.
 */
#ifndef SONDE_DETECT_DETECTOR_H
#define SONDE_DETECT_DETECTOR_H

#include "detect/finding.h"
#include "detect/profile.h"
#include "detect/state/echo.h"
#include "detect/state/flow.h"
#include "detect/state/host.h"
#include "detect/state/scan.h"

struct watch;

#define WANTS(class) (1U << (class))
#define WANTS_ALL    (WANTS(PACKET_CLASSES) - 1)
#define WANTS_ICMP   (WANTS_ALL & ~WANTS(PACKET_FLOW))

/** What is known of a packet before detectors see it. */
struct sighting {
    const struct packet *packet;
    struct source *source;             /* never NULL, but for PACKET_FLOW */
    struct target *target;             /* never NULL, but for PACKET_FLOW */
    uint64_t source_hash, target_hash; /* keyed hashes of both addresses (of IPv6 sources: the /64) */
    struct scan *scan;                 /* of questions by a promoted sender, else NULL */
    bool fresh;                        /* a question that certainly goes to this target for the first time */
    struct echo_result echo;           /* of echo replies */
    const struct packet_quote
        *quote;                     /* of PACKET_ERROR and PACKET_REDIRECT with a readable quote, else NULL */
    enum flow_known flow;           /* of that quote */
    const struct flow *quoted_flow; /* FLOW_SEEN: how far it had come */
    uint32_t now_s;                 /* seconds since the watch began */
};

/** A detector. It may raise several kinds; it runs when one of them is wanted. */
struct detector {
    const char *name;
    const enum finding_kind *kinds;
    size_t kind_count;
    unsigned wants;    /* bits of WANTS(class) */
    size_t state_size; /* octets, zeroed at the start */
    /** A packet of a class that it wants. */
    void (*packet)(struct watch *watch, void *state, const struct sighting *sighting);
    /** A second of the capture's time has passed, or NULL. After a gap it is called twice: at its
     * beginning and at its end. */
    void (*second)(struct watch *watch, void *state, uint32_t now_s);
    /** The capture ends: decide what was left open, or NULL. */
    void (*finish)(struct watch *watch, void *state);
};

/** Every detector; NULL ends the list. */
extern const struct detector *const detectors[];

#endif
