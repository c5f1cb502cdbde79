/* SPDX-License-Identifier: MIT */
/* Reading ahead: a second thread copies the next octets of a file while the first one looks at these. */
#ifndef SONDE_NET_CAPTURE_AHEAD_H
#define SONDE_NET_CAPTURE_AHEAD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { AHEAD_CHUNKS = 4 };

struct ahead;

/**
 * Begin to read where the file stands. The thread has no more rights than the caller has at this moment.
 * @param descriptor of a regular file
 * @param margin octets that are left free before each chunk, for what is left over from the one before
 * @param step octets of a chunk
 * @return NULL when there is no memory or no thread to be had
 */
struct ahead *ahead_start(int descriptor, size_t margin, size_t step);

/**
 * Take the next chunk. The one taken before stays as it is until ahead_release.
 * @param chunk set to where its octets are; `margin` octets before it may be written to
 * @return octets; 0 at the end of the file; -errno
 */
ssize_t ahead_take(struct ahead *ahead, uint8_t **chunk);

/** Give back the chunk that was taken before the last one. */
void ahead_release(struct ahead *ahead);

/** End the thread and free all chunks. Takes NULL; returns it. */
struct ahead *ahead_stop(struct ahead *ahead);

#endif
