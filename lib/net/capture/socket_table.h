/* SPDX-License-Identifier: MIT */
/* This host's own table of TCP sockets, asked whether the connection that an error quotes exists. */
#ifndef SONDE_NET_CAPTURE_SOCKET_TABLE_H
#define SONDE_NET_CAPTURE_SOCKET_TABLE_H

#include "net/netlink.h"
#include "wire/packet.h"

/** Sockets to the kernel's tables of sockets and of routes; zero-initialised it is closed. */
struct socket_table {
    struct netlink sockets, routes;
};

/**
 * Open it; needs no privilege, and works in the sandbox afterwards.
 * @return 0 or -errno
 */
int socket_table_open(struct socket_table *table);

/** Close it; does nothing to one that is closed. */
void socket_table_close(struct socket_table *table);

/**
 * Look for the socket that sent a quoted TCP segment (sock_diag(7)).
 * @return 1 there is one; 0 there is none although its address is this host's; -EADDRNOTAVAIL the address is
 * not this host's; -EOPNOTSUPP the quote is of another protocol or of a link-local address, or the table
 * cannot be asked; else the kernel's -errno
 */
int socket_table_find(struct socket_table *table, const struct packet_quote *quote);

#endif
