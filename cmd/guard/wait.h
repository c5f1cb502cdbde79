/* SPDX-License-Identifier: MIT */
/* Waiting for the end of a trial, whichever it is. */
#ifndef SONDE_CMD_GUARD_WAIT_H
#define SONDE_CMD_GUARD_WAIT_H

#include "net/guard/apply/force.h"
#include "net/guard/apply/probe/probe.h"

/** How the waiting ended. */
enum wait_end {
    WAIT_CONFIRMED,
    WAIT_ENDED,     /* the lease */
    WAIT_WITHDRAWN, /* by somebody else */
    WAIT_RED,       /* a probe failed */
    WAIT_LEFT,      /* the user does not want to wait; the lease goes on */
};

/**
 * Ask the probes at once and every two seconds, and end the trial when one is red; show on a terminal how
 * long it lasts.
 * @param probes those that were green before
 * @return 0; else as guard_look
 */
int wait_for_end(const struct guard_folders *folders, const struct trial *trial, struct guard_probes *probes,
                 enum wait_end *end, struct sonde_error *error);

#endif
