/* SPDX-License-Identifier: MIT */
/* The Internet checksum (RFC 1071) and the pseudo headers it covers. */
#ifndef SONDE_WIRE_CHECKSUM_H
#define SONDE_WIRE_CHECKSUM_H

#include "base/address.h"
#include "base/slice.h"

/**
 * The Internet checksum of some octets (RFC 1071).
 * @return the value to store, in host order; 0 over data that carries a right checksum
 */
uint16_t checksum(struct slice data);

/**
 * The checksum of an upper-layer message with its pseudo header (RFC 793 3.1, RFC 8200 8.1).
 * @param source, destination addresses of one family
 * @param protocol IPPROTO_TCP, IPPROTO_UDP or IPPROTO_ICMPV6
 * @return the value to store, in host order; 0 over a message that carries a right checksum
 */
uint16_t checksum_pseudo(const struct sonde_address *source, const struct sonde_address *destination,
                         uint8_t protocol, struct slice message);

#endif
