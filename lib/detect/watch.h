/* SPDX-License-Identifier: MIT */
/* The engine of watch: frames in, counts and findings out; its memory is fixed at the start. */
#ifndef SONDE_DETECT_WATCH_H
#define SONDE_DETECT_WATCH_H

#include "detect/count.h"
#include "detect/detector.h"
#include "detect/history.h"
#include "detect/state/complaint.h"

enum { WATCH_DETECTORS_MAX = 32, WATCH_SCATTER = 2048, WATCH_EXEMPT = 1024 };

enum {
    WATCH_MANY = 50000,      /* packets in a second, from which on */
    WATCH_WEIGHT = 8,        /* one in so many is a sample of all, */
    WATCH_STORM = 100000,    /* and from which on */
    WATCH_WEIGHT_STORM = 32, /* one in so many is */
};

#define WATCH_TIME_MAX (INT64_C(1) << 62)                 /* later is that; in the year 2116 */
#define WATCH_LATE_NS  (10 * INT64_C(1000) * 1000 * 1000) /* packets of several queues differ by less */

/** A point of the picture of who asked whom. */
struct scatter_point {
    struct sonde_address source, target;
    int64_t time_ns;
    bool answered; /* an echo reply instead of a request: target answered source */
};

/** What the caller wants to hear at once. */
struct watch_listener {
    void *context;
    /** Packets as they were taken apart, in order; valid during the call. NULL: not wanted. */
    void (*packets)(void *context, const struct packet *packets, size_t count);
    /** A finding was raised, or ended (finding->state says so). NULL: not wanted. */
    void (*finding)(void *context, const struct finding *finding);
    /**
     * Ask this host's socket table about a quoted TCP flow, or NULL when it cannot be asked.
     * @param next_sequence set to the next sequence number that the socket will send, when known; else
     * untouched
     * @return 1 there is such a socket, 0 there is none, negative: cannot tell (not an address of this host)
     */
    int (*socket)(void *context, const struct packet_quote *quote, uint32_t *unacknowledged,
                  uint32_t *next_sequence);
};

/** What to watch for. */
struct watch_options {
    size_t memory;                      /* octets for all tables; 16 MiB is the default of the command */
    struct hash_key key;                /* random */
    void *(*take_pages)(size_t octets); /* gives zeroed memory; NULL: calloc and free */
    void (*give_pages)(void *memory, size_t octets);
    uint64_t kinds; /* a bit for each enum finding_kind that is wanted; 0: only count */
    struct profile profile;
    struct watch_listener listener;
    bool live; /* time goes on without packets */
};

/** How a detector is called. */
struct watch_call {
    void (*packet)(struct watch *watch, void *state, const struct sighting *sighting);
    void *state;
};

/** Who wants packets of a class: bits of their numbers in `calls`. */
struct watch_audience {
    uint32_t always, by_trait[TRAITS];
};

/** The engine. Detectors and outputs read it; only watch.c and the trackers change it. */
struct watch {
    struct watch_options options;
    int64_t now_ns, begin_ns; /* of the capture, never going back; 0 before the first packet */
    uint32_t now_s;           /* whole seconds since begin_ns */
    bool learning;            /* a quiet capture is read: nothing is raised */
    struct counts *counts;
    struct history *history;
    struct complaints *complaints;
    struct hosts hosts;
    struct scans scans;
    struct echoes echoes;
    struct flows flows;
    struct findings *findings;
    struct scatter_point *scatter; /* a random sample of WATCH_SCATTER questions and answers */
    uint64_t scatter_seen;
    uint64_t scatter_next;
    uint64_t *exempt; /* what the quiet capture showed: hashes of kind and source, WATCH_EXEMPT of them */
    uint32_t exempt_count;
    uint32_t told_id;  /* findings that listeners know of */
    bool learned;      /* a quiet capture was read before */
    int64_t next_ns;   /* when the present second ends */
    int64_t shift_ns;  /* added to the time of packets, because their clock was set back */
    uint32_t late_run; /* packets one after the other that are late */
    uint64_t late;     /* packets whose time lies more than WATCH_LATE_NS before that of an earlier one */
    const struct detector *active[WATCH_DETECTORS_MAX];
    void *states[WATCH_DETECTORS_MAX];
    size_t active_count;
    uint64_t early_packets; /* the value of counts->packets up to which it is early in the second */
    uint32_t second_icmp;   /* messages in the present second */
    uint64_t random;        /* decides which packets are a sample */
    uint8_t plain_flags;    /* of enum host_flag: of all hosts, when no prefix is known; else 0 */
    unsigned traits;        /* of enum trait: what all packets have */
    uint8_t usual_codes[COUNT_FAMILIES][UINT8_MAX + 1]; /* by type: codes from 0 on that are in use */
    struct watch_call calls[WATCH_DETECTORS_MAX];       /* of `active` */
    struct watch_audience audiences[PACKET_CLASSES];    /* of each class */
    void *memory;
    size_t memory_size;
};

/**
 * Make an engine; all memory is taken now.
 * @return 0, -ENOMEM, or -EINVAL when options->memory is too small for the tables
 */
int watch_new(const struct watch_options *options, struct watch **made);

/** Free it. Takes NULL. */
struct watch *watch_free(struct watch *watch);

/** Take frames; in detect/engine.c. */
void watch_frames(struct watch *watch, const struct frame *frames, size_t count);

/** The time went on, with or without packets. */
void watch_tick(struct watch *watch, int64_t now_ns);

/** Treat what comes as a quiet network that raises nothing: learn who is who. watch_learned ends it. */
void watch_learn(struct watch *watch);

/** The quiet capture is over: forget its counts, keep what was learned. */
void watch_learned(struct watch *watch);

/** The capture ends: let detectors decide, and end all findings. */
void watch_finish(struct watch *watch);

/** Whether a host may scan and flood: the user said so, or it did in the quiet capture. */
bool watch_allows(const struct watch *watch, uint8_t family, const uint8_t *address);

/**
 * Raise a finding about the source and target of a packet, as finding_raise does.
 * @param source, target octets as in struct packet, or NULL for "many"
 */
struct finding *watch_raise(struct watch *watch, enum finding_kind kind, const struct packet *packet,
                            const uint8_t *source, const uint8_t *target, bool *fresh);

/** As watch_raise, for prefixes: 0 bits is the whole address. */
struct finding *watch_raise_prefix(struct watch *watch, enum finding_kind kind, const struct packet *packet,
                                   uint8_t family, const uint8_t *source, uint8_t source_bits,
                                   const uint8_t *target, uint8_t target_bits, bool *fresh);

/**
 * Let the time of a packet pass; for the engine only. Time never goes back: a packet that is late counts as
 * of now, and when they all are (a clock was set back, an older file follows), time goes on from here.
 * @param time_ns any number
 * @return when this is for the watch
 */
int64_t watch_pass_time(struct watch *watch, int64_t time_ns);

/** Tell the listener of findings that it does not know of; for the engine only. */
void watch_tell(struct watch *watch);

#endif
