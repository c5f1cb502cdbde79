/* SPDX-License-Identifier: MIT */
/* Tunnels: which packets carry others, and where these begin. */
#include "base/macro.h"
#include "wire/octets.h"
#include "wire/packet/walk.h"

enum {
    TYPE_REDIRECTED = 0x883e, /* WCCP */
    TYPE_ERSPAN = 0x88be,
    TYPE_ERSPAN3 = 0x22eb,
};

/* What carries `type` behind `octets` of its own; the walk ends when they are not there. */
static void carry(struct walk *walk, size_t octets, uint16_t type)
{
    walk->view.protocol = type;
    if (layer_skip(&walk->view, octets) < 0 || layer_tags(&walk->view) < 0)
        walk_break(walk);
}

/* The same for a carried packet that says itself which version of IP it is. */
static void carry_ip(struct walk *walk, size_t octets)
{
    if (layer_skip(&walk->view, octets) < 0 || layer_raw(&walk->view) < 0)
        walk_break(walk);
}

/* The next protocols of NSH and VXLAN-GPE (RFC 8300 2.2). */
static uint16_t service_type(uint8_t next)
{
    static const uint16_t types[] = {ETHER_NONE,    ETHER_IPV4,    ETHER_IPV6,
                                     ETHER_BRIDGED, ETHER_SERVICE, ETHER_MPLS};

    return next < COUNT_OF(types) ? types[next] : ETHER_NONE;
}

void walk_service(struct walk *walk)
{
    const uint8_t *at = walk->view.packet.data;
    size_t length = walk->view.packet.length < 8 ? 0 : (at[1] & 0x3f) * 4u;

    if (length < 8)
        walk_break(walk);
    else
        carry(walk, length, service_type(at[3]));
}

/* Whether an Ethernet frame with a type that we know begins here; a guess, so it is a careful one. */
static bool looks_like_ethernet(struct slice packet)
{
    uint16_t type = packet.length < 14 ? 0 : octets_get16(packet.data + 12);

    return type == ETHER_IPV4 || type == ETHER_IPV6 || type == ETHER_VLAN;
}

/* A pseudo-wire's packet, with or without a control word (RFC 4385 3), which begins with the nibble 0. */
static void guess_wire(struct walk *walk)
{
    struct slice rest = walk->view.packet;

    if (!looks_like_ethernet(rest)) {
        if (rest.length < 4 || rest.data[0] >> 4 != 0)
            return;
        layer_skip(&walk->view, 4);
    }
    walk->view.protocol = ETHER_BRIDGED;
}

/* The channel beside a pseudo-wire (RFC 4385 5): its types are those of PPP. */
static void carry_channel(struct walk *walk)
{
    if (layer_skip(&walk->view, 2) < 0 || layer_ppp(&walk->view) < 0)
        walk_break(walk);
}

/* Nothing says what stands behind a label stack; its first nibble tells, as it does to routers (RFC 4928). */
void walk_mpls(struct walk *walk)
{
    struct link_view *view = &walk->view;
    uint32_t entry;

    view->protocol = ETHER_NONE;
    do {
        if (view->packet.length < 4) {
            walk_break(walk);
            return;
        }
        entry = octets_get32(view->packet.data);
        layer_skip(view, 4);
    } while (!(entry & 0x100));
    switch (view->packet.length ? view->packet.data[0] >> 4 : 0xf) {
    case 4:
        view->protocol = ETHER_IPV4;
        break;
    case 6:
        view->protocol = ETHER_IPV6;
        break;
    case 1:
        carry_channel(walk);
        break;
    default:
        guess_wire(walk);
        break;
    }
}

/* Pass over the routes of GRE: entries of a family, an offset and a length, the last one of length 0. */
static bool pass_routes(struct link_view *view)
{
    for (;;) {
        const uint8_t *at = view->packet.data;

        if (view->packet.length < 4 || layer_skip(view, 4u + at[3]) < 0)
            return false;
        if (octets_get16(at) == 0 && at[3] == 0)
            return true;
    }
}

/* What GRE names as its payload; `numbered`: it has a sequence number, which tells ERSPAN I from II. */
static void carry_gre(struct walk *walk, uint16_t type, bool numbered)
{
    struct slice rest = walk->view.packet;

    switch (type) {
    case TYPE_ERSPAN:
        carry(walk, numbered ? 8 : 0, ETHER_BRIDGED);
        break;
    case TYPE_ERSPAN3:
        if (rest.length < 12)
            walk_break(walk);
        else if ((rest.data[10] >> 2 & 0x1f) == 0) /* the frame type of Ethernet */
            carry(walk, rest.data[11] & 1 ? 20 : 12, ETHER_BRIDGED);
        break;
    case TYPE_REDIRECTED: /* four octets of its own before the packet since its second version */
        carry(walk, rest.length && rest.data[0] >> 4 != 4 ? 4 : 0, ETHER_IPV4);
        break;
    default:
        carry(walk, 0, type);
        break;
    }
}

/* RFC 2784, RFC 2890, RFC 1701 and, for version 1, RFC 2637; other versions are read like 0, as tshark does.
 */
static void step_gre(struct walk *walk)
{
    enum { CHECKSUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQUENCE = 0x1000, ACKNOWLEDGEMENT = 0x80 };
    const uint8_t *at = walk->view.packet.data;
    uint16_t flags;
    size_t length = 4;

    if (walk->view.packet.length < 4) {
        walk_break(walk);
        return;
    }
    flags = octets_get16(at);
    length += flags & (CHECKSUM | ROUTING) ? 4 : 0;
    length += flags & KEY ? 4 : 0;
    length += flags & SEQUENCE ? 4 : 0;
    length += (flags & 7) == 1 && (flags & ACKNOWLEDGEMENT) ? 4 : 0;
    if (layer_skip(&walk->view, length) < 0 || ((flags & ROUTING) && !pass_routes(&walk->view))) {
        walk_break(walk);
        return;
    }
    if (walk->view.packet.length) /* an acknowledgement or a keepalive carries nothing */
        carry_gre(walk, octets_get16(at + 2), flags & SEQUENCE);
}

/* RFC 3378 3: the version is 3. */
static void step_etherip(struct walk *walk)
{
    if (walk->view.packet.length < 2)
        walk_break(walk);
    else if (walk->view.packet.data[0] == 0x30)
        carry(walk, 2, ETHER_BRIDGED);
}

/* RFC 7348 5. */
static void step_vxlan(struct walk *walk, struct slice rest)
{
    if (rest.length >= 8)
        carry(walk, 8, ETHER_BRIDGED);
}

static void step_vxlan_gpe(struct walk *walk, struct slice rest)
{
    enum { NAMED = 0x04, VALID = 0x08 };

    if (rest.length >= 8 && (rest.data[0] & VALID))
        carry(walk, 8, rest.data[0] & NAMED ? service_type(rest.data[3]) : ETHER_BRIDGED);
}

/* RFC 8926 3.4. */
static void step_geneve(struct walk *walk, struct slice rest)
{
    if (rest.length >= 8 && rest.data[0] >> 6 == 0)
        carry(walk, 8 + (rest.data[0] & 0x3f) * 4u, octets_get16(rest.data + 2));
}

static void step_mpls(struct walk *walk, struct slice rest)
{
    carry(walk, 0, ETHER_MPLS);
}

/* LISP's data (RFC 9300 5.3): eight octets, then a packet. */
static void step_lisp(struct walk *walk, struct slice rest)
{
    if (rest.length > 8)
        carry_ip(walk, 8);
}

/* 3GPP TS 29.281 5: version 1, user data; extension headers are counted in four octets and name the next. */
static void step_gtp(struct walk *walk, struct slice rest)
{
    enum { VERSION_MASK = 0xf0, VERSION = 0x30, OPTIONAL = 0x07, EXTENDED = 0x04, USER_DATA = 0xff };
    size_t length = 8;

    if (rest.length < 12 || (rest.data[0] & VERSION_MASK) != VERSION || rest.data[1] != USER_DATA)
        return;
    if (rest.data[0] & OPTIONAL)
        length += 4;
    while ((rest.data[0] & EXTENDED) && rest.data[length - 1] != 0) {
        if (length >= rest.length || rest.data[length] == 0 ||
            length + rest.data[length] * 4u > rest.length) {
            walk_break(walk);
            return;
        }
        length += rest.data[length] * 4u;
    }
    carry_ip(walk, length);
}

/* RFC 4380 5.1.1: an authentication and an origin may stand before the IPv6 packet. */
static void step_teredo(struct walk *walk, struct slice rest)
{
    size_t length = 0;

    if (rest.length >= 4 && octets_get16(rest.data) == 1)
        length = 13u + rest.data[2] + rest.data[3];
    if (rest.length >= length + 8 && octets_get16(rest.data + length) == 0)
        length += 8;
    if (rest.length > length && rest.data[length] >> 4 == 6)
        carry(walk, length, ETHER_IPV6);
}

/* RFC 2661 3.1: data of version 2; length, numbers and offset are there when their flags are set. */
static void step_l2tp(struct walk *walk, struct slice rest)
{
    enum { CONTROL = 0x8000, LENGTH = 0x4000, SEQUENCE = 0x0800, OFFSET = 0x0200, VERSION_MASK = 0x0f };
    uint16_t flags = rest.length < 8 ? CONTROL : octets_get16(rest.data);
    size_t length = 6;

    if ((flags & CONTROL) || (flags & VERSION_MASK) != 2)
        return;
    length += flags & LENGTH ? 2 : 0;
    length += flags & SEQUENCE ? 4 : 0;
    if (flags & OFFSET) {
        length += 2;
        if (rest.length < length) {
            walk_break(walk);
            return;
        }
        length += octets_get16(rest.data + length - 2);
    }
    carry(walk, length, ETHER_PPP);
}

static const struct {
    uint16_t port;
    void (*step)(struct walk *walk, struct slice rest);
} ports[] = {
    {PORT_L2TP, step_l2tp},     {PORT_GTP, step_gtp},     {PORT_TEREDO, step_teredo},
    {PORT_LISP, step_lisp},     {PORT_VXLAN, step_vxlan}, {PORT_VXLAN_GPE, step_vxlan_gpe},
    {PORT_GENEVE, step_geneve}, {PORT_MPLS, step_mpls},
};

/* Either port may be that of the tunnel, since answers come from it. A length below 8 is left to jumbograms.
 */
static void step_udp(struct walk *walk)
{
    struct slice udp = walk->view.packet;
    uint16_t source, destination;

    if (udp.length < 8 || octets_get16(udp.data + 4) < 8)
        return;
    walk->view.packet = slice_first(udp, octets_get16(udp.data + 4));
    source = octets_get16(udp.data);
    destination = octets_get16(udp.data + 2);
    for (size_t i = 0; i < COUNT_OF(ports); i++) {
        if (ports[i].port == source || ports[i].port == destination) {
            layer_skip(&walk->view, 8);
            ports[i].step(walk, walk->view.packet);
            return;
        }
    }
}

void walk_tunnel(struct walk *walk, const struct packet *packet)
{
    switch (packet->protocol) {
    case PROTOCOL_IPV4:
        walk->view.protocol = ETHER_IPV4;
        break;
    case PROTOCOL_IPV6:
        walk->view.protocol = ETHER_IPV6;
        break;
    case PROTOCOL_MPLS:
        walk->view.protocol = ETHER_MPLS;
        break;
    case PROTOCOL_ETHERNET:
        walk->view.protocol = ETHER_BRIDGED;
        break;
    case PROTOCOL_GRE:
        step_gre(walk);
        break;
    case PROTOCOL_ETHERIP:
        step_etherip(walk);
        break;
    case PROTOCOL_UDP:
        step_udp(walk);
        break;
    default:
        break;
    }
}
