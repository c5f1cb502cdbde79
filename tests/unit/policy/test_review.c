/* SPDX-License-Identifier: MIT */
/* The continual review: histories of counters, and the advice and findings that follow from them. */
#include "tests/unit/unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "policy/read.h"
#include "policy/review/rate.h"
#include "policy/review/review.h"

enum { DAYS = 40 };

#define DAY INT64_C(86400)
#define NOW (INT64_C(20500) * DAY) /* 2026-02-16 */

static const char file[] = "role: host\n"
                           "ipv4:\n"
                           "  fragmentation-needed: {input: answer-only, output: accept}\n"
                           "  echo-request: {input: limit 10/second}\n"
                           "  echo-reply: {input: accept}\n"
                           "  timestamp-request: {input: accept}\n"
                           "  parameter-problem: {input: answer-only}\n"
                           "  redirect: drop\n"
                           "ipv6:\n"
                           "  packet-too-big: {input: limit 5/second, output: accept}\n"
                           "  133-136: accept\n"
                           "  1/1: {input: drop}\n"
                           "  3/0: {input: answer-only}\n"
                           "exceptions:\n"
                           "  - ipv4: address-mask-request\n"
                           "    input: accept\n"
                           "    from: 192.0.2.0/25\n"
                           "    owner: netops\n"
                           "    reason: an old monitor\n"
                           "    expires: 2026-02-20\n"
                           "  - ipv4: router-solicitation\n"
                           "    input: accept\n"
                           "    owner: netops\n"
                           "    reason: a test\n"
                           "    expires: 2026-02-10\n"
                           "  - ipv4: 42\n"
                           "    input: accept\n";

/* A counter of one rule over the last days. */
struct history {
    const char *outcome; /* "accept", "drop", "over" */
    int64_t usual;       /* packets a day, but for the last one */
    int64_t today;
    int64_t observed_days; /* of the last ones */
    int64_t reboots;
};

/* A rule, its counters, and what is to be said. */
struct expectation {
    const char *rule; /* its beginning: "v4.8" */
    struct history histories[2];
    enum review_action action;
    const char *because; /* a part of it */
    const char *finding; /* or NULL */
    const char *severity;
};

static const struct expectation table[] = {
    /* silence: long enough, too short, and where it says nothing */
    {"v4.0.", {{"accept", 0, 0, 40}}, REVIEW_REMOVE, "no packet in 40.0 observed days", "G046", "warning"},
    {"v4.0.", {{"accept", 0, 0, 29}}, REVIEW_REMOVE, "no packet in 29.0", "G046", "warning"},
    {"v4.0.", {{"accept", 0, 0, 12}}, REVIEW_WAIT, "not enough data yet: 12 of 30 days", NULL, NULL},
    {"v4.0.", {{"accept", 0, 0, 0}}, REVIEW_WAIT, "not enough data yet: 0 of 30 days", NULL, NULL},
    {"v4.0.", {{NULL}}, REVIEW_WAIT, "not in force", NULL, NULL},
    {"v4.0.", {{"accept", 0, 0, 35, 2}}, REVIEW_REMOVE, "35.0 observed days, 2 reboots", "G046", "warning"},
    {"v4.12",
     {{"accept", 0, 0, 40}, {"drop", 0, 0, 40}},
     REVIEW_TIGHTEN,
     "would have changed nothing",
     "G048",
     "note"},
    {"v4.12", {{"accept", 0, 0, 40}, {"drop", 0, 0, 7}}, REVIEW_WAIT, "7 of 30 days", NULL, NULL},
    {"v4.3.4.input", {{"accept", 0, 0, 40}}, REVIEW_KEEP, "when it comes it is needed", NULL, NULL},
    {"v4.5", {{"drop", 0, 0, 40}}, REVIEW_KEEP, "no reason to open it", NULL, NULL},
    {"v4.5", {{"drop", 7, 9, 40}}, REVIEW_KEEP, "it blocked", NULL, NULL},
    /* in use */
    {"v4.8", {{"accept", 1000, 1000, 40}}, REVIEW_KEEP, "it is in use: 40000 passed", NULL, NULL},
    {"v4.8", {{"accept", 1000, 1000, 2}}, REVIEW_KEEP, "it is in use: 2000 passed", NULL, NULL},
    {"v4.0.",
     {{"accept", 1000, 1000, 40}},
     REVIEW_TIGHTEN,
     "answer-only is what the role's advice says",
     NULL,
     NULL},
    {"v4.13", {{"accept", 5, 5, 40}}, REVIEW_INVESTIGATE, "no reason is given", NULL, NULL},
    {"v4.8",
     {{"accept", 1000, 1000, 40}, {"over", 100, 100, 40}},
     REVIEW_INVESTIGATE,
     "(9 %) were above the limit",
     NULL,
     NULL},
    {"v4.8", {{"accept", 1000, 1000, 40}, {"over", 10, 10, 40}}, REVIEW_KEEP, "in use", NULL, NULL},
    /* changes */
    {"v4.8",
     {{"accept", 1000, 9000, 40}},
     REVIEW_INVESTIGATE,
     "9000 passed in the last day, usual are 1000",
     "G047",
     "warning"},
    {"v4.8", {{"accept", 1000, 1900, 40}}, REVIEW_KEEP, "in use", NULL, NULL},
    {"v4.8", {{"accept", 1000, 9000, 6}}, REVIEW_KEEP, "in use", NULL, NULL},
    {"v4.8", {{"accept", 1, 40, 40}}, REVIEW_KEEP, "in use", NULL, NULL},
    {"v4.13", {{"accept", 0, 3, 40}}, REVIEW_INVESTIGATE, "it is new: 3 in the last day", "G047", "warning"},
    {"v4.3.4.input", {{"accept", 0, 3, 40}}, REVIEW_KEEP, "in use", NULL, NULL},
    {"v4.3.4.input",
     {{"accept", 3, 3, 40}, {"drop", 2, 400, 40}},
     REVIEW_INVESTIGATE,
     "400 were dropped in the last day",
     "G047",
     "warning"},
    {"v4.3.4.input",
     {{"accept", 3, 3, 40}, {"drop", 2, 2, 40}},
     REVIEW_KEEP,
     "in use: 120 passed, 80 blocked",
     NULL,
     NULL},
    /* what must pass is dropped now */
    {"v6.1.1",
     {{"drop", 0, 1, 2}},
     REVIEW_INVESTIGATE,
     "1 were dropped in the last 24 hours",
     "G006",
     "error"},
    {"v6.1.1", {{"drop", 5, 0, 40}}, REVIEW_KEEP, "it blocked", NULL, NULL},
    {"v6.2",
     {{"accept", 5, 5, 40}, {"over", 0, 2, 40}},
     REVIEW_INVESTIGATE,
     "2 were dropped in the last 24 hours",
     "G002",
     "error"},
    /* exceptions */
    {"x", {{"accept", 0, 0, 40}}, REVIEW_REMOVE, "no packet in 40.0 observed days", "G046", "warning"},
    {"x", {{"accept", 9, 9, 40}}, REVIEW_INVESTIGATE, "ends on 2026-02-20", NULL, NULL},
    {"x", {{"accept", 0, 0, 5}}, REVIEW_WAIT, "5 of 30 days", NULL, NULL},
};

/* Everything that one review needs. */
struct bench {
    struct policy policy;
    struct review_counter counters[8];
    char names[8][96];
    int64_t days[8][DAYS], observed[8][DAYS];
    struct review_input input;
    struct review review;
    struct guard_findings findings;
};

static void begin(struct bench *bench)
{
    struct policy_problems problems;
    struct sonde_error error = {0};

    *bench = (struct bench){0};
    if (policy_read(slice_of(file, strlen(file)), "guard.yaml", &bench->policy, &problems, &error) < 0)
        fail_msg("%s", error.what);
    bench->input = (struct review_input){.policy = &bench->policy,
                                         .file = "guard.yaml",
                                         .counters = bench->counters,
                                         .now_s = NOW,
                                         .window_s = DAYS * DAY,
                                         .forwards4 = true,
                                         .forwards6 = true};
}

static void end(struct bench *bench)
{
    review_deinit(&bench->review);
    guard_findings_deinit(&bench->findings);
    policy_deinit(&bench->policy);
}

static const struct policy_rule *rule_of(const struct bench *bench, const char *beginning)
{
    for (size_t i = 0; i < bench->policy.rule_count; i++)
        if (!strncmp(bench->policy.rules[i].id, beginning, strlen(beginning)) &&
            bench->policy.rules[i].direction == DIRECTION_INPUT)
            return &bench->policy.rules[i];
    fail_msg("no rule %s", beginning);
    return NULL;
}

static void add(struct bench *bench, const struct policy_rule *rule, const struct history *history)
{
    size_t at = bench->input.counter_count++;
    struct review_counter *counter = &bench->counters[at];

    snprintf(bench->names[at], sizeof(bench->names[at]), "%s.%s", rule->id, history->outcome);
    *counter = (struct review_counter){.name = bench->names[at],
                                       .observed_s = history->observed_days * DAY,
                                       .last_hit_s = INTEGER_ABSENT,
                                       .reboots = history->reboots,
                                       .days = bench->days[at],
                                       .observed_days_s = bench->observed[at],
                                       .day_count = DAYS};
    for (int64_t day = DAYS - history->observed_days; day < DAYS; day++) {
        bench->observed[at][day] = DAY;
        bench->days[at][day] = day == DAYS - 1 ? history->today : history->usual;
        counter->packets += bench->days[at][day];
    }
    if (counter->packets)
        counter->last_hit_s = NOW;
}

static const struct review_advice *advice_of(const struct bench *bench, const char *rule)
{
    for (size_t i = 0; i < bench->review.advice_count; i++)
        if (!strcmp(bench->review.advices[i].rule, rule))
            return &bench->review.advices[i];
    fail_msg("no advice about %s", rule);
    return NULL;
}

static const struct guard_finding *finding_of(const struct bench *bench, const char *id, const char *rule)
{
    for (size_t i = 0; i < bench->findings.count; i++) {
        const struct guard_finding *finding = &bench->findings.items[i];

        if (!strcmp(finding->id, id) && strstr(finding->rule, rule))
            return finding;
    }
    return NULL;
}

static void expect(const struct expectation *row)
{
    struct bench bench;
    const struct policy_rule *rule;
    const struct review_advice *advice;
    const struct guard_finding *finding;
    size_t about = 0;

    begin(&bench);
    rule = rule_of(&bench, row->rule);
    for (size_t i = 0; i < COUNT_OF(row->histories) && row->histories[i].outcome; i++)
        add(&bench, rule, &row->histories[i]);
    review_make(&bench.input, &bench.review, &bench.findings);
    advice = advice_of(&bench, rule->id);
    if (advice->action != row->action || !strstr(advice->because, row->because))
        fail_msg("row %td (%s): \"%s: %s\" is not \"%s: %s\"", row - table, rule->id, advice->advice,
                 advice->because, review_action_name(row->action), row->because);
    for (size_t i = 0; i < bench.findings.count; i++)
        about += strstr(bench.findings.items[i].rule, rule->id) != NULL;
    if (about != (row->finding != NULL))
        fail_msg("row %td (%s): %zu findings, the first is %s", row - table, rule->id, about,
                 about ? bench.findings.items[0].id : "none");
    if (row->finding) {
        finding = finding_of(&bench, row->finding, rule->id);
        assert_non_null(finding);
        assert_string_equal(finding->severity, row->severity);
        assert_non_null(finding->witness);
        assert_int_equal(finding->family, rule->family);
    }
    assert_true(isnan(advice->confidence) || (advice->confidence >= 0 && advice->confidence <= 0.99));
    end(&bench);
}

static void histories_lead_to_advice(void **state)
{
    for (size_t i = 0; i < COUNT_OF(table); i++)
        expect(&table[i]);
}

static void exceptions_are_held_to_their_words(void **state)
{
    struct bench bench;
    const struct guard_finding *finding;

    begin(&bench);
    review_make(&bench.input, &bench.review, &bench.findings);
    finding = finding_of(&bench, "G045", "guard.yaml:22:");
    assert_non_null(finding);
    assert_non_null(strstr(finding->message, "it ended on 2026-02-10"));
    assert_non_null(finding->fix);
    finding = finding_of(&bench, "G045", "guard.yaml:27:");
    assert_non_null(finding);
    assert_non_null(strstr(finding->message, "neither owner nor reason"));
    assert_int_equal(bench.findings.count, 2); /* nothing was counted: nothing is claimed */
    assert_int_equal(bench.review.counts[REVIEW_REMOVE], 1);
    assert_int_equal(bench.review.counts[REVIEW_WAIT], bench.review.advice_count - 1);
    assert_string_equal(bench.review.advices[0].advice, "remove");
    assert_string_equal(bench.review.advices[1].advice, "wait");
    end(&bench);
}

static void forwarding_that_is_off_says_nothing(void **state)
{
    static const char router[] = "role: router\nipv4: {3/4: accept, parameter-problem: {forward: accept}}\n"
                                 "ipv6: {2: accept, 133-136: {input: accept, output: accept}}\n";
    struct bench bench;
    struct policy_problems problems;
    struct sonde_error error = {0};
    const struct policy_rule *rule = NULL;

    begin(&bench);
    policy_deinit(&bench.policy);
    if (policy_read(slice_of(router, strlen(router)), "guard.yaml", &bench.policy, &problems, &error) < 0)
        fail_msg("%s", error.what);
    for (size_t i = 0; i < bench.policy.rule_count; i++)
        if (bench.policy.rules[i].type == 12)
            rule = &bench.policy.rules[i];
    assert_non_null(rule);
    add(&bench, rule, &(struct history){"accept", 0, 0, 40, 0});
    bench.input.forwards4 = false;
    review_make(&bench.input, &bench.review, &bench.findings);
    assert_int_equal(advice_of(&bench, rule->id)->action, REVIEW_WAIT);
    assert_non_null(strstr(advice_of(&bench, rule->id)->because, "does not forward IPv4"));
    review_deinit(&bench.review);
    bench.input.forwards4 = true;
    review_make(&bench.input, &bench.review, &bench.findings);
    assert_int_equal(advice_of(&bench, rule->id)->action, REVIEW_TIGHTEN);
    end(&bench);
}

static void drift_is_a_finding_and_doubt_is_no_pass(void **state)
{
    static const struct review_drift drifts[] = {
        {.places = "kernel",
         .message = "a rule is gone",
         .details = "gone: rule x\n",
         .fix = "sonde guard apply"},
        {.places = "boot", .message = "no file", .unknown = true},
    };
    struct bench bench;

    begin(&bench);
    bench.input.drifts = drifts;
    bench.input.drift_count = COUNT_OF(drifts);
    review_make(&bench.input, &bench.review, &bench.findings);
    assert_string_equal(finding_of(&bench, "G036", "kernel")->severity, "warning");
    assert_string_equal(finding_of(&bench, "G036", "kernel")->witness, "gone: rule x\n");
    assert_string_equal(finding_of(&bench, "G036", "boot")->severity, "cannot-judge");
    end(&bench);
}

static void a_reboot_in_a_day_does_not_make_it_unusual(void **state)
{
    int64_t packets[10] = {100, 101, 99, 100, 20, 100, 102, 98, 100, 300};
    int64_t observed[10] = {DAY, DAY, DAY, DAY, DAY / 5, DAY, DAY, DAY, DAY, DAY};
    struct rate_change change = rate_compare(packets, observed, 10);

    assert_true(change.rising);
    assert_int_equal(change.days, 8); /* the short one is left out */
    assert_true(change.confidence > 0.97);
    packets[9] = 160; /* not twice as much */
    assert_false(rate_compare(packets, observed, 10).rising);
    packets[9] = 100;
    observed[9] = DAY / 3; /* as if it were 300 */
    assert_true(rate_compare(packets, observed, 10).rising);
    observed[9] = DAY / 10; /* too short to tell */
    assert_false(rate_compare(packets, observed, 10).rising);
    assert_false(rate_compare(packets, observed, 0).rising);
    assert_false(rate_compare(packets, observed, 1).rising);
}

static void busy_days_of_a_week_are_usual(void **state)
{
    int64_t packets[29], observed[29];

    for (size_t i = 0; i < COUNT_OF(packets); i++) {
        packets[i] = i % 7 < 5 ? 1000 + (int64_t)(i * 37 % 200) : 100;
        observed[i] = DAY;
    }
    packets[28] = 1500;
    assert_false(rate_compare(packets, observed, COUNT_OF(packets)).rising);
    packets[28] = 5000;
    assert_true(rate_compare(packets, observed, COUNT_OF(packets)).rising);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histories_lead_to_advice),
        cmocka_unit_test(exceptions_are_held_to_their_words),
        cmocka_unit_test(forwarding_that_is_off_says_nothing),
        cmocka_unit_test(drift_is_a_finding_and_doubt_is_no_pass),
        cmocka_unit_test(a_reboot_in_a_day_does_not_make_it_unusual),
        cmocka_unit_test(busy_days_of_a_week_are_usual),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
