/* SPDX-License-Identifier: MIT */
/* The kernel's counters of a network namespace, before and after. */
#ifndef SONDE_NET_SERVER_COUNTERS_H
#define SONDE_NET_SERVER_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { COUNTER_NAME_MAX = 48 };

/** One counter. */
struct counter {
    char name[COUNTER_NAME_MAX]; /* as nstat(8) writes it: "UdpNoPorts", "TcpExtListenOverflows",
                                    "Ip6InDiscards" */
    int64_t value;
};

/** All counters at one moment; zero-initialise. */
struct counters {
    struct counter *items;
    size_t count, capacity;
};

/**
 * Read /proc/net/snmp, netstat and snmp6 of the caller's network namespace. A missing file (no IPv6) is
 * passed over.
 * @param counters filled; counters_deinit frees it also after an error
 * @return 0, SONDE_E_UNSUPPORTED when there is none of the files, or -ENOMEM
 */
int counters_read(struct counters *counters, struct sonde_error *error);

/**
 * Add the counters of a text: a line of names and a line of values by turns (snmp), or a name and a value a
 * line (snmp6). Lines of another form are passed over.
 * @return 0 or -ENOMEM
 */
int counters_parse(struct counters *counters, const char *text);

/** Free the counters; they are empty afterwards. */
void counters_deinit(struct counters *counters);

/**
 * The value of a counter.
 * @return -1 when there is no such counter
 */
int64_t counters_get(const struct counters *counters, const char *name);

/**
 * Which counters grew, and by how much.
 * @param changes, max filled with at most as many; `value` is the growth
 * @return how many grew, perhaps more than max
 */
size_t counters_growth(const struct counters *before, const struct counters *after, struct counter *changes,
                       size_t max);

#endif
