/* SPDX-License-Identifier: MIT */
/* The sockets of this machine that wait for packets from anyone, and who holds them. */
#ifndef SONDE_NET_SERVER_SOCKETS_H
#define SONDE_NET_SERVER_SOCKETS_H

#include <stdbool.h>

#include "base/address.h"
#include "net/netlink.h"

enum { PROCESS_NAME_MAX = 32 };

/** A listening TCP socket, or a UDP socket that is not connected. */
struct server_socket {
    bool udp;
    struct sonde_address address; /* all octets 0: any address of the family */
    bool any;                     /* is bound to no certain address */
    bool only_v6;                 /* IPv6: takes no IPv4 */
    uint16_t port;
    uint32_t interface;           /* index of the one it is bound to, or 0 */
    uint32_t queue, backlog;      /* TCP: connections that wait to be accepted, and how many may */
    uint32_t octets, octets_most; /* UDP: memory of unread datagrams, and how much there may be */
    int64_t drops;                /* packets that the socket had no room for; -1: not known */
    uint32_t inode;
    int32_t process; /* its number, or 0 when it is not visible */
    char program[PROCESS_NAME_MAX];
};

/** A list of sockets; zero-initialise. */
struct server_sockets {
    struct server_socket *items;
    size_t count, capacity;
};

/**
 * List all sockets of the caller's network namespace (sock_diag(7)), and the programs that hold them as far
 * as /proc shows.
 * @param diag an open NETLINK_SOCK_DIAG socket
 * @return 0, -EOPNOTSUPP when the kernel cannot tell, or -errno
 */
int server_sockets_read(struct server_sockets *sockets, struct netlink *diag);

/** Free the list; it is empty afterwards. */
void server_sockets_deinit(struct server_sockets *sockets);

/** Whether the accept queue has no room: it takes one more than the backlog says (sk_acceptq_is_full). */
bool server_socket_is_full(const struct server_socket *socket);

/** Whether packets of a family, to an address or to any, may get to a socket. */
bool server_socket_takes(const struct server_socket *socket, uint8_t family,
                         const struct sonde_address *address);

#endif
