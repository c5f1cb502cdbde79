/* SPDX-License-Identifier: MIT */
/* Frames that are not ordinary, from header to header: each says what follows it. */
#include "wire/packet/walk.h"

#include "base/macro.h"

static void step_ethernet(struct walk *walk)
{
    if (layer_ethernet(&walk->view) < 0)
        walk_break(walk);
}

static void step_ppp(struct walk *walk)
{
    if (layer_ppp(&walk->view) < 0)
        walk_break(walk);
}

/* The EtherType of IPv4 in front of an IPv6 packet happens, and MPLS names no version at all. */
static void step_ip(struct walk *walk)
{
    if (walk->view.packet.length && walk->view.packet.data[0] >> 4 == 6)
        walk_ipv6(walk);
    else
        walk_ipv4(walk);
}

static const struct {
    uint16_t type;
    void (*step)(struct walk *walk);
} steps[] = {
    {ETHER_IPV4, step_ip},          {ETHER_IPV6, walk_ipv6},
    {ETHER_MPLS, walk_mpls},        {ETHER_MPLS_MULTICAST, walk_mpls},
    {ETHER_BRIDGED, step_ethernet}, {ETHER_PPP, step_ppp},
    {ETHER_SERVICE, walk_service},
};

static void step(struct walk *walk)
{
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        if (steps[i].type == walk->view.protocol) {
            steps[i].step(walk);
            return;
        }
    }
    walk->view.protocol = ETHER_NONE;
}

/* Each step leaves fewer octets than before, so this ends. */
size_t walk_frame(const struct frame *frame, struct packet *packets, bool *malformed)
{
    struct walk walk = {.frame = frame, .packets = packets};

    walk.malformed = link_parse(frame, &walk.view) == -EBADMSG;
    while (walk.view.protocol != ETHER_NONE)
        step(&walk);
    *malformed = walk.malformed;
    return walk.count;
}
