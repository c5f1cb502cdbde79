/* SPDX-License-Identifier: MIT */
/* Neighbor Discovery and group membership, as hosts and routers of a link send them. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/traffic/traffic.h"
#include "wire/checksum.h"
#include "wire/nd.h"
#include "wire/octets.h"

enum { ICMP4_TYPE_REDIRECT = 5, MLD_QUERY = 130, MLD2_REPORT = 143, IGMP_LENGTH = 8, QUOTED = 96 };

static const char all_nodes[] = "ff02::1", all_routers[] = "ff02::2", mld_routers[] = "ff02::16";

void traffic_option(struct traffic_options *options, uint8_t type, struct slice body)
{
    size_t length = (2 + body.length + 7) / 8 * 8;
    uint8_t *at = options->octets + options->length;

    if (options->length + length > TRAFFIC_OPTIONS_MAX)
        abort(); /* a mistake of whoever wrote the traffic */
    memset(at, 0, length);
    at[0] = type;
    at[1] = (uint8_t)(length / 8);
    if (body.length)
        memcpy(at + 2, body.data, body.length);
    options->length += length;
}

void traffic_option_link(struct traffic_options *options, uint8_t type, const uint8_t mac[6])
{
    traffic_option(options, type, slice_of(mac, 6));
}

void traffic_option_prefix(struct traffic_options *options, const char *prefix, uint8_t bits,
                           uint32_t valid_s, uint32_t preferred_s)
{
    struct sonde_address address = traffic_address(prefix, 0);
    uint8_t body[30] = {bits, ND_ON_LINK | ND_AUTONOMOUS};

    octets_put32(body + 2, valid_s);
    octets_put32(body + 6, preferred_s);
    memcpy(body + 14, address.bytes, 16);
    traffic_option(options, 3, slice_of(body, sizeof(body)));
}

void traffic_option_dns(struct traffic_options *options, const char *server, uint32_t lifetime_s)
{
    struct sonde_address address = traffic_address(server, 0);
    uint8_t body[22] = {0};

    octets_put32(body + 2, lifetime_s);
    memcpy(body + 6, address.bytes, 16);
    traffic_option(options, 25, slice_of(body, sizeof(body)));
}

void traffic_option_mtu(struct traffic_options *options, uint32_t mtu)
{
    uint8_t body[6] = {0};

    octets_put32(body + 2, mtu);
    traffic_option(options, 5, slice_of(body, sizeof(body)));
}

/* The same route with the hop limit that the protocol demands. */
static struct traffic_route limited(const struct traffic_route *route, uint8_t limit)
{
    struct traffic_route result = *route;

    if (!result.ttl)
        result.ttl = limit;
    return result;
}

/* The link-layer address that a route gives its sender. */
static void sender_mac(const struct traffic_route *route, uint8_t mac[6])
{
    static const uint8_t none[6];

    memcpy(mac, route->mac, 6);
    if (!memcmp(mac, none, 6))
        traffic_mac(&route->source, mac);
}

void traffic_router(struct traffic *traffic, const struct traffic_route *route,
                    const struct traffic_router *router, const struct traffic_options *options)
{
    struct traffic_route own = limited(route, 255);
    uint8_t body[8 + TRAFFIC_OPTIONS_MAX];
    size_t length = 8;

    octets_put32(body, router->reachable_ms);
    octets_put32(body + 4, router->retransmit_ms);
    if (options) {
        memcpy(body + 8, options->octets, options->length);
        length += options->length;
    }
    traffic_icmp(traffic, &own, ND_ROUTER_ADVERTISEMENT, 0,
                 (uint32_t)router->hop_limit << 24 | (uint32_t)router->flags << 16 | router->lifetime_s,
                 slice_of(body, length));
}

void traffic_solicit_router(struct traffic *traffic, const struct traffic_route *route,
                            const struct traffic_options *options)
{
    struct traffic_route own = limited(route, 255);

    own.destination = traffic_address(all_routers, 0);
    traffic_icmp(traffic, &own, ND_ROUTER_SOLICITATION, 0, 0,
                 options ? slice_of(options->octets, options->length) : slice_of("", 0));
}

/* Send a message whose body is a target and options. */
static void send_target(struct traffic *traffic, const struct traffic_route *route, uint8_t type,
                        uint32_t word, const struct sonde_address *target,
                        const struct traffic_options *options)
{
    uint8_t body[16 + TRAFFIC_OPTIONS_MAX];

    memcpy(body, target->bytes, 16);
    memcpy(body + 16, options->octets, options->length);
    traffic_icmp(traffic, route, type, 0, word, slice_of(body, 16 + options->length));
}

void traffic_solicit(struct traffic *traffic, const struct traffic_route *route,
                     const struct sonde_address *target)
{
    static const uint8_t unspecified[16];
    struct traffic_route own = limited(route, 255);
    struct traffic_options options = {.length = 0};
    uint8_t mac[6];

    own.destination = traffic_address("ff02::1:ff00:0", 0);
    memcpy(own.destination.bytes + 13, target->bytes + 13, 3);
    if (memcmp(own.source.bytes, unspecified, 16) != 0) {
        sender_mac(route, mac);
        traffic_option_link(&options, 1, mac);
    } else {
        traffic_mac(target, own.mac);
    }
    send_target(traffic, &own, ND_NEIGHBOR_SOLICITATION, 0, target, &options);
}

void traffic_advertise(struct traffic *traffic, const struct traffic_route *route, uint8_t flags,
                       const struct sonde_address *target)
{
    struct traffic_route own = limited(route, 255);
    struct traffic_options options = {.length = 0};
    uint8_t mac[6];

    sender_mac(route, mac);
    traffic_option_link(&options, 2, mac);
    send_target(traffic, &own, ND_NEIGHBOR_ADVERTISEMENT, (uint32_t)flags << 24, target, &options);
}

void traffic_redirect(struct traffic *traffic, const struct traffic_route *route, uint8_t code,
                      const struct sonde_address *gateway)
{
    struct traffic_route own = limited(route, 255);
    struct traffic_options options = {.length = 0};
    uint8_t body[32 + TRAFFIC_OPTIONS_MAX], quote[6 + QUOTED] = {0};
    size_t quoted = traffic->last_length < QUOTED ? traffic->last_length : QUOTED;

    if (gateway->family == 4) {
        traffic_error_along(traffic, route, ICMP4_TYPE_REDIRECT, code, octets_get32(gateway->bytes));
        return;
    }
    memcpy(quote + 6, traffic->last, quoted);
    traffic_option(&options, 4, slice_of(quote, 6 + quoted / 8 * 8));
    memcpy(body, gateway->bytes, 16);
    memcpy(body + 16, traffic->last + 24, 16);
    memcpy(body + 32, options.octets, options.length);
    traffic_icmp(traffic, &own, ND_REDIRECT, 0, 0, slice_of(body, 32 + options.length));
}

/* Send an MLD message behind the router alert that it must carry (RFC 3810 5). */
static void send_mld(struct traffic *traffic, const struct traffic_route *route, uint8_t *message,
                     size_t length)
{
    static const uint8_t alert[8] = {IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0};
    uint8_t payload[8 + 64];

    octets_put16(message + 2, 0);
    octets_put16(message + 2, checksum_pseudo(&route->source, &route->destination, IPPROTO_ICMPV6,
                                              slice_of(message, length)));
    memcpy(payload, alert, 8);
    memcpy(payload + 8, message, length);
    traffic_ip(traffic, route, IPPROTO_HOPOPTS, slice_of(payload, 8 + length));
}

void traffic_mld_report(struct traffic *traffic, const struct traffic_route *route,
                        const struct sonde_address *group)
{
    struct traffic_route own = limited(route, 1);
    uint8_t message[28] = {MLD2_REPORT, [7] = 1, [8] = 4}; /* one record: CHANGE_TO_EXCLUDE_MODE */

    own.destination = traffic_address(mld_routers, 0);
    memcpy(message + 12, group->bytes, 16);
    send_mld(traffic, &own, message, sizeof(message));
}

void traffic_mld_query(struct traffic *traffic, const struct traffic_route *route)
{
    struct traffic_route own = limited(route, 1);
    uint8_t message[28] = {MLD_QUERY, [4] = 0x27, 0x10, [24] = 2, 125};

    own.destination = traffic_address(all_nodes, 0);
    send_mld(traffic, &own, message, sizeof(message));
}

void traffic_igmp(struct traffic *traffic, const struct traffic_route *route, uint8_t type,
                  const struct sonde_address *group)
{
    struct traffic_route own = limited(route, 1);
    uint8_t message[IGMP_LENGTH] = {type, 100};

    memcpy(message + 4, group->bytes, 4);
    octets_put16(message + 2, checksum(slice_of(message, sizeof(message))));
    traffic_ip(traffic, &own, IPPROTO_IGMP, slice_of(message, sizeof(message)));
}
