/* SPDX-License-Identifier: MIT */
/* Changing links, addresses, routes and queues of the caller's network namespace through rtnetlink. */
#ifndef SONDE_NET_LAB_RTNL_H
#define SONDE_NET_LAB_RTNL_H

#include "net/lab/scenario.h"

/**
 * Make a pair of virtual Ethernet interfaces.
 * @param peer_namespace where the other end goes
 * @return 0 or -errno
 */
int rtnl_add_pair(const char *name, const char *peer_name, int peer_namespace);

/** Make an empty bridge. Returns 0 or -errno. */
int rtnl_add_bridge(const char *name);

/** Make an interface a port of a bridge. Returns 0 or -errno. */
int rtnl_set_bridge(const char *name, const char *bridge);

/**
 * Change the flags and the MTU of an interface.
 * @param flags, mask IFF_* values, and which of them are meant
 * @param mtu octets, or 0 to leave it
 * @return 0 or -errno
 */
int rtnl_set_link(const char *name, unsigned flags, unsigned mask, uint32_t mtu);

/** Give an interface an address that is usable at once (no duplicate address detection). Returns 0 or -errno.
 */
int rtnl_add_address(const char *name, const struct scenario_prefix *prefix);

/** A change of the routing table. */
struct rtnl_route {
    struct scenario_prefix prefix;
    struct sonde_address gateway; /* family 0: none */
    const char *interface;        /* "" or NULL: the kernel finds it by the gateway */
    enum scenario_route type;
};

/** Add a route, before others to the same prefix. Returns 0 or -errno. */
int rtnl_add_route(const struct rtnl_route *route);

/** Remove a route. Returns 0 or -errno. */
int rtnl_delete_route(const struct rtnl_route *route);

/**
 * Put a token bucket in front of an interface (tc-tbf(8)).
 * @param rate bits a second
 * @param queue octets that may wait; what is beyond is lost
 * @return 0 or -errno
 */
int rtnl_slow_down(const char *name, int64_t rate, uint32_t queue);

/**
 * Switch off what network cards do for the kernel, so that packets look as they do on a wire: whole
 * checksums, none larger than the MTU.
 */
void rtnl_disable_offload(const char *name);

#endif
