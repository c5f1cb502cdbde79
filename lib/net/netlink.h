/* SPDX-License-Identifier: MIT */
/* One question and its answers over a netlink socket. */
#ifndef SONDE_NET_NETLINK_H
#define SONDE_NET_NETLINK_H

#include <libmnl/libmnl.h>

enum { NETLINK_REQUEST_MAX = 512 /* octets of a request */ };

/** A socket to one netlink family; zero-initialised it is closed. */
struct netlink {
    struct mnl_socket *socket;
    uint32_t sequence;
};

/** A request under construction; netlink_request fills it. */
union netlink_request {
    struct nlmsghdr header;
    char octets[NETLINK_REQUEST_MAX];
};

/**
 * Open a socket.
 * @param bus NETLINK_ROUTE, NETLINK_SOCK_DIAG, ... (linux/netlink.h)
 * @return 0 or -errno
 */
int netlink_open(struct netlink *netlink, int bus);

/** Close the socket; does nothing to one that is closed. */
void netlink_close(struct netlink *netlink);

/**
 * Begin a request.
 * @param type RTM_GETROUTE and the like
 * @param flags NLM_F_DUMP for a list; NLM_F_REQUEST and, for a single answer, NLM_F_ACK are added
 * @param body_size octets of the fixed header behind the netlink header
 * @return that header, zeroed, for the caller to fill
 */
void *netlink_request(union netlink_request *request, uint16_t type, uint16_t flags, size_t body_size);

/**
 * Send a request and hand each answer to a callback. A list that changed while it was read is read again from
 * the start, so the callback must bear to see an entry twice.
 * @param callback returns MNL_CB_OK to go on
 * @return 0, or the kernel's -errno (-ETIMEDOUT when it is silent for a second)
 */
int netlink_ask(struct netlink *netlink, union netlink_request *request, mnl_cb_t callback, void *data);

#endif
