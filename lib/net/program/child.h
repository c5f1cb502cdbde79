/* SPDX-License-Identifier: MIT */
/* A program run as a child: its input given, its output and complaints taken. */
#ifndef SONDE_NET_PROGRAM_CHILD_H
#define SONDE_NET_PROGRAM_CHILD_H

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/text.h"

/** What to run. */
struct child {
    const char *const *programs;  /* paths to try: "/usr/sbin/nft", "/sbin/nft"; NULL ends the list */
    const char *const *arguments; /* with the name in front; NULL ends the list */
    struct slice input;           /* for its standard input */
    int64_t timeout_ns;           /* after which it is killed */
};

/**
 * Run a program and wait for its end. Nothing but its path is looked up, and it gets an environment of its
 * own (LC_ALL=C).
 * @param output, complaints appended what it wrote to standard output and error; either may be NULL
 * @return its exit status (0 to 255); SONDE_E_UNSUPPORTED when there is no such program; -ETIMEDOUT; -errno
 */
int child_run(const struct child *child, struct text *output, struct text *complaints,
              struct sonde_error *error);

/** The paths of nft. */
extern const char *const child_nft[];

#endif
