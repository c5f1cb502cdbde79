/* SPDX-License-Identifier: MIT */
/* The parts of link layers: each moves the packet of a view behind its own header. */
#ifndef SONDE_WIRE_LINK_LAYER_H
#define SONDE_WIRE_LINK_LAYER_H

#include <errno.h>
#include <string.h>

#include "wire/link.h"

/** EtherTypes that are passed over or looked into (IEEE registry). */
enum ether_type {
    ETHER_NONE = 0, /* nothing behind this header that is looked into */
    ETHER_IPV4 = 0x0800,
    ETHER_BRIDGED = 0x6558, /* an Ethernet frame */
    ETHER_VLAN = 0x8100,
    ETHER_IPV6 = 0x86dd,
    ETHER_PPP = 0x880b,
    ETHER_MPLS = 0x8847,
    ETHER_MPLS_MULTICAST = 0x8848,
    ETHER_PPPOE = 0x8864,
    ETHER_MACSEC = 0x88e5,
    ETHER_BACKBONE = 0x88e7,
    ETHER_SERVICE = 0x894f,
};

/**
 * Read what begins with an Ethernet header (IEEE 802.3) in view->packet: tags are passed over.
 * @return 0, or -EBADMSG when the frame ends inside of its headers
 */
int layer_ethernet(struct link_view *view);

/**
 * Pass over tags and shims that stand between an EtherType and the network packet: VLAN, PPPoE, MACsec
 * without encryption, PBB, HSR and the like. view->protocol says what view->packet begins with, and what is
 * left.
 * @return 0, or -EBADMSG when the frame ends inside of its headers
 */
int layer_tags(struct link_view *view);

/** Read an IEEE 802.2 header in view->packet, with SNAP. Returns 0 or -EBADMSG. */
int layer_llc(struct link_view *view);

/** Read a PPP header in view->packet, with or without address and control, or Cisco's HDLC. Returns 0 or
 * -EBADMSG. */
int layer_ppp(struct link_view *view);

/** Read a Cisco HDLC header in view->packet. Returns 0 or -EBADMSG. */
int layer_cisco_hdlc(struct link_view *view);

/** Read a frame relay header in view->packet (RFC 2427). Returns 0 or -EBADMSG. */
int layer_frame_relay(struct link_view *view);

/** Read an IEEE 802.11 header in view->packet. Returns 0 or -EBADMSG. */
int layer_wireless(struct link_view *view);

/** Read a radiotap header and the IEEE 802.11 header behind it in view->packet. Returns 0 or -EBADMSG. */
int layer_radiotap(struct link_view *view);

/** Read a Prism or AVS header and the IEEE 802.11 header behind it in view->packet. Returns 0 or -EBADMSG. */
int layer_prism(struct link_view *view);

/** Read the header of Linux cooked captures, version 1, in view->packet. Returns 0 or -EBADMSG. */
int layer_cooked(struct link_view *view);

/** Read the header of Linux cooked captures, version 2, in view->packet. Returns 0 or -EBADMSG. */
int layer_cooked2(struct link_view *view);

/** Read a packet of the netfilter log in view->packet. Returns 0 or -EBADMSG. */
int layer_netfilter(struct link_view *view);

/** Read the header of Solaris' IP observability in view->packet. Returns 0 or -EBADMSG. */
int layer_solaris(struct link_view *view);

/** Let the version of an IP packet in view->packet say what it is; view->protocol is set. Returns 0 or
 * -EBADMSG when it is empty. */
int layer_raw(struct link_view *view);

/** Drop octets from the front of view->packet. Returns 0, or -EBADMSG when there are not as many. */
static inline int layer_skip(struct link_view *view, size_t octets)
{
    if (view->packet.length < octets)
        return -EBADMSG;
    view->packet = slice_skip(view->packet, octets);
    return 0;
}

/** Keep the link address of the sender. */
static inline void layer_sender(struct link_view *view, const uint8_t mac[6])
{
    memcpy(view->mac, mac, 6);
    view->mac_length = 6;
}

#endif
