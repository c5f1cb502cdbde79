/* SPDX-License-Identifier: MIT */
/* This machine's interfaces and addresses, and what the kernel was told to do with packets that arrive. */
#ifndef SONDE_NET_SERVER_HOST_H
#define SONDE_NET_SERVER_HOST_H

#include <stdbool.h>

#include "base/address.h"
#include "net/netlink.h"

enum { HOST_INTERFACE_NAME_MAX = 16 };

/** What becomes of packets from a certain sender that arrive at an interface. */
enum arrival {
    ARRIVAL_UNKNOWN, /* nobody asked, or the kernel cannot tell */
    ARRIVAL_TAKEN,
    ARRIVAL_REFUSED, /* the way back leaves elsewhere (rp_filter), or no such sender can be there */
};

/** An interface. */
struct host_interface {
    uint32_t index;
    char name[HOST_INTERFACE_NAME_MAX];
    bool up, loopback;
    bool default_route4; /* an IPv4 default route leaves by it */
    int rp_filter;       /* IPv4, as it works: 0 off, 1 strict, 2 loose; -1 unknown */
    bool xdp, tc;        /* programs or filters see packets before the firewall does */
    enum arrival arrival;
};

/** An address of this machine. */
struct host_address {
    struct sonde_address address;
    uint32_t interface; /* index */
};

/** This machine; zero-initialise. */
struct host {
    struct host_interface *interfaces;
    size_t interface_count, interface_capacity;
    struct host_address *addresses;
    size_t address_count, address_capacity;
    int64_t conntrack_count, conntrack_max; /* -1: not there */
    int64_t icmp_ratelimit_ms;              /* between two ICMP errors to a destination; -1: unknown */
};

/**
 * Look at this machine, in the caller's network namespace.
 * @param route an open NETLINK_ROUTE socket
 * @param sender whose packets are asked about, for `arrival`; family 0: nobody's
 * @return 0 or -errno
 */
int host_read(struct host *host, struct netlink *route, const struct sonde_address *sender);

/** The same with a socket of its own, without a sender. @return 0 or -errno */
int host_read_here(struct host *host);

/** Free the lists; they are empty afterwards. */
void host_deinit(struct host *host);

/** The interface with an index or, when the index is 0, a name; NULL when there is none. */
const struct host_interface *host_find_interface(const struct host *host, uint32_t index, const char *name);

/** Whether an address is one of this machine; any of 127.0.0.0/8 is. */
bool host_has_address(const struct host *host, const struct sonde_address *address);

/** Whether this machine has an address of a family that others can reach. */
bool host_has_family(const struct host *host, uint8_t family);

#endif
