/* SPDX-License-Identifier: MIT */
/* The sequential test of first contacts. */
#include "detect/scan/slow.h"

#include "base/macro.h"
#include "detect/watch.h"

enum {
    FLOOR = -6,       /* a host that always found its targets may become a scanner */
    IDLE_S = 7200,    /* after that, what failed long ago does not count */
    ONE_WAY_MIN = 16, /* targets */
};

#define BURST_NS NS_PER_S /* mean time between contacts of a fast sender */
#define STEP                                                                                                 \
    1.38629436 /* ln(0.8 / 0.2): a contact of an honest host fails with 0.2, of a scanner with 0.8           \
                */

double slow_ratio(int walk)
{
    return walk * STEP;
}

void slow_walk(struct scan *scan, const struct source *source, const struct watch *watch, unsigned age_s)
{
    uint32_t now_s = watch->now_s;
    struct scan_verdict *verdict = &scan->verdict;
    unsigned settled = scans_settled(source, scan, now_s, age_s);
    unsigned failed = settled > source->answered ? settled - source->answered : 0;
    int walk = verdict->walk + (int)failed - verdict->failed - (source->answered - verdict->answered);

    if (failed == verdict->failed && source->answered == verdict->answered)
        return;
    if (verdict->walk <= 0)
        verdict->walk_ns = verdict->walk_ns ? watch->now_ns : watch->begin_ns + source->first_s * NS_PER_S;
    if (now_s - verdict->walk_s > IDLE_S && walk > 1)
        walk = 1;
    verdict->walk_s = now_s;
    verdict->failed = (uint16_t)failed;
    verdict->answered = source->answered;
    verdict->walk = (int16_t)(walk < FLOOR ? FLOOR : walk > INT16_MAX ? INT16_MAX : walk);
}

bool slow_decides(const struct scan *scan, int64_t now_ns, bool one_way, bool *burst)
{
    const struct scan_verdict *verdict = &scan->verdict;

    *burst = now_ns - verdict->walk_ns < verdict->walk * BURST_NS;
    return verdict->walk >= (*burst ? SLOW_BURST : SLOW_LIMIT) && scan->insisted * 2 < verdict->failed &&
           !(one_way && scans_distinct(scan) < ONE_WAY_MIN);
}
