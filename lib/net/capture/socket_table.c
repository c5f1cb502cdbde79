/* SPDX-License-Identifier: MIT */
/* This host's own table of TCP sockets, asked whether the connection that an error quotes exists. */
#include "net/capture/socket_table.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "base/address.h"

static int on_any(const struct nlmsghdr *header, void *data)
{
    return MNL_CB_OK;
}

/* A kernel without inet_diag says ENOENT, as it does when there is no such socket; a list tells them apart.
 */
static int check_kernel(struct socket_table *table)
{
    union netlink_request request;
    struct inet_diag_req_v2 *info = netlink_request(&request, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof(*info));

    info->sdiag_family = AF_INET;
    info->sdiag_protocol = IPPROTO_TCP;
    return netlink_ask(&table->sockets, &request, on_any, NULL);
}

int socket_table_open(struct socket_table *table)
{
    int code = netlink_open(&table->sockets, NETLINK_SOCK_DIAG);

    if (code == 0)
        code = check_kernel(table);
    if (code == 0)
        code = netlink_open(&table->routes, NETLINK_ROUTE);
    if (code != 0)
        socket_table_close(table);
    return code;
}

void socket_table_close(struct socket_table *table)
{
    netlink_close(&table->sockets);
    netlink_close(&table->routes);
}

static uint8_t kernel_family(uint8_t family)
{
    return family == 6 ? AF_INET6 : AF_INET;
}

static int on_route(const struct nlmsghdr *header, void *data)
{
    const struct rtmsg *route = mnl_nlmsg_get_payload(header);

    *(bool *)data = route->rtm_type == RTN_LOCAL;
    return MNL_CB_OK;
}

/* Packets to an address of this host take a route of type "local". */
static int check_own(struct socket_table *table, uint8_t family, const uint8_t *address)
{
    union netlink_request request;
    struct rtmsg *route = netlink_request(&request, RTM_GETROUTE, 0, sizeof(*route));
    size_t length = address_length(family);
    bool own = false;
    int code;

    route->rtm_family = kernel_family(family);
    route->rtm_dst_len = (uint8_t)(8 * length);
    mnl_attr_put(&request.header, RTA_DST, length, address);
    code = netlink_ask(&table->routes, &request, on_route, &own);
    return code != 0 || own ? code : -EADDRNOTAVAIL;
}

static int on_socket(const struct nlmsghdr *header, void *data)
{
    const struct inet_diag_msg *socket = mnl_nlmsg_get_payload(header);

    /* where no connection fits, the kernel answers with the socket that listens there */
    *(bool *)data = socket->idiag_state != TCP_LISTEN;
    return MNL_CB_OK;
}

static int look_up(struct socket_table *table, const struct packet_quote *quote)
{
    union netlink_request request;
    struct inet_diag_req_v2 *info = netlink_request(&request, SOCK_DIAG_BY_FAMILY, 0, sizeof(*info));
    size_t length = address_length(quote->family);
    bool found = false;
    int code;

    info->sdiag_family = kernel_family(quote->family);
    info->sdiag_protocol = IPPROTO_TCP;
    info->idiag_states = ~0U;
    info->id.idiag_sport = htons(quote->source_port);
    info->id.idiag_dport = htons(quote->destination_port);
    memcpy(info->id.idiag_src, quote->source, length);
    memcpy(info->id.idiag_dst, quote->destination, length);
    info->id.idiag_cookie[0] = info->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    code = netlink_ask(&table->sockets, &request, on_socket, &found);
    if (code == -ENOENT)
        return 0;
    return code != 0 ? code : found;
}

int socket_table_find(struct socket_table *table, const struct packet_quote *quote)
{
    struct sonde_address source = address_from(quote->family, quote->source);
    int code;

    if (quote->protocol != IPPROTO_TCP || !quote->ports || address_is_link_local(&source))
        return -EOPNOTSUPP;
    code = check_own(table, quote->family, quote->source);
    return code != 0 ? code : look_up(table, quote);
}
