/* SPDX-License-Identifier: MIT */
/* Any octets as an IP packet and as each message within: no reading outside, and what is read can be written
 * back. */
#include "tests/fuzz/fuzz.h"

#include <netinet/in.h>
#include <string.h>

#include "wire/checksum.h"
#include "wire/extension.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/octets.h"
#include "wire/tcp.h"
#include "wire/udp.h"

enum { BUFFER = 1 << 17 };

static void check_within(struct slice inner, struct slice outer)
{
    CHECK(inner.length == 0 || (inner.data >= outer.data && inner.length <= outer.length &&
                                (size_t)(inner.data - outer.data) <= outer.length - inner.length));
}

static void check_extension(struct slice data)
{
    static const struct extension nothing;
    struct extension extension;

    if (extension_parse(data, &extension) < 0)
        CHECK(memcmp(&extension, &nothing, sizeof(nothing)) == 0);
    CHECK(extension.label_count <= EXTENSION_LABELS_MAX);
    CHECK(memchr(extension.name, 0, sizeof(extension.name)) != NULL);
    for (const char *at = extension.name; *at; at++)
        CHECK(*at >= ' ' && *at <= '~');
}

static void check_quote(struct slice quote)
{
    struct ip_header ip;
    struct slice payload;

    if (ip_parse(quote, &ip, &payload) == 0)
        check_within(payload, quote);
}

/* A random checksum is almost never right, so it is made right in a copy to let the fuzzer in. */
static void check_icmp(const struct ip_header *ip, struct slice data)
{
    struct icmp_message message, back;
    static uint8_t built[BUFFER];
    uint8_t *copy = malloc(data.length ? data.length : 1);
    struct slice repaired = slice_of(copy, data.length);
    size_t length;

    CHECK(copy);
    memcpy(copy, data.data, data.length);
    if (data.length >= 8) {
        octets_put16(copy + 2, 0);
        octets_put16(copy + 2, ip->family == 4 ? checksum(repaired)
                                               : checksum_pseudo(&ip->source, &ip->destination,
                                                                 IPPROTO_ICMPV6, repaired));
    }
    if (icmp_parse(ip->family, &ip->source, &ip->destination, repaired, &message) == 0) {
        check_within(message.body, repaired);
        check_within(message.quote, message.body);
        check_within(message.extension, message.body);
        check_quote(message.quote);
        check_extension(message.extension);
        length = icmp_build(&message, &ip->source, &ip->destination, built, sizeof(built));
        CHECK(length == data.length);
        CHECK(icmp_parse(ip->family, &ip->source, &ip->destination, slice_of(built, length), &back) == 0);
        CHECK(back.type == message.type && back.id == message.id && back.sequence == message.sequence &&
              back.mtu == message.mtu && back.pointer == message.pointer);
    } else {
        CHECK(data.length < 8);
    }
    free(copy);
}

static void check_tcp(const struct ip_header *ip, struct slice data)
{
    struct tcp_header tcp, back;
    struct slice payload, again;
    static uint8_t built[BUFFER];
    size_t length;

    if (tcp_parse(data, &tcp, &payload) < 0)
        return;
    check_within(payload, data);
    check_within(tcp.options, data);
    if (data.length < 20)
        return;
    length = tcp_build(&tcp, &ip->source, &ip->destination, payload, built, sizeof(built));
    CHECK(length == data.length);
    CHECK(checksum_pseudo(&ip->source, &ip->destination, IPPROTO_TCP, slice_of(built, length)) == 0);
    CHECK(tcp_parse(slice_of(built, length), &back, &again) == 0);
    CHECK(back.sequence == tcp.sequence && back.flags == tcp.flags && back.data_offset == tcp.data_offset);
    CHECK(again.length == payload.length);
}

static void check_udp(const struct ip_header *ip, struct slice data)
{
    struct udp_header udp, back;
    struct slice payload, again;
    static uint8_t built[BUFFER];
    size_t length;

    if (udp_parse(data, &udp, &payload) < 0)
        return;
    check_within(payload, data);
    length = udp_build(&udp, &ip->source, &ip->destination, payload, built, sizeof(built));
    CHECK(length == payload.length + 8 || payload.length > UINT16_MAX - 8);
    if (length == 0)
        return;
    CHECK(udp_parse(slice_of(built, length), &back, &again) == 0);
    CHECK(back.source_port == udp.source_port && back.destination_port == udp.destination_port);
    CHECK(again.length == payload.length || udp.length < 8);
}

static void check_ip(struct slice packet)
{
    struct ip_header ip, back;
    struct slice payload, again;
    static uint8_t built[BUFFER];
    size_t length;

    if (ip_parse(packet, &ip, &payload) < 0)
        return;
    check_within(payload, packet);
    CHECK(ip.truncated == (ip.length > packet.length));
    check_icmp(&ip, payload);
    check_tcp(&ip, payload);
    check_udp(&ip, payload);
    length = ip_build(&ip, payload, built, sizeof(built));
    if (length == 0)
        return;
    if (ip_parse(slice_of(built, length), &back, &again) <
        0) /* the payload may begin like an extension header */
        return;
    CHECK(back.ttl == ip.ttl && back.tos == ip.tos && back.flow_label == ip.flow_label);
    CHECK(back.fragment_offset == ip.fragment_offset || ip.family == 6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_of(data, size);

    check_ip(input);
    check_extension(input);
    return 0;
}
