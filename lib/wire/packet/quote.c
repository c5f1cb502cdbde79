/* SPDX-License-Identifier: MIT */
/* The packet that an ICMP error or a redirect quotes, as far as it was quoted. */
#include <string.h>

#include "wire/octets.h"
#include "wire/packet/walk.h"

enum {
    ERROR_HEADER = 8,
    REDIRECT6_HEADER = 40,
    REDIRECTED_HEADER = 4, /* the option of that name (RFC 4861 4.6.3) */
    HEADER4 = 20,
    HEADER6 = 40,
    TCP_HEADER = 20,
    TRANSPORT = 8, /* what every quote has of the transport header (RFC 792) */
};

/* The value of the redirected header option; empty when there is none. */
static struct slice redirected(struct slice options)
{
    while (options.length >= ERROR_HEADER) {
        size_t length = options.data[1] * 8u;

        if (length == 0)
            break;
        if (options.data[0] == REDIRECTED_HEADER)
            return slice_skip(slice_first(options, length), ERROR_HEADER);
        options = slice_skip(options, length);
    }
    return slice_first(options, 0);
}

static struct slice quoted_octets(const struct packet *packet)
{
    struct slice message = slice_of(packet->octets, packet->available);

    if (packet->class == PACKET_ERROR || (packet->class == PACKET_REDIRECT && packet->family == 4))
        return slice_skip(message, ERROR_HEADER);
    if (packet->class == PACKET_REDIRECT)
        return redirected(slice_skip(message, REDIRECT6_HEADER));
    return slice_first(message, 0);
}

/* Read the header; what is left is the transport header. Returns whether there is one of IP at all. */
static bool read_ipv4(struct slice *rest, struct packet_quote *quote)
{
    const uint8_t *at = rest->data;
    size_t header = rest->length < HEADER4 ? 0 : (at[0] & 0xf) * 4u;

    if (header < HEADER4 || at[0] >> 4 != 4)
        return false;
    quote->family = 4;
    quote->protocol = at[9];
    quote->ttl = at[8];
    quote->length = octets_get16(at + 2);
    quote->fragment_offset = (uint16_t)((octets_get16(at + 6) & 0x1fff) * 8);
    memcpy(quote->source, at + 12, 4);
    memcpy(quote->destination, at + 16, 4);
    *rest = slice_skip(*rest, header);
    return true;
}

/* Where the quote ends, the protocol is what the last header that is there names as its next. */
static void skip_extensions(struct slice *rest, struct packet_quote *quote)
{
    while (rest->length >= 8 && quote->fragment_offset == 0) {
        const uint8_t *at = rest->data;
        size_t length = walk_extension_length(quote->protocol, at);

        if (length == 0)
            return;
        if (quote->protocol == PROTOCOL_IPV6_FRAGMENT)
            quote->fragment_offset = octets_get16(at + 2) & 0xfff8;
        quote->protocol = at[0];
        *rest = slice_skip(*rest, length);
    }
}

static bool read_ipv6(struct slice *rest, struct packet_quote *quote)
{
    const uint8_t *at = rest->data;

    if (rest->length < HEADER6 || at[0] >> 4 != 6)
        return false;
    quote->family = 6;
    quote->protocol = at[6];
    quote->ttl = at[7];
    quote->length = HEADER6 + octets_get16(at + 4);
    memcpy(quote->source, at + 8, 16);
    memcpy(quote->destination, at + 24, 16);
    *rest = slice_skip(*rest, HEADER6);
    skip_extensions(rest, quote);
    return true;
}

static void read_tcp(struct slice rest, struct packet_quote *quote)
{
    quote->sequence = octets_get32(rest.data + 4);
    if (rest.length < TCP_HEADER)
        return;
    quote->whole = true;
    quote->acknowledgement = octets_get32(rest.data + 8);
    quote->flags = rest.data[13];
}

static void read_transport(struct slice rest, struct packet_quote *quote)
{
    if (rest.length < TRANSPORT || quote->fragment_offset != 0)
        return;
    switch (quote->protocol) {
    case PROTOCOL_ICMP:
    case PROTOCOL_ICMP6:
        quote->ports = true;
        quote->type = rest.data[0];
        quote->code = rest.data[1];
        quote->id = octets_get16(rest.data + 4);
        quote->echo_sequence = octets_get16(rest.data + 6);
        break;
    case PROTOCOL_TCP:
        read_tcp(rest, quote);
        /* fallthrough */
    case PROTOCOL_UDP:
    case PROTOCOL_DCCP:
    case PROTOCOL_SCTP:
    case PROTOCOL_UDP_LITE:
        quote->ports = true;
        quote->source_port = octets_get16(rest.data);
        quote->destination_port = octets_get16(rest.data + 2);
        break;
    default:
        break;
    }
}

void packet_read_quote(const struct packet *packet, struct packet_quote *quote)
{
    struct slice rest = quoted_octets(packet);

    memset(quote, 0, sizeof(*quote));
    if (read_ipv4(&rest, quote) || read_ipv6(&rest, quote))
        read_transport(rest, quote);
}
