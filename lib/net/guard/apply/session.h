/* SPDX-License-Identifier: MIT */
/* From which connection somebody works: whoever confirms a policy must show that a new one comes about. */
#ifndef SONDE_NET_GUARD_APPLY_SESSION_H
#define SONDE_NET_GUARD_APPLY_SESSION_H

#include <stdbool.h>

enum { SESSION_MAX = 160 };

/** A session. */
struct session_of {
    char ssh[SESSION_MAX];   /* "198.51.100.7 50432 192.0.2.1 22" (sshd(8), SSH_CONNECTION), or empty */
    char login[SESSION_MAX]; /* what else tells logins apart */
};

/** The session of this process. sudo hides the variable and makes sessions of its own, so the processes above
 * are asked, too. */
void session_read(struct session_of *session);

/** Whether two are the same connection, or the same login where there is none. */
bool session_same(const struct session_of *one, const struct session_of *other);

#endif
