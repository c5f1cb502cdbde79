/* SPDX-License-Identifier: MIT */
/* What errors are about: the destinations and services that most of them quote. */
#ifndef SONDE_DETECT_STATE_COMPLAINT_H
#define SONDE_DETECT_STATE_COMPLAINT_H

#include "base/hash.h"
#include "wire/packet.h"

enum { COMPLAINT_SETS = 64, COMPLAINT_WAYS = 4 };

/** A destination that errors quote, with the protocol and port that was wanted there. */
struct complaint_row {
    uint64_t tag; /* 0: free */
    uint8_t address[16];
    uint16_t port;            /* 0: of a protocol without ports */
    uint8_t family, protocol; /* of the quoted packet */
    uint8_t type, code;       /* of the last error */
    uint32_t packets, last_s;
    uint32_t weight; /* packets, less those of others that wanted the row */
};

/** The table; zeroed memory is ready. What is quoted often stays (Misra and Gries 1982). */
struct complaints {
    struct complaint_row rows[COMPLAINT_SETS * COMPLAINT_WAYS];
};

/**
 * Count an error.
 * @param target_hash keyed hash of the quoted destination
 * @param now_s seconds since the watch began
 */
void complaints_count(struct complaints *complaints, const struct hash_key *key, uint64_t target_hash,
                      const struct packet *packet, const struct packet_quote *quote, uint32_t now_s);

/** The rows with most packets, most first. Returns how many were written. */
size_t complaints_top(const struct complaints *complaints, const struct complaint_row **top, size_t most);

#endif
