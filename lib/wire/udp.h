/* SPDX-License-Identifier: MIT */
/* UDP headers: bytes to struct and back. */
#ifndef SONDE_WIRE_UDP_H
#define SONDE_WIRE_UDP_H

#include "base/address.h"
#include "base/slice.h"

/** A UDP header (RFC 768). */
struct udp_header {
    uint16_t source_port, destination_port;
    uint16_t length; /* octets as claimed, header included; 0 means "as it is" when building */
    uint16_t checksum;
};

/**
 * Read a UDP header.
 * @param payload the octets that are there, at most as many as the header claims
 * @return 0, or -EBADMSG with less than eight octets
 */
int udp_parse(struct slice data, struct udp_header *udp, struct slice *payload);

/**
 * Write a datagram with its checksum. A non-zero `length` is written as given, true or not; `checksum` is
 * ignored.
 * @return octets written, or 0 when the capacity does not suffice
 */
size_t udp_build(const struct udp_header *udp, const struct sonde_address *source,
                 const struct sonde_address *destination, struct slice payload, uint8_t *buffer,
                 size_t capacity);

#endif
