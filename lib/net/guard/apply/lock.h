/* SPDX-License-Identifier: MIT */
/* One guard at a time. */
#ifndef SONDE_NET_GUARD_APPLY_LOCK_H
#define SONDE_NET_GUARD_APPLY_LOCK_H

#include <stdint.h>

#include "base/error.h"

/**
 * Take the lock of a state folder; the kernel gives it back when the process ends, however it ends.
 * @param patience_ns how long to wait for another one
 * @return a descriptor for lock_release; SONDE_E_BUSY with the process that holds it; -errno
 */
int lock_take(const char *folder, int64_t patience_ns, struct sonde_error *error);

/** Give the lock back. Takes a negative descriptor. */
void lock_release(int lock);

#endif
