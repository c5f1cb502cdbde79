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
    SCAN_STEP_MAX = 16, /* addresses between two targets of a run */
};

/** A stretch of questions in which few new targets show that a sender repeats himself. */
struct scan_stretch {
    float known;    /* targets.count when it began */
    uint32_t asked; /* questions when it began */
    uint32_t begin_s;
};

/** The order in which targets are asked: runs of addresses in small steps. */
struct scan_order {
    int64_t begin_ns, best_begin_ns; /* when the present and the longest run began */
    uint32_t head;                   /* last 32 bits of the address where the run is */
    uint32_t stride;                 /* the step most often made of late */
    uint16_t stride_votes;
    uint16_t run, best_run; /* addresses in one direction, at present and at most */
    uint16_t astray;        /* questions in a row that were no step of the run */
    uint16_t strays;        /* all of them within the run */
    uint16_t even;          /* steps of the run as long as the one before */
    uint16_t last_step;
    int8_t way, best_way; /* 1: up, -1: down, 0: no run */
    uint8_t first[16];    /* where the present run began */
    uint8_t best_first[16], best_last[16];
};

/** What the sweep detector remembers of a sender. */
struct scan_verdict {
    int64_t since_ns;                   /* when that began for which it was suspected first */
    float short_mark, long_mark;        /* targets.count when the short and the long window began */
    int64_t short_ns, long_ns;          /* when they began */
    uint32_t grown_s;                   /* when a new target was last asked */
    uint32_t judged_s;                  /* when it was last looked at as a whole */
    uint32_t suspected_s;               /* when it was suspected first */
    uint32_t short_probes, long_probes; /* questions when the windows began */
    uint32_t since_probes;              /* questions when that began for which it was suspected */
    uint32_t told_s;                    /* when the findings were brought up to date, */
    uint32_t told_probes;               /* and what was known then */
    float told_count;
    float observed;            /* what crossed a threshold */
    int64_t walk_ns;           /* when the walk began to rise */
    uint32_t walk_s;           /* when it made its last step */
    int16_t walk;              /* failed less answered first contacts, bounded below */
    uint16_t failed, answered; /* as far as the walk has counted */
    uint16_t scanned;          /* new targets asked with packets of a known scanner */
    uint8_t suspected, raised; /* a bit for each reason: it holds, it was decided, */
    uint8_t shown;             /* and it made a finding */
    uint8_t samples;           /* packets that the findings show */
    bool broad;                /* that is about the whole /64 */
    bool final;                /* the capture is over: nothing will be answered any more */
    uint8_t tool;              /* the program that its packets look like: a number of scan/tool.h, or 0 */
};

/** What is known of such a sender. */
struct scan {
    uint64_t tag;             /* of its struct source; 0: free */
    uint32_t last_s;          /* seconds since the watch began */
    uint32_t probes;          /* questions since it was promoted */
    uint32_t queries;         /* those of them that were no echo requests */
    uint32_t query_answers;   /* answers to those */
    struct distinct targets;  /* whom it asked since, but for the classes of targets it asked before */
    uint32_t last_word;       /* last 32 bits of the target asked last */
    uint32_t asked;           /* questions, those to one target in a row counted once */
    uint16_t insisted;        /* new targets asked several times in a row: somebody waits for them */
    uint8_t in_row;           /* questions in a row to the target asked last; stops at the top */
    bool last_fresh;          /* that target was new */
    struct scan_stretch pass; /* long enough to ask everybody several times */
    struct scan_stretch turn; /* begins after a pause */
    uint32_t young_s;         /* the present second, */
    uint16_t young[2];        /* fresh questions in it and in the one before: they may still be answered */
    bool routine;             /* it asks the same targets again and again */
    bool turned;              /* there was a pause */
    bool several;             /* several addresses of its /64 ask */
    uint8_t address[16];      /* one that asks */
    struct scan_order order;
    uint8_t net[16];                      /* the /24 or /120 asked first */
    uint8_t covered[32];                  /* a bit for each address of that net */
    uint16_t covered_count, covered_mark; /* how many they are; how many of them were forgotten */
    struct scan_verdict verdict;
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
struct scan *scans_get(struct scans *scans, struct source *source, uint32_t now_s);

/** The entry of a sender, or NULL. */
struct scan *scans_find(const struct scans *scans, uint64_t tag);

/**
 * A sender asks a target.
 * @param scan its entry, or NULL while it is not promoted
 * @return whether this certainly is the first time
 */
bool scans_ask(struct source *source, struct scan *scan, uint64_t target_hash, const struct packet *packet,
               uint32_t now_s);

/** The time begins again at 0: keep who asked whom, forget what was suspected. */
void scans_restart(struct scans *scans);

/** How many different targets a sender asked, about. */
float scans_distinct(const struct scan *scan);

/** Fresh echo requests that had time to be answered. @param age_s 0 to 2: how many seconds at least */
unsigned scans_settled(const struct source *source, const struct scan *scan, uint32_t now_s, unsigned age_s);

/** How many addresses of the net asked first were asked for the first time since it was forgotten. */
unsigned scans_covered(const struct scan *scan);

#endif
