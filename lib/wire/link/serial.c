/* SPDX-License-Identifier: MIT */
/* Serial lines: PPP, Cisco's HDLC and frame relay. */
#include "wire/link/layer.h"
#include "wire/octets.h"

enum {
    PPP_ADDRESS = 0xff,
    PPP_CONTROL = 0x03,
    HDLC_UNICAST = 0x0f,
    HDLC_MULTICAST = 0x8f,
    NLPID_SNAP = 0x80,
};

/* PPP protocol numbers (IANA) and NLPIDs (RFC 2427) as EtherTypes. */
struct number {
    uint16_t number, type;
};

static const struct number ppp_protocols[] = {
    {0x0021, ETHER_IPV4},
    {0x0057, ETHER_IPV6},
    {0x0281, ETHER_MPLS},
    {0x0283, ETHER_MPLS_MULTICAST},
};

static const struct number nlpids[] = {
    {0xcc, ETHER_IPV4},
    {0x8e, ETHER_IPV6},
    {0xcf, ETHER_PPP},
};

static uint16_t type_of(const struct number *numbers, size_t count, uint16_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (numbers[i].number == number)
            return numbers[i].type;
    }
    return ETHER_NONE;
}

int layer_cisco_hdlc(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    view->protocol = ETHER_NONE;
    if (layer_skip(view, 4) < 0)
        return -EBADMSG;
    view->protocol = octets_get16(at + 2);
    return layer_tags(view);
}

/* RFC 1661 2 and RFC 1662 3.1: a protocol is one octet when that is odd. */
int layer_ppp(struct link_view *view)
{
    const uint8_t *at = view->packet.data;
    size_t octets;

    view->protocol = ETHER_NONE;
    if (view->packet.length < 2)
        return -EBADMSG;
    if (at[0] == HDLC_UNICAST || at[0] == HDLC_MULTICAST)
        return layer_cisco_hdlc(view);
    if (at[0] == PPP_ADDRESS) { /* no protocol begins so; the control octet behind it says nothing here */
        at += 2;
        layer_skip(view, 2);
    }
    if (view->packet.length < 2)
        return -EBADMSG;
    octets = at[0] & 1 ? 1 : 2;
    view->protocol = type_of(ppp_protocols, sizeof(ppp_protocols) / sizeof(ppp_protocols[0]),
                             octets == 1 ? at[0] : octets_get16(at));
    return layer_skip(view, octets);
}

/* The address ends with the first octet whose lowest bit is set (Q.922 3.2). */
static size_t address_octets(struct slice frame)
{
    for (size_t i = 1; i < 4 && i < frame.length; i++) {
        if (frame.data[i] & 1)
            return i + 1;
    }
    return 0;
}

int layer_frame_relay(struct link_view *view)
{
    size_t address = address_octets(view->packet);
    const uint8_t *at = view->packet.data + address;

    view->protocol = ETHER_NONE;
    if (address == 0 || layer_skip(view, address + 2) < 0)
        return -EBADMSG;
    if (at[0] != PPP_CONTROL) { /* Cisco's encapsulation: a type and no control octet */
        view->protocol = octets_get16(at);
        return layer_tags(view);
    }
    if (at[1] == 0) { /* padded to an even length */
        at++;
        if (layer_skip(view, 1) < 0)
            return -EBADMSG;
    }
    if (at[1] != NLPID_SNAP) {
        view->protocol = type_of(nlpids, sizeof(nlpids) / sizeof(nlpids[0]), at[1]);
        return 0;
    }
    if (layer_skip(view, 5) < 0)
        return -EBADMSG;
    if ((octets_get32(at + 1) & 0xffffff) == 0)
        view->protocol = octets_get16(at + 5);
    return layer_tags(view);
}
