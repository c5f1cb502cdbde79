/* SPDX-License-Identifier: MIT */
/* Whether the checksum of an ICMP message is right, as far as the capture can tell. */
#include "wire/checksum.h"
#include "wire/packet/walk.h"

enum { HEADER6 = 40 };

/* The last address of a route, which the checksum covers while the packet is under way (RFC 8200 8.1).
 * @return whether this header has none, or it is known; false for kinds whose last address is not plain */
static bool read_route(const uint8_t *at, size_t length, const uint8_t **destination)
{
    enum { SOURCE_ROUTE = 0, HOME_ADDRESS = 2, SEGMENTS = 4, ADDRESS = 16 };
    uint8_t kind = at[2], left = at[3];

    if (left == 0)
        return true;
    if (length < 8 + ADDRESS)
        return false;
    if (kind == SOURCE_ROUTE || kind == HOME_ADDRESS)
        *destination = at + length - ADDRESS;
    else if (kind == SEGMENTS) /* the first of the list is the last to be visited (RFC 8754 2) */
        *destination = at + 8;
    else
        return false;
    return (length - 8) % ADDRESS == 0 || kind == SEGMENTS;
}

/* The headers between the IPv6 header and the message were walked once before, so their lengths hold. */
static bool find_destination(const struct packet *packet, const uint8_t **destination)
{
    const uint8_t *header = packet->octets - (packet->ip_length - packet->length), *at = header + HEADER6;
    uint8_t protocol = header[6];

    while (at < packet->octets) {
        size_t length = walk_extension_length(protocol, at);

        if (protocol == PROTOCOL_ROUTING && !read_route(at, length, destination))
            return false;
        protocol = at[0];
        at += length;
    }
    return true;
}

static uint32_t sum_of(const uint8_t *octets, size_t length)
{
    return (uint16_t)~checksum(slice_of(octets, length));
}

/* The parts of the pseudo header (RFC 8200 8.1) are added where they lie: this is asked about each packet. */
static bool holds_icmp6(const struct packet *packet, struct slice message)
{
    const uint8_t *destination = packet->destination;
    uint32_t sum = PROTOCOL_ICMP6 + (packet->length >> 16) + (packet->length & 0xffff);

    if ((packet->flags & PACKET_EXTENDED) && !find_destination(packet, &destination))
        return true;
    sum += sum_of(packet->source, 16) + sum_of(destination, 16) + sum_of(message.data, message.length);
    return (sum & 0xffff) + (sum >> 16) == UINT16_MAX;
}

bool packet_checksum_holds(const struct packet *packet)
{
    struct slice message = slice_of(packet->octets, packet->length);

    if (packet->class >= PACKET_FRAGMENT || (packet->flags & (PACKET_CUT | PACKET_FRAGMENTED)))
        return true;
    if (packet->protocol == PROTOCOL_ICMP)
        return checksum(message) == 0;
    /* what an ICMPv6 message covers in an IPv4 packet is nowhere said */
    return (packet->flags & PACKET_CROSSED) || holds_icmp6(packet, message);
}
