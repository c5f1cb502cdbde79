/* SPDX-License-Identifier: MIT */
/* sonde why --firewall-log: what a firewall's log says about the targets, as further evidence. */
#ifndef SONDE_CMD_WHY_LOG_H
#define SONDE_CMD_WHY_LOG_H

#include <stdio.h>

#include "diagnose/log/tally.h"
#include "net/why.h"

/** A log; zero-initialised there is none, and reading it or telling of it does nothing. */
struct why_log {
    const char *path;
    FILE *file;
    struct tally_own own;
    struct tally *tallies; /* one for each target */
    size_t count;
    uint64_t lines, packets; /* that were read; of these, lines that speak of a packet */
    int error;               /* -errno of reading, or 0 */
};

/**
 * Open the log, before the sandbox forbids it.
 * @param path a file; - is standard input
 * @return 0, or SONDE_E_USAGE when it cannot be read
 */
int why_log_open(struct why_log *log, const char *path, struct sonde_error *error);

/** Read it to its end, or until interrupted: after the diagnosis, so that it may hold lines about its
 * packets. */
void why_log_read(struct why_log *log, const struct sonde_why *why);

/** Close it and free what it holds. */
void why_log_close(struct why_log *log);

/**
 * A report together with what the log says about its target.
 * @param index of the report
 * @param told filled; free it with why_log_release
 */
void why_log_tell(const struct why_log *log, size_t index, const struct sonde_why_report *report,
                  struct sonde_why_report *told);

/** Free what why_log_tell added. */
void why_log_release(const struct sonde_why_report *report, struct sonde_why_report *told);

#endif
