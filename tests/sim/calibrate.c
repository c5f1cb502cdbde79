/* SPDX-License-Identifier: MIT */
/* Ten thousand simulated diagnoses: how often they are right, and whether their confidence says so.
 * calibrate [DIAGNOSES [MISSES]]: how many altogether; with a second word the misses are listed, too. */
#include <stdio.h>
#include <stdlib.h>

#include "base/macro.h"
#include "tests/sim/exam/tally.h"

enum { DIAGNOSES = 10000, FIRST_SEED = 1000 };

static const struct {
    const char *name;
    struct exam_options options;
} conditions[] = {
    {"undisturbed", {0}},
    {"strangers inject answers", {.hostile = true}},
    {"one router bleaches", {.bleach = true}},
    {"ICMP limits vary", {.limits = true}},
    {"one router loses up to 5 %", {.loss = true}},
    {"all disturbances", {.loss = true, .bleach = true, .limits = true}},
    {"without privilege", {.unprivileged = true}},
};

static unsigned seeds_for(unsigned diagnoses)
{
    size_t count, played = 0;
    const struct exam_scenario *scenarios = exam_scenarios(&count);

    for (size_t i = 0; i < count; i++)
        played += (size_t)exam_plays(&scenarios[i], 4) + (size_t)exam_plays(&scenarios[i], 6);
    return 1 + diagnoses / (unsigned)(played * COUNT_OF(conditions));
}

static void report(const char *name, struct tally *tally, bool misses)
{
    unsigned runs = tally_marks(tally, MARKS);

    printf("\n== %s: %u diagnoses, %.1f %% exact, %.1f %% partial, %u confidently wrong, Brier %.4f\n", name,
           runs, 100.0 * tally_marks(tally, MARK_EXACT) / runs,
           100.0 * tally_marks(tally, MARK_PARTIAL) / runs, tally_wrong(tally), tally_brier(tally));
    printf("answered: median %.2f s, 95 %% within %.2f s; silent: at most %.2f s; at most %u packets\n\n",
           (double)tally_answered_within(tally, 0.5) / (double)NS_PER_S,
           (double)tally_answered_within(tally, 0.95) / (double)NS_PER_S,
           (double)tally->silent_max_ns / (double)NS_PER_S, tally->packets_max);
    tally_print_reliability(tally, stdout);
    putchar('\n');
    if (misses)
        tally_print_misses(tally, stdout, "");
    else
        tally_print_rows(tally, stdout);
}

int main(int argc, char **argv)
{
    unsigned seeds = seeds_for(argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : DIAGNOSES);
    struct tally *tally = malloc(sizeof(*tally));

    if (!tally)
        abort();
    for (size_t i = 0; i < COUNT_OF(conditions); i++) {
        tally_run(tally, &conditions[i].options, FIRST_SEED, seeds);
        report(conditions[i].name, tally, argc > 2);
        tally_deinit(tally);
    }
    free(tally);
    return EXIT_SUCCESS;
}
