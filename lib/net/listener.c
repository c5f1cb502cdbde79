/* SPDX-License-Identifier: MIT */
/* Which socket of this machine would take a connection or a datagram (sock_diag(7)). */
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "net/local.h"

/** How well a socket fits, in the order in which the kernel looks (inet_lookup_listener, udp4_lib_lookup). */
enum fit { FIT_ELSEWHERE, FIT_ALL_BOTH, FIT_ALL, FIT_EXACT };

/** The best socket so far. */
struct search {
    const struct sonde_address *destination;
    uint16_t port;
    bool udp;
    bool found;
    enum fit fit;
    struct sonde_address bound;
    uint32_t queue, backlog;
};

static bool all_zero(const void *octets, size_t length)
{
    const uint8_t *at = octets;

    while (length > 0 && at[length - 1] == 0)
        length--;
    return length == 0;
}

static bool is_v6_only(const struct nlmsghdr *message)
{
    const struct nlattr *attribute;

    mnl_attr_for_each(attribute, message, sizeof(struct inet_diag_msg))
    {
        if (mnl_attr_get_type(attribute) == INET_DIAG_SKV6ONLY)
            return mnl_attr_get_u8(attribute) != 0;
    }
    return false;
}

static struct sonde_address bound_address(const struct inet_diag_msg *socket)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const uint8_t *octets = (const uint8_t *)socket->id.idiag_src;

    if (socket->idiag_family == AF_INET)
        return address_from(4, octets);
    if (memcmp(octets, mapped, sizeof(mapped)) == 0)
        return address_from(4, octets + sizeof(mapped));
    return address_from(6, octets);
}

static enum fit judge(const struct nlmsghdr *message, const struct sonde_address *bound,
                      const struct sonde_address *destination)
{
    if (sonde_address_equal(bound, destination))
        return FIT_EXACT;
    if (!all_zero(bound->bytes, address_length(bound->family)))
        return FIT_ELSEWHERE;
    if (bound->family == destination->family)
        return FIT_ALL;
    return bound->family == 6 && !is_v6_only(message) ? FIT_ALL_BOTH : FIT_ELSEWHERE;
}

static bool is_full(uint32_t queue, uint32_t backlog)
{
    /* sk_acceptq_is_full: the queue takes one more than the backlog says. */
    return queue > backlog;
}

static int on_socket(const struct nlmsghdr *message, void *data)
{
    struct search *search = data;
    const struct inet_diag_msg *socket = mnl_nlmsg_get_payload(message);
    struct sonde_address bound = bound_address(socket);
    enum fit fit = judge(message, &bound, search->destination);
    bool better;

    if (ntohs(socket->id.idiag_sport) != search->port)
        return MNL_CB_OK;
    /* Among sockets that share the port (SO_REUSEPORT), one with room decides. */
    better = !search->found || fit > search->fit ||
             (fit == search->fit && is_full(search->queue, search->backlog) &&
              !is_full(socket->idiag_rqueue, socket->idiag_wqueue));
    if (!better)
        return MNL_CB_OK;
    search->found = true;
    search->fit = fit;
    search->bound = bound;
    search->queue = socket->idiag_rqueue;
    search->backlog = search->udp ? 0 : socket->idiag_wqueue;
    return MNL_CB_OK;
}

static int list_sockets(struct local *local, uint8_t family, struct search *search)
{
    union netlink_request request;
    struct inet_diag_req_v2 *info = netlink_request(&request, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sizeof(*info));

    info->sdiag_family = family;
    info->sdiag_protocol = search->udp ? IPPROTO_UDP : IPPROTO_TCP;
    /* A UDP socket that is not connected is in the state "close". */
    info->idiag_states = search->udp ? 1U << TCP_CLOSE : 1U << TCP_LISTEN;
    info->id.idiag_sport = htons(search->port);
    return netlink_ask(&local->diag, &request, on_socket, search);
}

int local_listener(struct local *local, const struct sonde_address *destination, uint16_t port, bool udp,
                   struct reply *reply)
{
    struct search search = {.destination = destination, .port = port, .udp = udp};
    int error = list_sockets(local, AF_INET, &search);

    if (error == 0) {
        error = list_sockets(local, AF_INET6, &search);
        /* A kernel without IPv6 has no handler for it. */
        if (error == -ENOENT || error == -EAFNOSUPPORT)
            error = 0;
    }
    if (error == -ENOTCONN || error == -ENOENT)
        return -EOPNOTSUPP;
    if (error != 0)
        return error;
    reply->listener = LISTENER_NONE;
    if (!search.found)
        return 0;
    reply->from = search.bound;
    reply->queue = search.queue;
    reply->backlog = search.backlog;
    reply->listener = LISTENER_HERE;
    if (search.fit == FIT_ELSEWHERE)
        reply->listener = LISTENER_ELSEWHERE;
    else if (!udp && is_full(search.queue, search.backlog))
        reply->listener = LISTENER_FULL;
    return 0;
}
