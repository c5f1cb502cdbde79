/* SPDX-License-Identifier: MIT */
/* Made-up traffic: packets composed as hosts send them, with a clock of their own, handed to whoever watches.
 */
#ifndef SONDE_TESTS_SIM_TRAFFIC_TRAFFIC_H
#define SONDE_TESTS_SIM_TRAFFIC_TRAFFIC_H

#include <stdbool.h>

#include "base/address.h"
#include "wire/frame.h"

enum {
    TRAFFIC_OCTETS_MAX = 70000,
    TRAFFIC_QUOTE_MAX = 1232, /* octets of a packet that an error may quote (RFC 4443 2.4) */
    TRAFFIC_ECHOES = 4096,    /* requests whose replies carry the same time stamp */
    TRAFFIC_OPTIONS_MAX = 512,
};

/** A time stamp in the payload of an echo request. */
struct traffic_stamp {
    uint64_t key;
    int64_t time_ns;
};

/** A source of traffic. */
struct traffic {
    int64_t now_ns;                                          /* the clock; callers move it on */
    uint64_t random;                                         /* state of the random numbers; the seed */
    void (*frame)(void *context, const struct frame *frame); /* gets each frame */
    void *context;
    uint64_t frames;
    bool unseen; /* packets pass elsewhere: the frames go nowhere, but errors can quote them */
    uint16_t ip_id;
    uint16_t mtu; /* packets that are longer are sent as fragments; 0: never */
    uint8_t message[TRAFFIC_OCTETS_MAX], octets[TRAFFIC_OCTETS_MAX]; /* payload and frame being composed */
    uint8_t last[TRAFFIC_QUOTE_MAX]; /* the packet sent last that is no error, for traffic_error */
    size_t last_length;              /* octets above */
    struct traffic_stamp stamps[TRAFFIC_ECHOES];
};

/** Options of Neighbor Discovery, one behind the other; zero-initialise it. */
struct traffic_options {
    uint8_t octets[TRAFFIC_OPTIONS_MAX];
    size_t length;
};

/** What a router says of itself (RFC 4861 4.2). */
struct traffic_router {
    uint8_t hop_limit, flags;
    uint16_t lifetime_s;
    uint32_t reachable_ms, retransmit_ms;
};

/** How an IP packet is sent. */
struct traffic_route {
    struct sonde_address source, destination;
    uint8_t ttl;               /* 0: 64 */
    uint8_t mac[6], to_mac[6]; /* all 0: made from the addresses */
};

/** Begin. The clock starts at 2026-01-05 00:00 UTC. */
void traffic_init(struct traffic *traffic, uint64_t seed,
                  void (*frame)(void *context, const struct frame *frame), void *context);

/** The next random number below a bound. */
uint64_t traffic_random(struct traffic *traffic, uint64_t below);

/** A route between two addresses in text form. */
struct traffic_route traffic_route(const char *source, const char *destination);

/** The address `number` behind a base address. */
struct sonde_address traffic_address(const char *base, uint64_t number);

/** Send an ICMP message: type, code, the second word and what stands behind it, with a right checksum. */
void traffic_icmp(struct traffic *traffic, const struct traffic_route *route, uint8_t type, uint8_t code,
                  uint32_t word, struct slice body);

/** Send an echo request (or its reply) of the family of the route, with the payload of Linux ping of so many
 * octets.
 */
void traffic_echo(struct traffic *traffic, const struct traffic_route *route, bool reply, uint16_t id,
                  uint16_t sequence, size_t payload);

/** Send a TCP segment. flags as in wire/tcp.h. */
void traffic_tcp(struct traffic *traffic, const struct traffic_route *route, uint16_t source_port,
                 uint16_t destination_port, uint32_t sequence, uint8_t flags, size_t payload);

/** Send a UDP datagram. */
void traffic_udp(struct traffic *traffic, const struct traffic_route *route, uint16_t source_port,
                 uint16_t destination_port, size_t payload);

/** Send an ICMP error from `sender` about the packet sent last, quoting as much of it as RFC 1812 and 4443
 * ask for. Errors are never quoted: several ones may be sent about the same packet. */
void traffic_error(struct traffic *traffic, const char *sender, uint8_t type, uint8_t code, uint32_t word);

/** As traffic_error, along a route of one's own: another receiver, TTL or link address. */
void traffic_error_along(struct traffic *traffic, const struct traffic_route *route, uint8_t type,
                         uint8_t code, uint32_t word);

/**
 * Send one fragment of a packet.
 * @param id identification that the fragments of one packet share
 * @param offset octets, a multiple of 8
 * @param more whether another fragment follows
 */
void traffic_fragment(struct traffic *traffic, const struct traffic_route *route, uint8_t protocol,
                      uint16_t id, uint16_t offset, bool more, struct slice payload);

/** Send an IP packet of any protocol. */
void traffic_ip(struct traffic *traffic, const struct traffic_route *route, uint8_t protocol,
                struct slice payload);

/** Send any IP packet as it is. */
void traffic_raw(struct traffic *traffic, struct slice packet);

/** The link-layer address that packets of this IP address carry when their route names none. */
void traffic_mac(const struct sonde_address *ip, uint8_t mac[6]);

/* Neighbor Discovery and multicast; in neighbor.c. The hop limit is 255 unless the route says otherwise. */

/** Add an option; its body is filled up to a multiple of 8 octets. */
void traffic_option(struct traffic_options *options, uint8_t type, struct slice body);

/** Add a link-layer address: type 1 of the source, type 2 of the target. */
void traffic_option_link(struct traffic_options *options, uint8_t type, const uint8_t mac[6]);

/** Add an on-link prefix for autoconfiguration. */
void traffic_option_prefix(struct traffic_options *options, const char *prefix, uint8_t bits,
                           uint32_t valid_s, uint32_t preferred_s);

/** Add a DNS server (RFC 8106). */
void traffic_option_dns(struct traffic_options *options, const char *server, uint32_t lifetime_s);

/** Add the MTU of the link. */
void traffic_option_mtu(struct traffic_options *options, uint32_t mtu);

/** Send a router advertisement. options may be NULL. */
void traffic_router(struct traffic *traffic, const struct traffic_route *route,
                    const struct traffic_router *router, const struct traffic_options *options);

/** Send a router solicitation. options may be NULL. */
void traffic_solicit_router(struct traffic *traffic, const struct traffic_route *route,
                            const struct traffic_options *options);

/** Send a neighbor solicitation to the solicited-node group of its target, with the source's link-layer
 * address; a source of :: looks for duplicates. The destination of the route is ignored. */
void traffic_solicit(struct traffic *traffic, const struct traffic_route *route,
                     const struct sonde_address *target);

/**
 * Send a neighbor advertisement with the target's link-layer address.
 * @param flags of enum nd_neighbor_flag
 */
void traffic_advertise(struct traffic *traffic, const struct traffic_route *route, uint8_t flags,
                       const struct sonde_address *target);

/** Send a redirect about the packet sent last: `gateway` is the better first hop. */
void traffic_redirect(struct traffic *traffic, const struct traffic_route *route, uint8_t code,
                      const struct sonde_address *gateway);

/** Send an MLDv2 report of joining a group (RFC 3810 5.2). The destination of the route is ignored. */
void traffic_mld_report(struct traffic *traffic, const struct traffic_route *route,
                        const struct sonde_address *group);

/** Send a general MLDv2 query. The destination of the route is ignored. */
void traffic_mld_query(struct traffic *traffic, const struct traffic_route *route);

/** Send an IGMPv2 message (RFC 2236): a query (0x11) or a report (0x16). */
void traffic_igmp(struct traffic *traffic, const struct traffic_route *route, uint8_t type,
                  const struct sonde_address *group);

#endif
