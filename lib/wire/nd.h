/* SPDX-License-Identifier: MIT */
/* Neighbor Discovery messages (RFC 4861) and their options: what routers, neighbours and redirects say. */
#ifndef SONDE_WIRE_ND_H
#define SONDE_WIRE_ND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    ND_PREFIXES_MAX = 8, /* options of a kind that are kept; the others are counted */
    ND_ROUTES_MAX = 4,
    ND_SERVERS_MAX = 6,
    ND_DOMAINS_MAX = 4,
    ND_NAT64_MAX = 2,
};

enum nd_type {
    ND_ROUTER_SOLICITATION = 133,
    ND_ROUTER_ADVERTISEMENT = 134,
    ND_NEIGHBOR_SOLICITATION = 135,
    ND_NEIGHBOR_ADVERTISEMENT = 136,
    ND_REDIRECT = 137,
};

/** Flags of router advertisements (RFC 4861 4.2, RFC 4191 2.2, RFC 6275 7.1). */
enum nd_router_flag {
    ND_MANAGED = 0x80,
    ND_OTHER_CONFIGURATION = 0x40,
    ND_HOME_AGENT = 0x20,
    ND_PREFERENCE = 0x18, /* two bits: 01 high, 00 medium, 11 low */
    ND_PROXY = 0x04,
};

/** Flags of neighbor advertisements (RFC 4861 4.4). */
enum nd_neighbor_flag { ND_ROUTER = 0x80, ND_SOLICITED = 0x40, ND_OVERRIDE = 0x20 };

/** Flags of prefixes (RFC 4861 4.6.2). */
enum nd_prefix_flag { ND_ON_LINK = 0x80, ND_AUTONOMOUS = 0x40 };

/** A prefix information option, or a route information option (RFC 4191 2.3). */
struct nd_prefix {
    uint8_t prefix[16];
    uint8_t length;       /* bits */
    uint8_t flags;        /* enum nd_prefix_flag; of a route: its preference, as ND_PREFERENCE */
    uint32_t valid_s;     /* of a route: its lifetime */
    uint32_t preferred_s; /* 0 for a route */
};

/** A recursive DNS server (RFC 8106 5.1). */
struct nd_server {
    uint8_t address[16];
    uint32_t lifetime_s;
};

/** A search domain (RFC 8106 5.2), as dotted text of printable ASCII; what does not fit is cut off. */
struct nd_domain {
    char name[64];
    uint32_t lifetime_s;
};

/** The NAT64 prefix of a PREF64 option (RFC 8781 4). */
struct nd_nat64 {
    uint8_t prefix[16];
    uint8_t length;      /* bits */
    uint32_t lifetime_s; /* a multiple of 8 */
};

/** A message, taken apart. Members that its type has not are 0. */
struct nd_message {
    uint8_t type;            /* enum nd_type */
    uint8_t flags;           /* of router and neighbor advertisements */
    uint8_t hop_limit;       /* that hosts shall use; 0: the router does not say */
    uint16_t lifetime_s;     /* as default router; 0: it is none */
    uint32_t reachable_ms;   /* 0: the router does not say */
    uint32_t retransmit_ms;  /* 0: the router does not say */
    uint8_t target[16];      /* of neighbor messages; of a redirect: the better first hop */
    uint8_t destination[16]; /* of a redirect: what is redirected */

    bool has_source_link, has_target_link; /* whether the link-layer address of 6 octets is there */
    uint8_t source_link[6], target_link[6];
    bool has_nonce; /* RFC 3971 5.3.2: duplicate address detection of a careful host */
    uint32_t mtu;   /* 0: no option */

    struct nd_prefix prefixes[ND_PREFIXES_MAX];
    struct nd_prefix routes[ND_ROUTES_MAX];
    struct nd_server servers[ND_SERVERS_MAX];
    struct nd_domain domains[ND_DOMAINS_MAX];
    struct nd_nat64 nat64[ND_NAT64_MAX];
    uint8_t prefix_count, route_count, server_count, domain_count, nat64_count; /* of what is kept */
    uint16_t option_count;   /* of all options, also those that nothing here reads */
    uint16_t dropped;        /* that are not kept for want of room */
    struct slice redirected; /* the quoted packet of a redirect; empty when there is none */
};

/**
 * Take a Neighbor Discovery message apart.
 * @param message from the ICMPv6 type on, of one of enum nd_type
 * @param nd filled; what stands before a fault is kept
 * @return 0; -EBADMSG when the message is cut inside of its fields, or an option has length 0, ends behind
 * the message, or is too short for its kind; -ENOTSUP when it is of another type
 */
int nd_parse(struct slice message, struct nd_message *nd);

#endif
