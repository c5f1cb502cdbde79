/* SPDX-License-Identifier: MIT */
/* A lab that stands: who keeps it, where its state is, and how it always goes away again.
 * Each lab has a keeper, a process in a session of its own that builds the network, is the parent of its
 * services, and removes everything when it is told to, when the command that wanted the lab ends in whatever
 * way, or on SIGTERM. Should the keeper itself be killed, its services die with it, and the next lab command
 * removes the rest: the keeper holds a lock on the state file, so a lock that is free marks a leftover. */
#ifndef SONDE_NET_LAB_INSTANCE_H
#define SONDE_NET_LAB_INSTANCE_H

#include <sys/types.h>

#include "net/lab/scenario.h"

enum { INSTANCE_NAME_MAX = 80 };

/** A lab that this process wanted. */
struct instance {
    char name[INSTANCE_NAME_MAX];
    int control; /* the keeper ends when this closes */
    pid_t keeper;
};

/**
 * Build a scenario's network.
 * @param name of the instance: what namespaces are called after, unique on this machine
 * @return 0 once everything stands, else an error with its context and nothing left: SONDE_E_PERMISSION,
 *         SONDE_E_BUSY (the name is taken), SONDE_E_UNSUPPORTED (nft or a kernel feature is missing), or
 * -errno
 */
int instance_start(struct instance *instance, const struct scenario *scenario, const char *name,
                   struct sonde_error *error);

/** Let a lab stand when this process ends. Returns 0 or -errno. */
int instance_leave(struct instance *instance);

/** Take a lab away that this process started; returns when it is gone. */
void instance_end(struct instance *instance);

/**
 * Take a lab away that somebody started.
 * @return 0, SONDE_E_NOT_FOUND when it is not up, or -errno, with context
 */
int instance_take_down(const char *name, struct sonde_error *error);

/** Whether a lab of this name stands. */
bool instance_is_up(const char *name);

/** Remove what dead keepers left. Does nothing without the permission to. */
void instance_sweep(void);

#endif
