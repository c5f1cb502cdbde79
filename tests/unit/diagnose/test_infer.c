/* SPDX-License-Identifier: MIT */
/* Bayes on the table: what hand-made evidence makes of the hypotheses, and what a question promises. */
#include "diagnose/infer.h"

#include <math.h>

#include "tests/unit/diagnose/story.h"
#include "wire/icmp.h"

/* The probability of a cause, wherever it is. */
static double probability(const struct belief *belief, enum cause cause)
{
    size_t count;
    const struct hypothesis *rows = hypotheses(&count);
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        if (rows[i].cause == cause)
            sum += belief->probability[i];
    return sum;
}

static enum cause top(const struct belief *belief)
{
    size_t count;

    return hypotheses(&count)[belief_top(belief)].cause;
}

static void test_without_evidence_there_are_priors(void **state)
{
    struct story story;
    struct belief belief;
    double sum = 0;
    size_t count;

    story_begin(&story, STORY_PORT, false);
    belief_update(&belief, &story.evidence);
    (void)hypotheses(&count);
    for (size_t i = 0; i < count; i++)
        sum += belief.probability[i];
    assert_true(fabs(sum - 1) < 1e-9);
    assert_int_equal(top(&belief), CAUSE_OPEN);
    assert_true(probability(&belief, CAUSE_OPEN_OR_SILENT) == 0); /* a TCP port is never that */
    assert_true(probability(&belief, CAUSE_PORT_CLOSED) > 0);
}

static void test_scopes(void **state)
{
    struct story story;
    struct belief belief;

    story_begin(&story, STORY_PORT, true);
    belief_update(&belief, &story.evidence);
    assert_true(probability(&belief, CAUSE_OPEN_OR_SILENT) > 0);
    assert_true(probability(&belief, CAUSE_BACKLOG_FULL) == 0);
    story_begin(&story, 0, false);
    belief_update(&belief, &story.evidence);
    assert_true(probability(&belief, CAUSE_PORT_CLOSED) == 0);
    assert_true(probability(&belief, CAUSE_HOST_DOWN) > 0);
}

static void see_reset(struct story *story, uint8_t tos)
{
    struct reply reset = story_plain(REPLY_RESET), control = reset;

    story_begin(story, STORY_PORT, false);
    reset.tos = tos;
    control.tos = STORY_TOS;
    story_exchange(story, ASK_ECHO, PROBE_ECHO, story_plain(REPLY_ECHO));
    story_exchange(story, ASK_TCP, PROBE_TCP_SYN, control);
    story_exchange(story, ASK_FIRST, PROBE_TCP_SYN, reset);
}

static void test_tos_of_the_reset_decides(void **state)
{
    struct story story;
    struct belief belief;

    see_reset(&story, STORY_TOS);
    belief_update(&belief, &story.evidence);
    assert_int_equal(top(&belief), CAUSE_PORT_CLOSED);
    see_reset(&story, 0);
    belief_update(&belief, &story.evidence);
    assert_int_equal(top(&belief), CAUSE_FIREWALL_REJECT);
}

static void test_an_answered_malformed_probe_is_a_filter(void **state)
{
    struct story story;
    struct belief belief;
    double before;

    story_begin(&story, STORY_PORT, true);
    story_exchange(&story, ASK_FIRST, PROBE_UDP, story_error(STORY_TARGET, ICMP4_UNREACHABLE, 3));
    belief_update(&belief, &story.evidence);
    before = probability(&belief, CAUSE_FIREWALL_REJECT);
    assert_int_equal(top(&belief), CAUSE_PORT_CLOSED);
    assert_true(belief_gain(&belief, ASK_MALFORMED) > 0.1);
    story_exchange(&story, ASK_MALFORMED, PROBE_UDP_LYING, story_error(STORY_TARGET, ICMP4_UNREACHABLE, 3));
    belief_update(&belief, &story.evidence);
    assert_int_equal(top(&belief), CAUSE_FIREWALL_REJECT);
    assert_true(probability(&belief, CAUSE_FIREWALL_REJECT) > before);
    assert_true(belief_gain(&belief, ASK_MALFORMED) == 0); /* nothing is left to learn from it */
}

static void test_the_kernels_route_is_certain(void **state)
{
    struct story story;
    struct belief belief;

    story_begin(&story, STORY_PORT, false);
    story.evidence.route.type = ROUTE_PROHIBIT;
    belief_update(&belief, &story.evidence);
    assert_int_equal(top(&belief), CAUSE_ROUTE_PROHIBITED);
    assert_true(probability(&belief, CAUSE_ROUTE_PROHIBITED) > 0.98);
}

static void test_cells(void **state)
{
    const struct hypothesis row = {.cells = {[TEST_ACK] = {.likely = 1u << ACK_RESET},
                                             [TEST_WHEN] = {.likely = 1u << LATE, .may = 1u << PROMPT},
                                             [TEST_MALFORMED] = {.likely = 1u << MALFORMED_ANSWERED,
                                                                 .sometimes = 1u << MALFORMED_SILENT}}};
    double surprise = test_row(TEST_ACK)->surprise;

    assert_true(fabs(cell_probability(&row, TEST_ACK, ACK_RESET) - (1 - surprise)) < 1e-9);
    assert_true(fabs(cell_probability(&row, TEST_ACK, ACK_SILENT) - surprise) < 1e-9);
    assert_true(fabs(cell_probability(&row, TEST_WHEN, PROMPT) - 0.08) < 1e-9);
    assert_true(fabs(cell_probability(&row, TEST_MALFORMED, MALFORMED_SILENT) - 0.2) < 1e-9);
    assert_true(fabs(cell_probability(&row, TEST_PROTOCOL, PROTOCOL_SILENT) - 0.5) < 1e-9); /* says nothing */
    assert_true(cell_probability(&row, TEST_LARGE, LARGE_PASSES) > 0.9);                    /* the usual */
}

/* A router met twice is hardly ever chance, silence often is. */
static void test_telling_outcomes_surprise_more(void **state)
{
    const struct hypothesis row = {.cells = {[TEST_PATH] = {.likely = 1u << PATH_WHOLE}}};

    assert_true(cell_probability(&row, TEST_PATH, PATH_LOOPS) <
                cell_probability(&row, TEST_PATH, PATH_SHORT) / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_evidence_there_are_priors),
        cmocka_unit_test(test_scopes),
        cmocka_unit_test(test_tos_of_the_reset_decides),
        cmocka_unit_test(test_an_answered_malformed_probe_is_a_filter),
        cmocka_unit_test(test_the_kernels_route_is_certain),
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_telling_outcomes_surprise_more),
    };

    return cmocka_run_group_tests_name("belief", tests, NULL, NULL);
}
