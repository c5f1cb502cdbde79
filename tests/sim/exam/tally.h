/* SPDX-License-Identifier: MIT */
/* Sums over many diagnoses, and readable tables of them. */
#ifndef SONDE_TESTS_SIM_TALLY_H
#define SONDE_TESTS_SIM_TALLY_H

#include <stdio.h>

#include "tests/sim/exam/exam.h"

enum { TALLY_BINS = 10, TALLY_ROWS_MAX = 256, TALLY_MISSES_MAX = 3 };

/** A miss that is worth printing. */
struct tally_miss {
    uint64_t seed;
    struct exam_result result;
};

/** One scenario in one family. */
struct tally_row {
    const struct exam_scenario *scenario;
    uint8_t family;
    unsigned runs, marks[MARKS];
    unsigned wrong; /* with a confidence of 0.8 or more */
    unsigned late;  /* slower than 1.5 s when answered, 3.5 s when silent */
    int64_t slowest_ns;
    uint64_t slowest_seed;
    bool slowest_answered;
    unsigned stated; /* verdicts with a confidence */
    double brier;    /* sum of squares */
    struct tally_miss misses[TALLY_MISSES_MAX];
    unsigned missed;
};

/** Verdicts of one range of confidence. */
struct tally_bin {
    unsigned count, exact;
    double confidence; /* sum */
};

/** Everything. */
struct tally {
    struct tally_row rows[TALLY_ROWS_MAX];
    size_t count;
    struct tally_bin bins[TALLY_BINS];
    unsigned packets_max;
    int64_t silent_max_ns;
    int64_t *answered_ns; /* all of them */
    size_t answered, answered_capacity;
};

/** Diagnose every scenario in every family it plays in, with these seeds. */
void tally_run(struct tally *tally, const struct exam_options *options, uint64_t first_seed, unsigned seeds);

/** Free. */
void tally_deinit(struct tally *tally);

/** How many runs got a mark; MARKS counts all runs. */
unsigned tally_marks(const struct tally *tally, enum exam_mark mark);

/** Wrong verdicts at a confidence of 0.8 or more. */
unsigned tally_wrong(const struct tally *tally);

/** The mean Brier score. */
double tally_brier(const struct tally *tally);

/** The time below which this share of the answered cases ended, in ns. */
int64_t tally_answered_within(struct tally *tally, double share);

/** Print what was not exact, each line with this prefix. */
void tally_print_misses(const struct tally *tally, FILE *file, const char *prefix);

/** Print the slowest run of each scenario that took longer than answered or silent cases may. */
void tally_print_slow(const struct tally *tally, FILE *file, const char *prefix);

/** Print the scenarios with their share of exact verdicts and Brier score. */
void tally_print_rows(const struct tally *tally, FILE *file);

/** Print how often verdicts of each confidence were right. */
void tally_print_reliability(const struct tally *tally, FILE *file);

#endif
