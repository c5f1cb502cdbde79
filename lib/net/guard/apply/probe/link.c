/* SPDX-License-Identifier: MIT */
/* Default gateways and neighbours, by rtnetlink(7). */
#include "net/guard/apply/probe/link.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* Gateways that are listed. */
struct list {
    struct gateway *gateways;
    size_t count, max;
};

static void add(struct list *list, const struct gateway *gateway)
{
    for (size_t i = 0; i < list->count; i++)
        if (sonde_address_equal(&list->gateways[i].address, &gateway->address) &&
            list->gateways[i].interface == gateway->interface)
            return;
    if (list->count < list->max && gateway->address.family && gateway->interface)
        list->gateways[list->count++] = *gateway;
}

/* RTA_VIA: an IPv4 route over an IPv6 router (RFC 5549). */
static void take_gateway(const struct nlattr *attribute, uint8_t family, struct gateway *gateway)
{
    size_t length = mnl_attr_get_payload_len(attribute);
    const struct rtvia *via = mnl_attr_get_payload(attribute);

    if (mnl_attr_get_type(attribute) == RTA_OIF && length == sizeof(uint32_t))
        gateway->interface = mnl_attr_get_u32(attribute);
    if (mnl_attr_get_type(attribute) == RTA_GATEWAY && length == address_length(family))
        gateway->address = address_from(family, mnl_attr_get_payload(attribute));
    if (mnl_attr_get_type(attribute) == RTA_VIA && length == sizeof(*via) + 16 &&
        via->rtvia_family == AF_INET6)
        gateway->address = address_from(6, via->rtvia_addr);
}

/* Next hops that share the load. */
static void take_hops(const struct nlattr *attribute, uint8_t family, struct list *list)
{
    const uint8_t *at = mnl_attr_get_payload(attribute), *end = at + mnl_attr_get_payload_len(attribute);

    while (end - at >= (ptrdiff_t)sizeof(struct rtnexthop)) {
        const struct rtnexthop *hop = (const struct rtnexthop *)at;
        const struct nlattr *inner;
        struct gateway gateway = {.interface = (uint32_t)hop->rtnh_ifindex};

        if (hop->rtnh_len < sizeof(*hop) || hop->rtnh_len > end - at)
            return;
        for (inner = (const struct nlattr *)RTNH_DATA(hop);
             mnl_attr_ok(inner, (int)(at + hop->rtnh_len - (const uint8_t *)inner));
             inner = mnl_attr_next(inner))
            take_gateway(inner, family, &gateway);
        add(list, &gateway);
        at += RTNH_ALIGN(hop->rtnh_len);
    }
}

static int take_route(const struct nlmsghdr *header, void *data)
{
    const struct rtmsg *route = mnl_nlmsg_get_payload(header);
    uint8_t family = route->rtm_family == AF_INET6 ? 6 : 4;
    const struct nlattr *attribute;
    struct gateway gateway = {0};

    if (route->rtm_dst_len != 0 || route->rtm_type != RTN_UNICAST || (route->rtm_flags & RTM_F_CLONED))
        return MNL_CB_OK;
    mnl_attr_for_each(attribute, header, sizeof(*route))
    {
        take_gateway(attribute, family, &gateway);
        if (mnl_attr_get_type(attribute) == RTA_MULTIPATH)
            take_hops(attribute, family, data);
    }
    add(data, &gateway);
    return MNL_CB_OK;
}

int link_gateways(struct netlink *netlink, struct gateway *gateways, size_t max)
{
    static const uint8_t families[] = {AF_INET, AF_INET6};
    struct list list = {gateways, 0, max};
    int code = 0;

    for (size_t i = 0; i < sizeof(families) && code == 0; i++) {
        union netlink_request request;
        struct rtmsg *route = netlink_request(&request, RTM_GETROUTE, NLM_F_DUMP, sizeof(*route));

        route->rtm_family = families[i];
        code = netlink_ask(netlink, &request, take_route, &list);
    }
    return code < 0 ? code : (int)list.count;
}

static struct ndmsg *neighbour_request(union netlink_request *request, uint16_t type, uint16_t flags,
                                       const struct gateway *gateway)
{
    struct ndmsg *about = netlink_request(request, type, flags, sizeof(*about));

    about->ndm_family = gateway->address.family == 6 ? AF_INET6 : AF_INET;
    about->ndm_ifindex = (int)gateway->interface;
    mnl_attr_put(&request->header, NDA_DST, address_length(gateway->address.family), gateway->address.bytes);
    return about;
}

static int take_neighbour(const struct nlmsghdr *header, void *data)
{
    *(uint16_t *)data = ((const struct ndmsg *)mnl_nlmsg_get_payload(header))->ndm_state;
    return MNL_CB_OK;
}

static int read_state(struct netlink *netlink, const struct gateway *gateway, uint16_t *state)
{
    union netlink_request request;
    int code;

    *state = NUD_NONE;
    neighbour_request(&request, RTM_GETNEIGH, 0, gateway);
    code = netlink_ask(netlink, &request, take_neighbour, state);
    return code == -ENOENT ? 0 : code;
}

static int set_state(struct netlink *netlink, const struct gateway *gateway, uint16_t state)
{
    union netlink_request request;

    neighbour_request(&request, RTM_NEWNEIGH, NLM_F_REPLACE, gateway)->ndm_state = state;
    return netlink_ask(netlink, &request, NULL, NULL);
}

/* The kernel only begins to ask when the state changes. */
int link_ask(struct netlink *netlink, const struct gateway *gateway)
{
    uint16_t state;
    int code = read_state(netlink, gateway, &state);

    if (code < 0 || (state & (NUD_PERMANENT | NUD_NOARP)))
        return code;
    if (!(state & (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE)))
        return -ENOENT;
    code = set_state(netlink, gateway, NUD_STALE);
    return code == 0 ? set_state(netlink, gateway, NUD_PROBE) : code;
}

int link_answer(struct netlink *netlink, const struct gateway *gateway, enum link_answer *answer)
{
    uint16_t state;
    int code = read_state(netlink, gateway, &state);

    if (state & NUD_REACHABLE)
        *answer = LINK_ANSWERED;
    else if (state & (NUD_PROBE | NUD_STALE | NUD_DELAY | NUD_INCOMPLETE))
        *answer = LINK_WAITING;
    else
        *answer = state & NUD_FAILED ? LINK_FAILED : LINK_NONE;
    return code;
}
