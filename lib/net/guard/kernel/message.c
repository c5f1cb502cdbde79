/* SPDX-License-Identifier: MIT */
/* The messages of a rehearsal: addresses by direction, bodies by type, flows for answers. */
#include "net/guard/kernel/message.h"

#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "policy/policy.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/octets.h"
#include "wire/tcp.h"
#include "wire/udp.h"

enum {
    BODY_USUAL = 24, /* octets behind the first eight of what is no error: a neighbour's target and more */
    BODY_LARGE = 1300,
    FRAGMENT_AT = 16, /* octets of the first fragment: header and a little */
    FLOW_PORT = MESSAGE_PORT_TYPE << 8 | MESSAGE_PORT_CODE,
    OPTION_OCTETS = 8,
};

/* Reply and request (RFC 792, RFC 950, RFC 4620). */
static const struct {
    uint8_t family, reply, request;
} replies[] = {{4, 0, 8}, {4, 14, 13}, {4, 16, 15}, {4, 18, 17}, {6, 129, 128}, {6, 140, 139}};

/* Messages between neighbours. Those of MLD and MRD carry a router alert option in front (RFC 2710 3, RFC
 * 3810 5, RFC 4286 2). */
static const struct {
    uint8_t family, first, last;
    bool alert;
} links[] = {{4, 5, 5, false},     {4, 9, 10, false},   {6, 130, 132, true},  {6, 133, 137, false},
             {6, 141, 142, false}, {6, 143, 143, true}, {6, 148, 149, false}, {6, 151, 153, true}};

static int link_row(uint8_t family, uint8_t type)
{
    for (size_t i = 0; i < COUNT_OF(links); i++)
        if (links[i].family == family && links[i].first <= type && type <= links[i].last)
            return (int)i;
    return -1;
}

static int reply_row(uint8_t family, uint8_t type)
{
    for (size_t i = 0; i < COUNT_OF(replies); i++)
        if (replies[i].family == family && replies[i].reply == type)
            return (int)i;
    return -1;
}

bool message_is_reply(uint8_t family, uint8_t type)
{
    return reply_row(family, type) >= 0;
}

bool message_can_answer(uint8_t family, uint8_t type)
{
    return icmp_is_error(family, type) || message_is_reply(family, type);
}

bool message_has_shape(uint8_t family, uint8_t type, enum shape shape, enum direction direction)
{
    /* Of IPv6's error types only four are assigned (RFC 4443 2.1). */
    if (shape == SHAPE_ANSWER)
        return (icmp_is_error(family, type) && type != 0 && type <= ICMP4_PARAMETER_PROBLEM &&
                (family == 4 || type <= ICMP6_PARAMETER_PROBLEM)) ||
               message_is_reply(family, type);
    /* The kernel forwards nothing from a link-local address, so there is no such message. */
    if (shape == SHAPE_LINK)
        return link_row(family, type) >= 0 && direction_hook(direction) != HOOK_FORWARD;
    return true;
}

struct message_way message_way(const struct message_map *map, enum direction direction)
{
    switch (direction) {
    case DIRECTION_INPUT:
        return (struct message_way){map->outside, MESSAGE_HERE};
    case DIRECTION_OUTPUT:
        return (struct message_way){MESSAGE_HERE, map->outside};
    case DIRECTION_FORWARD_OUT:
        return (struct message_way){map->inside, map->outside};
    case DIRECTION_FORWARD: /* of an edge: what neither comes from outside nor goes there */
        if (map->edge)
            return (struct message_way){map->inside, map->inside};
        return (struct message_way){map->outside, map->inside};
    default:
        return (struct message_way){map->outside, map->inside};
    }
}

bool message_can(const struct message_map *map, enum direction direction)
{
    return direction_hook(direction) != HOOK_FORWARD || map->inside != MESSAGE_HERE;
}

/* Far hosts, each in an IPv6 /64 of its own: 44.128.0.0/12 (of AMPRNet's block for tests) and 2001:2:100::/40
 * outside, 44.144.0.0/12 and 2001:2:200::/40 inside. Rules that filter bogons leave the first alone. */
static struct sonde_address far_host(uint8_t family, bool inside, uint32_t number)
{
    struct sonde_address address = {.family = family};

    if (family == 4) {
        octets_put32(address.bytes, 0x2c800000u + (inside ? 0x100000u : 0) + (number & 0xfffff));
        return address;
    }
    octets_put32(address.bytes, 0x20010002u);
    octets_put16(address.bytes + 4, (uint16_t)((inside ? 0x200 : 0x100) + (number >> 16)));
    octets_put16(address.bytes + 6, (uint16_t)number);
    address.bytes[15] = 2;
    return address;
}

/* What scratch.h promises of interface N: ::1 is ours, ::2 a neighbour. */
static struct sonde_address near_host(uint8_t family, int interface, uint8_t last)
{
    struct sonde_address address = {.family = family};

    if (family == 4) {
        octets_put32(address.bytes, 0xc6120000u | (uint32_t)interface << 8 | last);
        return address;
    }
    octets_put32(address.bytes, 0x20010002u);
    address.bytes[7] = (uint8_t)interface;
    address.bytes[15] = last;
    return address;
}

static struct sonde_address link_host(uint8_t family, int interface, uint16_t number, uint8_t last)
{
    struct sonde_address address = near_host(family, interface, last);

    if (family == 6) {
        memset(&address.bytes, 0, sizeof(address.bytes));
        octets_put16(address.bytes, 0xfe80);
        octets_put16(address.bytes + 12, number);
        address.bytes[15] = last;
    }
    return address;
}

bool message_route(const struct message_map *map, size_t index, struct scenario_prefix *prefix,
                   struct sonde_address *gateway)
{
    uint8_t family = index % 2 ? 6 : 4;
    bool inside = index >= 2;

    if (inside && map->inside == MESSAGE_HERE)
        return false;
    *prefix = (struct scenario_prefix){0}; /* by default outside */
    *gateway = near_host(family, inside ? map->inside : map->outside, 2);
    if (inside) {
        prefix->address = far_host(family, true, 0);
        prefix->length = family == 4 ? 12 : 40;
        memset(prefix->address.bytes + 6, 0, sizeof(prefix->address.bytes) - 6);
    }
    return true;
}

static uint32_t number_of(const struct message *message)
{
    return (uint32_t)message->round % MESSAGE_ROUNDS << 16 | (uint32_t)message->type << 8 | message->code;
}

static void address_link(const struct message *message, const struct message_way *way, struct ip_header *ip)
{
    uint8_t hops = policy_hop_limit(message->family, message->type);

    ip->ttl = hops ? hops : 255;
    if (way->in == MESSAGE_HERE) {
        ip->source = link_host(message->family, way->out, 0, 1);
        ip->destination = link_host(message->family, way->out, 0, 2);
    } else {
        ip->source = link_host(message->family, way->in, (uint16_t)number_of(message), 2);
        ip->destination = link_host(message->family, way->in, 0, 1);
    }
}

/* A limit may count sources or, of what this host sends, destinations: there one end is another each time. */
static void address_ip(const struct message *message, const struct message_map *map, struct ip_header *ip)
{
    struct message_way way = message_way(map, message->direction);
    uint8_t family = message->family;
    uint32_t number = number_of(message);

    ip->family = family;
    ip->ttl = 61; /* some hops away */
    if (message->shape == SHAPE_LINK) {
        address_link(message, &way, ip);
        return;
    }
    if (way.in == MESSAGE_HERE) {
        ip->ttl = 64;
        ip->source = near_host(family, way.out, 1);
        ip->destination = far_host(family, false, number);
        return;
    }
    ip->source = far_host(family, way.in != map->outside, number);
    if (way.out == MESSAGE_HERE)
        ip->destination = near_host(family, way.in, 1);
    else if (way.out == map->outside)
        ip->destination = far_host(family, false, 1);
    else
        ip->destination = near_host(family, way.out, 2);
}

static void address_as_asked(const struct message *message, struct ip_header *ip)
{
    if (message->ends && message->ends->source.family)
        ip->source = message->ends->source;
    if (message->ends && message->ends->destination.family)
        ip->destination = message->ends->destination;
}

/* A first packet to a port. @return octets */
static size_t add_ports(uint8_t protocol, uint16_t port, const struct ip_header *ip, uint8_t *octets,
                        size_t capacity)
{
    static const uint8_t query[BODY_USUAL];
    struct udp_header udp = {.source_port = FLOW_PORT, .destination_port = port};
    struct tcp_header tcp = {
        .source_port = FLOW_PORT, .destination_port = port, .flags = TCP_SYN, .sequence = 1, .window = 65535};

    if (protocol == IPPROTO_TCP)
        return tcp_build(&tcp, &ip->source, &ip->destination, slice_of(NULL, 0), octets, capacity);
    return udp_build(&udp, &ip->source, &ip->destination, slice_of(query, sizeof(query)), octets, capacity);
}

static void opener_of(const struct message *message, const struct ip_header *ip,
                      struct message_packet *packet)
{
    struct ip_header back = {.family = ip->family,
                             .ttl = 60,
                             .source = ip->destination,
                             .destination = ip->source,
                             .dont_fragment = ip->family == 4};
    static const uint8_t query[BODY_USUAL];
    struct message seen = message_opener_seen(message);
    struct icmp_message echo = {
        .family = ip->family, .type = seen.type, .code = seen.code, .id = 1, .body = {query, sizeof(query)}};
    uint8_t octets[64];
    size_t length;

    if (message->opener == OPENER_TCP || message->opener == OPENER_UDP) {
        back.protocol = message->opener == OPENER_TCP ? IPPROTO_TCP : IPPROTO_UDP;
        length =
            add_ports(back.protocol, message->opener == OPENER_TCP ? 443 : 53, &back, octets, sizeof(octets));
    } else {
        back.protocol = ip->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
        length = icmp_build(&echo, &back.source, &back.destination, octets, sizeof(octets));
    }
    packet->length = ip_build(&back, slice_of(octets, length), packet->octets, sizeof(packet->octets));
    packet->destination = back.destination;
}

/* Errors and redirects quote: an answer the packet of its flow, an unsolicited one a datagram that never was.
 */
static size_t add_body(const struct message *message, const struct ip_header *ip, uint8_t *body)
{
    size_t length = BODY_USUAL;
    bool redirect6 = message->family == 6 && message->type == 137;

    memset(body, 0, message->variant == VARIANT_USUAL ? BODY_USUAL + OPTION_OCTETS : BODY_LARGE);
    if (icmp_is_error(message->family, message->type)) {
        struct message asked = *message;
        struct message_packet quoted;

        if (message->shape != SHAPE_ANSWER)
            asked.opener = OPENER_UDP;
        opener_of(&asked, ip, &quoted);
        memcpy(body, quoted.octets, quoted.length);
        length = quoted.length;
    }
    if (redirect6)
        length = 32;
    return message->variant == VARIANT_LARGE || message->variant == VARIANT_FRAGMENTS ? BODY_LARGE : length;
}

static size_t add_icmp(const struct message *message, const struct ip_header *ip, uint8_t *octets,
                       size_t capacity)
{
    uint8_t body[BODY_LARGE];
    struct icmp_message icmp = {.family = message->family,
                                .type = message->type,
                                .code = message->code,
                                .id = message->shape == SHAPE_ANSWER ? 1 : 0x5347,
                                .mtu = 1280};

    icmp.body = slice_of(body, add_body(message, ip, body));
    return icmp_build(&icmp, &ip->source, &ip->destination, octets, capacity);
}

static void wrap(const struct ip_header *ip, struct slice payload, struct message_packet *packet)
{
    packet->length = ip_build(ip, payload, packet->octets, sizeof(packet->octets));
    packet->destination = ip->destination;
}

/* The second fragment begins with octets that are no type and code of a message under way. */
static int fragment(struct ip_header *ip, struct slice payload, struct message_packet packets[2])
{
    ip->id = 1;
    ip->more_fragments = true;
    wrap(ip, slice_first(payload, FRAGMENT_AT), &packets[0]);
    ip->more_fragments = false;
    ip->fragment_offset = FRAGMENT_AT;
    wrap(ip, slice_skip(payload, FRAGMENT_AT), &packets[1]);
    return 2;
}

int message_build(const struct message *message, const struct message_map *map,
                  struct message_packet packets[2])
{
    static const uint8_t alert[OPTION_OCTETS] = {IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0};
    uint8_t octets[OPTION_OCTETS + 8 + BODY_LARGE];
    struct ip_header ip = {.protocol = message->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6,
                           .dont_fragment = message->variant == VARIANT_DF};
    int row = link_row(message->family, message->type);
    size_t length;

    address_ip(message, map, &ip);
    address_as_asked(message, &ip);
    if (message->protocol) {
        ip.protocol = message->protocol;
        ip.dont_fragment = message->family == 4;
        wrap(&ip, slice_of(octets, add_ports(message->protocol, message->port, &ip, octets, sizeof(octets))),
             packets);
        return 1;
    }
    memcpy(octets, alert, sizeof(alert));
    length = add_icmp(message, &ip, octets + OPTION_OCTETS, sizeof(octets) - OPTION_OCTETS);
    if (message->variant == VARIANT_FRAGMENTS)
        return fragment(&ip, slice_of(octets + OPTION_OCTETS, length), packets);
    if (message->shape == SHAPE_LINK && row >= 0 && links[row].alert) {
        ip.protocol = IPPROTO_HOPOPTS;
        wrap(&ip, slice_of(octets, length + OPTION_OCTETS), packets);
    } else {
        wrap(&ip, slice_of(octets + OPTION_OCTETS, length), packets);
    }
    return 1;
}

void message_build_opener(const struct message *message, const struct message_map *map,
                          struct message_packet *packet)
{
    struct ip_header ip = {0};

    address_ip(message, map, &ip);
    opener_of(message, &ip, packet);
}

static uint8_t echo_request(uint8_t family)
{
    return family == 4 ? ICMP4_ECHO_REQUEST : ICMP6_ECHO_REQUEST;
}

struct message message_opener_seen(const struct message *message)
{
    struct message seen = *message;
    int row = reply_row(message->family, message->type);

    seen.code = 0;
    if (message->opener == OPENER_REQUEST && row >= 0) {
        seen.type = replies[row].request;
        seen.code = message->code;
    } else if (message->opener == OPENER_ECHO || message->opener == OPENER_REQUEST) {
        seen.type = echo_request(message->family);
    } else {
        seen.type = FLOW_PORT >> 8;
        seen.code = FLOW_PORT & 0xff;
    }
    return seen;
}
