/* SPDX-License-Identifier: MIT */
/* Any octets as a frame of any link type: no reading outside, every packet within the frame, lengths that
 * fit. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "wire/link.h"
#include "wire/packet.h"

/* The first octet of the input chooses the link type. */
static const uint16_t links[] = {
    LINK_ETHERNET,
    LINK_NULL,
    LINK_TOKEN_RING,
    LINK_ARCNET_BSD,
    LINK_PPP,
    LINK_FDDI,
    LINK_RAW,
    LINK_PPP_HDLC,
    LINK_PPP_ETHER,
    LINK_ATM,
    LINK_C_HDLC,
    LINK_IEEE802_11,
    LINK_FRAME_RELAY,
    LINK_LOOP,
    LINK_ENC,
    LINK_LINUX_SLL,
    LINK_PFLOG,
    LINK_PRISM,
    LINK_IEEE802_11_RADIOTAP,
    LINK_ARCNET_LINUX,
    LINK_FIREWIRE,
    LINK_PPP_DIRECTED,
    LINK_C_HDLC_DIRECTED,
    LINK_FRAME_RELAY_DIRECTED,
    LINK_IPNET,
    LINK_IPV4,
    LINK_IPV6,
    LINK_NFLOG,
    LINK_IPOIB,
    LINK_LINUX_SLL2,
    LINK_AVS,
    9999,
};

static void check_within(const uint8_t *at, size_t length, struct slice outer)
{
    CHECK(at >= outer.data && length <= outer.length && (size_t)(at - outer.data) <= outer.length - length);
}

static void check_quote(const struct packet *packet)
{
    struct packet_quote quote;

    packet_read_quote(packet, &quote);
    CHECK(quote.family == 0 || quote.family == 4 || quote.family == 6);
    CHECK(quote.family != 0 || (packet->class != PACKET_ERROR && packet->class != PACKET_REDIRECT) ||
          !quote.ports);
    CHECK(!quote.whole || quote.ports);
}

static void check_packet(const struct packet *packet, size_t place, const struct frame *frame)
{
    check_within(packet->octets, packet->available, frame->data);
    CHECK(packet->frame == frame && packet->time_ns == frame->time_ns);
    CHECK(packet->available <= packet->length && packet->length < packet->ip_length);
    CHECK((packet->available < packet->length) == ((packet->flags & PACKET_CUT) != 0));
    CHECK(packet->class < PACKET_CLASSES && (packet->family == 4 || packet->family == 6));
    CHECK(packet->layer == (place ? PACKET_INNER : PACKET_OUTER));
    CHECK(packet->mac_length == 0 || packet->mac_length == 6);
    if (packet->class < PACKET_FRAGMENT) {
        CHECK(packet->fragment_offset == 0 && packet->available >= 2);
        CHECK(packet->type == packet->octets[0] && packet->code == packet->octets[1]);
        CHECK(packet->class == packet_class_of(packet->family, packet->type));
    }
    packet_checksum_holds(packet);
    check_quote(packet);
}

/* A glance that is enough says what taking the frame apart says. */
static void check_glance(const struct frame *frame, const struct packet *packets, size_t count,
                         bool malformed)
{
    struct packet glance;

    if (!packet_glance(frame, &glance))
        return;
    CHECK(count == 1 && !malformed && glance.time_ns == packets->time_ns);
    CHECK(glance.class == packets->class && glance.family == packets->family);
    CHECK(glance.type == packets->type && glance.code == packets->code);
    CHECK(glance.layer == packets->layer && glance.direction == packets->direction);
    CHECK(glance.interface == packets->interface && glance.ip_length == packets->ip_length);
}

static void check_link(const struct frame *frame)
{
    struct link_view view;
    int result = link_parse(frame, &view);

    CHECK(result == 0 || result == -EBADMSG || result == -ENOTSUP);
    CHECK((result == -ENOTSUP) == !link_is_known(frame->link));
    CHECK(view.protocol == 0 || result == 0);
    check_within(view.packet.data, view.packet.length, frame->data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct packet packets[PACKET_LAYERS_MAX];
    struct frame frame;
    bool malformed;
    size_t count;

    if (size < 2)
        return 0;
    frame = (struct frame){.time_ns = 1,
                           .data = slice_of(data + 2, size - 2),
                           .length = (uint32_t)(size - 2 + data[1]),
                           .link = links[data[0] % (sizeof(links) / sizeof(links[0]))]};
    memset(packets, 0xee, sizeof(packets));
    check_link(&frame);
    count = packet_dissect(&frame, packets, &malformed);
    CHECK(count <= PACKET_LAYERS_MAX);
    check_glance(&frame, packets, count, malformed);
    for (size_t i = 0; i < count; i++)
        check_packet(&packets[i], i, &frame);
    return 0;
}
