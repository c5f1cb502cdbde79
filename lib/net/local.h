/* SPDX-License-Identifier: MIT */
/* Questions to this machine's kernel: routes, interfaces, neighbours, listening sockets. No packet leaves. */
#ifndef SONDE_NET_LOCAL_H
#define SONDE_NET_LOCAL_H

#include "net/netlink.h"
#include "probe/probe.h"

/**
 * The sockets for local questions. They are opened once, before the sandbox forbids to open them; asking
 * needs no privilege.
 */
struct local {
    struct netlink route, diag;
    uint32_t interface;          /* index of the interface the user insists on, or 0 */
    struct sonde_address source; /* the address the user insists on, or family 0 */
};

/**
 * Open the sockets in the network namespace of the caller.
 * @param interface name of the interface to send through, or NULL
 * @param source the address to send from, or NULL
 * @return 0, -ENODEV when there is no such interface, or -errno. A kernel without sock_diag is no error:
 *         local_listener then says -EOPNOTSUPP
 */
int local_init(struct local *local, const char *interface, const struct sonde_address *source);

/** Close the sockets. */
void local_deinit(struct local *local);

/**
 * How this machine would send to a destination (RTM_GETROUTE, rtnetlink(7)). Policy rules see protocol and
 * port.
 *
 * A route of type blackhole, prohibit or unreachable and the lack of a route are results, not errors. Without
 * a route, `up` and `interface` say whether an interface that is down may be the reason: `up` is false and
 * the interface is named if it is down, or has no carrier, and is more likely to have led there than those
 * that are up.
 * @param udp whether the packets will be UDP, else TCP; without meaning if port is 0
 * @param port destination port, or 0 for neither
 * @param route filled on success
 * @return 0, -EADDRNOTAVAIL when the source address is not one of this machine, or -errno
 */
int local_route(struct local *local, const struct sonde_address *destination, bool udp, uint16_t port,
                struct route *route);

/**
 * What the neighbour table knows of an address on a link (RTM_GETNEIGH; RFC 4861 7.3.2 for the states).
 * @param interface index of the interface
 * @param neighbour UNKNOWN also if the entry is gone already
 * @return 0 or -errno
 */
int local_neighbour(struct local *local, uint32_t interface, const struct sonde_address *address,
                    enum neighbour *neighbour);

/**
 * What listens on a port of this machine (sock_diag(7)), by the kernel's own order: a socket bound to the
 * address goes before one bound to all, and an IPv6 socket bound to all takes IPv4 as well unless it is IPv6
 * only.
 * @param destination an address of this machine
 * @param reply `listener`, `from` (the address the socket is bound to, or family 0), `queue` and `backlog`
 * are set; for UDP, `queue` is the memory in octets that unread datagrams take and `backlog` is 0
 * @return 0, -EOPNOTSUPP when the kernel cannot tell, or -errno
 */
int local_listener(struct local *local, const struct sonde_address *destination, uint16_t port, bool udp,
                   struct reply *reply);

/**
 * Answer a local probe. PROBE_NEIGHBOUR asks about the next hop on the way to the destination.
 * @param reply filled on success, but for its times
 * @return 0, -EOPNOTSUPP for a probe that is no local question, or -errno
 */
int local_ask(struct local *local, const struct probe *probe, struct reply *reply);

#endif
