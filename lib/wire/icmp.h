/* SPDX-License-Identifier: MIT */
/* ICMPv4 and ICMPv6 messages: bytes to struct and back. */
#ifndef SONDE_WIRE_ICMP_H
#define SONDE_WIRE_ICMP_H

#include <stdbool.h>

#include "base/address.h"
#include "base/slice.h"

enum {
    ICMP4_ECHO_REPLY = 0,
    ICMP4_UNREACHABLE = 3,
    ICMP4_SOURCE_QUENCH = 4, /* deprecated by RFC 6633 */
    ICMP4_REDIRECT = 5,
    ICMP4_ECHO_REQUEST = 8,
    ICMP4_TIME_EXCEEDED = 11,
    ICMP4_PARAMETER_PROBLEM = 12,
    ICMP6_UNREACHABLE = 1,
    ICMP6_TOO_BIG = 2,
    ICMP6_TIME_EXCEEDED = 3,
    ICMP6_PARAMETER_PROBLEM = 4,
    ICMP6_ECHO_REQUEST = 128,
    ICMP6_ECHO_REPLY = 129,
};

/** One message. */
struct icmp_message {
    uint8_t family; /* 4 or 6 */
    uint8_t type, code;
    uint16_t id, sequence;  /* of echo messages */
    uint32_t mtu;           /* of fragmentation-needed (RFC 1191 4) and packet-too-big (RFC 4443 3.2) */
    uint32_t pointer;       /* of parameter problem */
    struct slice body;      /* behind the first eight octets */
    struct slice quote;     /* of errors: the packet that caused it, as far as quoted; else empty */
    struct slice extension; /* of errors: the RFC 4884 structure, header included; else empty */
};

/** Whether a type is an error message and so carries a quote (RFC 1122 3.2.2, RFC 4443 2.1). */
bool icmp_is_error(uint8_t family, uint8_t type);

/**
 * Read a message and check its checksum (RFC 792, RFC 4443 2, RFC 4884 4).
 * @param family 4 or 6
 * @param source, destination addresses of the packet; used for ICMPv6's pseudo header
 * @param data the IP payload
 * @param message filled on success; its slices point into data
 * @return 0, or -EBADMSG when it is cut or its checksum is wrong
 */
int icmp_parse(uint8_t family, const struct sonde_address *source, const struct sonde_address *destination,
               struct slice data, struct icmp_message *message);

/**
 * Write a message with its checksum. `quote` and `extension` are ignored: `body` holds everything behind the
 * first eight octets. The second word holds id and sequence for echo types, the MTU or the pointer for their
 * types, else 0.
 * @return octets written, or 0 when the capacity does not suffice
 */
size_t icmp_build(const struct icmp_message *message, const struct sonde_address *source,
                  const struct sonde_address *destination, uint8_t *buffer, size_t capacity);

#endif
