/* SPDX-License-Identifier: MIT */
/* Learning that an interface is there again, without any privilege (rtnetlink(7)). */
#include "net/capture/presence.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

enum { NEWS_MAX = 32768 /* octets that the kernel puts into one message at most */ };

int presence_init(struct presence *presence, const char *name)
{
    int group = RTNLGRP_LINK, code = netlink_open(&presence->netlink, NETLINK_ROUTE);

    if (code < 0)
        return code;
    strncpy(presence->name, name, sizeof(presence->name) - 1);
    if (mnl_socket_setsockopt(presence->netlink.socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
        return -errno;
    return 0;
}

void presence_deinit(struct presence *presence)
{
    netlink_close(&presence->netlink);
}

int presence_descriptor(const struct presence *presence)
{
    return mnl_socket_get_fd(presence->netlink.socket);
}

int presence_ask(struct presence *presence)
{
    union netlink_request request;

    netlink_request(&request, RTM_GETLINK, 0, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(&request.header, IFLA_IFNAME, presence->name);
    if (mnl_socket_sendto(presence->netlink.socket, &request.header, request.header.nlmsg_len) < 0)
        return -errno;
    return 0;
}

/* Whether a message is about our interface; its index then, or 0 if it is down or gone. */
static bool read_link(const struct presence *presence, const struct nlmsghdr *header, int *index)
{
    const struct ifinfomsg *link = mnl_nlmsg_get_payload(header);
    const struct nlattr *attribute;

    if ((header->nlmsg_type != RTM_NEWLINK && header->nlmsg_type != RTM_DELLINK) ||
        header->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(*link) || link->ifi_family != AF_UNSPEC)
        return false;
    mnl_attr_for_each(attribute, header, sizeof(*link))
    {
        if (mnl_attr_get_type(attribute) != IFLA_IFNAME ||
            mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) < 0 ||
            strcmp(mnl_attr_get_str(attribute), presence->name) != 0)
            continue;
        *index = header->nlmsg_type == RTM_NEWLINK && (link->ifi_flags & IFF_UP) ? link->ifi_index : 0;
        return true;
    }
    return false;
}

int presence_read(struct presence *presence)
{
    char buffer[NEWS_MAX] __attribute__((aligned(8)));
    int fd = presence_descriptor(presence), index = 0;
    ssize_t length;

    while ((length = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT)) >= 0 || errno == ENOBUFS) {
        const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
        int left = (int)length;

        /* There was more news than the socket could hold. */
        if (length < 0 && presence_ask(presence) < 0)
            break;
        for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left))
            (void)read_link(presence, header, &index);
    }
    return index;
}
