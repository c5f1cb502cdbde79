/* SPDX-License-Identifier: MIT */
/* Who gives out addresses: DHCP servers ask an address whether somebody has it, and want no answer
 * (RFC 2131 3.1). */
#ifndef SONDE_DETECT_SCAN_LEASE_H
#define SONDE_DETECT_SCAN_LEASE_H

#include "detect/detector.h"

enum {
    LEASE_SERVERS = 16,
    LEASE_ASKERS = 64,
    LEASE_TARGETS = 8, /* remembered of each asker */
};

/** Somebody who asks addresses that nobody has, and which. */
struct lease_asker {
    uint64_t tag; /* of its struct source; 0: free */
    uint8_t count, next;
    uint8_t targets[LEASE_TARGETS][16];
};

/** What is known; zeroed memory is ready. */
struct leases {
    uint8_t servers[LEASE_SERVERS][4]; /* hosts that sent DHCP from port 67, as rings */
    uint8_t server_count, server_next;
    struct lease_asker askers[LEASE_ASKERS]; /* by tag */
};

/** See a packet that is no ICMP. */
void leases_see(struct leases *leases, const struct packet *packet);

/** See a question to a new target. */
void leases_ask(struct leases *leases, const struct flows *flows, const struct sighting *sighting);

/** Whether a host was seen to give out addresses. */
bool leases_server(const struct leases *leases, uint8_t family, const uint8_t *address);

/** Whether a host gives out addresses: it was seen to, or what it asked came to life afterwards. */
bool leases_explain(const struct leases *leases, const struct flows *flows, const struct source *source);

#endif
