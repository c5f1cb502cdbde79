/* SPDX-License-Identifier: MIT */
/* How long the kernel goes on with the policy on trial. */
#ifndef SONDE_NET_GUARD_LIVE_LEASE_H
#define SONDE_NET_GUARD_LIVE_LEASE_H

#include <stdbool.h>
#include <stdint.h>

/** The set of the table `inet sonde_guard` whose elements are the lease. */
#define LEASE_SET "lease"

/**
 * What is left of the lease, in the caller's network namespace.
 * @param left_ms 0: there is none, or it is over
 * @return 0, -EPERM or another -errno
 */
int lease_left(int64_t *left_ms);

/** Whether nothing is left of it, or it cannot be asked for. */
bool lease_is_over(void);

#endif
