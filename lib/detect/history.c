/* SPDX-License-Identifier: MIT */
/* The recent past and the whole past in constant memory. */
#include "detect/history.h"

#include <string.h>

enum { ALL_OTHERS = 255, OTHER = HISTORY_SERIES - 1 };

void history_begin(struct history *history, int64_t now_s)
{
    *history = (struct history){.first_s = now_s, .now_s = now_s, .step_s = 1};
}

static uint64_t counted(const struct counts *counts, const struct history_series *series)
{
    return count_cell(counts, PACKET_OUTER, series->family, series->type, series->code)->packets +
           count_cell(counts, PACKET_INNER, series->family, series->type, series->code)->packets;
}

static bool is_followed(const struct history *history, const struct count_name *name)
{
    for (size_t i = 0; i < history->series_count; i++)
        if (history->series[i].family == name->family && history->series[i].type == name->type &&
            history->series[i].code == name->code)
            return true;
    return false;
}

/* Types and codes that came since, in the order in which they came: what a stranger sends later than the
 * others is summed up. */
static void follow_new(struct history *history, const struct counts *counts)
{
    for (; history->names_seen < counts->first_count && history->series_count < OTHER;
         history->names_seen++) {
        const struct count_name *name = &counts->first[history->names_seen];

        if (!is_followed(history, name))
            history->series[history->series_count++] =
                (struct history_series){.family = name->family, .type = name->type, .code = name->code};
    }
}

static void double_step(struct history *history)
{
    for (size_t i = 0; i < HISTORY_SERIES; i++) {
        uint32_t *timeline = history->series[i].timeline;

        for (size_t step = 0; step < HISTORY_TIMELINE / 2; step++)
            timeline[step] = timeline[2 * step] + timeline[2 * step + 1];
        memset(timeline + HISTORY_TIMELINE / 2, 0, HISTORY_TIMELINE / 2 * sizeof(*timeline));
    }
    history->step_s *= 2;
}

static void put(const struct history *history, struct history_series *series, uint32_t packets)
{
    series->seconds[history->now_s % HISTORY_SLOTS] = packets;
    series->minutes[history->now_s / 60 % HISTORY_SLOTS] += packets;
    series->timeline[(history->now_s - history->first_s) / history->step_s] += packets;
}

static void close_second(struct history *history, const struct counts *counts)
{
    uint64_t known = 0, all = counts->icmp;
    struct history_series *other = &history->series[OTHER];

    while ((history->now_s - history->first_s) / history->step_s >= HISTORY_TIMELINE)
        double_step(history);
    follow_new(history, counts);
    for (size_t i = 0; i < history->series_count; i++) {
        struct history_series *series = &history->series[i];
        uint64_t now = counted(counts, series);

        put(history, series, (uint32_t)(now - series->before));
        series->before = now;
        known += now;
    }
    if (all > known && all - known >= other->before) {
        other->family = ALL_OTHERS;
        put(history, other, (uint32_t)(all - known - other->before));
        other->before = all - known;
    }
}

/* Seconds without packets: the slots that the ring passes over are empty. */
static void clear_between(struct history *history, int64_t now_s)
{
    int64_t seconds = now_s - history->now_s, minutes = now_s / 60 - history->now_s / 60;

    for (size_t i = 0; i < HISTORY_SERIES; i++) {
        struct history_series *series = &history->series[i];

        for (int64_t back = 0; back < seconds && back < HISTORY_SLOTS; back++)
            series->seconds[(now_s - back) % HISTORY_SLOTS] = 0;
        for (int64_t back = 0; back < minutes && back < HISTORY_SLOTS; back++)
            series->minutes[(now_s / 60 - back) % HISTORY_SLOTS] = 0;
    }
}

void history_advance(struct history *history, const struct counts *counts, int64_t now_s)
{
    if (now_s <= history->now_s)
        return;
    close_second(history, counts);
    clear_between(history, now_s);
    history->now_s = now_s;
}

uint32_t history_second(const struct history *history, const struct history_series *series, unsigned back)
{
    if (back == 0 || back >= HISTORY_SLOTS || back > history->now_s - history->first_s)
        return 0;
    return series->seconds[(history->now_s - back) % HISTORY_SLOTS];
}

uint32_t history_minute(const struct history *history, const struct history_series *series, unsigned back)
{
    if (back >= HISTORY_SLOTS || back > history->now_s / 60 - history->first_s / 60)
        return 0;
    return series->minutes[(history->now_s / 60 - back) % HISTORY_SLOTS];
}

size_t history_steps(const struct history *history)
{
    int64_t steps = history->step_s ? (history->now_s - history->first_s) / history->step_s + 1 : 0;

    return (size_t)(steps < HISTORY_TIMELINE ? steps : HISTORY_TIMELINE);
}
