/* SPDX-License-Identifier: MIT */
/* Waiting for the end of a trial: the kernel is looked at when its rules change, and when the lease ends. */
#include "cmd/guard/wait.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "net/guard/live/lease.h"
#include "net/program/nft.h"
#include "net/sock.h"

#define PROBE_GAP_NS (2 * NS_PER_S)

static const struct timespec nap = {0, 100 * NS_PER_MS};

static const enum wait_end ends[] = {
    [TRIAL_CONFIRMED] = WAIT_CONFIRMED, [TRIAL_ENDED] = WAIT_ENDED, [TRIAL_WITHDRAWN] = WAIT_WITHDRAWN};

static void show(int64_t left_ms)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\rOn trial for another %lld s. From a new connection: sonde guard confirm \033[K",
                (long long)(left_ms + 999) / 1000);
}

static void show_end(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

/* Ask the probes when it is time. One that is red is red for good: it was asked three times. */
static int ask(struct guard_probes *probes, int64_t *next_ns, bool *red)
{
    int code = 0;

    if (sock_now() < *next_ns)
        return 0;
    code = guard_probes_ask(probes, true);
    *next_ns = sock_now() + PROBE_GAP_NS;
    *red = code == 0 && guard_probes_red(probes) != NULL;
    return code;
}

static int look(const struct trial *trial, uint32_t *seen, int64_t *left_ms, enum trial_fate *fate,
                struct sonde_error *error)
{
    uint32_t generation = 0;
    int code = nft_generation(&generation);

    if (code == 0)
        code = lease_left(left_ms);
    if (code < 0)
        return error_set(error, code, "cannot ask the kernel for the lease: %s", sonde_error_text(code));
    if (generation != *seen || *left_ms == 0)
        code = guard_look(trial, fate, left_ms, error);
    *seen = generation;
    return code;
}

/* Wait for the end; WAIT_RED is only what a probe says, the trial still runs. */
static int watch(const struct trial *trial, struct guard_probes *probes, enum wait_end *end,
                 struct sonde_error *error)
{
    enum trial_fate fate = TRIAL_RUNS;
    int64_t left_ms = trial->lease_ms, next_ns = 0;
    uint32_t seen = 0;
    bool red = false;
    int code = 0;

    while (code == 0 && fate == TRIAL_RUNS) {
        int asked;

        show(left_ms);
        asked = ask(probes, &next_ns, &red);
        *end = red ? WAIT_RED : WAIT_LEFT;
        if (red || asked == -EINTR || nanosleep(&nap, NULL) < 0)
            return 0;
        code = look(trial, &seen, &left_ms, &fate, error);
    }
    if (fate != TRIAL_RUNS)
        *end = ends[fate];
    return code;
}

/* A probe is red: back, unless somebody decided otherwise just now. */
static int go_back(const struct guard_folders *folders, const struct trial *trial, enum wait_end *end,
                   struct sonde_error *error)
{
    enum trial_fate fate = TRIAL_RUNS;
    int64_t left_ms;
    int code = guard_withdraw(folders, trial, error);

    if (code == 0)
        code = guard_look(trial, &fate, &left_ms, error);
    if (fate != TRIAL_RUNS)
        *end = ends[fate];
    return code < 0 ? code : 0;
}

int wait_for_end(const struct guard_folders *folders, const struct trial *trial, struct guard_probes *probes,
                 enum wait_end *end, struct sonde_error *error)
{
    int code;

    if (!isatty(STDERR_FILENO))
        fprintf(stderr, "On trial for %lld s. From a new connection: sonde guard confirm\n",
                (long long)trial->lease_ms / 1000);
    code = watch(trial, probes, end, error);
    show_end();
    if (code == 0 && *end == WAIT_RED)
        return go_back(folders, trial, end, error);
    if (code == 0 && *end == WAIT_ENDED) /* the next one would do it, too */
        guard_withdraw(folders, trial, NULL);
    return code;
}
