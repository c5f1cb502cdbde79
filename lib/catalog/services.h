/* SPDX-License-Identifier: MIT */
/* Well-known services: their names, ports, and a question that makes one answer; and protocols by name. */
#ifndef SONDE_CATALOG_SERVICES_H
#define SONDE_CATALOG_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/** One service. */
struct service {
    const char *scheme; /* "https"; also its name for people */
    uint8_t protocol;   /* IPPROTO_TCP or IPPROTO_UDP */
    uint16_t port;
    bool greets;          /* the server speaks first (ssh, smtp) */
    struct slice request; /* what a client sends first; empty if nothing sensible is known */
};

/** The service of a port, or NULL. */
const struct service *service_find(uint8_t protocol, uint16_t port);

/** The service of a URL scheme, or NULL. */
const struct service *service_find_scheme(const char *scheme);

/** What to send to a port: the service's request, or a generic one that text protocols answer with an error.
 */
struct slice service_request(uint8_t protocol, uint16_t port);

/** The word for an IP protocol, "icmpv6", or NULL when it has none here (IANA Assigned Internet Protocol
 * Numbers). */
const char *protocol_word(uint8_t number);

/** Its name for people, "ICMPv6", or NULL. */
const char *protocol_title(uint8_t number);

#endif
