/* SPDX-License-Identifier: MIT */
/* The ledger of guard: what the counters of a policy showed, and when; a SQLite file that stays small.
 *
 * Counters only rise, until they are reset, until the machine starts again, or until they are made anew. The
 * time between two such breaks is an epoch of a counter: within it, what was counted between two looks is the
 * difference of the two. The time that a counter was observed is that of its epochs; from the last look
 * before a break to the first one after it nobody knows, and it is left out. A look at a counter that did not
 * move costs nothing, so that a ledger of quiet counters does not grow.
 */
#ifndef SONDE_STORE_LEDGER_H
#define SONDE_STORE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    LEDGER_KEEP_ALL_DAYS = 90,  /* older looks are kept one a day */
    LEDGER_KEEP_DAYS = 3 * 365, /* older ones are forgotten */
    LEDGER_NAME_MAX = 128,      /* octets of a counter's name, with its zero */
    LEDGER_BOOT_MAX = 40,       /* of a boot's id */
    LEDGER_POLICY_MAX = 72,     /* of the hash of a policy */
    LEDGER_PERSON_MAX = 64,
    LEDGER_EVENT_MAX = 256,
};

/** An open ledger. */
struct ledger;

/** A counter as it stood. */
struct ledger_count {
    const char *name; /* "v4.8.0.input.accept" */
    int64_t packets, bytes;
    int64_t identity; /* changes when the counter is made anew (its handle); 0: unknown */
};

/** A look at all counters. */
struct ledger_look {
    int64_t time_s;   /* since 1970 */
    const char *boot; /* /proc/sys/kernel/random/boot_id */
    const struct ledger_count *counts;
    size_t count;
};

/** What is known of the looks in a span of time. */
struct ledger_looks {
    int64_t count;
    int64_t first_s, last_s; /* INTEGER_ABSENT when there were none */
    int64_t longest_gap_s;   /* between two looks that follow each other */
    int64_t boots;           /* different ones */
};

/** What is known of a counter in a span of time. */
struct ledger_counter {
    char name[LEDGER_NAME_MAX];
    int64_t packets, bytes; /* counted in the span */
    int64_t observed_s;     /* of the span: the time of its epochs */
    int64_t known_s;        /* when it was first seen, also before the span */
    int64_t seen_s;      /* the last look that saw it; it was removed when that is older than the last look */
    int64_t first_hit_s; /* the first look at which it had risen, also before the span; INTEGER_ABSENT */
    int64_t last_hit_s;  /* the last one, until the end of the span; INTEGER_ABSENT */
    int64_t epochs;      /* in the span; */
    int64_t resets;      /* began because it was reset or made anew, */
    int64_t reboots;     /* because the machine started again; at most this, a reboot may go with it */
    int64_t unknown;     /* packets that it had counted before the ledger knew it */
};

/** A policy that was confirmed. */
struct ledger_policy {
    char hash[LEDGER_POLICY_MAX]; /* of the kernel's table then */
    int64_t confirmed_s;
    char who[LEDGER_PERSON_MAX];
};

/** Something that happened. */
struct ledger_event {
    char kind[16]; /* "apply", "confirm", "rollback", "drift" */
    char text[LEDGER_EVENT_MAX];
    int64_t first_s, last_s; /* the same thing again and again is one event */
    int64_t times;
};

/**
 * Open a ledger.
 * @param path of the file
 * @param write to add to it; it is made, with its folder, when it does not exist
 * @return NULL, with an error: SONDE_E_NOT_FOUND when there is none to read; SONDE_E_FORMAT when it is
 * damaged, of something else or of a newer version; SONDE_E_PERMISSION; SONDE_E_BUSY; -errno
 */
struct ledger *ledger_open(const char *path, bool write, struct sonde_error *error);

/** Close it; takes NULL. Returns NULL. */
struct ledger *ledger_close(struct ledger *ledger);

/**
 * Write down a look, all of it or nothing; it is on the disk afterwards. Once a day old looks are thinned
 * out. A look before the last one (the clock was set back) begins new epochs.
 * @return 0; SONDE_E_BUSY when others write for too long; SONDE_E_FORMAT; -ENOSPC; -errno
 */
int ledger_add_look(struct ledger *ledger, const struct ledger_look *look, struct sonde_error *error);

/** Write down that a policy was confirmed. @param hash of the kernel's table @return as ledger_add_look */
int ledger_add_policy(struct ledger *ledger, const char *hash, int64_t confirmed_s, const char *who,
                      struct sonde_error *error);

/** Write down an event; when it is the last one of its kind once more, that is only counted. */
int ledger_add_event(struct ledger *ledger, int64_t time_s, const char *kind, const char *text,
                     struct sonde_error *error);

/** The looks from a time until another. @return 0 or an error */
int ledger_read_looks(struct ledger *ledger, int64_t since_s, int64_t until_s, struct ledger_looks *looks,
                      struct sonde_error *error);

/**
 * The counters that were seen from a time until another, by name.
 * @param counters the caller frees it
 * @return 0 or an error
 */
int ledger_read_counters(struct ledger *ledger, int64_t since_s, int64_t until_s,
                         struct ledger_counter **counters, size_t *count, struct sonde_error *error);

/**
 * What a counter counted in each of the steps of a span.
 * @param steps filled: packets in [since_s + i * step_s, since_s + (i + 1) * step_s), by the look that saw
 * them
 * @param observed_s filled with the observed time in each step; may be NULL
 * @return 0 or an error
 */
int ledger_read_steps(struct ledger *ledger, const char *name, int64_t since_s, int64_t step_s, size_t count,
                      int64_t *steps, int64_t *observed_s, struct sonde_error *error);

/** The policy that was confirmed last. @return 0; SONDE_E_NOT_FOUND when none was; or an error */
int ledger_read_policy(struct ledger *ledger, struct ledger_policy *policy, struct sonde_error *error);

/**
 * The last events since a time, the newest first.
 * @param events room for `most`
 * @param count set to how many there are
 * @return 0 or an error
 */
int ledger_read_events(struct ledger *ledger, int64_t since_s, struct ledger_event *events, size_t most,
                       size_t *count, struct sonde_error *error);

/**
 * Thin out what is old; ledger_add_look does this once a day.
 * @return 0 or an error
 */
int ledger_tend(struct ledger *ledger, int64_t now_s, struct sonde_error *error);

#endif
