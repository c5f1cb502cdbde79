/* SPDX-License-Identifier: MIT */
/* The loop of a watch: frames from all captures into one engine, until they end, time is up or somebody stops
 * it. */
#ifndef SONDE_NET_CAPTURE_DRIVE_H
#define SONDE_NET_CAPTURE_DRIVE_H

#include "detect/watch.h"
#include "net/capture/capture.h"

enum { DRIVE_CAPTURES_MAX = 16, DRIVE_GUESTS_MAX = 4, DRIVE_TICKS_MAX = 4 };

/** Something else that waits on a descriptor in the same loop: keys, a web server. */
struct drive_guest {
    int descriptor;
    void (*ready)(void *context);
    void *context;
};

/** Something that is done now and then. */
struct drive_tick {
    int64_t every_ns;
    void (*tick)(void *context);
    void *context;
    int64_t next_ns; /* of the loop: when it is due */
};

/** Everything that a loop needs; zero-initialise it, fill in what is wanted. */
struct drive {
    struct watch *watch;
    struct capture *captures[DRIVE_CAPTURES_MAX];
    size_t capture_count;
    struct drive_guest guests[DRIVE_GUESTS_MAX];
    size_t guest_count;
    struct drive_tick ticks[DRIVE_TICKS_MAX];
    size_t tick_count;
    int stop;          /* a descriptor that becomes readable when the user wants to end, or -1 */
    int64_t length_ns; /* how long to watch; 0: until the captures end */
    bool waits;        /* there is nothing to read: run until time is up or somebody stops it */
    /** Something is wrong with a capture: damaged, gone, back (code 0). NULL: with a counter in the kernel.
     */
    void (*problem)(void *context, const struct capture *capture, const struct sonde_error *error);
    void *context;
    bool quit; /* a guest sets it to end the loop */
};

/**
 * Run until the end.
 * @return 0; -EINTR when `stop` became readable; else the last -errno of a capture that could not be read to
 * its end (`problem` said so before)
 */
int drive_run(struct drive *drive);

/** What became of the frames of all captures. */
struct capture_statistics drive_statistics(const struct drive *drive);

#endif
