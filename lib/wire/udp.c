/* SPDX-License-Identifier: MIT */
/* UDP headers: bytes to struct and back. */
#include "wire/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "wire/checksum.h"
#include "wire/octets.h"

enum { HEADER = 8 };

int udp_parse(struct slice data, struct udp_header *udp, struct slice *payload)
{
    const uint8_t *at = data.data;

    if (data.length < HEADER)
        return -EBADMSG;
    *udp = (struct udp_header){
        .source_port = octets_get16(at),
        .destination_port = octets_get16(at + 2),
        .length = octets_get16(at + 4),
        .checksum = octets_get16(at + 6),
    };
    *payload = slice_skip(slice_first(data, udp->length < HEADER ? HEADER : udp->length), HEADER);
    return 0;
}

/* A sum that comes out as zero is sent as all ones: zero means "no checksum" (RFC 768). The pseudo header
 * counts the octets that are there even when the header claims others: that is how a filter that verifies
 * sums computes it. */
static uint16_t sum_of(const struct sonde_address *source, const struct sonde_address *destination,
                       struct slice message)
{
    uint16_t sum = checksum_pseudo(source, destination, IPPROTO_UDP, message);

    return sum ? sum : 0xffff;
}

size_t udp_build(const struct udp_header *udp, const struct sonde_address *source,
                 const struct sonde_address *destination, struct slice payload, uint8_t *buffer,
                 size_t capacity)
{
    size_t length = HEADER + payload.length;
    bool lying = udp->length && udp->length != length;

    if (length > capacity || length > UINT16_MAX)
        return 0;
    if (payload.length)
        memmove(buffer + HEADER, payload.data, payload.length);
    octets_put16(buffer, udp->source_port);
    octets_put16(buffer + 2, udp->destination_port);
    octets_put16(buffer + 4, lying ? udp->length : (uint16_t)length);
    octets_put16(buffer + 6, 0);
    octets_put16(buffer + 6, sum_of(source, destination, slice_of(buffer, length)));
    return length;
}
