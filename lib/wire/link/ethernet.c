/* SPDX-License-Identifier: MIT */
/* Ethernet, IEEE 802.2 and the tags that may stand before the network packet. */
#include "wire/link/layer.h"
#include "wire/octets.h"

enum {
    HEADER = 14,
    LENGTH_MAX = 1500, /* what is greater is no length but a type (IEEE 802.3 3.2.6) */
    TYPE_MIN = 1536,
    LLC_IP = 0x06,
    LLC_SNAP = 0xaa,
    LLC_UNNUMBERED = 0x03,
    SNAP_ETHERNET = 0x000000,
    SNAP_TUNNEL = 0x0000f8, /* IEEE 802.1H */
    SNAP_BRIDGED = 0x0080c2,
};

/* Tags that end with the type of what follows. */
static const struct {
    uint16_t type;
    uint8_t octets;
} tags[] = {
    {ETHER_VLAN, 4}, {0x88a8, 4}, {0x9100, 4}, {0x8909, 8}, /* Cisco metadata */
    {0x8926, 6},                                            /* VN-Tag */
    {0x892f, 6},                                            /* HSR (IEC 62439-3) */
    {0x893f, 8},                                            /* E-Tag (IEEE 802.1BR) */
};

int layer_llc(struct link_view *view)
{
    const uint8_t *at = view->packet.data;
    uint32_t organisation;

    view->protocol = ETHER_NONE;
    if (view->packet.length < 3)
        return -EBADMSG;
    if (at[0] == LLC_IP && at[1] == LLC_IP && at[2] == LLC_UNNUMBERED) {
        view->protocol = ETHER_IPV4;
        return layer_skip(view, 3);
    }
    if (at[0] != LLC_SNAP || at[1] != LLC_SNAP || at[2] != LLC_UNNUMBERED)
        return 0;
    if (view->packet.length < 8)
        return -EBADMSG;
    organisation = octets_get32(at + 2) & 0xffffff;
    if (organisation == SNAP_ETHERNET || organisation == SNAP_TUNNEL)
        view->protocol = octets_get16(at + 6);
    if (organisation != SNAP_BRIDGED || at[6] != 0 || (at[7] != 1 && at[7] != 7))
        return layer_skip(view, 8);
    view->protocol = ETHER_BRIDGED; /* behind two octets of padding (RFC 2684 5.2) */
    return layer_skip(view, 10);
}

/* A type, or the length of an IEEE 802.2 packet, behind which a short frame is padded. */
static int take_type(struct link_view *view, uint16_t type)
{
    view->protocol = type < TYPE_MIN ? ETHER_NONE : type;
    if (type > LENGTH_MAX)
        return 0;
    view->packet = slice_first(view->packet, type);
    return layer_llc(view);
}

/* RFC 2516: version and type, code, session, length. */
static int pass_pppoe(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    if (view->packet.length < 6)
        return -EBADMSG;
    view->packet = slice_first(slice_skip(view->packet, 6), octets_get16(at + 4));
    return layer_ppp(view);
}

/* IEEE 802.1AE 9.3; what is encrypted or changed cannot be read. The check value at the end is left to the
 * length that the network packet claims, like padding. */
static int pass_macsec(struct link_view *view)
{
    enum { CHANGED = 0x0c, CHANNEL = 0x20 };
    const uint8_t *at = view->packet.data;
    size_t header;

    view->protocol = ETHER_NONE;
    if (view->packet.length < 6)
        return -EBADMSG;
    if (at[0] & CHANGED)
        return 0;
    header = at[0] & CHANNEL ? 14 : 6;
    if (view->packet.length < header + 2)
        return -EBADMSG;
    view->packet = slice_skip(view->packet, header + 2);
    return take_type(view, octets_get16(at + header));
}

static size_t tag_length(uint16_t type)
{
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        if (tags[i].type == type)
            return tags[i].octets;
    }
    return 0;
}

static int pass_tag(struct link_view *view, size_t octets)
{
    const uint8_t *end = view->packet.data + octets;

    if (layer_skip(view, octets) < 0)
        return -EBADMSG;
    return take_type(view, octets_get16(end - 2));
}

/* The addresses and the type of an Ethernet header. */
static int pass_header(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    view->protocol = ETHER_NONE;
    if (layer_skip(view, HEADER) < 0)
        return -EBADMSG;
    layer_sender(view, at + 6);
    return take_type(view, octets_get16(at + 12));
}

/* Each header passed makes the packet shorter, so this ends. */
int layer_tags(struct link_view *view)
{
    int result = 0;

    while (result == 0) {
        size_t octets = tag_length(view->protocol);

        if (octets)
            result = pass_tag(view, octets);
        else if (view->protocol == ETHER_PPPOE)
            result = pass_pppoe(view);
        else if (view->protocol == ETHER_MACSEC)
            result = pass_macsec(view);
        else if (view->protocol == ETHER_BACKBONE) /* IEEE 802.1ah: four octets, then the customer's frame */
            result = layer_skip(view, 4) < 0 ? -EBADMSG : pass_header(view);
        else
            break;
    }
    if (result < 0)
        view->protocol = ETHER_NONE;
    return result;
}

int layer_ethernet(struct link_view *view)
{
    int result = pass_header(view);

    return result < 0 ? result : layer_tags(view);
}
