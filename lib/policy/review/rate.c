/* SPDX-License-Identifier: MIT */
/* Whether the last day of a counter is unlike the days before it: median and median deviation, which a single
 * odd day does not move. */
#include "policy/review/rate.h"

#include <math.h>
#include <stdlib.h>

#include "policy/review/review.h"

#define DAY_S 86400.0

/* Fewer packets more than usual are nothing to speak of, nor is less than twice as much. */
static const double least_more = 50, least_ratio = 2, least_deviations = 6;

static int compare_reals(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return a < b ? -1 : a > b;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare_reals);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* A day as if it had been observed as a whole; days of which less than half was are left out. */
static size_t take_days(const int64_t *packets, const int64_t *observed_s, size_t count, double *days)
{
    size_t taken = 0;

    for (size_t i = 0; i < count; i++)
        if ((double)observed_s[i] >= DAY_S / 2)
            days[taken++] = (double)packets[i] * DAY_S / (double)observed_s[i];
    return taken;
}

/* The usual distance from the median, at least that of counting itself (Poisson). */
static double deviation(double *days, size_t count, double middle)
{
    double spread;

    for (size_t i = 0; i < count; i++)
        days[i] = fabs(days[i] - middle);
    spread = 1.4826 * median(days, count); /* the standard deviation, were they normal */
    return fmax(fmax(spread, sqrt(middle)), 1);
}

struct rate_change rate_compare(const int64_t *packets, const int64_t *observed_s, size_t count)
{
    struct rate_change change = {0};
    double *days = calloc(count + 1, sizeof(*days)), distance;

    if (!days)
        abort(); /* as base/text.c */
    if (count > 0)
        change.days = take_days(packets, observed_s, count - 1, days);
    if (change.days >= REVIEW_BASELINE_DAYS && (double)observed_s[count - 1] >= DAY_S / 4) {
        change.now = (double)packets[count - 1] * DAY_S / (double)observed_s[count - 1];
        change.usual = median(days, change.days);
        change.new = days[change.days - 1] == 0 && packets[count - 1] > 0; /* the median sorted them */
        distance = (change.now - change.usual) / deviation(days, change.days, change.usual);
        change.rising = distance >= least_deviations && change.now - change.usual >= least_more &&
                        change.now >= least_ratio * change.usual;
        change.confidence = distance > 1 ? 1 - 1 / (distance * distance) : 0;
    }
    free(days);
    return change;
}
