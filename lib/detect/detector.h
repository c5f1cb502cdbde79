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

/** What is plain to see of a packet, so that those who look for it need not be shown all others. */
enum trait {
    TRAIT_ODD = 1,        /* it has flags of enum packet_flag, or is a fragment */
    TRAIT_SHORT = 2,      /* its time to live is TRAIT_SHORT_TTL or less */
    TRAIT_GROUP = 4,      /* of echo: whom it asks, or who answers, may be a group of hosts */
    TRAIT_SCANNER = 8,    /* its sender has a struct scan */
    TRAIT_PINGED = 16,    /* its target got more than TRAIT_PINGED_MIN echo requests */
    TRAIT_UNASKED = 32,   /* an echo reply that is no answer; an error about a flow that was not seen */
    TRAIT_EXPIRED = 64,   /* time exceeded in transit */
    TRAIT_TOO_BIG = 128,  /* fragmentation needed, packet too big */
    TRAIT_PROFILED = 256, /* dark prefixes are known, or a quiet capture was read */
    TRAIT_EARLY = 512,    /* one of the first TRAIT_EARLY_MAX packets of a second */
    TRAIT_UNUSUAL = 1024, /* of echo and errors: its code is not among those of its type that are in use */
    TRAIT_DATA = 2048,    /* of echo: its data is not that of most pings (payload_is_linux) */
    TRAIT_SAMPLE =
        4096,          /* each packet, or one of a random sample when there are very many: sighting->weight */
    TRAIT_SELF = 8192, /* an error of the very host that the quoted packet was sent to */
};

enum { TRAITS = 14, TRAIT_EARLY_MAX = 4096, TRAIT_SHORT_TTL = 32, TRAIT_PINGED_MIN = 4 };

/** What is known of a packet before detectors see it. */
struct sighting {
    const struct packet *packet;
    uint64_t source_hash, target_hash;       /* keyed hashes of both addresses (of IPv6 sources: the /64) */
    uint64_t source_address, target_address; /* hash_address of both, with all octets */
    uint64_t quote_source, quote_target;     /* the same of the addresses in the quote, if there is one */
    struct source *source;                   /* never NULL, but for PACKET_FLOW */
    struct target *target;                   /* never NULL, but for PACKET_FLOW */
    struct scan *scan;                       /* of questions by a promoted sender, else NULL */
    const struct packet_quote
        *quote;                     /* of PACKET_ERROR and PACKET_REDIRECT with a readable quote, else NULL */
    const struct flow *quoted_flow; /* FLOW_SEEN: how far it had come */
    struct echo_result echo;        /* of echo replies */
    enum flow_known flow;           /* of that quote */
    uint32_t now_s;                 /* seconds since the watch began */
    uint32_t weight;                /* packets that it stands for, when it has TRAIT_SAMPLE */
    bool fresh;                     /* a question that certainly goes to this target for the first time */
};

/** A detector. It may raise several kinds; it runs when one of them is wanted. */
struct detector {
    const char *name;
    const enum finding_kind *kinds;
    size_t kind_count;
    unsigned wants;                /* bits of WANTS(class) */
    uint16_t only[PACKET_CLASSES]; /* of a class, those with one of these traits; 0: all */
    size_t state_size;             /* octets, zeroed at the start */
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
