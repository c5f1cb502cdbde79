/* SPDX-License-Identifier: MIT */
/* Sums over many diagnoses, and readable tables of them. */
#include "tests/sim/exam/tally.h"

#include <stdlib.h>

#include "base/macro.h"

static const uint8_t families[] = {4, 6};

#define LATE_NS   (1500 * NS_PER_MS)
#define SILENT_NS (3500 * NS_PER_MS)

static void note_slow(struct tally_row *row, uint64_t seed, const struct exam_result *result)
{
    if (result->elapsed_ns <= (result->answered ? LATE_NS : SILENT_NS))
        return;
    row->late++;
    if (result->elapsed_ns <= row->slowest_ns)
        return;
    row->slowest_ns = result->elapsed_ns;
    row->slowest_seed = seed;
    row->slowest_answered = result->answered;
}

static void note_time(struct tally *tally, const struct exam_result *result)
{
    if (!result->answered) {
        if (result->elapsed_ns > tally->silent_max_ns)
            tally->silent_max_ns = result->elapsed_ns;
        return;
    }
    if (tally->answered == tally->answered_capacity) {
        tally->answered_capacity = tally->answered_capacity * 2 + 1024;
        tally->answered_ns =
            realloc(tally->answered_ns, tally->answered_capacity * sizeof(*tally->answered_ns));
        if (!tally->answered_ns)
            abort();
    }
    tally->answered_ns[tally->answered++] = result->elapsed_ns;
}

static void note_confidence(struct tally *tally, struct tally_row *row, const struct exam_result *result)
{
    bool exact = result->mark == MARK_EXACT;
    size_t bin = (size_t)(result->confidence * TALLY_BINS);

    if (result->confidence < 0)
        return;
    if (bin >= TALLY_BINS)
        bin = TALLY_BINS - 1;
    tally->bins[bin].count++;
    tally->bins[bin].exact += exact;
    tally->bins[bin].confidence += result->confidence;
    row->stated++;
    row->brier += (result->confidence - exact) * (result->confidence - exact);
}

static void note(struct tally *tally, struct tally_row *row, uint64_t seed, const struct exam_result *result)
{
    row->runs++;
    row->marks[result->mark]++;
    row->wrong += exam_is_confidently_wrong(result);
    if (result->packets > tally->packets_max)
        tally->packets_max = result->packets;
    note_time(tally, result);
    note_slow(row, seed, result);
    note_confidence(tally, row, result);
    if (result->mark == MARK_EXACT)
        return;
    if (row->missed < TALLY_MISSES_MAX)
        row->misses[row->missed] = (struct tally_miss){seed, *result};
    row->missed++;
}

static void run_scenario(struct tally *tally, const struct exam_scenario *scenario, uint8_t family,
                         const struct exam_options *options, uint64_t first_seed, unsigned seeds)
{
    struct tally_row *row;

    if (tally->count == TALLY_ROWS_MAX)
        abort();
    row = &tally->rows[tally->count++];
    *row = (struct tally_row){.scenario = scenario, .family = family};
    for (uint64_t seed = first_seed; seed < first_seed + seeds; seed++) {
        struct exam_result result = {0};

        exam_run(scenario, family, seed, options, &result, NULL);
        note(tally, row, seed, &result);
    }
}

void tally_run(struct tally *tally, const struct exam_options *options, uint64_t first_seed, unsigned seeds)
{
    size_t count;
    const struct exam_scenario *scenarios = exam_scenarios(&count);

    *tally = (struct tally){0};
    for (size_t i = 0; i < count; i++)
        for (size_t f = 0; f < COUNT_OF(families); f++)
            if (exam_plays(&scenarios[i], families[f]))
                run_scenario(tally, &scenarios[i], families[f], options, first_seed, seeds);
}

void tally_deinit(struct tally *tally)
{
    free(tally->answered_ns);
    tally->answered_ns = NULL;
}

unsigned tally_marks(const struct tally *tally, enum exam_mark mark)
{
    unsigned sum = 0;

    for (size_t i = 0; i < tally->count; i++)
        sum += mark == MARKS ? tally->rows[i].runs : tally->rows[i].marks[mark];
    return sum;
}

unsigned tally_wrong(const struct tally *tally)
{
    unsigned sum = 0;

    for (size_t i = 0; i < tally->count; i++)
        sum += tally->rows[i].wrong;
    return sum;
}

double tally_brier(const struct tally *tally)
{
    double sum = 0;
    unsigned stated = 0;

    for (size_t i = 0; i < tally->count; i++) {
        sum += tally->rows[i].brier;
        stated += tally->rows[i].stated;
    }
    return stated ? sum / stated : 0;
}

static int by_time(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

int64_t tally_answered_within(struct tally *tally, double share)
{
    if (!tally->answered)
        return 0;
    qsort(tally->answered_ns, tally->answered, sizeof(*tally->answered_ns), by_time);
    return tally->answered_ns[(size_t)((double)(tally->answered - 1) * share)];
}

void tally_print_misses(const struct tally *tally, FILE *file, const char *prefix)
{
    for (size_t i = 0; i < tally->count; i++) {
        const struct tally_row *row = &tally->rows[i];

        if (!row->missed)
            continue;
        fprintf(file, "%s%s IPv%u: %u of %u not exact (%u confidently wrong); right: %s\n", prefix,
                row->scenario->name, row->family, row->missed, row->runs, row->wrong,
                row->misses[0].result.right);
        for (unsigned n = 0; n < row->missed && n < TALLY_MISSES_MAX; n++) {
            const struct exam_result *result = &row->misses[n].result;

            fprintf(file, "%s    seed %llu: %s %.2f %s (%u packets, %.2f s)\n", prefix,
                    (unsigned long long)row->misses[n].seed, result->said, result->confidence,
                    exam_mark_name(result->mark), result->packets,
                    (double)result->elapsed_ns / (double)NS_PER_S);
        }
    }
}

void tally_print_slow(const struct tally *tally, FILE *file, const char *prefix)
{
    for (size_t i = 0; i < tally->count; i++) {
        const struct tally_row *row = &tally->rows[i];

        if (row->late)
            fprintf(file, "%s%s IPv%u: %u of %u too slow, at most %.2f s (%s, seed %llu)\n", prefix,
                    row->scenario->name, row->family, row->late, row->runs,
                    (double)row->slowest_ns / (double)NS_PER_S, row->slowest_answered ? "answered" : "silent",
                    (unsigned long long)row->slowest_seed);
    }
}

void tally_print_rows(const struct tally *tally, FILE *file)
{
    fprintf(file, "%-32s %3s %6s %7s %7s %6s\n", "scenario", "IP", "runs", "exact", "wrong", "Brier");
    for (size_t i = 0; i < tally->count; i++) {
        const struct tally_row *row = &tally->rows[i];

        fprintf(file, "%-32s %3u %6u %6.1f%% %7u %6.3f\n", row->scenario->name, row->family, row->runs,
                100.0 * row->marks[MARK_EXACT] / row->runs, row->wrong,
                row->stated ? row->brier / row->stated : 0.0);
    }
}

void tally_print_reliability(const struct tally *tally, FILE *file)
{
    fprintf(file, "%-12s %8s %10s %8s\n", "confidence", "verdicts", "mean said", "right");
    for (size_t i = 0; i < TALLY_BINS; i++) {
        const struct tally_bin *bin = &tally->bins[i];

        if (bin->count)
            fprintf(file, "%.1f to %.1f   %8u %10.3f %7.1f%%\n", (double)i / TALLY_BINS,
                    (double)(i + 1) / TALLY_BINS, bin->count, bin->confidence / bin->count,
                    100.0 * bin->exact / bin->count);
    }
}
