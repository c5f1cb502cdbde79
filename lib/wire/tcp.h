/* SPDX-License-Identifier: MIT */
/* TCP headers: bytes to struct and back. */
#ifndef SONDE_WIRE_TCP_H
#define SONDE_WIRE_TCP_H

#include "base/address.h"
#include "base/slice.h"

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

/** The fields that sonde looks at. */
struct tcp_header {
    uint16_t source_port, destination_port;
    uint32_t sequence, acknowledgement;
    uint8_t flags;       /* TCP_SYN and so on */
    uint8_t data_offset; /* 32-bit words; 5 without options; 0 means "as needed" when building */
    uint16_t window;
    uint16_t mss; /* MSS option, 0 without one */
    struct slice options;
};

/**
 * Read a TCP header (RFC 9293 3.1).
 * @param data the IP payload; a quote may end after eight octets, then ports and sequence are set and the
 * rest is 0
 * @return 0, or -EBADMSG with less than eight octets or a data offset that contradicts the length of a whole
 * segment
 */
int tcp_parse(struct slice data, struct tcp_header *tcp, struct slice *payload);

/**
 * Write a segment with its checksum. A data offset below 5 is written as given into a header of twenty
 * octets: such a segment is malformed on purpose. `options` is ignored; a non-zero mss writes that option
 * (RFC 9293 3.7.1).
 * @return octets written, or 0 when the capacity does not suffice
 */
size_t tcp_build(const struct tcp_header *tcp, const struct sonde_address *source,
                 const struct sonde_address *destination, struct slice payload, uint8_t *buffer,
                 size_t capacity);

#endif
