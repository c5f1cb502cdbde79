/* SPDX-License-Identifier: MIT */
/* Questions to this machine's kernel about routes, interfaces and neighbours. */
#include "net/local.h"

#include <net/if.h> /* before linux/if.h, which then leaves out what is defined here */

#include <errno.h>
#include <linux/if.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"

/** What a link says of itself. */
struct link {
    uint32_t index, flags, mtu;
    char name[INTERFACE_NAME_MAX];
    bool addressed; /* has an address of the family in question, other than link-local */
    bool covers;    /* one of its prefixes holds the destination */
};

/** All links, and what is asked of them. */
struct link_list {
    struct link *links;
    size_t count, capacity;
    const struct sonde_address *destination;
};

static uint8_t kernel_family(const struct sonde_address *address)
{
    return address->family == 6 ? AF_INET6 : AF_INET;
}

int local_init(struct local *local, const char *interface, const struct sonde_address *source)
{
    int error;

    memset(local, 0, sizeof(*local));
    if (interface != NULL && interface[0] != '\0') {
        local->interface = if_nametoindex(interface);
        if (local->interface == 0)
            return -ENODEV;
    }
    if (source != NULL)
        local->source = *source;
    error = netlink_open(&local->route, NETLINK_ROUTE);
    if (error == 0)
        (void)netlink_open(&local->diag, NETLINK_SOCK_DIAG);
    return error;
}

void local_deinit(struct local *local)
{
    netlink_close(&local->route);
    netlink_close(&local->diag);
}

static bool link_is_up(const struct link *link)
{
    return (link->flags & IFF_UP) != 0 && (link->flags & IFF_LOWER_UP) != 0 &&
           (link->flags & IFF_DORMANT) == 0;
}

static void read_link(const struct nlmsghdr *message, struct link *link)
{
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
    const struct nlattr *attribute;

    memset(link, 0, sizeof(*link));
    link->index = (uint32_t)info->ifi_index;
    link->flags = info->ifi_flags;
    mnl_attr_for_each(attribute, message, sizeof(*info))
    {
        if (mnl_attr_get_type(attribute) == IFLA_MTU && mnl_attr_validate(attribute, MNL_TYPE_U32) >= 0)
            link->mtu = mnl_attr_get_u32(attribute);
        if (mnl_attr_get_type(attribute) == IFLA_IFNAME &&
            mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0)
            strncpy(link->name, mnl_attr_get_str(attribute), sizeof(link->name) - 1);
    }
}

static int on_link(const struct nlmsghdr *message, void *data)
{
    read_link(message, data);
    return MNL_CB_OK;
}

static int get_link(struct local *local, uint32_t index, struct link *link)
{
    union netlink_request request;
    struct ifinfomsg *info = netlink_request(&request, RTM_GETLINK, 0, sizeof(*info));

    info->ifi_index = (int)index;
    return netlink_ask(&local->route, &request, on_link, link);
}

static int on_listed_link(const struct nlmsghdr *message, void *data)
{
    struct link_list *list = data;
    struct link link;

    read_link(message, &link);
    for (size_t i = 0; i < list->count; i++)
        if (list->links[i].index == link.index)
            return MNL_CB_OK;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity * 2 + 16;
        struct link *links = realloc(list->links, capacity * sizeof(*links));

        if (links == NULL)
            return MNL_CB_OK;
        list->links = links;
        list->capacity = capacity;
    }
    list->links[list->count++] = link;
    return MNL_CB_OK;
}

static bool prefix_holds(const uint8_t *prefix, unsigned int bits, const uint8_t *address)
{
    unsigned int rest = bits % 8;

    if (memcmp(prefix, address, bits / 8) != 0)
        return false;
    return rest == 0 || ((prefix[bits / 8] ^ address[bits / 8]) >> (8 - rest)) == 0;
}

static int on_listed_address(const struct nlmsghdr *message, void *data)
{
    struct link_list *list = data;
    const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
    size_t length = address_length(list->destination->family);
    const struct nlattr *attribute;

    if (info->ifa_family != kernel_family(list->destination) || info->ifa_prefixlen > 8 * length ||
        info->ifa_scope == RT_SCOPE_LINK)
        return MNL_CB_OK;
    mnl_attr_for_each(attribute, message, sizeof(*info))
    {
        /* IFA_ADDRESS is the peer on a point-to-point link, and it is the peer's prefix that is routed. */
        if (mnl_attr_get_type(attribute) != IFA_ADDRESS || mnl_attr_get_payload_len(attribute) != length)
            continue;
        for (size_t i = 0; i < list->count; i++) {
            struct link *link = &list->links[i];

            if (link->index != info->ifa_index)
                continue;
            link->addressed = true;
            link->covers |=
                prefix_holds(mnl_attr_get_payload(attribute), info->ifa_prefixlen, list->destination->bytes);
        }
    }
    return MNL_CB_OK;
}

/*
 * How much a link that is not up explains the lack of a route. Taking a link down removes its routes and, for
 * IPv6, its addresses; the loss of the carrier alone removes neither, but network managers then remove both.
 */
static int blame(const struct link *link)
{
    if (link->covers)
        return 4;
    if (link->addressed)
        return (link->flags & IFF_UP) == 0 ? 3 : 2;
    /* Idle tunnels (sit0, tunl0) are down in every namespace and mean nothing. */
    return (link->flags & IFF_NOARP) != 0 ? 0 : 1;
}

static void pick_link(const struct link_list *list, struct route *route)
{
    const struct link *down = NULL;
    bool any_up = false;
    int alibi = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct link *link = &list->links[i];

        if ((link->flags & IFF_LOOPBACK) != 0)
            continue;
        if (link_is_up(link)) {
            any_up = true;
            alibi = link->addressed || alibi == 3 ? 3 : 2;
        } else if (down == NULL || blame(link) > blame(down)) {
            down = link;
        }
    }
    route->up = any_up && (down == NULL || blame(down) <= alibi);
    if (route->up || down == NULL)
        return;
    memcpy(route->interface, down->name, sizeof(route->interface));
    route->index = down->index;
    route->mtu = down->mtu;
}

/* Why is there no route? Perhaps because an interface is down. */
static int explain_none(struct local *local, const struct sonde_address *destination, struct route *route)
{
    struct link_list list = {.destination = destination};
    union netlink_request request;
    int error;

    ((struct ifinfomsg *)netlink_request(&request, RTM_GETLINK, NLM_F_DUMP, sizeof(struct ifinfomsg)))
        ->ifi_family = AF_UNSPEC;
    error = netlink_ask(&local->route, &request, on_listed_link, &list);
    if (error == 0) {
        ((struct ifaddrmsg *)netlink_request(&request, RTM_GETADDR, NLM_F_DUMP, sizeof(struct ifaddrmsg)))
            ->ifa_family = kernel_family(destination);
        error = netlink_ask(&local->route, &request, on_listed_address, &list);
    }
    if (error == 0)
        pick_link(&list, route);
    free(list.links);
    return error;
}

static void read_via(const struct nlattr *attribute, struct route *route)
{
    const struct rtvia *via = mnl_attr_get_payload(attribute);
    uint8_t family = mnl_attr_get_payload_len(attribute) == sizeof(*via) + 16 ? 6 : 4;

    if (mnl_attr_get_payload_len(attribute) >= sizeof(*via) + address_length(family))
        route->gateway = address_from(family, via->rtvia_addr);
}

static int on_route(const struct nlmsghdr *message, void *data)
{
    struct route *route = data;
    const struct rtmsg *info = mnl_nlmsg_get_payload(message);
    uint8_t family = info->rtm_family == AF_INET6 ? 6 : 4;
    const struct nlattr *attribute;

    route->type = info->rtm_type == RTN_LOCAL ? ROUTE_LOCAL : ROUTE_UNICAST;
    mnl_attr_for_each(attribute, message, sizeof(*info))
    {
        bool is_address = mnl_attr_get_payload_len(attribute) == address_length(family);

        switch (mnl_attr_get_type(attribute)) {
        case RTA_OIF:
            route->index = mnl_attr_get_u32(attribute);
            break;
        case RTA_GATEWAY:
            if (is_address)
                route->gateway = address_from(family, mnl_attr_get_payload(attribute));
            break;
        case RTA_SRC: /* instead of the next, if the question named a source */
        case RTA_PREFSRC:
            if (is_address)
                route->source = address_from(family, mnl_attr_get_payload(attribute));
            break;
        case RTA_VIA:
            read_via(attribute, route);
            break;
        default:
            break;
        }
    }
    return MNL_CB_OK;
}

static void put_address(struct nlmsghdr *header, uint16_t type, const struct sonde_address *address)
{
    mnl_attr_put(header, type, address_length(address->family), address->bytes);
}

static int lookup(struct local *local, const struct sonde_address *destination, bool udp, uint16_t port,
                  struct sonde_address source, struct route *route)
{
    union netlink_request request;
    struct rtmsg *info = netlink_request(&request, RTM_GETROUTE, 0, sizeof(*info));

    info->rtm_family = kernel_family(destination);
    info->rtm_dst_len = (uint8_t)(8 * address_length(destination->family));
    put_address(&request.header, RTA_DST, destination);
    if (source.family == destination->family) {
        info->rtm_src_len = info->rtm_dst_len;
        put_address(&request.header, RTA_SRC, &source);
    }
    if (local->interface != 0)
        mnl_attr_put_u32(&request.header, RTA_OIF, local->interface);
    if (port != 0) {
        mnl_attr_put_u8(&request.header, RTA_IP_PROTO, udp ? IPPROTO_UDP : IPPROTO_TCP);
        mnl_attr_put_u16(&request.header, RTA_DPORT, htons(port));
    }
    memset(route, 0, sizeof(*route));
    return netlink_ask(&local->route, &request, on_route, route);
}

/** What the lookup's errors mean (fib_props and fib6_prop of the kernel; throw ends in no route at all). */
static const struct {
    int error;
    enum route_type type;
} refusals[] = {
    {-ENETUNREACH, ROUTE_NONE},         {-EAGAIN, ROUTE_NONE},      {-ENODEV, ROUTE_NONE},
    {-EHOSTUNREACH, ROUTE_UNREACHABLE}, {-EINVAL, ROUTE_BLACKHOLE}, {-EACCES, ROUTE_PROHIBIT},
};

static int fill_interface(struct local *local, struct route *route)
{
    struct link link = {0};
    int error;

    if (route->index == 0)
        return 0;
    error = get_link(local, route->index, &link);
    if (error != 0)
        return error;
    memcpy(route->interface, link.name, sizeof(route->interface));
    route->mtu = link.mtu;
    route->up = link_is_up(&link);
    route->loopback = route->type == ROUTE_LOCAL || (link.flags & IFF_LOOPBACK) != 0;
    return 0;
}

static int refused(struct local *local, const struct sonde_address *destination, int error,
                   struct route *route)
{
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        if (refusals[i].error != error)
            continue;
        memset(route, 0, sizeof(*route));
        route->type = refusals[i].type;
        if (route->type != ROUTE_NONE)
            return 0;
        route->index = local->interface;
        return route->index != 0 ? fill_interface(local, route) : explain_none(local, destination, route);
    }
    return error;
}

int local_route(struct local *local, const struct sonde_address *destination, bool udp, uint16_t port,
                struct route *route)
{
    const struct sonde_address any = {0};
    int error = lookup(local, destination, udp, port, local->source, route);

    /* A foreign source address is refused with the errno of a blackhole. */
    if (error == -EINVAL && local->source.family == destination->family &&
        lookup(local, destination, udp, port, any, route) == 0)
        return -EADDRNOTAVAIL;
    if (error != 0)
        return refused(local, destination, error, route);
    return fill_interface(local, route);
}

static int on_neighbour(const struct nlmsghdr *message, void *data)
{
    const struct ndmsg *info = mnl_nlmsg_get_payload(message);
    enum neighbour *neighbour = data;

    if ((info->ndm_state & NUD_FAILED) != 0)
        *neighbour = NEIGHBOUR_FAILED;
    else if ((info->ndm_state & NUD_INCOMPLETE) != 0)
        *neighbour = NEIGHBOUR_PENDING;
    else if (info->ndm_state != NUD_NONE)
        *neighbour = NEIGHBOUR_RESOLVED;
    return MNL_CB_OK;
}

int local_neighbour(struct local *local, uint32_t interface, const struct sonde_address *address,
                    enum neighbour *neighbour)
{
    union netlink_request request;
    struct ndmsg *info = netlink_request(&request, RTM_GETNEIGH, 0, sizeof(*info));
    int error;

    *neighbour = NEIGHBOUR_UNKNOWN;
    info->ndm_family = kernel_family(address);
    info->ndm_ifindex = (int)interface;
    put_address(&request.header, NDA_DST, address);
    error = netlink_ask(&local->route, &request, on_neighbour, neighbour);
    return error == -ENOENT ? 0 : error;
}

static int ask_neighbour(struct local *local, const struct probe *probe, struct reply *reply)
{
    int error = local_route(local, &probe->destination, probe->udp, probe->port, &reply->route);

    if (error != 0)
        return error;
    reply->from = reply->route.gateway.family != 0 ? reply->route.gateway : probe->destination;
    if (reply->route.type != ROUTE_UNICAST || reply->route.index == 0)
        return 0;
    return local_neighbour(local, reply->route.index, &reply->from, &reply->neighbour);
}

int local_ask(struct local *local, const struct probe *probe, struct reply *reply)
{
    memset(reply, 0, sizeof(*reply));
    reply->probe = probe->id;
    reply->ttl = reply->tos = reply->quoted_tos = -1;
    switch (probe->kind) {
    case PROBE_ROUTE:
        reply->kind = REPLY_ROUTE;
        return local_route(local, &probe->destination, probe->udp, probe->port, &reply->route);
    case PROBE_NEIGHBOUR:
        reply->kind = REPLY_NEIGHBOUR;
        return ask_neighbour(local, probe, reply);
    case PROBE_LISTENER:
        reply->kind = REPLY_LISTENER;
        return local_listener(local, &probe->destination, probe->port, probe->udp, reply);
    default:
        return -EOPNOTSUPP;
    }
}
