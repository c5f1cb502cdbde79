/* SPDX-License-Identifier: MIT */
/* A walk down the headers of a frame, for all that is not ordinary: the steps and what they share. */
#ifndef SONDE_WIRE_PACKET_WALK_H
#define SONDE_WIRE_PACKET_WALK_H

#include "wire/link/layer.h"
#include "wire/packet.h"

enum ip_protocol {
    PROTOCOL_HOP_BY_HOP = 0,
    PROTOCOL_ICMP = 1,
    PROTOCOL_IPV4 = 4,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
    PROTOCOL_DCCP = 33,
    PROTOCOL_IPV6 = 41,
    PROTOCOL_ROUTING = 43,
    PROTOCOL_IPV6_FRAGMENT = 44,
    PROTOCOL_GRE = 47,
    PROTOCOL_AH = 51,
    PROTOCOL_ICMP6 = 58,
    PROTOCOL_DESTINATION = 60,
    PROTOCOL_ETHERIP = 97,
    PROTOCOL_SCTP = 132,
    PROTOCOL_UDP_LITE = 136,
    PROTOCOL_MPLS = 137,
    PROTOCOL_SHIM6 = 140,
    PROTOCOL_ETHERNET = 143,
};

enum {
    /* tshark shows an ICMPv4 message when its first six octets are there, an ICMPv6 one from two on: with the
     * same limits our counts are the same */
    ICMP_SHORTEST = 6,
    ICMP6_SHORTEST = 2,
};

/** UDP ports of tunnels (IANA). */
enum tunnel_port {
    PORT_L2TP = 1701, /* the least */
    PORT_GTP = 2152,
    PORT_TEREDO = 3544,
    PORT_LISP = 4341,
    PORT_VXLAN = 4789,
    PORT_VXLAN_GPE = 4790,
    PORT_GENEVE = 6081,
    PORT_MPLS = 6635, /* the greatest */
};

/** Where a walk stands. */
struct walk {
    const struct frame *frame;
    struct packet *packets;
    size_t count;          /* of packets found */
    struct link_view view; /* what comes next: an EtherType and the octets it names */
    bool malformed;        /* a header was cut or lied; the walk ends there */
};

/** End a walk where a header is wrong. */
static inline void walk_break(struct walk *walk)
{
    walk->malformed = true;
    walk->view.protocol = ETHER_NONE;
}

/**
 * Walk down a frame from its link header on.
 * @return packets found, as packet_dissect() says
 */
size_t walk_frame(const struct frame *frame, struct packet *packets, bool *malformed);

/** Step over an IPv4 header: a packet more, and the tunnel that it may carry. */
void walk_ipv4(struct walk *walk);

/** Step over an IPv6 header and its extension headers: a packet more, and the tunnel that it may carry. */
void walk_ipv6(struct walk *walk);

/** Look for a tunnel in the payload of a packet, which is neither ICMP nor a later fragment. */
void walk_tunnel(struct walk *walk, const struct packet *packet);

/** Whether a UDP port is that of a tunnel. Asked about each datagram, so the common ones leave first. */
static inline bool walk_is_tunnel_port(uint16_t port)
{
    if ((uint16_t)(port - PORT_L2TP) > PORT_MPLS - PORT_L2TP)
        return false;
    switch (port) {
    case PORT_L2TP:
    case PORT_GTP:
    case PORT_TEREDO:
    case PORT_LISP:
    case PORT_VXLAN:
    case PORT_VXLAN_GPE:
    case PORT_GENEVE:
    case PORT_MPLS:
        return true;
    default:
        return false;
    }
}

/** Step over the label stack of MPLS (RFC 3032). */
void walk_mpls(struct walk *walk);

/** Step over a network service header (RFC 8300). */
void walk_service(struct walk *walk);

/** Octets of an IPv6 extension header, from its first two; 0 when the protocol is none (RFC 8200 4). */
size_t walk_extension_length(uint8_t protocol, const uint8_t *at);

#endif
