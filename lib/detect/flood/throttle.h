/* SPDX-License-Identifier: MIT */
/* How often the same finding is raised: not for each packet of an attack. */
#ifndef SONDE_DETECT_FLOOD_THROTTLE_H
#define SONDE_DETECT_FLOOD_THROTTLE_H

#include <stdbool.h>

#include "detect/finding.h"

enum { THROTTLE_SUBJECTS = 16, THROTTLE_PER_SECOND = 64 };

/** Subjects that were raised lately; zeroed memory is ready. */
struct throttle {
    struct {
        uint64_t subject;
        int64_t next_ns;  /* not raised again before, once there are enough samples */
        uint32_t skipped; /* packets not told since */
        uint32_t raised;
    } rows[THROTTLE_SUBJECTS];
    uint32_t second, in_second;
};

/**
 * Whether to raise now.
 * @param subject a hash of what the finding is about
 * @param skipped set to the packets of this subject that were not raised before
 */
static inline bool throttle_passes(struct throttle *throttle, uint64_t subject, int64_t now_ns,
                                   uint32_t *skipped)
{
    uint64_t row = (subject >> 32) % THROTTLE_SUBJECTS;
    uint32_t second = (uint32_t)(now_ns / INT64_C(1000000000));

    *skipped = 0;
    if (throttle->second != second)
        throttle->in_second = 0;
    throttle->second = second;
    if (throttle->rows[row].subject != subject) {
        throttle->rows[row].subject = subject;
        throttle->rows[row].next_ns = 0;
        throttle->rows[row].skipped = throttle->rows[row].raised = 0;
    }
    if ((throttle->rows[row].raised >= FINDING_SAMPLES && now_ns < throttle->rows[row].next_ns) ||
        throttle->in_second >= THROTTLE_PER_SECOND) {
        throttle->rows[row].skipped++;
        return false;
    }
    throttle->in_second++;
    throttle->rows[row].raised++;
    throttle->rows[row].next_ns = now_ns + INT64_C(1000000000);
    *skipped = throttle->rows[row].skipped;
    throttle->rows[row].skipped = 0;
    return true;
}

#endif
