/* SPDX-License-Identifier: MIT */
/* The files of a lab below /run/sonde/lab: who keeps it, which hosts it has, and what its hosts read in /etc.
 */
#ifndef SONDE_NET_LAB_STATE_H
#define SONDE_NET_LAB_STATE_H

#include <sys/types.h>

#include "net/lab/scenario.h"

#define STATE_FOLDER "/run/sonde/lab"

enum { STATE_PATH_MAX = 256 };

/** What the state file says. */
struct state_file {
    pid_t keeper;
    char hosts[SCENARIO_HOSTS_MAX][SCENARIO_NAME_MAX];
    size_t host_count;
};

/**
 * Wait for the right to add and remove labs. Closing the descriptor gives it back.
 * @return a descriptor or -errno
 */
int state_lock_folder(void);

/**
 * Write the files of a lab, with the calling process as its keeper.
 * @param lock set to a descriptor; while it or a copy is open, the lab is held
 * @return 0 or -errno
 */
int state_write(const char *name, const struct scenario *scenario, int *lock);

/** Read the state file. Returns 0, -ENOENT or another -errno. */
int state_read(const char *name, struct state_file *state);

/** Whether the keeper of a lab lives. */
bool state_is_held(const char *name);

/** Write the path of a file of a lab: "hosts", "resolv.conf" or "state". Returns path. */
const char *state_path(const char *name, const char *file, char path[STATE_PATH_MAX]);

/** Remove the files of a lab, if there are any. */
void state_remove(const char *name);

#endif
