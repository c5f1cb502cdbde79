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

static bool is_followed(const struct history *history, uint8_t family, unsigned pair)
{
    for (size_t i = 0; i < history->series_count; i++)
        if (history->series[i].family == family && history->series[i].type == pair >> 8 &&
            history->series[i].code == (pair & 255))
            return true;
    return false;
}

/* New types are looked for only when the known ones do not explain all packets of a second. */
static void follow_new(struct history *history, const struct counts *counts)
{
    for (uint8_t family = 4; family <= 6; family += 2)
        for (unsigned pair = 0; pair < COUNT_PAIRS && history->series_count < OTHER; pair++) {
            struct history_series fresh = {
                .family = family, .type = (uint8_t)(pair >> 8), .code = (uint8_t)pair};

            if (counted(counts, &fresh) && !is_followed(history, family, pair))
                history->series[history->series_count++] = fresh;
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
    for (size_t i = 0; i < history->series_count; i++)
        known += counted(counts, &history->series[i]);
    if (known + other->before < all)
        follow_new(history, counts);
    known = 0;
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
    if (back == 0 || back >= HISTORY_SLOTS)
        return 0;
    return series->seconds[(history->now_s - back) % HISTORY_SLOTS];
}

uint32_t history_minute(const struct history *history, const struct history_series *series, unsigned back)
{
    if (back >= HISTORY_SLOTS)
        return 0;
    return series->minutes[(history->now_s / 60 - back) % HISTORY_SLOTS];
}

size_t history_steps(const struct history *history)
{
    int64_t steps = history->first_s ? (history->now_s - history->first_s) / history->step_s + 1 : 0;

    return (size_t)(steps < HISTORY_TIMELINE ? steps : HISTORY_TIMELINE);
}
