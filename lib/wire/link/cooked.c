/* SPDX-License-Identifier: MIT */
/* Headers that operating systems make up for captures: Linux' cooked ones, the netfilter log, Solaris' own.
 */
#include "wire/link/layer.h"
#include "wire/octets.h"

enum {
    INET = 2, /* AF_INET everywhere */
    INET6_LINUX = 10,
    INET6_SOLARIS = 26,
    BRIDGE = 7,
};

int layer_raw(struct link_view *view)
{
    view->protocol = ETHER_NONE;
    if (view->packet.length == 0)
        return -EBADMSG;
    if (view->packet.data[0] >> 4 == 4)
        view->protocol = ETHER_IPV4;
    else if (view->packet.data[0] >> 4 == 6)
        view->protocol = ETHER_IPV6;
    return 0;
}

/* The kinds of packets, from sll_pkttype: to us, broadcast, multicast, to others, by us. */
static void set_direction(struct link_view *view, uint16_t kind)
{
    static const uint8_t directions[] = {FRAME_IN, FRAME_IN, FRAME_IN, FRAME_UNKNOWN, FRAME_OUT};

    if (kind < sizeof(directions) && directions[kind] != FRAME_UNKNOWN)
        view->direction = directions[kind];
}

/* What follows depends on the kind of interface (ARPHRD_*), where it has headers of its own. */
static int read_protocol(struct link_view *view, uint16_t hardware, uint16_t protocol)
{
    enum { HARDWARE_NETLINK = 824, HARDWARE_WIRELESS = 801, HARDWARE_RADIOTAP = 803, PROTOCOL_LLC = 4 };

    view->protocol = ETHER_NONE;
    if (hardware == HARDWARE_NETLINK)
        return 0;
    if (hardware == HARDWARE_WIRELESS)
        return layer_wireless(view);
    if (hardware == HARDWARE_RADIOTAP)
        return layer_radiotap(view);
    if (protocol == PROTOCOL_LLC)
        return layer_llc(view) < 0 ? -EBADMSG : layer_tags(view);
    view->protocol = protocol < 1536 ? ETHER_NONE : protocol;
    return layer_tags(view);
}

int layer_cooked(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    view->protocol = ETHER_NONE;
    if (layer_skip(view, 16) < 0)
        return -EBADMSG;
    set_direction(view, octets_get16(at));
    if (octets_get16(at + 4) == 6)
        layer_sender(view, at + 6);
    return read_protocol(view, octets_get16(at + 2), octets_get16(at + 14));
}

int layer_cooked2(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    view->protocol = ETHER_NONE;
    if (layer_skip(view, 20) < 0)
        return -EBADMSG;
    set_direction(view, at[10]);
    if (at[11] == 6)
        layer_sender(view, at + 12);
    return read_protocol(view, octets_get16(at + 8), octets_get16(at));
}

/* A field of the netfilter log; length and kind are in the byte order of the machine that wrote them. */
struct field {
    uint16_t kind;
    struct slice value;
};

static bool next_field(struct slice *rest, struct field *field)
{
    const uint8_t *at = rest->data;
    size_t length;

    if (rest->length < 4)
        return false;
    /* kinds are small, so that the greater octet of them is 0 */
    length = at[3] == 0 ? (size_t)at[1] << 8 | at[0] : octets_get16(at);
    field->kind = at[3] == 0 ? at[2] : at[3];
    if (length < 4)
        return false;
    field->value = slice_skip(slice_first(*rest, length), 4);
    *rest = slice_skip(*rest, (length + 3) / 4 * 4);
    return true;
}

/* NFULA_PACKET_HDR: the protocol and the hook that logged it. */
static void read_hook(struct link_view *view, struct slice value)
{
    static const uint8_t directions[] = {FRAME_IN, FRAME_IN, FRAME_UNKNOWN, FRAME_OUT, FRAME_OUT};

    if (value.length < 3)
        return;
    view->protocol = octets_get16(value.data);
    if (value.data[2] < sizeof(directions) && directions[value.data[2]] != FRAME_UNKNOWN)
        view->direction = directions[value.data[2]];
}

int layer_netfilter(struct link_view *view)
{
    enum { HOOK = 1, SENDER = 8, PAYLOAD = 9 };
    struct slice rest = view->packet;
    struct field field;
    uint8_t family;

    view->protocol = ETHER_NONE;
    if (rest.length < 4)
        return -EBADMSG;
    family = rest.data[0];
    rest = slice_skip(rest, 4);
    view->packet = slice_first(rest, 0);
    while (next_field(&rest, &field)) {
        if (field.kind == HOOK)
            read_hook(view, field.value);
        else if (field.kind == SENDER && field.value.length >= 10 && octets_get16(field.value.data) == 6)
            layer_sender(view, field.value.data + 4);
        else if (field.kind == PAYLOAD)
            view->packet = field.value;
    }
    if (family == INET)
        view->protocol = ETHER_IPV4;
    else if (family == INET6_LINUX)
        view->protocol = ETHER_IPV6;
    else if (family != BRIDGE)
        view->protocol = ETHER_NONE;
    return layer_tags(view);
}

/* www.tcpdump.org/linktypes/LINKTYPE_IPNET.html */
int layer_solaris(struct link_view *view)
{
    const uint8_t *at = view->packet.data;

    view->protocol = ETHER_NONE;
    if (layer_skip(view, 24) < 0)
        return -EBADMSG;
    view->packet = slice_first(view->packet, octets_get32(at + 4));
    if (at[1] == INET)
        view->protocol = ETHER_IPV4;
    else if (at[1] == INET6_SOLARIS)
        view->protocol = ETHER_IPV6;
    return 0;
}
