/* SPDX-License-Identifier: MIT */
/* The recent past and the whole past in constant memory: a ring of seconds, a ring of minutes, and a timeline
 * whose steps double when it is full. */
#ifndef SONDE_DETECT_HISTORY_H
#define SONDE_DETECT_HISTORY_H

#include "detect/count.h"

enum {
    HISTORY_SERIES = 48,    /* types and codes followed; the last series sums up the others */
    HISTORY_SLOTS = 60,     /* seconds, and minutes */
    HISTORY_TIMELINE = 240, /* steps of the whole past */
};

/** What a series follows. */
struct history_series {
    uint8_t family, type, code; /* family 0: free; 255: all others */
    uint64_t before;            /* packets counted when the present second began */
    uint32_t seconds[HISTORY_SLOTS];
    uint32_t minutes[HISTORY_SLOTS];
    uint32_t timeline[HISTORY_TIMELINE];
};

/** The past. */
struct history {
    struct history_series series[HISTORY_SERIES];
    size_t series_count;
    uint32_t names_seen; /* of counts->first, how many were looked at */
    int64_t first_s;     /* second in which the watch began, since 1970 */
    int64_t now_s;       /* second that is being counted */
    int64_t step_s;      /* length of a step of the timeline; 0: the watch did not begin */
};

/** Begin a watch at this second. */
void history_begin(struct history *history, int64_t now_s);

/**
 * Close the seconds before `now_s`: put what was counted since into its slots. To be called when a packet of
 * a later second comes, and each second without packets. A jump of any length costs at most one turn of each
 * ring.
 */
void history_advance(struct history *history, const struct counts *counts, int64_t now_s);

/** Packets of a series `back` seconds ago; 1 is the last whole second. */
uint32_t history_second(const struct history *history, const struct history_series *series, unsigned back);

/** Packets of a series `back` minutes ago; 1 is the last whole minute. */
uint32_t history_minute(const struct history *history, const struct history_series *series, unsigned back);

/** How many steps of the timeline are in use. */
size_t history_steps(const struct history *history);

#endif
