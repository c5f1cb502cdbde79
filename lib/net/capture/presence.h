/* SPDX-License-Identifier: MIT */
/* Learning that an interface is there again, without any privilege (rtnetlink(7)). */
#ifndef SONDE_NET_CAPTURE_PRESENCE_H
#define SONDE_NET_CAPTURE_PRESENCE_H

#include <net/if.h>

#include "net/netlink.h"

/** Who tells us about interfaces, and the one that matters. */
struct presence {
    struct netlink netlink;
    char name[IF_NAMESIZE];
};

/**
 * Hear of every change of an interface from now on.
 * @return 0 or -errno
 */
int presence_init(struct presence *presence, const char *name);

/** Hear no more; does nothing to one that is zeroed. */
void presence_deinit(struct presence *presence);

/**
 * Ask how the interface is now: the next presence_read tells.
 * @return 0 or -errno
 */
int presence_ask(struct presence *presence);

/**
 * Take what was heard, without waiting.
 * @return index of the interface if the last word was that it is there and up, else 0
 */
int presence_read(struct presence *presence);

/** The descriptor that has input when there is something to read. */
int presence_descriptor(const struct presence *presence);

#endif
