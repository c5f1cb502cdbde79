/* SPDX-License-Identifier: MIT */
/* The loop of a watch: frames from all captures into one engine, until they end, time is up or somebody stops
 * it. */
#include "net/capture/drive.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "base/macro.h"
#include "net/sock.h"

enum { READS_MAX = 256 /* batches of one capture before the others and the guests have their turn */ };

#define WAIT_NS                                                                                              \
    (200 * NS_PER_MS) /* how long live captures may be silent before time goes on without them               \
                       */

static int64_t wall_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void complain_of(const struct drive *drive, const struct capture *capture,
                        const struct sonde_error *error)
{
    if (drive->problem)
        drive->problem(drive->context, capture, error);
}

static void tell_return(const struct drive *drive, const struct capture *capture)
{
    struct sonde_error back = {0};

    error_set(&back, 0, "%s is back", capture->name);
    complain_of(drive, capture, &back);
}

/* Returns whether more is there at once. */
static bool read_some(struct drive *drive, struct capture *capture, int *failed)
{
    struct frame frames[CAPTURE_BATCH];

    for (int reads = 0; reads < READS_MAX; reads++) {
        struct sonde_error error = {0};
        bool was_absent = capture->absent;
        int count = capture->read(capture, frames, &error);

        if (was_absent && !capture->absent)
            tell_return(drive, capture);
        if (count < 0) {
            complain_of(drive, capture, &error);
            *failed = capture->live ? *failed : count;
            capture->ended |= !capture->live;
            return false;
        }
        if (count == 0)
            return false;
        watch_frames(drive->watch, frames, (size_t)count);
    }
    return true;
}

/* Read interfaces side by side, files one after the other. */
static bool read_all(struct drive *drive, int *failed)
{
    bool more = false;

    for (size_t i = 0; i < drive->capture_count; i++) {
        struct capture *capture = drive->captures[i];

        if (capture->ended)
            continue;
        more |= read_some(drive, capture, failed) || capture->descriptor < 0;
        if (!capture->live)
            break;
    }
    return more;
}

/* How long poll may sleep, in ms. */
static int patience(const struct drive *drive, bool more, int64_t until_ns)
{
    int64_t now = sock_now(), wait = WAIT_NS;

    if (more)
        return 0;
    if (drive->length_ns && until_ns - now < wait)
        wait = until_ns - now;
    for (size_t i = 0; i < drive->tick_count; i++)
        if (drive->ticks[i].next_ns - now < wait)
            wait = drive->ticks[i].next_ns - now;
    return wait < 0 ? 0 : (int)((wait + NS_PER_MS - 1) / NS_PER_MS);
}

/* Wait for any of them, and serve the guests. Returns whether the user wants to end. */
static bool wait_for_input(struct drive *drive, int timeout_ms)
{
    struct pollfd polls[DRIVE_CAPTURES_MAX + DRIVE_GUESTS_MAX + 1];
    nfds_t count = 0;
    size_t guests;

    for (size_t i = 0; i < drive->capture_count; i++)
        if (!drive->captures[i]->ended && drive->captures[i]->descriptor >= 0)
            polls[count++] = (struct pollfd){drive->captures[i]->descriptor, POLLIN, 0};
    guests = count;
    for (size_t i = 0; i < drive->guest_count; i++)
        polls[count++] = (struct pollfd){drive->guests[i].descriptor, POLLIN, 0};
    polls[count++] = (struct pollfd){drive->stop, POLLIN, 0};
    if (poll(polls, count, timeout_ms) <= 0)
        return false;
    for (size_t i = 0; i < drive->guest_count; i++)
        if (polls[guests + i].revents)
            drive->guests[i].ready(drive->guests[i].context);
    return polls[count - 1].revents != 0;
}

static bool has_live(const struct drive *drive)
{
    if (drive->waits)
        return true;
    for (size_t i = 0; i < drive->capture_count; i++)
        if (drive->captures[i]->live && !drive->captures[i]->ended)
            return true;
    return false;
}

static bool has_ended(const struct drive *drive)
{
    if (drive->waits)
        return false;
    for (size_t i = 0; i < drive->capture_count; i++)
        if (!drive->captures[i]->ended)
            return false;
    return true;
}

static void call_ticks(struct drive *drive)
{
    for (size_t i = 0; i < drive->tick_count; i++) {
        struct drive_tick *tick = &drive->ticks[i];

        if (sock_now() < tick->next_ns)
            continue;
        tick->tick(tick->context);
        tick->next_ns = sock_now() + tick->every_ns;
    }
}

int drive_run(struct drive *drive)
{
    int64_t until_ns = sock_now() + drive->length_ns;
    int failed = 0;
    bool more = true;

    while (!drive->quit && !has_ended(drive) && (!drive->length_ns || sock_now() < until_ns)) {
        if (wait_for_input(drive, patience(drive, more, until_ns)))
            return -EINTR;
        more = read_all(drive, &failed);
        if (has_live(drive))
            watch_tick(drive->watch, wall_clock());
        call_ticks(drive);
    }
    return failed;
}

struct capture_statistics drive_statistics(const struct drive *drive)
{
    struct capture_statistics all = {0};

    for (size_t i = 0; i < drive->capture_count; i++) {
        struct capture_statistics one = {0};

        drive->captures[i]->statistics(drive->captures[i], &one);
        all.frames += one.frames;
        all.dropped_by_kernel += one.dropped_by_kernel;
        all.frozen += one.frozen;
    }
    return all;
}
