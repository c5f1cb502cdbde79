/* SPDX-License-Identifier: MIT */
/* A captured packet as a record: what it is, and each of its fields with its octets and its meaning. */
#ifndef SONDE_CMD_LAB_DECODE_H
#define SONDE_CMD_LAB_DECODE_H

#include "base/record.h"
#include "base/text.h"
#include "net/lab/witness.h"

enum { DECODE_FIELDS_MAX = 24 };

/** One field of a packet. */
struct decoded_field {
    const char *header; /* "IP", "ICMP", "quoted IP", ... */
    int64_t offset;     /* octets from the beginning of the packet */
    const char *octets; /* in hexadecimal digits */
    const char *name, *value, *meaning;
};

/** The numbers of an ICMP message, for programs. */
struct decoded_icmp {
    int64_t family, type, code;
    const char *name;
    int64_t checksum, identifier, sequence;
    bool checksum_right;
};

/** One packet; zero-initialise it, and free it with decode_deinit. */
struct decoded {
    int64_t number, time;
    const char *summary, *direction;
    struct sonde_address source, destination;
    int64_t ttl, source_port, destination_port;
    const struct decoded_icmp *icmp; /* NULL for a datagram */
    struct record_list fields;
    struct decoded_field rows[DECODE_FIELDS_MAX];
    struct decoded_icmp message;
    struct text strings[3 * DECODE_FIELDS_MAX];
    size_t string_count;
};

/** The schema of a decoded packet, "sonde.lab.packet/1". */
extern const struct schema decode_schema;

/**
 * Decode an IPv4 packet with UDP or ICMP in it.
 * @param number of the packet in the exchange, from 1
 * @return 0, or -EBADMSG when it is damaged or of another kind
 */
int decode_packet(struct decoded *decoded, const struct witness_packet *packet, int64_t number);

/** Free what a decoded packet holds. */
void decode_deinit(struct decoded *decoded);

#endif
