/* SPDX-License-Identifier: MIT */
/* Link layers: where the network packet begins in a frame. */
#ifndef SONDE_WIRE_LINK_H
#define SONDE_WIRE_LINK_H

#include <stdbool.h>

#include "wire/frame.h"

/** LINKTYPE_* numbers that are looked into (www.tcpdump.org/linktypes.html). */
enum link_type {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_TOKEN_RING = 6,
    LINK_ARCNET_BSD = 7,
    LINK_PPP = 9,
    LINK_FDDI = 10,
    LINK_RAW_OLD = 12, /* DLT_RAW of most systems; 14 of OpenBSD */
    LINK_RAW_OPENBSD = 14,
    LINK_PPP_HDLC = 50,
    LINK_PPP_ETHER = 51,
    LINK_ATM = 100, /* LLC within AAL5 (RFC 2684) */
    LINK_RAW = 101,
    LINK_C_HDLC = 104,
    LINK_IEEE802_11 = 105,
    LINK_FRAME_RELAY = 107,
    LINK_LOOP = 108,
    LINK_ENC = 109,
    LINK_LINUX_SLL = 113,
    LINK_PFLOG = 117,
    LINK_PRISM = 119,
    LINK_IEEE802_11_RADIOTAP = 127,
    LINK_ARCNET_LINUX = 129,
    LINK_FIREWIRE = 138,
    LINK_AVS = 163,
    LINK_PPP_DIRECTED = 204,
    LINK_C_HDLC_DIRECTED = 205,
    LINK_FRAME_RELAY_DIRECTED = 206,
    LINK_IPNET = 226,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_NFLOG = 239,
    LINK_IPOIB = 242,
    LINK_LINUX_SLL2 = 276,
};

/** Where the network layer stands, and who sent the frame on the link. */
struct link_view {
    uint16_t protocol;   /* EtherType: 0x0800, 0x86dd, 0x8847, ...; 0 when there is no network packet */
    uint8_t direction;   /* enum frame_direction, as the link header says, else the frame's */
    uint8_t mac_length;  /* 6, or 0 when the link header has no such address */
    uint8_t mac[6];      /* of the sender */
    struct slice packet; /* from the network header on */
};

/**
 * Find the network packet of a frame; VLAN tags, PPPoE and LLC/SNAP headers are passed over.
 * @return 0, or -EBADMSG when the frame ends inside of its link headers; -ENOTSUP for a link type that is not
 * looked into
 */
int link_parse(const struct frame *frame, struct link_view *view);

/** Whether frames of this link type are looked into. */
bool link_is_known(uint16_t link);

#endif
