/* SPDX-License-Identifier: MIT */
/* What a report of a review says: counters of the same message taken together, over time. */
#include "cmd/guard/review/content.h"

#include <string.h>

#include "catalog/icmp.h"

/* The rule whose counter this is: the longest id that the name begins with. */
static const struct policy_rule *rule_of(const struct policy *policy, const char *counter)
{
    const struct policy_rule *found = NULL;

    for (size_t i = 0; i < policy->rule_count; i++) {
        const struct policy_rule *rule = &policy->rules[i];
        size_t length = strlen(rule->id);

        if (!strncmp(counter, rule->id, length) && counter[length] == '.' &&
            (!found || length > strlen(found->id)))
            found = rule;
    }
    return found;
}

static char *name_of(const struct policy_rule *rule, const char *counter)
{
    if (!rule) /* "v4.unlisted.input.drop", or of a rule that the policy has no more */
        return text_format("%.*s", (int)(strrchr(counter, '.') ? strrchr(counter, '.') - counter : 0),
                           counter);
    if (rule->type != rule->type_last)
        return text_format("IPv%u types %u to %u", rule->family, rule->type, rule->type_last);
    if (rule->code == POLICY_ANY_CODE)
        return text_format("IPv%u %s (%u)", rule->family, sonde_icmp_find(rule->family, rule->type, 0)->name,
                           rule->type);
    return text_format("IPv%u %s (%u/%d)", rule->family,
                       sonde_icmp_find(rule->family, rule->type, (uint8_t)rule->code)->name, rule->type,
                       rule->code);
}

static struct content_series *find_series(struct review_report *report, char *name, bool passes)
{
    struct content_series *series = report->series;

    for (size_t i = 0; i < report->series_count; i++, series++)
        if (series->passes == passes && !strcmp(series->name, name)) {
            free(name);
            return series;
        }
    report->series_count++;
    series->name = name;
    series->passes = passes;
    series->fate = passes ? "passed" : "blocked";
    return series;
}

static int add_counter(struct review_report *report, struct reviewing *run,
                       const struct ledger_counter *counter, struct sonde_error *error)
{
    int64_t steps[CONTENT_STEPS];
    const char *outcome = strrchr(counter->name, '.');
    struct content_series *series =
        find_series(report, name_of(rule_of(&run->policy, counter->name), counter->name),
                    outcome && !strcmp(outcome, ".accept"));
    int code = ledger_read_steps(run->ledger, counter->name, report->start_s, report->step_s,
                                 report->step_count, steps, NULL, error);

    series->packets += counter->packets;
    for (size_t i = 0; code == 0 && i < report->step_count; i++)
        series->values[i] += (uint64_t)steps[i];
    return code;
}

static int compare_series(const void *left, const void *right)
{
    const struct content_series *a = left, *b = right;

    if (a->packets != b->packets)
        return a->packets > b->packets ? -1 : 1;
    return strcmp(a->name, b->name);
}

static void add_steps(struct review_report *report)
{
    struct content_step *step = report->steps =
        calloc(report->series_count * report->step_count + 1, sizeof(*report->steps));

    if (!step)
        abort(); /* as base/text.c */
    for (size_t i = 0; i < report->series_count; i++)
        for (size_t at = 0; at < report->step_count; at++)
            if (report->series[i].values[at] > 0)
                *step++ = (struct content_step){report->series[i].name, report->series[i].fate,
                                                (report->start_s + (int64_t)at * report->step_s) * NS_PER_S,
                                                (int64_t)report->series[i].values[at]};
    report->history = (struct record_list){report->steps, (size_t)(step - report->steps)};
}

static void add_events(struct review_report *report, const struct reviewing *run)
{
    report->happened = calloc(run->event_count + 1, sizeof(*report->happened));
    if (!report->happened)
        abort(); /* as base/text.c */
    for (size_t i = 0; i < run->event_count; i++) {
        const struct ledger_event *event = &run->events[i];

        report->happened[i] = (struct content_event){event->kind, event->text, event->first_s * NS_PER_S,
                                                     event->last_s * NS_PER_S, event->times};
    }
    report->events = (struct record_list){report->happened, run->event_count};
}

int review_report_init(struct review_report *report, struct reviewing *run, struct sonde_error *error)
{
    int64_t window_s = run->now_s - run->since_s;
    int code = 0;

    *report = (struct review_report){
        .verdict = run->summary.verdict,
        .version = SONDE_VERSION,
        .summary = &run->summary,
        .findings = {run->findings.items, run->findings.count},
        .advices = {run->review.advices, run->review.advice_count},
        .start_s = run->since_s,
        .step_s = (window_s + CONTENT_STEPS - 1) / CONTENT_STEPS,
        .step_count = CONTENT_STEPS,
        .series = calloc(run->past_count + 1, sizeof(*report->series)),
    };
    if (!report->series)
        abort(); /* as base/text.c */
    for (size_t i = 0; code == 0 && i < run->past_count; i++)
        if (run->past[i].packets > 0)
            code = add_counter(report, run, &run->past[i], error);
    qsort(report->series, report->series_count, sizeof(*report->series), compare_series);
    report->messages = (struct record_list){report->series, report->series_count};
    add_steps(report);
    add_events(report, run);
    return code;
}

void review_report_deinit(struct review_report *report)
{
    for (size_t i = 0; i < report->series_count; i++)
        free(report->series[i].name);
    free(report->series);
    free(report->steps);
    free(report->happened);
}

static void add_spans(struct content_picture *picture, const struct review_report *report)
{
    for (size_t i = 0; i < report->events.count && i < REVIEW_EVENTS; i++) {
        const struct content_event *event = &report->happened[i];
        const char *grade = !strcmp(event->kind, "drift")      ? "alert"
                            : !strcmp(event->kind, "rollback") ? "warning"
                                                               : "info";

        picture->names[i] = text_format("%s: %s", event->kind, event->text);
        picture->spans[i] = (struct figure_span){picture->names[i], grade, event->first_ns, event->last_ns};
        picture->area.span_count++;
    }
}

void content_picture_init(struct content_picture *picture, const struct review_report *report, bool passes)
{
    size_t shown = 0, more = 0;

    *picture = (struct content_picture){
        .area = {.title = passes ? "What passed, by type and code" : "What was blocked, by type and code",
                 .note = "Packets a day, one type on top of the other.",
                 .unit = "packets",
                 .start_ns = report->start_s * NS_PER_S,
                 .step_ns = report->step_s * NS_PER_S,
                 .series = picture->series,
                 .spans_title = "changes of the policy",
                 .spans = picture->spans,
                 .period_ns = 86400 * NS_PER_S,
                 .period = "a day"},
    };
    for (size_t i = 0; i < report->series_count; i++) {
        const struct content_series *series = &report->series[i];

        if (series->passes != passes)
            continue;
        if (shown < CONTENT_SERIES)
            picture->series[shown++] = (struct figure_series){series->name, series->values};
        else
            for (size_t at = 0; at < report->step_count; at++)
                picture->others[at] += series->values[at];
        more++;
    }
    if (more > shown)
        picture->series[shown++] = (struct figure_series){"all others", picture->others};
    picture->area.series_count = shown;
    picture->area.step_count = shown ? report->step_count : 0;
    add_spans(picture, report);
}

void content_picture_deinit(struct content_picture *picture)
{
    for (size_t i = 0; i < picture->area.span_count; i++)
        free(picture->names[i]);
}
