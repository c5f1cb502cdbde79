/* SPDX-License-Identifier: MIT */
/* The Internet checksum (RFC 1071) and the pseudo headers it covers. */
#include "wire/checksum.h"

#include "wire/octets.h"

static uint64_t add(uint64_t sum, struct slice data)
{
    size_t i = 0;

    for (; i + 1 < data.length; i += 2)
        sum += octets_get16(data.data + i);
    if (i < data.length)
        sum += (uint64_t)data.data[i] << 8;
    return sum;
}

static uint16_t fold(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

uint16_t checksum(struct slice data)
{
    return fold(add(0, data));
}

uint16_t checksum_pseudo(const struct sonde_address *source, const struct sonde_address *destination,
                         uint8_t protocol, struct slice message)
{
    uint64_t sum = (uint64_t)protocol + (message.length >> 16) + (message.length & 0xffff);

    sum = add(sum, slice_of(source->bytes, address_length(source->family)));
    sum = add(sum, slice_of(destination->bytes, address_length(destination->family)));
    return fold(add(sum, message));
}
