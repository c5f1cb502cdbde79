/* SPDX-License-Identifier: MIT */
/* IP headers of all shapes: options, extension headers, fragments, jumbograms, lengths that lie. */
#include <string.h>

#include "wire/octets.h"
#include "wire/packet/walk.h"

enum {
    HEADER4 = 20,
    HEADER6 = 40,
    EXTENSIONS_MAX = 32, /* headers in one packet; honest ones have a handful */
    OFFSET4 = 0x1fff,
    MORE4 = 0x2000,
    OFFSET6 = 0xfff8,
    MORE6 = 1,
};

size_t walk_extension_length(uint8_t protocol, const uint8_t *at)
{
    switch (protocol) {
    case PROTOCOL_HOP_BY_HOP:
    case PROTOCOL_ROUTING:
    case PROTOCOL_DESTINATION:
    case PROTOCOL_SHIM6:
        return (at[1] + 1u) * 8;
    case PROTOCOL_AH:
        return (at[1] + 2u) * 4;
    case PROTOCOL_IPV6_FRAGMENT:
        return 8;
    default:
        return 0;
    }
}

static bool is_extension(uint8_t protocol)
{
    static const uint8_t shortest[2];

    return walk_extension_length(protocol, shortest) > 0;
}

/* The next free packet, with what the frame says about it; NULL when there are too many. */
static struct packet *new_packet(struct walk *walk)
{
    struct packet *packet = &walk->packets[walk->count];

    if (walk->count == PACKET_LAYERS_MAX)
        return NULL;
    *packet = (struct packet){
        .time_ns = walk->frame->time_ns,
        .frame = walk->frame,
        .interface = walk->frame->interface,
        .direction = walk->view.direction,
        .layer = walk->count ? PACKET_INNER : PACKET_OUTER,
        .mac_length = walk->view.mac_length,
    };
    memcpy(packet->mac, walk->view.mac, sizeof(packet->mac));
    return packet;
}

/* Set what a packet has from `header` octets of headers on: it claims `ip_length` octets, `packet` is there.
 */
static void set_payload(struct packet *packet, struct slice octets, size_t header)
{
    size_t there = octets.length < packet->ip_length ? octets.length : packet->ip_length;

    packet->octets = octets.data + header;
    packet->available = (uint32_t)(there - header);
    packet->length = packet->ip_length - (uint32_t)header;
    if (octets.length < packet->ip_length)
        packet->flags |= PACKET_CUT;
}

static void set_fragment(struct packet *packet, uint16_t offset, bool more, uint32_t id)
{
    packet->fragment_offset = offset;
    packet->ip_id = id;
    if (offset == 0 && more)
        packet->flags |= PACKET_FRAGMENTED;
    if (offset != 0 && !more)
        packet->flags |= PACKET_LAST;
}

/* An ICMP message, or a part of one. Returns whether there is enough of it. */
static bool set_icmp(struct packet *packet)
{
    uint8_t family = packet->protocol == PROTOCOL_ICMP ? 4 : 6;

    if (packet->family != family) {
        packet->family = family;
        packet->flags |= PACKET_CROSSED;
    }
    packet->class = PACKET_FRAGMENT;
    if (packet->fragment_offset != 0)
        return true;
    if (packet->available < (family == 4 ? ICMP_SHORTEST : ICMP6_SHORTEST))
        return false;
    packet->type = packet->octets[0];
    packet->code = packet->octets[1];
    packet->class = packet_class_of(family, packet->type);
    return true;
}

/* The headers are read: what is the payload? */
static void finish(struct walk *walk, struct packet *packet)
{
    walk->view.protocol = ETHER_NONE;
    if (packet->protocol == PROTOCOL_ICMP || packet->protocol == PROTOCOL_ICMP6) {
        if (set_icmp(packet))
            walk->count++;
        else
            walk->malformed = true;
        return;
    }
    packet->class = PACKET_FLOW;
    walk->count++;
    if (packet->fragment_offset == 0) {
        walk->view.packet = slice_of(packet->octets, packet->available);
        walk->view.mac_length = 0;
        walk_tunnel(walk, packet);
    }
}

/* Pass over an authentication header (RFC 4302 2), which is no option but stands in front of the payload. */
static bool pass_authentication(struct packet *packet, struct slice octets, size_t header)
{
    const uint8_t *at = packet->octets;
    size_t length;

    if (packet->available < 8)
        return false;
    length = walk_extension_length(PROTOCOL_AH, at);
    if (packet->available < length)
        return false;
    packet->protocol = at[0];
    packet->flags |= PACKET_EXTENDED;
    set_payload(packet, octets, header + length);
    return true;
}

/* Octets that were on the wire behind those captured, when the packet reaches to the end of the frame. */
static size_t octets_on_wire(const struct walk *walk)
{
    const struct frame *frame = walk->frame;
    size_t missing = frame->length > frame->data.length ? frame->length - frame->data.length : 0;

    return walk->view.packet.length + missing;
}

/* A length of 0 is left by senders whose network card cuts the packet into segments. */
static bool read_ipv4(const struct walk *walk, struct packet *packet)
{
    struct slice octets = walk->view.packet;
    const uint8_t *at = octets.data;
    size_t header = octets.length < HEADER4 ? 0 : (at[0] & 0xf) * 4u, length;
    uint16_t fragment;

    if (header < HEADER4 || octets.length < header || at[0] >> 4 != 4)
        return false;
    length = octets_get16(at + 2);
    if (length == 0)
        length = octets_on_wire(walk);
    if (length < header)
        return false;
    fragment = octets_get16(at + 6);
    packet->family = 4;
    packet->protocol = at[9];
    packet->ttl = at[8];
    packet->ip_length = (uint32_t)length;
    memcpy(packet->source, at + 12, 4);
    memcpy(packet->destination, at + 16, 4);
    if (header > HEADER4)
        packet->flags |= PACKET_EXTENDED;
    set_fragment(packet, (uint16_t)((fragment & OFFSET4) * 8), fragment & MORE4, octets_get16(at + 4));
    set_payload(packet, octets, header);
    return packet->protocol != PROTOCOL_AH || packet->fragment_offset != 0 ||
           pass_authentication(packet, octets, header);
}

void walk_ipv4(struct walk *walk)
{
    struct packet *packet = new_packet(walk);

    if (!packet || !read_ipv4(walk, packet))
        walk_break(walk);
    else
        finish(walk, packet);
}

/* The length in a jumbo payload option (RFC 2675 2) of a hop-by-hop header; 0 when there is none. */
static uint32_t jumbo_length(struct slice options)
{
    enum { PAD1 = 0, JUMBO = 0xc2 };
    const uint8_t *at = options.data, *end = options.data + options.length;

    while (end - at >= 2) {
        if (*at == PAD1) {
            at++;
            continue;
        }
        if (end - at < at[1] + 2)
            return 0;
        if (at[0] == JUMBO && at[1] == 4)
            return octets_get32(at + 2);
        at += at[1] + 2;
    }
    return 0;
}

/* How many octets an IPv6 packet claims behind its header. */
static uint32_t payload_length(struct slice octets)
{
    const uint8_t *at = octets.data;
    uint32_t length = octets_get16(at + 4), jumbo;
    size_t options;

    if (length != 0 || at[6] != PROTOCOL_HOP_BY_HOP || octets.length < HEADER6 + 8)
        return length;
    options = walk_extension_length(PROTOCOL_HOP_BY_HOP, at + HEADER6);
    jumbo = jumbo_length(slice_skip(slice_first(octets, HEADER6 + options), HEADER6 + 2));
    return jumbo > UINT32_MAX - HEADER6 ? 0 : jumbo;
}

static void read_fragment_header(const uint8_t *at, struct packet *packet)
{
    uint16_t fragment = octets_get16(at + 2);

    set_fragment(packet, fragment & OFFSET6, fragment & MORE6, octets_get32(at + 4));
}

/* Behind the header of a later fragment no other header can be found. */
static bool pass_extensions(struct packet *packet, struct slice octets)
{
    size_t header = HEADER6;

    set_payload(packet, octets, header);
    for (int i = 0; is_extension(packet->protocol) && packet->fragment_offset == 0; i++) {
        const uint8_t *at = packet->octets;
        size_t length;

        if (i == EXTENSIONS_MAX || packet->available < 8)
            return false;
        length = walk_extension_length(packet->protocol, at);
        if (packet->available < length)
            return false;
        if (packet->protocol == PROTOCOL_IPV6_FRAGMENT)
            read_fragment_header(at, packet);
        packet->protocol = at[0];
        packet->flags |= PACKET_EXTENDED;
        header += length;
        set_payload(packet, octets, header);
    }
    return true;
}

static bool read_ipv6(const struct walk *walk, struct packet *packet)
{
    struct slice octets = walk->view.packet;
    const uint8_t *at = octets.data;

    if (octets.length < HEADER6 || at[0] >> 4 != 6)
        return false;
    packet->family = 6;
    packet->protocol = at[6];
    packet->ttl = at[7];
    packet->ip_length = HEADER6 + payload_length(octets);
    memcpy(packet->source, at + 8, 16);
    memcpy(packet->destination, at + 24, 16);
    return pass_extensions(packet, octets);
}

void walk_ipv6(struct walk *walk)
{
    struct packet *packet = new_packet(walk);

    if (!packet || !read_ipv6(walk, packet))
        walk_break(walk);
    else
        finish(walk, packet);
}
