/* SPDX-License-Identifier: MIT */
/* The counters of the policy in force, as the kernel has them. */
#ifndef SONDE_NET_GUARD_COUNTERS_H
#define SONDE_NET_GUARD_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

/** A counter as it stands. */
struct guard_counter {
    char *name; /* "v4.8.0.input.accept" */
    int64_t packets, bytes;
    int64_t identity; /* another one when the counter was made anew; never 0 */
};

/** Counters of all engines, by name; zero-initialise. */
struct guard_counters {
    struct guard_counter *items;
    size_t count, capacity;
};

/**
 * Add a counter; what is counted under a name by several engines is counted together.
 * @param identity differs for each counter that was made
 */
void guard_counters_add(struct guard_counters *counters, const char *name, int64_t packets, int64_t bytes,
                        int64_t identity);

/**
 * Add the named counters of a table from its listing.
 * @param json what `nft -j list table` printed
 * @return 0, or SONDE_E_FORMAT
 */
int guard_counters_parse(struct guard_counters *counters, struct slice json, struct sonde_error *error);

/** A counter by its name, or NULL. */
const struct guard_counter *guard_counters_find(const struct guard_counters *counters, const char *name);

/** Free everything; it is empty afterwards. */
void guard_counters_deinit(struct guard_counters *counters);

#endif
