/* SPDX-License-Identifier: MIT */
/* The continual review: a case is made of each rule and its counters, and decided. */
#include "policy/review/review.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "policy/review/case.h"

#define DAY_S INT64_C(86400)

const char *review_action_name(enum review_action action)
{
    static const char *const names[REVIEW_ACTION_COUNT] = {
        [REVIEW_INVESTIGATE] = "investigate",
        [REVIEW_REMOVE] = "remove",
        [REVIEW_TIGHTEN] = "tighten",
        [REVIEW_WAIT] = "wait",
        [REVIEW_KEEP] = "keep",
    };

    return names[action];
}

/* What became of the messages that a counter counts; NULL when it is of another rule. */
static const char *outcome_of(const struct review_counter *counter, const struct policy_rule *rule)
{
    size_t length = strlen(rule->id);

    if (strncmp(counter->name, rule->id, length) != 0 || counter->name[length] != '.')
        return NULL;
    return strchr(counter->name + length + 1, '.') ? NULL : counter->name + length + 1;
}

static void add_days(int64_t *sum, const int64_t *days, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += days[i];
}

/* Counters of a rule are made together: that one was observed for a shorter time means that the other one was
 * not always in force either. */
static void take_counter(struct review_case *one, const struct review_counter *counter, bool passes,
                         int64_t *days)
{
    int64_t today = counter->day_count ? counter->days[counter->day_count - 1] : 0;

    *(passes ? &one->passed : &one->blocked) += counter->packets;
    one->blocked_today += passes ? 0 : today;
    if (!one->known || counter->observed_s < one->observed_s)
        one->observed_s = counter->observed_s;
    if (counter->last_hit_s > one->last_hit_s) /* INTEGER_ABSENT is the least */
        one->last_hit_s = counter->last_hit_s;
    if (counter->resets > one->resets)
        one->resets = counter->resets;
    if (counter->reboots > one->reboots)
        one->reboots = counter->reboots;
    one->known = true;
    add_days(days, counter->days, counter->day_count);
}

static void take_counters(struct review_case *one)
{
    const struct review_input *input = one->input;
    size_t days = input->counter_count ? input->counters[0].day_count : 0;
    int64_t *passed = calloc(2 * days + 1, sizeof(*passed)), *blocked = passed + days;
    const int64_t *observed = NULL;

    if (!passed)
        abort(); /* as base/text.c */
    one->last_hit_s = INTEGER_ABSENT;
    for (size_t i = 0; i < input->counter_count; i++) {
        const struct review_counter *counter = &input->counters[i];
        const char *outcome = outcome_of(counter, one->rule);
        bool passes = outcome && !strcmp(outcome, "accept");

        if (!outcome || counter->day_count != days)
            continue;
        take_counter(one, counter, passes, passes ? passed : blocked);
        observed = counter->observed_days_s;
    }
    if (observed) {
        one->passing = rate_compare(passed, observed, days);
        one->blocking = rate_compare(blocked, observed, days);
    }
    free(passed);
}

static char *message_of(const struct policy_rule *rule, const struct sonde_icmp_entry *entry)
{
    if (rule->type != rule->type_last)
        return text_format("types %u to %u", rule->type, rule->type_last);
    if (rule->code == POLICY_ANY_CODE)
        return text_format("%s (%u)", entry->name, rule->type);
    if (rule->code != rule->code_last)
        return text_format("%s (%u/%d-%d)", entry->name, rule->type, rule->code, rule->code_last);
    return text_format("%s (%u/%d)", entry->name, rule->type, rule->code);
}

static void fill_advice(const struct review_case *one)
{
    const struct policy_rule *rule = one->rule;
    struct review_advice *advice = one->advice;
    double days = (double)one->observed_s / (double)DAY_S;

    *advice = (struct review_advice){
        .rule = rule->id,
        .family = rule->family,
        .type = rule->type,
        .code = rule->code == POLICY_ANY_CODE ? INTEGER_ABSENT : rule->code,
        .message = message_of(rule, one->entry),
        .direction = direction_name(rule->direction),
        .verdict = verdict_name(rule->verdict),
        .tier = one->entry->tier,
        .passed = one->passed,
        .blocked = one->blocked,
        .per_day = days >= 0.01 ? (double)(one->passed + one->blocked) / days : NAN,
        .observed_days = round(days * 100) / 100,
        .needed_days = REVIEW_ENOUGH_DAYS,
        .last_seen_ns = one->last_hit_s == INTEGER_ABSENT ? INTEGER_ABSENT : one->last_hit_s * NS_PER_S,
        .resets = one->resets,
        .reboots = one->reboots,
        .confidence = NAN,
        .owner = rule->owner,
        .reason = rule->reason,
    };
    if (rule->place.line > 0)
        advice->place =
            text_format("%s:%" PRIu32 ":%" PRIu32, one->input->file, rule->place.line, rule->place.column);
}

static bool is_named_elsewhere(const struct policy *policy, const struct policy_rule *rule, uint8_t code)
{
    for (size_t i = 0; i < policy->rule_count; i++) {
        const struct policy_rule *other = &policy->rules[i];

        if (other->code != POLICY_ANY_CODE && !other->exception &&
            policy_rule_names(other, rule->family, rule->direction, rule->type, code))
            return true;
    }
    return false;
}

/* The code that stands for a rule: of several the one that is needed most. */
static uint8_t code_of(const struct policy *policy, const struct policy_rule *rule)
{
    int chosen = -1;

    if (rule->code != POLICY_ANY_CODE)
        return (uint8_t)rule->code;
    for (int code = 0; code < 256; code++)
        if (!is_named_elsewhere(policy, rule, (uint8_t)code) &&
            (chosen < 0 || sonde_icmp_find(rule->family, rule->type, (uint8_t)code)->tier <
                               sonde_icmp_find(rule->family, rule->type, (uint8_t)chosen)->tier))
            chosen = code;
    return chosen < 0 ? 0 : (uint8_t)chosen;
}

static void review_rule(const struct review_input *input, const struct policy_rule *rule,
                        struct review *review, struct guard_findings *findings)
{
    uint8_t code = code_of(input->policy, rule);
    struct review_case one = {
        .input = input,
        .rule = rule,
        .entry = sonde_icmp_find(rule->family, rule->type, code),
        .advised = policy_advice(input->policy->role, rule->direction, rule->family, rule->type, code),
        .advice = &review->advices[review->advice_count++],
        .findings = findings,
    };

    take_counters(&one);
    fill_advice(&one);
    case_decide(&one);
    one.advice->advice = review_action_name(one.advice->action);
    review->counts[one.advice->action]++;
}

/* Insertion: the order of equal ones stays, and most are "keep" already in order. */
static void sort(struct review *review)
{
    for (size_t i = 1; i < review->advice_count; i++) {
        struct review_advice held = review->advices[i];
        size_t at = i;

        for (; at > 0 && review->advices[at - 1].action > held.action; at--)
            review->advices[at] = review->advices[at - 1];
        review->advices[at] = held;
    }
}

static void add_drift(const struct review_drift *drift, struct guard_findings *findings)
{
    struct guard_finding *finding = guard_findings_add(findings, "G036", "%s", drift->message);

    if (drift->unknown)
        guard_finding_set(&finding->severity, "cannot-judge");
    guard_finding_set(&finding->rule, "%s", drift->places);
    if (drift->details && drift->details[0])
        guard_finding_set(&finding->witness, "%s", drift->details);
    if (drift->fix) {
        guard_finding_set(&finding->fix, "%s", drift->fix);
        guard_finding_set(&finding->advice, "Run: %s", drift->fix);
    }
}

void review_make(const struct review_input *input, struct review *review, struct guard_findings *findings)
{
    const struct policy *policy = input->policy;

    review->advices = calloc(policy->rule_count + 1, sizeof(*review->advices));
    if (!review->advices)
        abort(); /* as base/text.c */
    for (size_t i = 0; i < input->drift_count; i++)
        add_drift(&input->drifts[i], findings);
    for (size_t i = 0; i < policy->rule_count; i++)
        if (policy_filters(policy, policy->rules[i].direction))
            review_rule(input, &policy->rules[i], review, findings);
    sort(review);
}

void review_deinit(struct review *review)
{
    for (size_t i = 0; i < review->advice_count; i++) {
        free(review->advices[i].place);
        free(review->advices[i].message);
        free(review->advices[i].because);
        free(review->advices[i].change);
    }
    free(review->advices);
    *review = (struct review){0};
}
