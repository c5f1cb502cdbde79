/* SPDX-License-Identifier: MIT */
/* Named network namespaces, where `ip netns` sees them too. */
#ifndef SONDE_NET_LAB_NETNS_H
#define SONDE_NET_LAB_NETNS_H

#include "base/error.h"

#define NETNS_FOLDER "/run/netns"

/**
 * Make a network namespace; the caller stays in its own.
 * @param name file name below NETNS_FOLDER
 * @return a descriptor of the namespace, or -errno with its context
 */
int netns_create(const char *name, struct sonde_error *error);

/**
 * Open a named namespace.
 * @return a descriptor, or -errno (-ENOENT: there is none)
 */
int netns_open(const char *name);

/**
 * Move the calling thread into a namespace.
 * @param fd from netns_create, netns_open or netns_current
 * @return 0 or -errno
 */
int netns_enter(int fd);

/** Open the caller's namespace. Returns a descriptor or -errno. */
int netns_current(void);

/** End every process that lives in a named namespace, then remove its name. Nothing happens if there is none.
 */
void netns_remove(const char *name);

#endif
