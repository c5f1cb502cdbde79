/* SPDX-License-Identifier: MIT */
/* What a diagnosis gives up once its sockets are open: every capability, and every system call it does not
 * need. */
#ifndef SONDE_NET_SANDBOX_H
#define SONDE_NET_SANDBOX_H

#include <stdbool.h>

#include "base/error.h"

/** What happens to a system call that is not allowed. */
enum sandbox_answer {
    SANDBOX_REFUSE, /* it fails with EPERM */
    SANDBOX_KILL,   /* it ends the process with SIGSYS; for tests, so that no slip stays unseen */
};

/** What this process has given up. */
struct sandbox_state {
    bool capable;           /* has an effective, permitted or inheritable capability */
    bool no_new_privileges; /* prctl(PR_SET_NO_NEW_PRIVS) */
    bool filtered;          /* a seccomp filter is in force */
};

/**
 * Drop every capability, forbid to gain any, and allow only the system calls of sending, receiving and
 * printing, also on a terminal as a whole.
 *
 * Afterwards no file can be opened, no program run, no process made, and no socket opened but TCP, UDP and
 * ping over IPv4 and IPv6: names must be resolved, files opened and the sockets of lib/net/local.h and
 * lib/net/raw.h ready. There is no way back. Works for root and for ordinary users alike.
 * @return 0, or -errno of what could not be dropped; the process then is to be ended
 */
int sandbox_enter(enum sandbox_answer answer, struct sonde_error *error);

/**
 * Look at this process; works in the sandbox.
 * @return 0 or -errno
 */
int sandbox_query(struct sandbox_state *state);

#endif
