/* SPDX-License-Identifier: MIT */
/* This machine's interfaces and addresses, and what the kernel was told to do with packets that arrive. */
#include "net/server/host.h"

#include <net/if.h> /* before linux/if.h, which then leaves out what is defined here */

#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"

/* Room for one more in a list. */
static void *grow(void *list, size_t count, size_t *capacity, size_t size)
{
    void *grown;

    if (count < *capacity)
        return list;
    *capacity = *capacity * 2 + 16;
    grown = realloc(list, *capacity * size);
    if (grown == NULL)
        free(list);
    return grown;
}

static struct host_interface *find(struct host *host, uint32_t index)
{
    for (size_t i = 0; i < host->interface_count; i++)
        if (host->interfaces[i].index == index)
            return &host->interfaces[i];
    return NULL;
}

static bool has_xdp(const struct nlattr *xdp)
{
    const struct nlattr *attribute;

    mnl_attr_for_each_nested(attribute, xdp)
    {
        if (mnl_attr_get_type(attribute) == IFLA_XDP_ATTACHED)
            return mnl_attr_get_u8(attribute) != XDP_ATTACHED_NONE;
    }
    return false;
}

static int on_interface(const struct nlmsghdr *message, void *data)
{
    struct host *host = data;
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
    struct host_interface *interface;
    const struct nlattr *attribute;

    if (find(host, (uint32_t)info->ifi_index) != NULL)
        return MNL_CB_OK;
    host->interfaces =
        grow(host->interfaces, host->interface_count, &host->interface_capacity, sizeof(*host->interfaces));
    if (host->interfaces == NULL) {
        host->interface_count = host->interface_capacity = 0;
        return MNL_CB_ERROR;
    }
    interface = &host->interfaces[host->interface_count++];
    *interface = (struct host_interface){.index = (uint32_t)info->ifi_index,
                                         .up = (info->ifi_flags & IFF_UP) != 0 &&
                                               (info->ifi_flags & IFF_LOWER_UP) != 0,
                                         .loopback = (info->ifi_flags & IFF_LOOPBACK) != 0,
                                         .rp_filter = -1};
    mnl_attr_for_each(attribute, message, sizeof(*info))
    {
        if (mnl_attr_get_type(attribute) == IFLA_IFNAME &&
            mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) >= 0)
            strncpy(interface->name, mnl_attr_get_str(attribute), sizeof(interface->name) - 1);
        if (mnl_attr_get_type(attribute) == IFLA_XDP)
            interface->xdp = has_xdp(attribute);
    }
    return MNL_CB_OK;
}

static int on_address(const struct nlmsghdr *message, void *data)
{
    struct host *host = data;
    const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
    uint8_t family = info->ifa_family == AF_INET6 ? 6 : 4;
    const struct nlattr *attribute, *local = NULL;

    mnl_attr_for_each(attribute, message, sizeof(*info))
    {
        /* On a point-to-point link, IFA_ADDRESS is the peer. */
        if (mnl_attr_get_type(attribute) == IFA_LOCAL ||
            (mnl_attr_get_type(attribute) == IFA_ADDRESS && local == NULL))
            local = attribute;
    }
    if (local == NULL || mnl_attr_get_payload_len(local) != address_length(family))
        return MNL_CB_OK;
    host->addresses =
        grow(host->addresses, host->address_count, &host->address_capacity, sizeof(*host->addresses));
    if (host->addresses == NULL) {
        host->address_count = host->address_capacity = 0;
        return MNL_CB_ERROR;
    }
    host->addresses[host->address_count++] =
        (struct host_address){address_from(family, mnl_attr_get_payload(local)), info->ifa_index};
    return MNL_CB_OK;
}

static void note_default(struct host *host, uint32_t index)
{
    struct host_interface *interface = find(host, index);

    if (interface != NULL)
        interface->default_route4 = true;
}

static void read_next_hops(struct host *host, const struct nlattr *attribute)
{
    const struct rtnexthop *hop = mnl_attr_get_payload(attribute);
    size_t left = mnl_attr_get_payload_len(attribute);

    while (left >= sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) && hop->rtnh_len <= left) {
        size_t length = RTNH_ALIGN(hop->rtnh_len);

        note_default(host, (uint32_t)hop->rtnh_ifindex);
        left = length < left ? left - length : 0;
        hop = (const struct rtnexthop *)((const char *)hop + length);
    }
}

static int on_route(const struct nlmsghdr *message, void *data)
{
    struct host *host = data;
    const struct rtmsg *info = mnl_nlmsg_get_payload(message);
    const struct nlattr *attribute;

    if (info->rtm_dst_len != 0 || info->rtm_type != RTN_UNICAST)
        return MNL_CB_OK;
    mnl_attr_for_each(attribute, message, sizeof(*info))
    {
        if (mnl_attr_get_type(attribute) == RTA_OIF)
            note_default(host, mnl_attr_get_u32(attribute));
        if (mnl_attr_get_type(attribute) == RTA_MULTIPATH)
            read_next_hops(host, attribute);
    }
    return MNL_CB_OK;
}

static int on_queue(const struct nlmsghdr *message, void *data)
{
    struct host *host = data;
    const struct tcmsg *info = mnl_nlmsg_get_payload(message);
    struct host_interface *interface = find(host, (uint32_t)info->tcm_ifindex);

    /* The parent of the queues "ingress" and "clsact", which exist only to carry filters. */
    if (interface != NULL && info->tcm_parent == TC_H_INGRESS)
        interface->tc = true;
    return MNL_CB_OK;
}

static int list(struct netlink *route, uint16_t type, size_t body_size, uint8_t family, mnl_cb_t callback,
                struct host *host)
{
    union netlink_request request;
    uint8_t *body = netlink_request(&request, type, NLM_F_DUMP, body_size);

    body[0] = family; /* the first octet of each of the bodies */
    return netlink_ask(route, &request, callback, host);
}

/* The number in a file below /proc/sys/net; -1 when there is none. */
static int64_t read_number(const char *first, const char *name, const char *last)
{
    char path[128], text[32] = "";
    FILE *file;

    snprintf(path, sizeof(path), "/proc/sys/net/%s%s%s", first, name, last);
    file = fopen(path, "re");
    if (file == NULL)
        return -1;
    if (fgets(text, sizeof(text), file) == NULL)
        text[0] = '\0';
    fclose(file);
    return text[0] != '\0' ? strtoll(text, NULL, 10) : -1;
}

static void read_settings(struct host *host)
{
    int64_t all = read_number("ipv4/conf/", "all", "/rp_filter");

    for (size_t i = 0; i < host->interface_count; i++) {
        int64_t own = read_number("ipv4/conf/", host->interfaces[i].name, "/rp_filter");

        /* The larger one works (ip-sysctl.rst). */
        host->interfaces[i].rp_filter = (int)(own > all ? own : all);
    }
    host->conntrack_count = read_number("netfilter/", "nf_conntrack_count", "");
    host->conntrack_max = read_number("netfilter/", "nf_conntrack_max", "");
    host->icmp_ratelimit_ms = read_number("ipv4/", "icmp_ratelimit", "");
}

static int ignore(const struct nlmsghdr *message, void *data)
{
    return MNL_CB_OK;
}

/* Let the kernel route a packet of the sender as if it arrived at an interface: it checks the way back too.
 */
static enum arrival ask_arrival(struct netlink *route, const struct sonde_address *sender,
                                const struct host_address *own)
{
    union netlink_request request;
    struct rtmsg *info = netlink_request(&request, RTM_GETROUTE, 0, sizeof(*info));
    size_t length = address_length(sender->family);
    int code;

    info->rtm_family = sender->family == 6 ? AF_INET6 : AF_INET;
    info->rtm_src_len = info->rtm_dst_len = (uint8_t)(8 * length);
    mnl_attr_put(&request.header, RTA_SRC, length, sender->bytes);
    mnl_attr_put(&request.header, RTA_DST, length, own->address.bytes);
    mnl_attr_put_u32(&request.header, RTA_IIF, own->interface);
    code = netlink_ask(route, &request, ignore, NULL);
    if (code == 0)
        return ARRIVAL_TAKEN;
    /* EXDEV is rp_filter's; since Linux 6.13 everything is EINVAL (inet_rtm_getroute). */
    return code == -EXDEV || code == -EINVAL ? ARRIVAL_REFUSED : ARRIVAL_UNKNOWN;
}

static void ask_arrivals(struct host *host, struct netlink *route, const struct sonde_address *sender)
{
    for (size_t i = 0; i < host->address_count; i++) {
        struct host_interface *interface = find(host, host->addresses[i].interface);

        if (interface == NULL || interface->loopback || interface->arrival != ARRIVAL_UNKNOWN ||
            host->addresses[i].address.family != sender->family)
            continue;
        interface->arrival = ask_arrival(route, sender, &host->addresses[i]);
    }
}

int host_read(struct host *host, struct netlink *route, const struct sonde_address *sender)
{
    int code = list(route, RTM_GETLINK, sizeof(struct ifinfomsg), AF_UNSPEC, on_interface, host);

    if (code == 0)
        code = list(route, RTM_GETADDR, sizeof(struct ifaddrmsg), AF_UNSPEC, on_address, host);
    if (code == 0)
        code = list(route, RTM_GETROUTE, sizeof(struct rtmsg), AF_INET, on_route, host);
    if (code != 0)
        return code;
    /* Not every kernel can have filters at all. */
    (void)list(route, RTM_GETQDISC, sizeof(struct tcmsg), AF_UNSPEC, on_queue, host);
    read_settings(host);
    if (sender->family != 0)
        ask_arrivals(host, route, sender);
    return 0;
}

int host_read_here(struct host *host)
{
    const struct sonde_address nobody = {0};
    struct netlink route;
    int code = netlink_open(&route, NETLINK_ROUTE);

    if (code == 0)
        code = host_read(host, &route, &nobody);
    netlink_close(&route);
    return code;
}

void host_deinit(struct host *host)
{
    free(host->interfaces);
    free(host->addresses);
    *host = (struct host){0};
}

const struct host_interface *host_find_interface(const struct host *host, uint32_t index, const char *name)
{
    for (size_t i = 0; i < host->interface_count; i++)
        if (index != 0 ? host->interfaces[i].index == index : strcmp(host->interfaces[i].name, name) == 0)
            return &host->interfaces[i];
    return NULL;
}

bool host_has_address(const struct host *host, const struct sonde_address *address)
{
    if (address_is_loopback(address))
        return true;
    for (size_t i = 0; i < host->address_count; i++)
        if (sonde_address_equal(&host->addresses[i].address, address))
            return true;
    return false;
}

bool host_has_family(const struct host *host, uint8_t family)
{
    for (size_t i = 0; i < host->address_count; i++) {
        const struct sonde_address *address = &host->addresses[i].address;

        if (address->family == family && !address_is_loopback(address) && !address_is_link_local(address))
            return true;
    }
    return false;
}
