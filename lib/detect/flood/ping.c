/* SPDX-License-Identifier: MIT */
/* What echo messages of ping programs look like. */
#include "detect/flood/ping.h"

#include <string.h>

#define ONES UINT64_C(0x0101010101010101) /* in each octet */
#define TOPS UINT64_C(0x8080808080808080)

enum {
    STAMP = 16,  /* octets of the time stamp that Linux puts first; BSD puts 8 or 16 */
    LOOKED = 16, /* octets behind it that are looked at */
    USUAL = 56,  /* octets of data that ping sends unless told otherwise */
};

/* How far each of eight octets is from the one before, octet by octet. */
static uint64_t steps(const uint8_t *octets)
{
    uint64_t before, after;

    memcpy(&before, octets, sizeof(before));
    memcpy(&after, octets + 1, sizeof(after));
    return ((after | TOPS) - (before & ~TOPS)) ^ ((after ^ ~before) & TOPS);
}

bool ping_is_usual(const struct packet *packet)
{
    uint32_t length = packet->length > PING_HEADER ? packet->length - PING_HEADER : 0;
    const uint8_t *data = packet->octets + PING_HEADER + STAMP;
    uint8_t step = 0;

    if (packet->available < PING_HEADER + STAMP + LOOKED) /* cut, or too little data for a pattern */
        return packet->available < packet->length && length == USUAL;
    step = (uint8_t)(data[1] - data[0]);
    if (step > 1 || (step == 0 && data[0] != 0))
        return false;
    return steps(data) == step * ONES && steps(data + LOOKED - 9) == step * ONES;
}
