/* SPDX-License-Identifier: MIT */
/* One question and its answers over a netlink socket. */
#include "net/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
    ANSWER_MAX = 32768, /* the kernel fills no message of a list beyond this (netlink_dump) */
    TRIES = 3,
};

int netlink_open(struct netlink *netlink, int bus)
{
    const struct timeval patience = {.tv_sec = 1};

    memset(netlink, 0, sizeof(*netlink));
    netlink->socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
    if (netlink->socket == NULL)
        return -errno;
    if (mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
        setsockopt(mnl_socket_get_fd(netlink->socket), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) <
            0) {
        int error = -errno;

        netlink_close(netlink);
        return error;
    }
    return 0;
}

void netlink_close(struct netlink *netlink)
{
    if (netlink->socket != NULL)
        mnl_socket_close(netlink->socket);
    netlink->socket = NULL;
}

void *netlink_request(union netlink_request *request, uint16_t type, uint16_t flags, size_t body_size)
{
    struct nlmsghdr *header;

    memset(request, 0, sizeof(*request));
    header = mnl_nlmsg_put_header(request);
    header->nlmsg_type = type;
    header->nlmsg_flags = NLM_F_REQUEST | flags;
    /* An acknowledgement ends a single answer; a list ends with NLMSG_DONE. */
    if ((flags & NLM_F_DUMP) != NLM_F_DUMP)
        header->nlmsg_flags |= NLM_F_ACK;
    return mnl_nlmsg_put_extra_header(header, body_size);
}

static int receive(struct netlink *netlink, uint32_t sequence, mnl_cb_t callback, void *data)
{
    char buffer[ANSWER_MAX] __attribute__((aligned(8)));
    unsigned int port = mnl_socket_get_portid(netlink->socket);

    for (;;) {
        ssize_t length = mnl_socket_recvfrom(netlink->socket, buffer, sizeof(buffer));
        int state;

        if (length < 0)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        state = mnl_cb_run(buffer, (size_t)length, sequence, port, callback, data);
        if (state == MNL_CB_STOP)
            return 0;
        /* EPROTO: the rest of an answer to an earlier question that was given up. */
        if (state < 0 && errno != EPROTO)
            return -errno;
    }
}

int netlink_ask(struct netlink *netlink, union netlink_request *request, mnl_cb_t callback, void *data)
{
    int error = -ENOTCONN;

    for (int i = 0; netlink->socket != NULL && i < TRIES; i++) {
        request->header.nlmsg_seq = ++netlink->sequence;
        if (mnl_socket_sendto(netlink->socket, &request->header, request->header.nlmsg_len) < 0)
            return -errno;
        error = receive(netlink, netlink->sequence, callback, data);
        /* EINTR is libmnl's word for a list that changed under our feet. */
        if (error != -EINTR)
            break;
    }
    return error;
}
