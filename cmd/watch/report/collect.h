/* SPDX-License-Identifier: MIT */
/* A sink that keeps the rows it gets: of each kind the ones with the most packets. */
#ifndef SONDE_CMD_WATCH_REPORT_COLLECT_H
#define SONDE_CMD_WATCH_REPORT_COLLECT_H

#include "detect/report.h"

enum {
    COLLECT_COUNTS = 256,
    COLLECT_INTERFACES = 256,
    COLLECT_TALKERS = 64,
    COLLECT_STEPS = HISTORY_SERIES * HISTORY_TIMELINE,
};

/** Rows of one kind. */
struct collect_rows {
    const struct schema *schema;
    size_t packets; /* offset of the number that decides who stays when there are too many */
    size_t most, count;
    char *items;
};

enum { COLLECT_KINDS = 4 };

/** The sink. */
struct collect {
    struct sink sink;
    struct collect_rows rows[COLLECT_KINDS]; /* counts, interfaces, talkers, steps of time */
    int64_t left_out;
};

/** Prepare it. Returns 0 or -ENOMEM; collect_deinit releases it in any case. */
int collect_init(struct collect *collect);

/** Free the rows. */
void collect_deinit(struct collect *collect);

/** Put the rows with the most packets first; rows with equally many stay in their order. */
void collect_sort(struct collect_rows *rows);

#endif
