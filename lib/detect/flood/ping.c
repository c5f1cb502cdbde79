/* SPDX-License-Identifier: MIT */
/* What echo messages of ping programs look like. */
#include "detect/flood/ping.h"

enum {
    STAMP = 16,  /* octets of the time stamp that Linux puts first; BSD puts 8 or 16 */
    LOOKED = 16, /* octets behind it that are looked at */
    USUAL = 56,  /* octets of data that ping sends unless told otherwise */
};

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
    for (uint32_t i = 1; i < LOOKED; i++)
        if ((uint8_t)(data[i] - data[i - 1]) != step)
            return false;
    return true;
}
