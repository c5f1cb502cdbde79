/* SPDX-License-Identifier: MIT */
/* Whether the last day of a counter is unlike the days before it. */
#ifndef SONDE_POLICY_REVIEW_RATE_H
#define SONDE_POLICY_REVIEW_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The last day beside the ones before it. */
struct rate_change {
    bool rising;       /* it is unusually high */
    bool new;          /* and there was nothing before */
    double usual;      /* median of the days before, packets a day */
    double now;        /* packets in the last day, as if it had been observed as a whole */
    double confidence; /* at least; free of assumptions about the distribution (Chebyshev) */
    size_t days;       /* that `usual` is made of */
};

/**
 * Compare the last day with those before it.
 * @param packets a day each, the oldest first
 * @param observed_s seconds of each day that were observed
 * @return nothing rising when too little was observed
 */
struct rate_change rate_compare(const int64_t *packets, const int64_t *observed_s, size_t count);

#endif
