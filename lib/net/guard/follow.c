/* SPDX-License-Identifier: MIT */
/* Being told at once when anybody changes rules of nftables: netlink notifications, read only for their sake.
 */
#include "net/guard/follow.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

static int refuse(int code, struct sonde_error *error)
{
    if (code == -EPERM || code == -EACCES) {
        error_set(error, SONDE_E_PERMISSION,
                  "changes of nftables' rules are told to root (CAP_NET_ADMIN) only");
        error_hint(error, "Run the same command with sudo");
        return SONDE_E_PERMISSION;
    }
    return error_set(error, code, "the kernel tells no changes of nftables' rules: %s", strerror(-code));
}

int guard_follow_open(struct sonde_error *error)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK};
    int group = NFNLGRP_NFTABLES, code;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);

    if (fd < 0)
        return refuse(-errno, error);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
        setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) == 0)
        return fd;
    code = -errno;
    close(fd);
    return refuse(code, error);
}

int guard_follow_drain(int fd)
{
    char octets[8192];

    for (;;) {
        if (recv(fd, octets, sizeof(octets), 0) >= 0 || errno == EINTR || errno == ENOBUFS)
            continue;
        return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
    }
}
