/* SPDX-License-Identifier: MIT */
/* What to do about a rule: questions in order, the first that applies decides. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/macro.h"
#include "base/text.h"
#include "policy/review/case.h"

#define DAY_S INT64_C(86400)

/* A reboot costs minutes of observation, not the claim. */
static const double nearly = 0.95, surest = 0.99;

enum { OVER_LEAST = 100 /* packets */, OVER_SHARE = 5 /* percent */ };

int case_openness(enum verdict verdict)
{
    static const int openness[VERDICT_COUNT] = {
        [VERDICT_ACCEPT] = 3, [VERDICT_LIMIT] = 2, [VERDICT_ANSWER] = 1,
        [VERDICT_LINK] = 1,   [VERDICT_DROP] = 0,  [VERDICT_REJECT] = 0,
    };

    return openness[verdict];
}

struct guard_finding *case_find(const struct review_case *one, const char *id, const char *message)
{
    const struct review_advice *advice = one->advice;
    struct guard_finding *finding =
        guard_findings_add(one->findings, id, "IPv%" PRId64 " %s, %s: %s", advice->family, advice->message,
                           advice->direction, message);

    finding->family = advice->family;
    finding->type = advice->type;
    finding->code = advice->code;
    guard_finding_set(&finding->rule, "%s%s%s", advice->place ? advice->place : "", advice->place ? " " : "",
                      advice->rule);
    if (advice->change)
        guard_finding_set(&finding->fix, "%s", advice->change);
    return finding;
}

static void find_again(const struct review_case *one, const char *id)
{
    struct guard_finding *finding = case_find(one, id, one->advice->because);

    guard_finding_set(&finding->witness, "%" PRId64 " passed and %" PRId64 " blocked in %.1f observed days",
                      one->passed, one->blocked, one->advice->observed_days);
}

static FORMAT(3, 4) bool advise(const struct review_case *one, enum review_action action, const char *because,
                                ...)
{
    va_list values;
    char buffer[400];

    va_start(values, because);
    vsnprintf(buffer, sizeof(buffer), because, values);
    va_end(values);
    one->advice->action = action;
    one->advice->because = text_format("%s", buffer);
    return true;
}

/* An exception ends with the day that the file names: at midnight after it. */
static const char *date_of(int64_t time_s, char text[40])
{
    time_t seconds = (time_t)time_s;
    struct tm utc;

    gmtime_r(&seconds, &utc);
    snprintf(text, 40, "%04d-%02d-%02d", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
    return text;
}

/* ", 2 reboots"; nothing when there were none */
static void say_breaks(struct text *text, int64_t count, const char *word)
{
    if (count > 0)
        text_add(text, ", %" PRId64 " %s%s", count, word, count > 1 ? "s" : "");
}

/* "no packet in 31.2 observed days, 1 reboot" */
static char *say_silence(const struct review_case *one)
{
    struct text text = {0};

    text_add(&text, "no packet in %.1f observed days", one->advice->observed_days);
    say_breaks(&text, one->resets, "reset");
    say_breaks(&text, one->reboots, "reboot");
    return text_take(&text);
}

/* Something that is needed once in so many days stays away so long with a probability of exp(-observed / so
 * many). */
static double silence_confidence(const struct review_case *one)
{
    return fmin(surest, 1 - exp(-one->advice->observed_days / REVIEW_SELDOM_DAYS));
}

static bool is_silent(const struct review_case *one)
{
    return one->passed + one->blocked == 0;
}

static bool has_ended(struct review_case *one)
{
    char date[40];

    if (!policy_rule_expired(one->rule, one->input->now_s))
        return false;
    one->advice->confidence = 1;
    one->advice->change = text_format("delete the exception %s", one->rule->id);
    return advise(one, REVIEW_REMOVE, "it ended on %s; it has no effect any more",
                  date_of(one->rule->expires_s - 1, date));
}

/* Forwarding that is off says nothing about what would be forwarded. */
static bool cannot_be_hit(struct review_case *one)
{
    bool forwards = one->rule->family == 4 ? one->input->forwards4 : one->input->forwards6;

    if (direction_hook(one->rule->direction) != HOOK_FORWARD || forwards || !is_silent(one))
        return false;
    return advise(one, REVIEW_WAIT,
                  "this machine does not forward IPv%u now, so that its silence says nothing",
                  one->rule->family);
}

static bool was_never_counted(struct review_case *one)
{
    return !one->known &&
           advise(one, REVIEW_WAIT,
                  "not enough data yet: 0 of %d days; the policy is not in force, or no sample "
                  "was taken since",
                  REVIEW_ENOUGH_DAYS);
}

/* Which finding a message is that must pass and does not. */
static const char *must_pass(const struct review_case *one)
{
    const struct policy_rule *rule = one->rule;

    if (rule->family == 4)
        return rule->type == 3 && (rule->code == 4 || rule->code == POLICY_ANY_CODE) ? "G001" : NULL;
    if (rule->type == 2)
        return "G002";
    if (rule->type >= 133 && rule->type <= 136)
        return "G003";
    return (rule->type >= 130 && rule->type <= 132) || rule->type == 143 ? "G005" : "G006";
}

/* answer-only and link-only drop what is forged, and do so by intention; a limit of echo also. */
static bool drops_what_must_pass(struct review_case *one)
{
    enum verdict verdict = one->rule->verdict;
    bool against = case_openness(verdict) == 0 || (verdict == VERDICT_LIMIT && one->advised != VERDICT_LIMIT);
    const char *id = one->entry->tier == 1 && case_openness(one->advised) > 0 ? must_pass(one) : NULL;

    if (!id || !against || one->blocked_today == 0)
        return false;
    one->advice->confidence = surest;
    one->advice->change = text_format("%s: %s", one->rule->id, verdict_name(one->advised));
    advise(one, REVIEW_INVESTIGATE,
           "%" PRId64 " were dropped in the last 24 hours, %" PRId64 " in the window: %s", one->blocked_today,
           one->blocked, one->entry->filter_reason);
    find_again(one, id);
    guard_finding_set(&one->findings->items[one->findings->count - 1].severity, "error");
    return true;
}

static bool is_dropped_more(struct review_case *one)
{
    const struct rate_change *change = &one->blocking;

    if (!change->rising || (one->entry->tier != 1 && one->rule->verdict != VERDICT_LIMIT))
        return false;
    one->advice->confidence = fmin(surest, change->confidence);
    advise(one, REVIEW_INVESTIGATE, "%.0f were dropped in the last day, usual are %.0f a day (%zu days)",
           change->now, change->usual, change->days);
    find_again(one, "G047");
    return true;
}

static bool passes_more(struct review_case *one)
{
    const struct rate_change *change = &one->passing;
    bool first = change->new && one->entry->tier >= 3;

    if (!change->rising && !first)
        return false;
    one->advice->confidence = change->rising ? fmin(surest, change->confidence) : NAN;
    if (first)
        advise(one, REVIEW_INVESTIGATE, "it is new: %.0f in the last day, none in the %zu days before",
               change->now, change->days);
    else
        advise(one, REVIEW_INVESTIGATE, "%.0f passed in the last day, usual are %.0f a day (%zu days)",
               change->now, change->usual, change->days);
    find_again(one, "G047");
    return true;
}

static bool drops(struct review_case *one)
{
    if (case_openness(one->rule->verdict) > 0)
        return false;
    if (is_silent(one))
        return advise(one, REVIEW_KEEP, "it blocks; that nobody tried is no reason to open it");
    return advise(one, REVIEW_KEEP, "it blocked %" PRId64 " packets", one->blocked);
}

static bool is_observed_too_shortly(struct review_case *one)
{
    if (!is_silent(one) || one->advice->observed_days >= nearly * REVIEW_ENOUGH_DAYS)
        return false;
    return advise(one, REVIEW_WAIT, "not enough data yet: %d of %d days", (int)one->advice->observed_days,
                  REVIEW_ENOUGH_DAYS);
}

static bool is_not_needed(struct review_case *one)
{
    bool wider = case_openness(one->rule->verdict) > case_openness(one->advised);
    _cleanup_free_ char *silence = say_silence(one);

    if (!is_silent(one) || (!one->rule->exception && !wider))
        return false;
    one->advice->confidence = silence_confidence(one);
    one->advice->change = one->rule->exception
                              ? text_format("delete the exception %s", one->rule->id)
                              : text_format("%s: %s", one->rule->id, verdict_name(one->advised));
    advise(one, REVIEW_REMOVE, "%s%s", silence,
           one->rule->exception ? "" : ", and it is more than the role's advice");
    find_again(one, "G046");
    return true;
}

static bool is_silent_and_vital(struct review_case *one)
{
    _cleanup_free_ char *silence = say_silence(one);

    if (!is_silent(one) || one->entry->tier > 2)
        return false;
    return advise(one, REVIEW_KEEP, "%s, but when it comes it is needed: %s", silence,
                  one->entry->filter_reason);
}

static bool is_never_seen(struct review_case *one)
{
    _cleanup_free_ char *silence = say_silence(one);

    if (!is_silent(one))
        return false;
    one->advice->confidence = silence_confidence(one);
    one->advice->change = text_format("%s: drop", one->rule->id);
    advise(one, REVIEW_TIGHTEN, "%s: dropping it would have changed nothing", silence);
    find_again(one, "G048");
    return true;
}

static bool is_over_its_limit(struct review_case *one)
{
    int64_t all = one->passed + one->blocked;

    if (one->rule->verdict != VERDICT_LIMIT || one->blocked < OVER_LEAST ||
        one->blocked * 100 < all * OVER_SHARE)
        return false;
    one->advice->confidence = surest;
    return advise(one, REVIEW_INVESTIGATE,
                  "%" PRId64 " of %" PRId64
                  " packets (%.0f %%) were above the limit: a flood, or a limit that is "
                  "too low for who monitors",
                  one->blocked, all, (double)one->blocked * 100 / (double)all);
}

/* In use, and wider than what the catalog advises. */
static bool would_do_with_less(struct review_case *one)
{
    if (case_openness(one->rule->verdict) <= case_openness(one->advised) || one->rule->exception)
        return false;
    one->advice->change = text_format("%s: %s", one->rule->id, verdict_name(one->advised));
    if (case_openness(one->advised) == 0 && !one->rule->reason)
        return advise(one, REVIEW_INVESTIGATE,
                      "%" PRId64 " packets pass that are usually dropped, and no reason is given: %s",
                      one->passed, one->entry->filter_reason);
    if (case_openness(one->advised) == 0) {
        free(one->advice->change);
        one->advice->change = NULL;
        return advise(one, REVIEW_KEEP, "%" PRId64 " packets passed; reason: %s", one->passed,
                      one->rule->reason);
    }
    return advise(one, REVIEW_TIGHTEN,
                  "%" PRId64 " packets passed, %.0f a day; %s is what the role's advice says", one->passed,
                  one->advice->per_day, verdict_name(one->advised));
}

static bool ends_soon(struct review_case *one)
{
    int64_t left_s = one->rule->expires_s - one->input->now_s;
    char date[40];

    if (!one->rule->exception || one->rule->expires_s == POLICY_NEVER || left_s > REVIEW_ENDING_DAYS * DAY_S)
        return false;
    return advise(one, REVIEW_INVESTIGATE, "it is in use (%" PRId64 " packets) and ends on %s", one->passed,
                  date_of(one->rule->expires_s - 1, date));
}

static bool is_used(struct review_case *one)
{
    return advise(one, REVIEW_KEEP, "it is in use: %" PRId64 " passed, %" PRId64 " blocked", one->passed,
                  one->blocked);
}

/* The first that applies decides. What is dropped though it must pass comes before all doubts. */
static bool (*const questions[])(struct review_case *one) = {
    has_ended,
    drops_what_must_pass,
    was_never_counted,
    cannot_be_hit,
    is_dropped_more,
    passes_more,
    drops,
    is_observed_too_shortly,
    is_not_needed,
    is_silent_and_vital,
    is_never_seen,
    is_over_its_limit,
    would_do_with_less,
    ends_soon,
    is_used,
};

/* G045 is about the words of an exception, whatever its counters say. */
static void check_exception(struct review_case *one)
{
    const struct policy_rule *rule = one->rule;

    if (!rule->exception)
        return;
    if (policy_rule_expired(rule, one->input->now_s))
        case_find(one, "G045", one->advice->because);
    if (!rule->owner || !rule->reason)
        case_find(one, "G045",
                  !rule->owner && !rule->reason ? "the exception names neither owner nor reason"
                  : rule->owner                 ? "the exception gives no reason"
                                                : "the exception names no owner");
}

void case_decide(struct review_case *one)
{
    size_t i = 0;

    while (!questions[i](one))
        i++;
    check_exception(one);
}
