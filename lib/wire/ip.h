/* SPDX-License-Identifier: MIT */
/* IPv4 and IPv6 headers: bytes to struct and back. */
#ifndef SONDE_WIRE_IP_H
#define SONDE_WIRE_IP_H

#include <stdbool.h>

#include "base/address.h"
#include "base/slice.h"

/** The fields of both versions that sonde looks at. */
struct ip_header {
    uint8_t family; /* 4 or 6 */
    struct sonde_address source, destination;
    uint8_t protocol;         /* upper-layer protocol, behind all extension headers */
    uint8_t ttl;              /* time to live or hop limit */
    uint8_t tos;              /* DSCP and ECN octet (RFC 2474) */
    uint16_t id;              /* IPv4 identification; IPv6: low half of the fragment identification */
    uint32_t flow_label;      /* IPv6 only, 20 bits */
    bool dont_fragment;       /* IPv4 only */
    bool more_fragments;      /* a later fragment follows */
    uint16_t fragment_offset; /* octets */
    uint32_t length;          /* octets of the whole packet as the header claims */
    bool truncated;           /* the header claims more octets than there are */
};

/**
 * Read an IP header, with IPv6 extension headers skipped (RFC 791 3.1, RFC 8200 3 and 4).
 * A packet that claims more than is there is accepted and marked truncated: quotes always are.
 * @param packet octets from the version nibble on
 * @param ip filled on success
 * @param payload the upper-layer octets that are there, link padding removed
 * @return 0, or -EBADMSG when the header itself is cut, of another version, or contradicts itself
 */
int ip_parse(struct slice packet, struct ip_header *ip, struct slice *payload);

/**
 * Write a header and its payload. IPv6 fragments get a fragment header; other extension headers are never
 * written. `length` and `truncated` of the header are ignored; the IPv4 checksum is computed.
 * @param buffer, capacity where to write
 * @return octets written, or 0 when the capacity does not suffice
 */
size_t ip_build(const struct ip_header *ip, struct slice payload, uint8_t *buffer, size_t capacity);

#endif
