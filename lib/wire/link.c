/* SPDX-License-Identifier: MIT */
/* Link layers: where the network packet begins in a frame. */
#include "wire/link.h"

#include "base/macro.h"
#include "wire/link/layer.h"
#include "wire/octets.h"

/* AF_INET6 of Linux, Windows, NetBSD, FreeBSD, Solaris and Darwin; AF_INET is 2 on all of them. */
static uint16_t type_of_family(uint32_t family)
{
    switch (family) {
    case 2:
        return ETHER_IPV4;
    case 10:
    case 23:
    case 24:
    case 26:
    case 28:
    case 30:
        return ETHER_IPV6;
    default:
        return ETHER_NONE;
    }
}

/* The family is in the byte order of the machine that captured, which is not known here. */
static int parse_null(struct link_view *view)
{
    const uint8_t *at = view->packet.data;
    uint32_t family;

    if (layer_skip(view, 4) < 0)
        return -EBADMSG;
    family = octets_get32(at);
    view->protocol = type_of_family(family > UINT16_MAX ? __builtin_bswap32(family) : family);
    return 0;
}

/* OpenBSD's encapsulating interface: family, SPI, flags. */
static int parse_enc(struct link_view *view)
{
    int result = parse_null(view);

    return result < 0 ? result : layer_skip(view, 8);
}

/* The log of OpenBSD's packet filter: the length of the header is its first octet, the family the second. */
static int parse_pflog(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    if (view->packet.length < 2 || layer_skip(view, (at[0] + 3u) / 4 * 4) < 0)
        return -EBADMSG;
    view->protocol = type_of_family(at[1]);
    return 0;
}

/* ARCNET names protocols by an octet: RFC 1051 and RFC 1201; the latter may split packets. */
static int read_arcnet(struct link_view *view, uint8_t type)
{
    enum { IPV4_OLD = 240, IPV4 = 212, IPV6 = 196, ARP_OLD = 241, LATER_SPLIT = 0xfe, EXCEPTION = 0xff };
    const uint8_t *at = view->packet.data;

    view->protocol = type == IPV4 || type == IPV4_OLD ? ETHER_IPV4 : type == IPV6 ? ETHER_IPV6 : ETHER_NONE;
    if (type == IPV4_OLD || type == ARP_OLD)
        return 0;
    if (layer_skip(view, 3) < 0)
        return -EBADMSG;
    if (at[0] == EXCEPTION)
        return layer_skip(view, 3);
    if (at[0] != 0 && (at[0] & 1) == 0)
        view->protocol = ETHER_NONE; /* a later part of a split packet */
    return 0;
}

static int parse_arcnet(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    return layer_skip(view, 3) < 0 ? -EBADMSG : read_arcnet(view, at[2]);
}

/* Linux has two octets of offset before the type. */
static int parse_arcnet_linux(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    return layer_skip(view, 5) < 0 ? -EBADMSG : read_arcnet(view, at[4]);
}

/* RFC 4391 6, behind the addresses of both ends. */
static int parse_infiniband(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    if (layer_skip(view, 44) < 0)
        return -EBADMSG;
    view->protocol = octets_get16(at + 40);
    return layer_tags(view);
}

static int parse_fddi(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    if (layer_skip(view, 13) < 0)
        return -EBADMSG;
    layer_sender(view, at + 7);
    return layer_llc(view) < 0 ? -EBADMSG : layer_tags(view);
}

/* Token ring: a set group bit in the sender's address says that a route stands before the packet. */
static int parse_token_ring(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    if (layer_skip(view, 14) < 0)
        return -EBADMSG;
    layer_sender(view, at + 8);
    view->mac[0] &= 0x7f;
    if ((at[8] & 0x80) && (view->packet.length < 2 || layer_skip(view, at[14] & 0x1f) < 0))
        return -EBADMSG;
    return layer_llc(view) < 0 ? -EBADMSG : layer_tags(view);
}

static int parse_atm(struct link_view *view)
{
    return layer_llc(view) < 0 ? -EBADMSG : layer_tags(view);
}

static int parse_firewire(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    if (layer_skip(view, 18) < 0)
        return -EBADMSG;
    view->protocol = octets_get16(at + 16);
    return layer_tags(view);
}

static int parse_ipv4(struct link_view *view)
{
    view->protocol = ETHER_IPV4;
    return 0;
}

static int parse_ipv6(struct link_view *view)
{
    view->protocol = ETHER_IPV6;
    return 0;
}

static int parse_pppoe(struct link_view *view)
{
    view->protocol = ETHER_PPPOE;
    return layer_tags(view);
}

/* An octet before the header says which way the frame went: 0 is received. */
static int take_direction(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    if (layer_skip(view, 1) < 0)
        return -EBADMSG;
    view->direction = at[0] ? FRAME_OUT : FRAME_IN;
    return 0;
}

static int parse_ppp_directed(struct link_view *view)
{
    return take_direction(view) < 0 ? -EBADMSG : layer_ppp(view);
}

static int parse_hdlc_directed(struct link_view *view)
{
    return take_direction(view) < 0 ? -EBADMSG : layer_cisco_hdlc(view);
}

static int parse_relay_directed(struct link_view *view)
{
    return take_direction(view) < 0 ? -EBADMSG : layer_frame_relay(view);
}

static int (*const parsers[])(struct link_view *view) = {
    [LINK_NULL] = parse_null,
    [LINK_ETHERNET] = layer_ethernet,
    [LINK_TOKEN_RING] = parse_token_ring,
    [LINK_ARCNET_BSD] = parse_arcnet,
    [LINK_PPP] = layer_ppp,
    [LINK_FDDI] = parse_fddi,
    [LINK_RAW_OLD] = layer_raw,
    [LINK_RAW_OPENBSD] = layer_raw,
    [LINK_PPP_HDLC] = layer_ppp,
    [LINK_PPP_ETHER] = parse_pppoe,
    [LINK_ATM] = parse_atm,
    [LINK_RAW] = layer_raw,
    [LINK_C_HDLC] = layer_cisco_hdlc,
    [LINK_IEEE802_11] = layer_wireless,
    [LINK_FRAME_RELAY] = layer_frame_relay,
    [LINK_LOOP] = parse_null,
    [LINK_ENC] = parse_enc,
    [LINK_LINUX_SLL] = layer_cooked,
    [LINK_PFLOG] = parse_pflog,
    [LINK_PRISM] = layer_prism,
    [LINK_IEEE802_11_RADIOTAP] = layer_radiotap,
    [LINK_ARCNET_LINUX] = parse_arcnet_linux,
    [LINK_FIREWIRE] = parse_firewire,
    [LINK_AVS] = layer_prism,
    [LINK_PPP_DIRECTED] = parse_ppp_directed,
    [LINK_C_HDLC_DIRECTED] = parse_hdlc_directed,
    [LINK_FRAME_RELAY_DIRECTED] = parse_relay_directed,
    [LINK_IPNET] = layer_solaris,
    [LINK_IPV4] = parse_ipv4,
    [LINK_IPV6] = parse_ipv6,
    [LINK_NFLOG] = layer_netfilter,
    [LINK_IPOIB] = parse_infiniband,
    [LINK_LINUX_SLL2] = layer_cooked2,
};

bool link_is_known(uint16_t link)
{
    return link < COUNT_OF(parsers) && parsers[link];
}

int link_parse(const struct frame *frame, struct link_view *view)
{
    int result;

    *view = (struct link_view){.direction = frame->direction, .packet = frame->data};
    if (!link_is_known(frame->link))
        return -ENOTSUP;
    result = parsers[frame->link](view);
    if (result < 0)
        view->protocol = ETHER_NONE;
    return result;
}
