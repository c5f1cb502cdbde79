/* SPDX-License-Identifier: MIT */
/* Bursts of unreachable messages about one service or from one reporter. */
#ifndef SONDE_DETECT_TROUBLE_BURST_H
#define SONDE_DETECT_TROUBLE_BURST_H

#include "base/distinct.h"
#include "detect/trouble/complaint.h"

enum { BURST_SETS = 32, BURST_WAYS = 4, BURST_WINDOW_S = 10 };

/** One service or reporter. */
struct burst_row {
    uint64_t tag;                     /* 0: free */
    uint32_t now_s;                   /* the second that is counted */
    uint16_t seconds[BURST_WINDOW_S]; /* errors in each of the last seconds, by their number */
    float baseline;                   /* errors a second */
    uint32_t untold;                  /* errors that are not in a finding yet */
    uint16_t lasting;                 /* seconds in a row above LARGE */
    uint16_t samples;                 /* packets shown */
    uint32_t told_s;
    struct distinct others; /* clients of a service, targets of a reporter */
};

/** All of them; zeroed memory is ready. */
struct burst {
    struct candidates reporters;
    struct burst_row rows[BURST_SETS * BURST_WAYS];
};

/** Look into a complaint that is COMPLAINT_UNREACHABLE. */
void burst_see(struct watch *watch, struct burst *burst, const struct complaint *complaint);

#endif
