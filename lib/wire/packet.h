/* SPDX-License-Identifier: MIT */
/* A frame taken apart into the packets it holds: the outermost one, and those inside of its tunnels. */
#ifndef SONDE_WIRE_PACKET_H
#define SONDE_WIRE_PACKET_H

#include <stdbool.h>

#include "base/address.h"
#include "wire/frame.h"

enum {
    PACKET_LAYERS_MAX = 6 /* IP headers in one frame that are looked at; deeper ones count as malformed */
};

/** What a packet is to those who watch. */
enum packet_class {
    PACKET_ECHO_REQUEST,
    PACKET_ECHO_REPLY,
    PACKET_ERROR,      /* destination unreachable, packet too big, time exceeded, parameter problem, quench */
    PACKET_REDIRECT,   /* 5 and 137 */
    PACKET_NEIGHBOR,   /* 135 and 136 */
    PACKET_ROUTER,     /* 133 and 134; 9 and 10 */
    PACKET_QUERY,      /* 13 to 18, 37, 38, 42, 43; 139, 140, 160, 161 */
    PACKET_MEMBERSHIP, /* 130, 131, 132, 143, 151 to 153 */
    PACKET_OTHER_ICMP, /* every other ICMP message */
    PACKET_FRAGMENT,   /* a fragment of an ICMP message that is not the first one: it has no type */
    PACKET_FLOW,       /* not ICMP; protocol says what; with a fragment_offset, octets are not its header */
    PACKET_CLASSES,
};

/** Things about a packet that are rare. */
enum packet_flag {
    PACKET_FRAGMENTED = 1, /* the first of several fragments */
    PACKET_CUT = 2,        /* the capture has not all octets of the message */
    PACKET_EXTENDED = 4,   /* IPv6 extension headers or IPv4 options stand before the message */
    PACKET_CROSSED = 8, /* ICMPv4 in an IPv6 packet or ICMPv6 in an IPv4 packet; family is that of the ICMP,
                           source and destination are of the other one */
    PACKET_LAST = 16,   /* PACKET_FRAGMENT: no more fragments follow */
};

enum packet_layer { PACKET_OUTER, PACKET_INNER, PACKET_LAYERS };

/** One packet of a frame. */
struct packet {
    int64_t time_ns;
    const struct frame *frame;
    const uint8_t *octets; /* from the ICMP or transport header on; of a fragment: its payload */
    uint32_t available;    /* octets captured from there on, link padding left out */
    uint32_t length;       /* octets from there on, as the IP header claims */
    uint8_t class;         /* enum packet_class */
    uint8_t family;        /* 4 or 6: of the IP header, and of the ICMP registry that type belongs to */
    uint8_t type, code;    /* of ICMP; 0 for PACKET_FRAGMENT and PACKET_FLOW */
    uint8_t protocol;      /* IP protocol number */
    uint8_t ttl;           /* or hop limit */
    uint8_t layer;         /* enum packet_layer */
    uint8_t direction;     /* enum frame_direction */
    uint8_t flags;         /* of enum packet_flag */
    uint8_t mac_length;    /* 6 when mac is known, else 0 */
    uint16_t interface;
    uint16_t fragment_offset; /* octets */
    uint32_t ip_id;           /* identification, for fragments */
    uint32_t ip_length;       /* octets of the whole IP packet as claimed; headers are ip_length - length */
    uint8_t mac[6]; /* of the sender on the link, also of a link within a tunnel; an inner packet that lies
                       directly in another one has none */
    _Alignas(8) uint8_t source[16]; /* an IPv4 address uses the first four octets, the others are 0 */
    _Alignas(8) uint8_t destination[16];
};

/**
 * Take a frame apart. A tunnel is a PACKET_FLOW before what it carries. An ICMP message that is too short to
 * have a type and code (6 octets of ICMPv4, 2 of ICMPv6, as tshark has it) is malformed and no packet.
 * @param packets filled from the outermost to the innermost; at least PACKET_LAYERS_MAX
 * @param malformed set to whether a header was cut, lied or contradicted itself; the packets before it count
 * @return how many packets there are, 0 when the frame carries no IP
 */
size_t packet_dissect(const struct frame *frame, struct packet *packets, bool *malformed);

/**
 * Look at a frame only for what is counted: time_ns, class, family, type, code, protocol, layer, direction,
 * interface and ip_length are set.
 * @return whether that was enough; if not, packet_dissect knows more
 */
bool packet_glance(const struct frame *frame, struct packet *packet);

/** The class of an ICMP type. */
enum packet_class packet_class_of(uint8_t family, uint8_t type);

/** Whether the ICMP checksum of a packet is right; true also when the capture is too short to tell. */
bool packet_checksum_holds(const struct packet *packet);

/** An address of a packet as a value. */
static inline struct sonde_address packet_address(const struct packet *packet, const uint8_t *octets)
{
    return address_from(packet->family, octets);
}

/** What an ICMP error quotes; zero where the quote is too short. */
struct packet_quote {
    uint8_t family;   /* 0: there is no readable quote */
    uint8_t protocol; /* of the quoted packet */
    uint8_t ttl;
    uint8_t flags; /* TCP flags, when `whole` */
    bool ports;    /* ports (or ICMP type, code, id, sequence) are there */
    bool whole;    /* a whole TCP header is there: acknowledgement, flags and window too */
    uint16_t source_port, destination_port; /* TCP, UDP, SCTP */
    uint8_t type, code;                     /* of a quoted ICMP message */
    uint16_t id, echo_sequence;
    uint32_t sequence, acknowledgement; /* of TCP */
    uint16_t fragment_offset;
    uint32_t length; /* octets of the quoted packet as it claimed */
    _Alignas(8) uint8_t source[16];
    _Alignas(8) uint8_t destination[16];
};

/**
 * Read the quote of a PACKET_ERROR or PACKET_REDIRECT packet (RFC 792, RFC 4443 2.4, RFC 4861 4.6.3).
 * @param quote all zero when there is none
 */
void packet_read_quote(const struct packet *packet, struct packet_quote *quote);

#endif
