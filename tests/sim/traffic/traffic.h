/* SPDX-License-Identifier: MIT */
/* Made-up traffic: packets composed as hosts send them, with a clock of their own, handed to whoever watches.
 */
#ifndef SONDE_TESTS_SIM_TRAFFIC_TRAFFIC_H
#define SONDE_TESTS_SIM_TRAFFIC_TRAFFIC_H

#include <stdbool.h>

#include "base/address.h"
#include "wire/frame.h"

enum { TRAFFIC_OCTETS_MAX = 70000 };

/** A source of traffic. */
struct traffic {
    int64_t now_ns;                                          /* the clock; callers move it on */
    uint64_t random;                                         /* state of the random numbers; the seed */
    void (*frame)(void *context, const struct frame *frame); /* gets each frame */
    void *context;
    uint64_t frames;
    uint16_t ip_id;
    uint8_t octets[TRAFFIC_OCTETS_MAX];
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
 * ask for. */
void traffic_error(struct traffic *traffic, const char *sender, uint8_t type, uint8_t code, uint32_t word);

/** Send any IP packet as it is. */
void traffic_raw(struct traffic *traffic, struct slice packet);

#endif
