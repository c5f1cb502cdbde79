/* SPDX-License-Identifier: MIT */
/* Programs that are run on an event: by a process of their own, made before this one gives up its rights. */
#ifndef SONDE_NET_PROGRAM_HOOK_H
#define SONDE_NET_PROGRAM_HOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { HOOK_EVENT_MAX = 64 * 1024 };

/** A runner of hooks; zero-initialise it. */
struct hook {
    int channel;   /* events go there, a message each */
    uint64_t lost; /* events that the runner was too busy for */
};

/** What is run, and how often. */
struct hook_options {
    char *const
        *argv; /* the program and its arguments, NULL-terminated; it gets the event on standard input */
    int64_t per_minute;  /* runs at most in a minute, spread evenly after the first few */
    int64_t patience_ns; /* a program that runs longer is ended */
};

/**
 * Start the runner. It has the rights of the caller, sees nothing but events, and ends with the caller.
 * @return 0 or -errno
 */
int hook_start(struct hook *hook, const struct hook_options *options, struct sonde_error *error);

/**
 * Hand over an event; never waits.
 * @param event text of at most HOOK_EVENT_MAX octets
 * @return whether the runner takes it; else it is counted as lost
 */
bool hook_tell(struct hook *hook, const char *event);

/**
 * Let the runner finish what it was told, and wait for it.
 * @param skipped set to how many events were left out because there were too many
 * @return 0, or -ECHILD when a program failed: it could not be run, ended with another status than 0, or was
 * ended
 */
int hook_stop(struct hook *hook, uint64_t *skipped);

#endif
