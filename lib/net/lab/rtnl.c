/* SPDX-License-Identifier: MIT */
/* Changing links, addresses, routes and queues of the caller's network namespace through rtnetlink. */
#include "net/lab/rtnl.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

enum { MESSAGE_MAX = 1024, BURST = 3000 /* octets: two full frames */ };

/* One request under construction. */
struct request {
    union {
        char octets[MESSAGE_MAX];
        struct nlmsghdr header;
    } u;
    void *extra;
};

static struct nlmsghdr *start(struct request *request, uint16_t type, uint16_t flags, size_t extra)
{
    struct nlmsghdr *header = mnl_nlmsg_put_header(request->u.octets);

    header->nlmsg_type = type;
    header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    header->nlmsg_seq = 1;
    request->extra = mnl_nlmsg_put_extra_header(header, extra);
    return header;
}

static int exchange(struct mnl_socket *socket, struct nlmsghdr *header)
{
    char answer[8192];
    ssize_t length;
    int rc;

    if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
        mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
        return -errno;
    do {
        length = mnl_socket_recvfrom(socket, answer, sizeof(answer));
        if (length < 0)
            return -errno;
        rc = mnl_cb_run(answer, (size_t)length, header->nlmsg_seq, mnl_socket_get_portid(socket), NULL, NULL);
        if (rc < 0)
            return -errno;
    } while (rc == MNL_CB_OK);
    return 0;
}

static int send_request(struct request *request)
{
    struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    int rc;

    if (!socket)
        return -errno;
    rc = exchange(socket, &request->u.header);
    mnl_socket_close(socket);
    return rc;
}

int rtnl_add_pair(const char *name, const char *peer_name, int peer_namespace)
{
    struct request request;
    struct nlmsghdr *header =
        start(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
    struct nlattr *info, *data, *peer;

    mnl_attr_put_strz(header, IFLA_IFNAME, name);
    info = mnl_attr_nest_start(header, IFLA_LINKINFO);
    mnl_attr_put_strz(header, IFLA_INFO_KIND, "veth");
    data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
    peer = mnl_attr_nest_start(header, VETH_INFO_PEER);
    mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(header, IFLA_IFNAME, peer_name);
    mnl_attr_put_u32(header, IFLA_NET_NS_FD, (uint32_t)peer_namespace);
    mnl_attr_nest_end(header, peer);
    mnl_attr_nest_end(header, data);
    mnl_attr_nest_end(header, info);
    return send_request(&request);
}

int rtnl_add_bridge(const char *name)
{
    struct request request;
    struct nlmsghdr *header =
        start(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
    struct nlattr *info;

    mnl_attr_put_strz(header, IFLA_IFNAME, name);
    info = mnl_attr_nest_start(header, IFLA_LINKINFO);
    mnl_attr_put_strz(header, IFLA_INFO_KIND, "bridge");
    mnl_attr_nest_end(header, info);
    return send_request(&request);
}

int rtnl_set_bridge(const char *name, const char *bridge)
{
    struct request request;
    struct nlmsghdr *header = start(&request, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));

    mnl_attr_put_strz(header, IFLA_IFNAME, name);
    mnl_attr_put_u32(header, IFLA_MASTER, if_nametoindex(bridge));
    return send_request(&request);
}

int rtnl_set_link(const char *name, unsigned flags, unsigned mask, uint32_t mtu)
{
    struct request request;
    struct nlmsghdr *header = start(&request, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));
    struct ifinfomsg *link = request.extra;

    link->ifi_flags = flags;
    link->ifi_change = mask;
    mnl_attr_put_strz(header, IFLA_IFNAME, name);
    if (mtu)
        mnl_attr_put_u32(header, IFLA_MTU, mtu);
    return send_request(&request);
}

static uint8_t domain_of(uint8_t family)
{
    return family == 4 ? AF_INET : AF_INET6;
}

int rtnl_add_address(const char *name, const struct scenario_prefix *prefix)
{
    struct request request;
    struct nlmsghdr *header =
        start(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifaddrmsg));
    struct ifaddrmsg *address = request.extra;
    size_t length = address_length(prefix->address.family);

    address->ifa_family = domain_of(prefix->address.family);
    address->ifa_prefixlen = prefix->length;
    address->ifa_flags = prefix->address.family == 6 ? IFA_F_NODAD : 0;
    address->ifa_index = if_nametoindex(name);
    mnl_attr_put(header, IFA_LOCAL, length, prefix->address.bytes);
    mnl_attr_put(header, IFA_ADDRESS, length, prefix->address.bytes);
    return send_request(&request);
}

static void put_route(struct request *request, const struct rtnl_route *route)
{
    static const uint8_t types[] = {
        [SCENARIO_VIA] = RTN_UNICAST,
        [SCENARIO_LOCAL] = RTN_LOCAL,
        [SCENARIO_BLACKHOLE] = RTN_BLACKHOLE,
        [SCENARIO_PROHIBIT] = RTN_PROHIBIT,
        [SCENARIO_UNREACHABLE] = RTN_UNREACHABLE,
    };
    uint8_t family = route->prefix.address.family ? route->prefix.address.family : route->gateway.family;
    struct nlmsghdr *header = &request->u.header;
    struct rtmsg *message = request->extra;
    size_t length = address_length(family);

    message->rtm_family = domain_of(family);
    message->rtm_dst_len = route->prefix.length;
    message->rtm_table = RT_TABLE_MAIN;
    message->rtm_protocol = RTPROT_STATIC;
    message->rtm_type = types[route->type];
    if (route->prefix.address.family)
        mnl_attr_put(header, RTA_DST, length, route->prefix.address.bytes);
    if (route->gateway.family)
        mnl_attr_put(header, RTA_GATEWAY, length, route->gateway.bytes);
    if (route->type == SCENARIO_LOCAL) {
        message->rtm_scope = RT_SCOPE_HOST;
        message->rtm_table = RT_TABLE_LOCAL;
        mnl_attr_put_u32(header, RTA_OIF, if_nametoindex("lo"));
    }
    if (route->interface && route->interface[0]) {
        message->rtm_scope = RT_SCOPE_LINK;
        mnl_attr_put_u32(header, RTA_OIF, if_nametoindex(route->interface));
    }
}

int rtnl_add_route(const struct rtnl_route *route)
{
    struct request request;

    start(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, sizeof(struct rtmsg));
    put_route(&request, route);
    return send_request(&request);
}

int rtnl_delete_route(const struct rtnl_route *route)
{
    struct request request;
    struct rtmsg *message;

    start(&request, RTM_DELROUTE, 0, sizeof(struct rtmsg));
    put_route(&request, route);
    message = request.extra;
    message->rtm_protocol = RTPROT_UNSPEC;
    message->rtm_type = RTN_UNSPEC;
    message->rtm_scope = RT_SCOPE_NOWHERE;
    return send_request(&request);
}

int rtnl_slow_down(const char *name, int64_t rate, uint32_t queue)
{
    struct request request;
    struct nlmsghdr *header =
        start(&request, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, sizeof(struct tcmsg));
    struct tcmsg *message = request.extra;
    /* With a known link layer the kernel needs no rate table from us. */
    struct tc_tbf_qopt parameters = {
        .rate = {.rate = (uint32_t)(rate / 8), .linklayer = TC_LINKLAYER_ETHERNET},
        .limit = queue,
    };
    struct nlattr *options;

    message->tcm_family = AF_UNSPEC;
    message->tcm_ifindex = (int)if_nametoindex(name);
    message->tcm_parent = TC_H_ROOT;
    mnl_attr_put_strz(header, TCA_KIND, "tbf");
    options = mnl_attr_nest_start(header, TCA_OPTIONS);
    mnl_attr_put(header, TCA_TBF_PARMS, sizeof(parameters), &parameters);
    mnl_attr_put_u32(header, TCA_TBF_BURST, BURST);
    mnl_attr_nest_end(header, options);
    return send_request(&request);
}

void rtnl_disable_offload(const char *name)
{
    static const uint32_t commands[] = {ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return;
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        struct ethtool_value value = {.cmd = commands[i]};
        struct ifreq request = {.ifr_data = (char *)&value};

        strncpy(request.ifr_name, name, IFNAMSIZ - 1);
        ioctl(fd, SIOCETHTOOL, &request);
    }
    close(fd);
}
