/* SPDX-License-Identifier: MIT */
/* The sequential test of first contacts: whoever knows a network asks hosts that exist; whoever scans it
 * mostly asks others (Jung et al. 2004, "Fast Portscan Detection Using Sequential Hypothesis Testing"). */
#ifndef SONDE_DETECT_SCAN_SLOW_H
#define SONDE_DETECT_SCAN_SLOW_H

#include "detect/detector.h"

enum {
    SLOW_LIMIT = 6,  /* failed less answered first contacts that accuse a slow sender */
    SLOW_BURST = 10, /* the same for a fast one: of a list, the dead ones may come first */
};

/** Let the walk make the steps that are certain by now. @param age_s as in scans_settled */
void slow_walk(struct scan *scan, const struct source *source, const struct watch *watch, unsigned age_s);

/** Whether the walk has reached the limit. @param one_way nobody's questions are answered here
 *  @param burst set to whether the questions came fast */
bool slow_decides(const struct scan *scan, int64_t now_ns, bool one_way, bool *burst);

/** The log-likelihood ratio that a walk stands for. */
double slow_ratio(int walk);

#endif
