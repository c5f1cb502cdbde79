/* SPDX-License-Identifier: MIT */
/* The diagnosis on simulated networks: right, never confidently wrong, polite, fast, and deaf to strangers.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/macro.h"
#include "tests/sim/exam/tally.h"

enum { SEEDS = 30, SEEDS_DEEP = 10, SEEDS_STRANGERS = 10 };

static const double brier_most = 0.05, disturbed_least = 0.95, unprivileged_least = 0.7;

static const uint8_t families[] = {4, 6};

/* Print every miss before the first check can end the test. */
static struct tally *examine(const struct exam_options *options, unsigned seeds)
{
    struct tally *tally = malloc(sizeof(*tally));

    assert_non_null(tally);
    tally_run(tally, options, 0, seeds);
    tally_print_misses(tally, stderr, "# ");
    return tally;
}

static void release(struct tally *tally)
{
    tally_deinit(tally);
    free(tally);
}

static double share(const struct tally *tally, enum exam_mark mark)
{
    return (double)tally_marks(tally, mark) / tally_marks(tally, MARKS);
}

static void test_every_scenario_is_recognised(void **state)
{
    const struct exam_options options = {0};
    struct tally *tally = examine(&options, SEEDS);

    assert_int_equal(tally_wrong(tally), 0);
    assert_int_equal(tally_marks(tally, MARK_INVALID), 0);
    assert_int_equal(tally_marks(tally, MARK_EXACT), tally_marks(tally, MARKS));
    assert_true(tally_brier(tally) <= brier_most);
    release(tally);
}

static void test_polite_and_fast(void **state)
{
    const struct exam_options options = {0};
    struct tally *tally = malloc(sizeof(*tally));

    assert_non_null(tally);
    tally_run(tally, &options, 0, SEEDS);
    tally_print_slow(tally, stderr, "# ");
    assert_true(tally->packets_max <= PACKETS_FAST);
    assert_true(tally_answered_within(tally, 0.5) <= 500 * NS_PER_MS);
    assert_true(tally_answered_within(tally, 0.95) <= 1500 * NS_PER_MS);
    assert_true(tally->silent_max_ns <= 3500 * NS_PER_MS);
    release(tally);
}

static void test_deep(void **state)
{
    const struct exam_options options = {.deep = true};
    struct tally *tally = examine(&options, SEEDS_DEEP);

    assert_int_equal(tally_wrong(tally), 0);
    assert_int_equal(tally_marks(tally, MARK_EXACT), tally_marks(tally, MARKS));
    assert_true(tally->packets_max <= PACKETS_DEEP);
    assert_true(tally->silent_max_ns <= 40 * NS_PER_S);
    release(tally);
}

/* Loss, bleaching and other people's rate limits may cost certainty, not honesty. */
static void test_disturbed(void **state)
{
    const struct exam_options options = {.loss = true, .bleach = true, .limits = true};
    struct tally *tally = examine(&options, SEEDS);

    assert_int_equal(tally_wrong(tally), 0);
    assert_true(share(tally, MARK_EXACT) >= disturbed_least);
    assert_true(tally_brier(tally) <= brier_most);
    release(tally);
}

static void test_unprivileged(void **state)
{
    const struct exam_options options = {.unprivileged = true};
    struct tally *tally = examine(&options, SEEDS);

    assert_int_equal(tally_wrong(tally), 0);
    assert_true(share(tally, MARK_EXACT) >= unprivileged_least);
    release(tally);
}

static unsigned disagreements(const struct exam_scenario *scenario, uint8_t family)
{
    unsigned count = 0;

    for (uint64_t seed = 0; seed < SEEDS_STRANGERS; seed++) {
        struct exam_options options = {0};
        struct exam_result alone = {0}, among_strangers = {0};

        exam_run(scenario, family, seed, &options, &alone, NULL);
        options.hostile = true;
        exam_run(scenario, family, seed, &options, &among_strangers, NULL);
        if (strcmp(alone.said, among_strangers.said) == 0)
            continue;
        count++;
        fprintf(stderr, "# %s IPv%u seed %llu: alone %s %.2f, among strangers %s %.2f\n", scenario->name,
                family, (unsigned long long)seed, alone.said, alone.confidence, among_strangers.said,
                among_strangers.confidence);
    }
    return count;
}

static void test_strangers_change_no_verdict(void **state)
{
    size_t count;
    const struct exam_scenario *scenarios = exam_scenarios(&count);
    unsigned sum = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t f = 0; f < COUNT_OF(families); f++)
            if (exam_plays(&scenarios[i], families[f]))
                sum += disagreements(&scenarios[i], families[f]);
    assert_int_equal(sum, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_scenario_is_recognised),
        cmocka_unit_test(test_polite_and_fast),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_disturbed),
        cmocka_unit_test(test_unprivileged),
        cmocka_unit_test(test_strangers_change_no_verdict),
    };

    return cmocka_run_group_tests_name("simulated diagnoses", tests, NULL, NULL);
}
