/* SPDX-License-Identifier: MIT */
/* The Internet checksum (RFC 1071) and the pseudo headers it covers. */
#include "wire/checksum.h"

#include <string.h>

#include "wire/octets.h"

/* One's complement sums do not mind the order of octets (RFC 1071 2B), so words are added as they lie in
 * memory, eight octets at a time; what overflows comes back at the other end. All parts but the last are
 * even. */
static uint64_t add(uint64_t sum, struct slice data)
{
    size_t i = 0;

    for (; i + 8 <= data.length; i += 8) {
        uint64_t word;

        memcpy(&word, data.data + i, sizeof(word));
        sum += word;
        sum += sum < word;
    }
    if (i < data.length) {
        uint64_t word = 0;

        memcpy(&word, data.data + i, data.length - i);
        sum += word;
        sum += sum < word;
    }
    return sum;
}

static uint16_t fold(uint64_t sum)
{
    uint8_t octets[2];
    uint16_t word;

    sum = (sum & UINT32_MAX) + (sum >> 32);
    sum = (sum & UINT16_MAX) + (sum >> 16 & UINT16_MAX) + (sum >> 32);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    sum = (sum & UINT16_MAX) + (sum >> 16);
    word = (uint16_t)~sum;
    memcpy(octets, &word, sizeof(word));
    return octets_get16(octets);
}

uint16_t checksum(struct slice data)
{
    return fold(add(0, data));
}

uint16_t checksum_pseudo(const struct sonde_address *source, const struct sonde_address *destination,
                         uint8_t protocol, struct slice message)
{
    uint8_t end[8] = {0};
    uint64_t sum;

    octets_put32(end, (uint32_t)message.length);
    end[7] = protocol;
    sum = add(0, slice_of(end, sizeof(end)));
    sum = add(sum, slice_of(source->bytes, address_length(source->family)));
    sum = add(sum, slice_of(destination->bytes, address_length(destination->family)));
    return fold(add(sum, message));
}
