/* SPDX-License-Identifier: MIT */
/* Frames into packets: the ordinary ones at once, in as few steps as can be; all others by a walk. */
#include "wire/packet.h"

#include <string.h>

#include "base/macro.h"
#include "wire/octets.h"
#include "wire/packet/walk.h"

enum {
    ETHERNET = 14,
    VLAN = 4,
    HEADER4 = 20,
    HEADER6 = 40,
    SHORTEST =
        8, /* octets of an ordinary message that are there: the header of ICMP and UDP, the ports of TCP */
    PLAIN4 = 0x45,
    FRAGMENT4 = 0x3fff, /* more of them, or an offset */
};

/* By family and type, as the IANA registries name them. */
static const uint8_t classes[2][256] = {
    {
        [0] = PACKET_ECHO_REPLY,
        [1 ... 2] = PACKET_OTHER_ICMP,
        [3 ... 4] = PACKET_ERROR,
        [5] = PACKET_REDIRECT,
        [6 ... 7] = PACKET_OTHER_ICMP,
        [8] = PACKET_ECHO_REQUEST,
        [9 ... 10] = PACKET_ROUTER,
        [11 ... 12] = PACKET_ERROR,
        [13 ... 18] = PACKET_QUERY,
        [19 ... 36] = PACKET_OTHER_ICMP,
        [37 ... 38] = PACKET_QUERY,
        [39 ... 41] = PACKET_OTHER_ICMP,
        [42 ... 43] = PACKET_QUERY,
        [44 ... 255] = PACKET_OTHER_ICMP,
    },
    {
        [0] = PACKET_OTHER_ICMP,
        [1 ... 4] = PACKET_ERROR,
        [5 ... 127] = PACKET_OTHER_ICMP,
        [128] = PACKET_ECHO_REQUEST,
        [129] = PACKET_ECHO_REPLY,
        [130 ... 132] = PACKET_MEMBERSHIP,
        [133 ... 134] = PACKET_ROUTER,
        [135 ... 136] = PACKET_NEIGHBOR,
        [137] = PACKET_REDIRECT,
        [138] = PACKET_OTHER_ICMP,
        [139 ... 140] = PACKET_QUERY,
        [141 ... 142] = PACKET_OTHER_ICMP,
        [143] = PACKET_MEMBERSHIP,
        [144 ... 150] = PACKET_OTHER_ICMP,
        [151 ... 153] = PACKET_MEMBERSHIP,
        [154 ... 159] = PACKET_OTHER_ICMP,
        [160 ... 161] = PACKET_QUERY,
        [162 ... 255] = PACKET_OTHER_ICMP,
    },
};

enum packet_class packet_class_of(uint8_t family, uint8_t type)
{
    return (enum packet_class)classes[family == 6][type];
}

/* What an ordinary message is, of which SHORTEST octets are there. Returns whether it is one: ICMP of the
 * right family, TCP, or UDP that is no tunnel. */
static inline bool take_message(struct packet *packet, uint8_t family, uint8_t protocol, const uint8_t *at)
{
    if (protocol == (family == 4 ? PROTOCOL_ICMP : PROTOCOL_ICMP6)) {
        packet->class = classes[family == 6][at[0]];
        packet->type = at[0];
        packet->code = at[1];
    } else if (protocol == PROTOCOL_TCP ||
               (protocol == PROTOCOL_UDP && !walk_is_tunnel_port(octets_get16(at)) &&
                !walk_is_tunnel_port(octets_get16(at + 2)))) {
        packet->class = PACKET_FLOW;
        packet->type = 0;
        packet->code = 0;
    } else {
        return false;
    }
    packet->family = family;
    packet->protocol = protocol;
    return true;
}

/* What those need who only count. */
static inline void fill_counted(struct packet *packet, const struct frame *frame, uint32_t length)
{
    packet->time_ns = frame->time_ns;
    packet->layer = PACKET_OUTER;
    packet->direction = frame->direction;
    packet->interface = frame->interface;
    packet->ip_length = length;
}

/* The rest of an ordinary packet: `ip` is its header of `header` octets, `left` what is there. */
static inline void fill(struct packet *packet, const struct frame *frame, const uint8_t *ip, uint32_t header,
                        size_t left)
{
    uint32_t length = packet->ip_length, there = left < length ? (uint32_t)left : length;

    packet->frame = frame;
    packet->octets = ip + header;
    packet->available = there - header;
    packet->length = length - header;
    packet->flags = there < length ? PACKET_CUT : 0;
    packet->mac_length = 6;
    packet->fragment_offset = 0;
    packet->ip_id = 0;
    memcpy(packet->mac, frame->data.data + 6, 6);
}

ALWAYS_INLINE bool take_ipv4(struct packet *packet, const struct frame *frame, const uint8_t *ip, size_t left,
                             bool whole)
{
    uint32_t length = octets_get16(ip + 2);

    if (ip[0] != PLAIN4 || (octets_get16(ip + 6) & FRAGMENT4) || length < HEADER4 + SHORTEST ||
        left < HEADER4 + SHORTEST || !take_message(packet, 4, ip[9], ip + HEADER4))
        return false;
    fill_counted(packet, frame, length);
    if (!whole)
        return true;
    packet->ttl = ip[8];
    memset(packet->source + 4, 0, 12);
    memset(packet->destination + 4, 0, 12);
    memcpy(packet->source, ip + 12, 4);
    memcpy(packet->destination, ip + 16, 4);
    fill(packet, frame, ip, HEADER4, left);
    packet->ip_id = octets_get16(ip + 4);
    return true;
}

ALWAYS_INLINE bool take_ipv6(struct packet *packet, const struct frame *frame, const uint8_t *ip, size_t left,
                             bool whole)
{
    uint32_t length;

    if (left < HEADER6 + SHORTEST || ip[0] >> 4 != 6)
        return false;
    length = octets_get16(ip + 4);
    if (length < SHORTEST || !take_message(packet, 6, ip[6], ip + HEADER6))
        return false;
    fill_counted(packet, frame, HEADER6 + length);
    if (!whole)
        return true;
    packet->ttl = ip[7];
    memcpy(packet->source, ip + 8, 16);
    memcpy(packet->destination, ip + 24, 16);
    fill(packet, frame, ip, HEADER6, left);
    return true;
}

/* Returns whether the frame is an ordinary one. */
ALWAYS_INLINE bool take_plain(const struct frame *frame, struct packet *packet, bool whole)
{
    const uint8_t *at = frame->data.data;
    size_t left = frame->data.length, header = ETHERNET;
    uint16_t type;

    if (frame->link != LINK_ETHERNET || left < ETHERNET + VLAN + HEADER4)
        return false;
    type = octets_get16(at + 12);
    if (type == ETHER_VLAN) {
        type = octets_get16(at + ETHERNET + 2);
        header += VLAN;
    }
    at += header;
    left -= header;
    return (type == ETHER_IPV4 && take_ipv4(packet, frame, at, left, whole)) ||
           (type == ETHER_IPV6 && take_ipv6(packet, frame, at, left, whole));
}

bool packet_glance(const struct frame *frame, struct packet *packet)
{
    return take_plain(frame, packet, false);
}

size_t packet_dissect(const struct frame *frame, struct packet *packets, bool *malformed)
{
    if (!take_plain(frame, packets, true))
        return walk_frame(frame, packets, malformed);
    *malformed = false;
    return 1;
}
