/* SPDX-License-Identifier: MIT */
/* Time a piece of work and say how often it can be done in a second. */
#ifndef SONDE_TESTS_BENCH_BENCH_H
#define SONDE_TESTS_BENCH_BENCH_H

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/macro.h"

/** Now, in ns of the monotonic clock. */
static inline int64_t bench_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/**
 * Do something again and again for half a second, and print the rate.
 * @param what what is counted, in the plural
 * @param once does it once
 * @param context handed to `once`
 */
static inline void bench(const char *what, void (*once)(void *context), void *context)
{
    int64_t start = bench_now(), elapsed, count = 0;

    do {
        for (int i = 0; i < 1000; i++)
            once(context);
        count += 1000;
        elapsed = bench_now() - start;
    } while (elapsed < NS_PER_S / 2);
    printf("%-40s %10" PRId64 " a second, %6" PRId64 " ns each\n", what, count * NS_PER_S / elapsed,
           elapsed / count);
}

#endif
