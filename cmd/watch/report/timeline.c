/* SPDX-License-Identifier: MIT */
/* The history of a watch as a picture: the types with the most packets, all others together, and the
 * incidents. */
#include <errno.h>
#include <inttypes.h>

#include "base/macro.h"
#include "catalog/icmp.h"
#include "cmd/watch/report/content.h"

enum { SERIES = 8, ALL = SERIES + 1 };

static uint64_t total_of(const struct history_series *series, size_t steps)
{
    uint64_t total = 0;

    for (size_t i = 0; i < steps; i++)
        total += series->timeline[i];
    return total;
}

/* The steps that were counted to their end or to that of the watch. */
static size_t steps_of(const struct history *history)
{
    int64_t steps =
        history->step_s ? (history->now_s - history->first_s + history->step_s - 1) / history->step_s : 0;

    return (size_t)(steps < HISTORY_TIMELINE ? steps : HISTORY_TIMELINE);
}

static bool is_type(const struct history_series *series)
{
    return series->family == 4 || series->family == 6;
}

/* The series with the most packets, the most first. Returns how many there are. */
static size_t choose(const struct history *history, size_t steps, const struct history_series *chosen[SERIES])
{
    size_t count = 0;

    for (size_t i = 0; i < HISTORY_SERIES; i++) {
        const struct history_series *series = &history->series[i];
        size_t at = count;

        if (!is_type(series) || total_of(series, steps) == 0)
            continue;
        while (at > 0 && total_of(chosen[at - 1], steps) < total_of(series, steps)) {
            if (at < SERIES)
                chosen[at] = chosen[at - 1];
            at--;
        }
        if (at < SERIES)
            chosen[at] = series;
        count += count < SERIES;
    }
    return count;
}

static bool is_chosen(const struct history_series *series, const struct history_series *const *chosen,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (chosen[i] == series)
            return true;
    return false;
}

static void copy(uint64_t *values, const struct history_series *series, size_t steps)
{
    for (size_t i = 0; i < steps; i++)
        values[i] += series->timeline[i];
}

static char *name_of(const struct history_series *series)
{
    return text_format("IPv%u %s (%u/%u)", series->family,
                       sonde_icmp_find(series->family, series->type, series->code)->name, series->type,
                       series->code);
}

/* One more series; its name is the caller's to give away. */
static uint64_t *add_series(struct report_timeline *timeline, char *name)
{
    size_t index = timeline->area.series_count++;
    uint64_t *values = timeline->values + index * HISTORY_TIMELINE;

    timeline->names[index] = name;
    timeline->series[index] = (struct figure_series){name, values};
    return values;
}

static void add_types(struct report_timeline *timeline, const struct history *history)
{
    const struct history_series *chosen[SERIES];
    size_t steps = timeline->area.step_count, count = choose(history, steps, chosen);
    uint64_t *others = NULL;

    for (size_t i = 0; i < count; i++)
        copy(add_series(timeline, name_of(chosen[i])), chosen[i], steps);
    for (size_t i = 0; i < HISTORY_SERIES; i++) {
        const struct history_series *series = &history->series[i];

        if (is_chosen(series, chosen, count) || total_of(series, steps) == 0)
            continue;
        if (!others)
            others = add_series(timeline, text_format("all others"));
        copy(others, series, steps);
    }
}

static void add_spans(struct report_timeline *timeline, const struct watch_report *report)
{
    for (size_t i = 0; i < report->incidents.count; i++) {
        const struct report_incident *incident = &report->incident_rows[i];
        char *name = text_format("%" PRId64 " %s", incident->number, incident->headline);

        timeline->names[ALL + i] = name;
        timeline->spans[i] =
            (struct figure_span){name, incident->severity, incident->first_ns, incident->last_ns};
        timeline->area.span_count++;
    }
}

int report_timeline_init(struct report_timeline *timeline, const struct watch_report *report,
                         const struct history *history)
{
    size_t spans = report->incidents.count;

    *timeline = (struct report_timeline){
        .series = calloc(ALL, sizeof(*timeline->series)),
        .spans = calloc(spans + 1, sizeof(*timeline->spans)),
        .values = calloc((size_t)ALL * HISTORY_TIMELINE, sizeof(*timeline->values)),
        .names = calloc(ALL + spans, sizeof(*timeline->names)),
    };
    if (!timeline->series || !timeline->spans || !timeline->values || !timeline->names)
        return -ENOMEM;
    timeline->area = (struct figure_area){
        .title = "ICMP messages by type over time",
        .note = "Packets a second, one type on top of the other.",
        .unit = "packets",
        .start_ns = history->first_s * NS_PER_S,
        .step_ns = history->step_s * NS_PER_S,
        .step_count = steps_of(history),
        .series = timeline->series,
        .spans_title = "incidents",
        .spans = timeline->spans,
    };
    add_types(timeline, history);
    add_spans(timeline, report);
    return 0;
}

void report_timeline_deinit(struct report_timeline *timeline)
{
    for (size_t i = 0; timeline->names && i < ALL + timeline->area.span_count; i++)
        free(timeline->names[i]);
    free(timeline->names);
    free(timeline->series);
    free(timeline->spans);
    free(timeline->values);
}
