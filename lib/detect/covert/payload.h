/* SPDX-License-Identifier: MIT */
/* What the data of an echo message looks like: what pings send, or something else. */
#ifndef SONDE_DETECT_COVERT_PAYLOAD_H
#define SONDE_DETECT_COVERT_PAYLOAD_H

#include <stdbool.h>
#include <string.h>

#include "base/slice.h"

enum { PAYLOAD_LINUX = 56 /* octets of data that ping of Linux sends unless told otherwise */ };

/** How often each octet was seen. */
struct payload_histogram {
    uint16_t octets[256];
    uint32_t total;
};

/** Whether a payload is that of most pings of the world: Linux, 16 octets of time, then 0x10, 0x11 and so on.
 * Inline and without branches, because it is asked about each echo message. */
static inline bool payload_is_linux(const uint8_t *octets, size_t length)
{
    static const uint8_t ramp[40] = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19,
                                     0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23,
                                     0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d,
                                     0x2e, 0x2f, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37};
    uint64_t there[5], wanted[5];

    if (length != PAYLOAD_LINUX)
        return false;
    memcpy(there, octets + 16, sizeof(there));
    memcpy(wanted, ramp, sizeof(wanted));
    return ((there[0] ^ wanted[0]) | (there[1] ^ wanted[1]) | (there[2] ^ wanted[2]) |
            (there[3] ^ wanted[3]) | (there[4] ^ wanted[4])) == 0;
}

/**
 * Whether a payload is one of those that ping programs send: a time or an id at its beginning, then the same
 * octet, a short pattern, or octets that count up or down; or the alphabet of Windows.
 */
bool payload_is_ordinary(struct slice payload);

/** Whether nearly all octets are printable text; a time stamp may stand before it. */
bool payload_is_text(struct slice payload);

/**
 * What is carried: "IPv4 packets", "SSH", "HTTP" and the like.
 * @param length octets of the payload on the wire; the slice may be cut
 * @return NULL when nothing is recognised
 */
const char *payload_carries(struct slice payload, size_t length);

/** The tunnel program whose header a payload begins with, or NULL. */
const char *payload_tool(struct slice payload);

/** How much two payloads differ: octets that are different, and those that only one of them has. */
size_t payload_difference(struct slice a, struct slice b);

/** Add a payload; stops when the counters are full. */
void payload_count(struct payload_histogram *histogram, struct slice payload);

/** Shannon's entropy in bits per octet; 0 when nothing was counted. */
double payload_entropy(const struct payload_histogram *histogram);

#endif
