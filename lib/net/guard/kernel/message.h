/* SPDX-License-Identifier: MIT */
/* The messages of a rehearsal: which packet stands for a type and code in a shape, and which one came before.
 */
#ifndef SONDE_NET_GUARD_KERNEL_MESSAGE_H
#define SONDE_NET_GUARD_KERNEL_MESSAGE_H

#include "base/address.h"
#include "net/lab/scenario.h"
#include "policy/matrix.h"

enum { MESSAGE_OCTETS_MAX = 1500, MESSAGE_HERE = -1, MESSAGE_ROUNDS = 16 };

/** The interfaces of the scratch namespace by their numbers, and what leads where. */
struct message_map {
    int outside, inside; /* inside: of `other`, MESSAGE_HERE when there is none */
    bool edge;           /* `outside` leads to the Internet */
};

/** How a message differs from the usual; each form of a message must meet the same fate. */
enum variant {
    VARIANT_USUAL,
    VARIANT_DF,        /* IPv4: must not be fragmented */
    VARIANT_LARGE,     /* 1,300 octets */
    VARIANT_FRAGMENTS, /* in two fragments */
    VARIANT_CROWD,     /* from another source, of many */
    VARIANT_COUNT,
};

/** What opens the flow that an answer belongs to. */
enum opener { OPENER_TCP, OPENER_UDP, OPENER_ECHO, OPENER_REQUEST /* of the reply's own type */ };

/** Addresses that somebody asks about; family 0: the usual ones. */
struct message_ends {
    struct sonde_address source, destination;
};

/** The type and code that a packet with a port seems to have: its source port, by which it is followed. */
enum { MESSAGE_PORT_TYPE = 0x9c, MESSAGE_PORT_CODE = 0x40 };

/** One message. */
struct message {
    uint8_t family, type, code;
    enum shape shape;
    enum direction direction;
    enum variant variant;
    uint16_t round;     /* of its sending; each has other far addresses */
    enum opener opener; /* SHAPE_ANSWER */
    uint8_t protocol;   /* IPPROTO_TCP or _UDP: no ICMP but a first packet to `port`; 0: ICMP */
    uint16_t port;
    const struct message_ends *ends; /* or NULL */
};

/** Where a message enters and leaves; MESSAGE_HERE: this host itself. */
struct message_way {
    int in, out;
};

/** The way of a direction. */
struct message_way message_way(const struct message_map *map, enum direction direction);

/** Whether a direction can be rehearsed with these interfaces. */
bool message_can(const struct message_map *map, enum direction direction);

/** Whether netfilter's connection tracking can know a message of this type as an answer: of errors and the
 * replies to echo, timestamp, information, address mask and node information (nf_conntrack_proto_icmp.c and
 * _icmpv6.c), but not of those to extended echo. */
bool message_can_answer(uint8_t family, uint8_t type);

/** Whether a type has a shape beside SHAPE_PLAIN that netfilter can tell apart: errors and replies answer,
 * link types come from the link. */
bool message_has_shape(uint8_t family, uint8_t type, enum shape shape, enum direction direction);

/** Whether a type is the reply to a request, which then opens its flow. */
bool message_is_reply(uint8_t family, uint8_t type);

enum { MESSAGE_ROUTES = 4 };

/** The routes that the far hosts need, by their number.
 * @return whether there is one with these interfaces */
bool message_route(const struct message_map *map, size_t index, struct scenario_prefix *prefix,
                   struct sonde_address *gateway);

/** What the first octets of an opener's transport header look like as a type and code: by them it is
 * followed. */
struct message message_opener_seen(const struct message *message);

/** A packet. */
struct message_packet {
    uint8_t octets[MESSAGE_OCTETS_MAX];
    size_t length;
    struct sonde_address destination;
};

/** Build the packets of a message. @return how many: 1, or 2 for fragments */
int message_build(const struct message *message, const struct message_map *map,
                  struct message_packet packets[2]);

/** Build the packet that opened the flow which a message of SHAPE_ANSWER belongs to; it goes the other way.
 */
void message_build_opener(const struct message *message, const struct message_map *map,
                          struct message_packet *packet);

#endif
