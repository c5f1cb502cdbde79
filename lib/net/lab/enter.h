/* SPDX-License-Identifier: MIT */
/* Running commands on a host of a lab. */
#ifndef SONDE_NET_LAB_ENTER_H
#define SONDE_NET_LAB_ENTER_H

#include <sys/types.h>

#include "base/error.h"

/**
 * Move the calling process onto a host: into its network namespace, and into a mount namespace of its own
 * where /sys, /etc/hosts and /etc/resolv.conf are the host's. The variable SONDE_LAB of the environment names
 * the lab.
 * @return 0 or an error with its context: SONDE_E_NOT_FOUND, SONDE_E_PERMISSION or -errno
 */
int enter_host(const char *instance, const char *host, struct sonde_error *error);

/**
 * Hold back the signals that end a program, so that enter_run can pass them on and clean up. To be called
 * before the lab is started.
 */
void enter_hold_signals(void);

/**
 * Run a command on a host and wait for it. It dies with the caller. Signals that were held back before it
 * started are taken as "do not start".
 * @param argv the command, NULL-terminated
 * @param status set to its exit status as a shell gives it: 128 + the number of the signal that ended it
 * @return 0 or an error with its context
 */
int enter_run(const char *instance, const char *host, char *const argv[], int *status,
              struct sonde_error *error);

#endif
