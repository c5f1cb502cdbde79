/* SPDX-License-Identifier: MIT */
/* What the data of an echo message looks like: what pings send, or something else. */
#ifndef SONDE_DETECT_COVERT_PAYLOAD_H
#define SONDE_DETECT_COVERT_PAYLOAD_H

#include <stdbool.h>

#include "base/slice.h"

/** How often each octet was seen. */
struct payload_histogram {
    uint16_t octets[256];
    uint32_t total;
};

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
