/* SPDX-License-Identifier: MIT */
/* IPv4 and IPv6 headers: bytes to struct and back. */
#include "wire/ip.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "wire/checksum.h"
#include "wire/octets.h"

enum {
    HEADER4 = 20,
    HEADER6 = 40,
    FRAGMENT_HEADER = 8,
    OFFSET4_MASK = 0x1fff,
    MORE_FRAGMENTS4 = 0x2000,
    DONT_FRAGMENT4 = 0x4000,
    OFFSET6_MASK = 0xfff8,
    MORE_FRAGMENTS6 = 1,
};

static int parse4(struct slice packet, struct ip_header *ip, struct slice *payload)
{
    const uint8_t *at = packet.data;
    size_t header = (at[0] & 0xf) * 4u;
    uint16_t fragment;

    if (header < HEADER4 || packet.length < header)
        return -EBADMSG;
    fragment = octets_get16(at + 6);
    *ip = (struct ip_header){
        .family = 4,
        .source = address_from(4, at + 12),
        .destination = address_from(4, at + 16),
        .protocol = at[9],
        .ttl = at[8],
        .tos = at[1],
        .id = octets_get16(at + 4),
        .dont_fragment = fragment & DONT_FRAGMENT4,
        .more_fragments = fragment & MORE_FRAGMENTS4,
        .fragment_offset = (uint16_t)((fragment & OFFSET4_MASK) * 8),
        .length = octets_get16(at + 2),
    };
    if (ip->length < header)
        return -EBADMSG;
    ip->truncated = ip->length > packet.length;
    *payload = slice_skip(slice_first(packet, ip->length), header);
    return 0;
}

/* Octets of an IPv6 extension header, or 0 if this is none (RFC 8200 4.1, RFC 4302 2.2). */
static size_t extension_length(uint8_t protocol, const uint8_t *at)
{
    switch (protocol) {
    case IPPROTO_HOPOPTS:
    case IPPROTO_ROUTING:
    case IPPROTO_DSTOPTS:
        return (at[1] + 1u) * 8;
    case IPPROTO_AH:
        return (at[1] + 2u) * 4;
    case IPPROTO_FRAGMENT:
        return FRAGMENT_HEADER;
    default:
        return 0;
    }
}

static bool is_extension(uint8_t protocol)
{
    static const uint8_t shortest[2];

    return extension_length(protocol, shortest) > 0;
}

static void read_fragment(const uint8_t *at, struct ip_header *ip)
{
    uint16_t fragment = octets_get16(at + 2);

    ip->fragment_offset = fragment & OFFSET6_MASK;
    ip->more_fragments = fragment & MORE_FRAGMENTS6;
    ip->id = octets_get16(at + 6);
}

/* Behind a later fragment's header there is no upper-layer header to be found, so the walk ends there. */
static int skip_extensions(struct ip_header *ip, struct slice *payload)
{
    while (is_extension(ip->protocol) && ip->fragment_offset == 0) {
        const uint8_t *at = payload->data;
        size_t length;

        if (payload->length < 8)
            return -EBADMSG;
        length = extension_length(ip->protocol, at);
        if (payload->length < length)
            return -EBADMSG;
        if (ip->protocol == IPPROTO_FRAGMENT)
            read_fragment(at, ip);
        ip->protocol = at[0];
        *payload = slice_skip(*payload, length);
    }
    return 0;
}

static int parse6(struct slice packet, struct ip_header *ip, struct slice *payload)
{
    const uint8_t *at = packet.data;
    uint32_t first;

    if (packet.length < HEADER6)
        return -EBADMSG;
    first = octets_get32(at);
    *ip = (struct ip_header){
        .family = 6,
        .source = address_from(6, at + 8),
        .destination = address_from(6, at + 24),
        .protocol = at[6],
        .ttl = at[7],
        .tos = (uint8_t)(first >> 20),
        .flow_label = first & 0xfffff,
        .length = HEADER6 + (uint32_t)octets_get16(at + 4),
    };
    ip->truncated = ip->length > packet.length;
    *payload = slice_skip(slice_first(packet, ip->length), HEADER6);
    return skip_extensions(ip, payload);
}

int ip_parse(struct slice packet, struct ip_header *ip, struct slice *payload)
{
    if (packet.length < HEADER4)
        return -EBADMSG;
    switch (packet.data[0] >> 4) {
    case 4:
        return parse4(packet, ip, payload);
    case 6:
        return parse6(packet, ip, payload);
    default:
        return -EBADMSG;
    }
}

static size_t build4(const struct ip_header *ip, struct slice payload, uint8_t *buffer, size_t capacity)
{
    size_t length = HEADER4 + payload.length;
    uint16_t fragment = ip->fragment_offset / 8;

    if (length > capacity || length > UINT16_MAX)
        return 0;
    if (payload.length)
        memmove(buffer + HEADER4, payload.data, payload.length);
    memset(buffer, 0, HEADER4);
    fragment |= (ip->dont_fragment ? DONT_FRAGMENT4 : 0) | (ip->more_fragments ? MORE_FRAGMENTS4 : 0);
    buffer[0] = 0x45;
    buffer[1] = ip->tos;
    octets_put16(buffer + 2, (uint16_t)length);
    octets_put16(buffer + 4, ip->id);
    octets_put16(buffer + 6, fragment);
    buffer[8] = ip->ttl;
    buffer[9] = ip->protocol;
    memcpy(buffer + 12, ip->source.bytes, 4);
    memcpy(buffer + 16, ip->destination.bytes, 4);
    octets_put16(buffer + 10, checksum(slice_of(buffer, HEADER4)));
    return length;
}

static void write_fragment(const struct ip_header *ip, uint8_t *at)
{
    memset(at, 0, FRAGMENT_HEADER);
    at[0] = ip->protocol;
    octets_put16(at + 2, (uint16_t)((ip->fragment_offset & OFFSET6_MASK) | (ip->more_fragments ? 1 : 0)));
    octets_put16(at + 6, ip->id);
}

static size_t build6(const struct ip_header *ip, struct slice payload, uint8_t *buffer, size_t capacity)
{
    bool fragment = ip->more_fragments || ip->fragment_offset;
    size_t header = HEADER6 + (fragment ? FRAGMENT_HEADER : 0);
    size_t length = header + payload.length;

    if (length > capacity || length - HEADER6 > UINT16_MAX)
        return 0;
    if (payload.length)
        memmove(buffer + header, payload.data, payload.length);
    octets_put32(buffer, UINT32_C(6) << 28 | (uint32_t)ip->tos << 20 | (ip->flow_label & 0xfffff));
    octets_put16(buffer + 4, (uint16_t)(length - HEADER6));
    buffer[6] = fragment ? IPPROTO_FRAGMENT : ip->protocol;
    buffer[7] = ip->ttl;
    memcpy(buffer + 8, ip->source.bytes, 16);
    memcpy(buffer + 24, ip->destination.bytes, 16);
    if (fragment)
        write_fragment(ip, buffer + HEADER6);
    return length;
}

size_t ip_build(const struct ip_header *ip, struct slice payload, uint8_t *buffer, size_t capacity)
{
    return ip->family == 4 ? build4(ip, payload, buffer, capacity) : build6(ip, payload, buffer, capacity);
}
