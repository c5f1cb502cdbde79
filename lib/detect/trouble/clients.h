/* SPDX-License-Identifier: MIT */
/* Hosts whose packets failed, to tell one that scans from those that want something. */
#ifndef SONDE_DETECT_TROUBLE_CLIENTS_H
#define SONDE_DETECT_TROUBLE_CLIENTS_H

#include <stdbool.h>
#include <stdint.h>

enum { CLIENTS_SETS = 64, CLIENTS_WAYS = 4 };

/** What is known of a client in the present minute. */
struct client {
    uint64_t services; /* a bit for each of 64 classes of services that refused it */
    uint32_t tag;      /* 0: free */
    uint32_t since_s;
    uint16_t repeats; /* errors about a class that had refused it before; stops at the top */
    uint8_t classes;  /* bits that are set in services */
    bool scans;       /* decided for this minute */
};

/** The table; zeroed memory is ready. */
struct clients {
    struct client rows[CLIENTS_SETS * CLIENTS_WAYS];
};

/**
 * An error about what a client sent.
 * @param client, service hashes of both
 * @return whether the client asks for ever new services instead of wanting some
 */
bool clients_scan(struct clients *clients, uint64_t client, uint64_t service, uint32_t now_s);

#endif
