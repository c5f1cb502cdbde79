/* SPDX-License-Identifier: MIT */
/* Waiting for the end of a trial, whichever it is. */
#ifndef SONDE_CMD_GUARD_WAIT_H
#define SONDE_CMD_GUARD_WAIT_H

#include "net/guard/apply/force.h"

/** How the waiting ended. */
enum wait_end {
    WAIT_CONFIRMED,
    WAIT_ENDED,     /* the lease */
    WAIT_WITHDRAWN, /* by somebody else */
    WAIT_RED,       /* a probe failed */
    WAIT_LEFT,      /* the user does not want to wait; the lease goes on */
};

/**
 * Wait, and show on a terminal how long it lasts.
 * @return 0; else as guard_look
 */
int wait_for_end(const struct guard_folders *folders, const struct trial *trial, enum wait_end *end,
                 struct sonde_error *error);

#endif
