/* SPDX-License-Identifier: MIT */
/* A book, a target and a router, and the packets that an honest network would send back. */
#include "tests/unit/exchange.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "tests/unit/unit.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/octets.h"
#include "wire/tcp.h"
#include "wire/udp.h"

static const struct siphash_key key = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};

void exchange_init(struct exchange *exchange, uint8_t family)
{
    struct sonde_address source = unit_address(family == 4 ? "192.0.2.1" : "2001:db8::1");

    memset(exchange, 0, sizeof(*exchange));
    exchange->family = family;
    exchange->target = unit_address(family == 4 ? "198.51.100.7" : "2001:db8:1::7");
    exchange->router = unit_address(family == 4 ? "203.0.113.9" : "2001:db8:2::9");
    packet_book_init(&exchange->book, &key, &source);
    exchange->book.echo_id = 0x5d5d;
    for (uint16_t flow = 0; flow < PROBE_FLOWS; flow++) {
        exchange->book.tcp_ports[flow] = 40000 + flow;
        exchange->book.udp_ports[flow] = 50000 + flow;
    }
}

struct probe exchange_probe(const struct exchange *exchange, uint16_t id, enum probe_kind kind)
{
    return (struct probe){
        .id = id,
        .kind = kind,
        .flow = FLOW_TARGET,
        .destination = exchange->target,
        .port = kind == PROBE_UDP || kind == PROBE_UDP_LYING ? 53 : 443,
        .ttl = 9,
        .tos = 0x28,
        .dont_fragment = true,
    };
}

struct slice exchange_send(struct exchange *exchange, const struct probe *probe)
{
    exchange->sent_length = packet_build(&exchange->book, probe, EXCHANGE_NOW + probe->id, exchange->sent,
                                         sizeof(exchange->sent));
    assert_true(exchange->sent_length > 0);
    return slice_of(exchange->sent, exchange->sent_length);
}

struct slice exchange_send_kind(struct exchange *exchange, uint16_t id, enum probe_kind kind)
{
    struct probe probe = exchange_probe(exchange, id, kind);

    return exchange_send(exchange, &probe);
}

struct slice exchange_transport(const struct exchange *exchange)
{
    struct ip_header ip;
    struct slice transport;

    assert_int_equal(ip_parse(slice_of(exchange->sent, exchange->sent_length), &ip, &transport), 0);
    return transport;
}

struct slice exchange_wrap(struct exchange *exchange, const struct sonde_address *from, uint8_t protocol,
                           struct slice transport)
{
    struct ip_header ip = {
        .family = exchange->family,
        .source = *from,
        .destination = exchange->book.source,
        .protocol = protocol,
        .ttl = EXCHANGE_TTL,
        .tos = EXCHANGE_TOS,
        .id = exchange->answer_id,
    };
    size_t length = ip_build(&ip, transport, exchange->answer, sizeof(exchange->answer));

    assert_true(length > 0);
    return slice_of(exchange->answer, length);
}

static struct slice wrap_icmp(struct exchange *exchange, const struct sonde_address *from,
                              const struct icmp_message *message)
{
    uint8_t buffer[2048];
    size_t length = icmp_build(message, from, &exchange->book.source, buffer, sizeof(buffer));

    assert_true(length > 0);
    return exchange_wrap(exchange, from, exchange->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6,
                         slice_of(buffer, length));
}

struct slice exchange_echo(struct exchange *exchange)
{
    struct slice request = exchange_transport(exchange);
    struct icmp_message message = {
        .family = exchange->family,
        .type = exchange->family == 4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY,
        .id = octets_get16(request.data + 4),
        .sequence = octets_get16(request.data + 6),
        .body = slice_skip(request, 8),
    };

    return wrap_icmp(exchange, &exchange->target, &message);
}

struct slice exchange_segment(struct exchange *exchange, uint8_t flags, uint32_t sequence,
                              uint32_t acknowledgement, uint16_t mss)
{
    struct slice probe = exchange_transport(exchange);
    struct tcp_header tcp = {
        .source_port = octets_get16(probe.data + 2),
        .destination_port = octets_get16(probe.data),
        .sequence = sequence,
        .acknowledgement = acknowledgement,
        .flags = flags,
        .mss = mss,
    };
    uint8_t buffer[64];
    size_t length =
        tcp_build(&tcp, &exchange->target, &exchange->book.source, slice_of(NULL, 0), buffer, sizeof(buffer));

    return exchange_wrap(exchange, &exchange->target, IPPROTO_TCP, slice_of(buffer, length));
}

struct slice exchange_datagram(struct exchange *exchange, const char *data)
{
    struct slice probe = exchange_transport(exchange);
    struct udp_header udp = {
        .source_port = octets_get16(probe.data + 2),
        .destination_port = octets_get16(probe.data),
    };
    uint8_t buffer[256];
    size_t length = udp_build(&udp, &exchange->target, &exchange->book.source, slice_of(data, strlen(data)),
                              buffer, sizeof(buffer));

    assert_true(length > 0);
    return exchange_wrap(exchange, &exchange->target, IPPROTO_UDP, slice_of(buffer, length));
}

struct slice exchange_error(struct exchange *exchange, const struct sonde_address *from, uint8_t type,
                            uint8_t code, struct slice quote)
{
    struct icmp_message message = {
        .family = exchange->family, .type = type, .code = code, .mtu = 1400, .pointer = 20, .body = quote};

    return wrap_icmp(exchange, from, &message);
}

struct slice exchange_quote(const struct exchange *exchange, size_t octets)
{
    static uint8_t quote[2048];

    memcpy(quote, exchange->sent, exchange->sent_length);
    quote[exchange->family == 4 ? 8 : 7] = 1;
    return slice_first(slice_of(quote, exchange->sent_length), octets);
}

void exchange_repair(uint8_t *packet, size_t length)
{
    struct ip_header ip;
    struct slice transport;
    uint8_t *icmp;
    uint16_t sum;

    if (ip_parse(slice_of(packet, length), &ip, &transport) < 0)
        return;
    if (ip.family == 4) {
        octets_put16(packet + 10, 0);
        octets_put16(packet + 10, checksum(slice_of(packet, (packet[0] & 0xf) * 4u)));
    }
    if (transport.length < 8 || (ip.protocol != IPPROTO_ICMP && ip.protocol != IPPROTO_ICMPV6))
        return;
    icmp = packet + (transport.data - packet);
    octets_put16(icmp + 2, 0);
    sum = ip.family == 4 ? checksum(transport)
                         : checksum_pseudo(&ip.source, &ip.destination, IPPROTO_ICMPV6, transport);
    octets_put16(icmp + 2, sum);
}

int exchange_match(const struct exchange *exchange, struct slice packet, struct reply *reply)
{
    return packet_match(&exchange->book, unit_guarded(packet), true, EXCHANGE_LATER, reply);
}

int exchange_outcome(const struct exchange *exchange, struct slice packet)
{
    struct reply reply;

    return exchange_match(exchange, packet, &reply);
}

void exchange_check(const struct exchange *exchange, struct slice packet, uint16_t id, enum reply_kind kind,
                    const struct sonde_address *from)
{
    struct reply reply;

    memset(&reply, 0xff, sizeof(reply));
    assert_int_equal(exchange_match(exchange, packet, &reply), 0);
    assert_int_equal(reply.probe, id);
    assert_int_equal(reply.kind, kind);
    assert_true(sonde_address_equal(&reply.from, from));
    assert_int_equal(reply.ttl, EXCHANGE_TTL);
    assert_int_equal(reply.tos, EXCHANGE_TOS);
    assert_int_equal(reply.when_ns, EXCHANGE_LATER);
    assert_int_equal(reply.rtt_ns, EXCHANGE_LATER - EXCHANGE_NOW - id);
    assert_int_equal(reply.quoted_tos, kind == REPLY_ICMP ? 0x28 : -1);
}

/* Cut anywhere, a packet is damaged, and nothing behind its end is read. Any octet changed without a repaired
 * checksum is damage, or an address it is not meant for; it is never an answer. */
void exchange_check_damage(const struct exchange *exchange, struct slice packet)
{
    static uint8_t copy[4096];
    struct slice flipped = slice_of(copy, packet.length);

    memcpy(copy, packet.data, packet.length);
    for (size_t length = 0; length < packet.length; length++)
        assert_int_equal(exchange_outcome(exchange, slice_first(flipped, length)), -EBADMSG);
    for (size_t at = 0; at < packet.length; at++) {
        /* IPv6 has no header checksum: class, flow, hop limit, and next headers of no interest */
        if (exchange->family == 6 && (at < 4 || at == 6 || at == 7))
            continue;
        copy[at] ^= 0x10;
        assert_int_not_equal(exchange_outcome(exchange, flipped), 0);
        copy[at] ^= 0x10;
    }
    assert_int_equal(exchange_outcome(exchange, flipped), 0);
}
