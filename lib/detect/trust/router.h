/* SPDX-License-Identifier: MIT */
/* The routers of a link: a table of fixed size of who they are and what they said. */
#ifndef SONDE_DETECT_TRUST_ROUTER_H
#define SONDE_DETECT_TRUST_ROUTER_H

#include "detect/watch.h"
#include "wire/nd.h"

enum { ROUTERS = 64, INHABITED = 16 };

/** What a router says that hosts act upon. */
enum router_facet {
    FACET_PREFIX,
    FACET_SERVER,     /* DNS servers */
    FACET_DOMAIN,     /* search domains */
    FACET_NAT64,      /* PREF64 */
    FACET_FLAGS,      /* managed and other configuration: whether hosts shall ask DHCPv6 */
    FACET_PREFERENCE, /* only more of it is a change */
    FACET_ROUTE,
    FACET_MTU,
    FACET_COUNT,
};

/** One router. */
struct router {
    bool is_used, is_known; /* in the table; and taken for a rightful one */
    uint8_t family;
    uint8_t address[16], link[6];
    bool is_told;                          /* whether its link address is known */
    uint32_t number;                       /* of the link, as link_number() says */
    int64_t first_ns, last_ns, longest_ns; /* the longest time between two advertisements */
    uint32_t count, regular;               /* advertisements; those that nobody asked for */
    uint32_t hasty;         /* multicast advertisements in a row that came too soon after the one before */
    struct nd_message said; /* the latest that was not held against it */
    const char *held;       /* what is held against an unknown one, or NULL */
    unsigned changed;       /* facets in which the latest advertisement differed from `said` */
};

/** A /64 of which addresses were seen on a link. */
struct inhabited {
    uint8_t prefix[8];
    uint32_t number; /* of the link */
};

/** The table; zero-initialise it. */
struct routers {
    struct router rows[ROUTERS];
    struct inhabited inhabited[INHABITED]; /* the first ones */
    size_t inhabited_count;
};

/** The router that sent a packet: the same link, source and link address. NULL: none. */
struct router *routers_find(struct routers *routers, const struct packet *packet);

/** Another router on the link of a packet with its source, but another link address, or NULL. */
struct router *routers_find_namesake(struct routers *routers, const struct packet *packet);

/** Remember a router; an unknown and old one makes room. */
struct router *routers_add(struct routers *routers, const struct packet *packet, bool is_known);

/** A rightful router on the link of a packet, the next one behind `after` (NULL: the first), or NULL. */
const struct router *routers_next(const struct routers *routers, const struct packet *packet,
                                  const struct router *after);

/** Learn from a neighbor solicitation or advertisement in which prefixes the hosts of its link live. */
void routers_hear_neighbor(struct routers *routers, const struct packet *packet);

/**
 * Whether a router announces prefixes to configure addresses in, none of which anybody on its link lives in,
 * while others of the same scope (unique local or global) are in use there.
 * @param packet its advertisement
 * @param nd the same, taken apart
 */
bool routers_is_foreign(const struct routers *routers, const struct packet *packet,
                        const struct nd_message *nd);

/** Facets, as bits, of what `now` says beyond what `before` said. */
unsigned router_changes(const struct nd_message *before, const struct nd_message *now);

/** Whether both announce a prefix in common, or none at all. */
bool router_shares_prefix(const struct nd_message *a, const struct nd_message *b);

/**
 * Tell changes as "DNS server: none -> 2001:db8::53; ...", as far as there is room.
 * @param changes facets, as bits
 */
void router_tell_changes(const struct nd_message *before, const struct nd_message *now, unsigned changes,
                         char *text, size_t size);

#endif
