/* SPDX-License-Identifier: MIT */
/* The next hops of this machine: which routers it sends to by default, and whether they answer on the link.
 */
#ifndef SONDE_NET_GUARD_APPLY_PROBE_LINK_H
#define SONDE_NET_GUARD_APPLY_PROBE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "net/netlink.h"

/** A router that packets go to when no other route fits. */
struct gateway {
    struct sonde_address address;
    uint32_t interface;
};

/** Whether a neighbour answers. */
enum link_answer {
    LINK_NONE,    /* it has no entry, or one that needs no answer */
    LINK_WAITING, /* it was asked */
    LINK_ANSWERED,
    LINK_FAILED,
};

/**
 * List the default gateways of both families.
 * @param max at most as many are filled
 * @return how many, or -errno
 */
int link_gateways(struct netlink *netlink, struct gateway *gateways, size_t max);

/**
 * Have the kernel ask a neighbour whether it is still there (NUD_PROBE: RFC 4861 7.3.3, ARP alike). Traffic
 * goes on meanwhile, to the address known.
 * @return 0, -ENOENT when it is not known at all, or -errno
 */
int link_ask(struct netlink *netlink, const struct gateway *gateway);

/** What has come of it. @return 0 or -errno */
int link_answer(struct netlink *netlink, const struct gateway *gateway, enum link_answer *answer);

#endif
