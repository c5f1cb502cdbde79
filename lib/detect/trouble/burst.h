/* SPDX-License-Identifier: MIT */
/* Bursts of unreachable messages about one service or from one reporter. */
#ifndef SONDE_DETECT_TROUBLE_BURST_H
#define SONDE_DETECT_TROUBLE_BURST_H

#include "base/distinct.h"
#include "detect/trouble/complaint.h"
#include "detect/trouble/row.h"

enum { BURST_SETS = 32, BURST_WINDOW_S = 10 };

/** One service or reporter. */
struct burst_row {
    struct trouble_row head;          /* last_s: the second that is counted */
    uint16_t seconds[BURST_WINDOW_S]; /* errors in each of the last seconds, by their number */
    float baseline;                   /* errors a second */
    uint16_t lasting;                 /* seconds in a row above LARGE */
    struct distinct others;           /* clients of a service, targets of a reporter */
};

/** All of them; zeroed memory is ready. */
struct burst {
    struct candidates reporters;
    struct burst_row rows[BURST_SETS * TROUBLE_WAYS];
};

/** Look into a complaint that is COMPLAINT_UNREACHABLE. */
void burst_see(struct watch *watch, struct burst *burst, const struct complaint *complaint);

#endif
