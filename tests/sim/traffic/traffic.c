/* SPDX-License-Identifier: MIT */
/* Compose packets as hosts send them, frame them, and hand them over. */
#include "tests/sim/traffic/traffic.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/link.h"
#include "wire/octets.h"
#include "wire/tcp.h"
#include "wire/udp.h"

enum {
    ETHERNET = 14,
    HEADER4 = 20,
    HEADER6 = 40,
    ICMP_HEADER = 8,
    ERROR4_MAX = 576, /* octets of an error with its quote (RFC 1812 4.3.2.3) */
    STAMP = 16,       /* octets of the time stamp that Linux ping sends */
    WINDOW = 64240,
    MSS = 1460,
};

/* Monday, 2026-01-05 00:00 UTC. */
static const int64_t begin_ns = INT64_C(1767571200) * NS_PER_S;

void traffic_init(struct traffic *traffic, uint64_t seed,
                  void (*frame)(void *context, const struct frame *frame), void *context)
{
    memset(traffic, 0, sizeof(*traffic));
    traffic->now_ns = begin_ns;
    traffic->random = seed * 2 + 1;
    traffic->frame = frame;
    traffic->context = context;
}

/* SplitMix64: any seed will do. */
static uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

uint64_t traffic_random(struct traffic *traffic, uint64_t below)
{
    traffic->random += UINT64_C(0x9e3779b97f4a7c15);
    return below ? mix(traffic->random) % below : 0;
}

static struct sonde_address address(const char *text)
{
    struct sonde_address result;

    if (sonde_address_parse(text, &result) < 0)
        abort(); /* a mistake of whoever wrote the traffic */
    return result;
}

struct traffic_route traffic_route(const char *source, const char *destination)
{
    return (struct traffic_route){.source = address(source), .destination = address(destination)};
}

struct sonde_address traffic_address(const char *base, uint64_t number)
{
    struct sonde_address result = address(base);

    for (size_t i = address_length(result.family); i-- && number;) {
        number += result.bytes[i];
        result.bytes[i] = (uint8_t)number;
        number >>= 8;
    }
    return result;
}

void traffic_mac(const struct sonde_address *ip, uint8_t mac[6])
{
    if (ip->family == 4 && ip->bytes[0] >= 240) {
        memset(mac, 0xff, 6);
    } else if (ip->family == 4 && ip->bytes[0] >= 224) {
        memcpy(mac, (const uint8_t[]){1, 0, 0x5e, ip->bytes[1] & 0x7f, ip->bytes[2], ip->bytes[3]}, 6);
    } else if (ip->family == 4) {
        memcpy(mac, (const uint8_t[]){2, 0}, 2);
        memcpy(mac + 2, ip->bytes, 4);
    } else if (ip->bytes[0] == 0xff) {
        memset(mac, 0x33, 2);
        memcpy(mac + 2, ip->bytes + 12, 4);
    } else { /* as if autoconfigured or numbered by hand: the end of the address tells hosts apart */
        memcpy(mac, (const uint8_t[]){2, 6}, 2);
        memcpy(mac + 2, ip->bytes + 12, 4);
    }
}

/* Put the Ethernet header before an IP packet that stands behind it, and hand the frame over. */
static void emit(struct traffic *traffic, const struct traffic_route *route, size_t packet)
{
    static const uint8_t none[6];
    struct frame frame = {
        .time_ns = traffic->now_ns,
        .data = slice_of(traffic->octets, ETHERNET + packet),
        .length = (uint32_t)(ETHERNET + packet),
        .link = LINK_ETHERNET,
    };

    if (traffic->unseen)
        return;
    if (memcmp(route->to_mac, none, 6) != 0)
        memcpy(traffic->octets, route->to_mac, 6);
    else
        traffic_mac(&route->destination, traffic->octets);
    if (memcmp(route->mac, none, 6) != 0)
        memcpy(traffic->octets + 6, route->mac, 6);
    else
        traffic_mac(&route->source, traffic->octets + 6);
    octets_put16(traffic->octets + 12, route->source.family == 4 ? 0x0800 : 0x86dd);
    traffic->frames++;
    traffic->frame(traffic->context, &frame);
}

static bool is_error(uint8_t family, uint8_t protocol, struct slice payload)
{
    return payload.length && protocol == (family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6) &&
           (icmp_is_error(family, payload.data[0]) || payload.data[0] == (family == 4 ? 5 : 137));
}

/* Send an IP packet or a fragment of one. */
static void send_packet(struct traffic *traffic, const struct traffic_route *route, struct ip_header *ip,
                        struct slice payload)
{
    size_t length;

    ip->family = route->source.family;
    ip->source = route->source;
    ip->destination = route->destination;
    ip->ttl = route->ttl ? route->ttl : 64;
    length = ip_build(ip, payload, traffic->octets + ETHERNET, TRAFFIC_OCTETS_MAX - ETHERNET);
    if (!length)
        abort(); /* a mistake of whoever wrote the traffic: no packet is that long */
    if (!ip->fragment_offset && !is_error(ip->family, ip->protocol, payload)) {
        traffic->last_length = length < TRAFFIC_QUOTE_MAX ? length : TRAFFIC_QUOTE_MAX;
        memcpy(traffic->last, traffic->octets + ETHERNET, traffic->last_length);
    }
    emit(traffic, route, length);
}

void traffic_fragment(struct traffic *traffic, const struct traffic_route *route, uint8_t protocol,
                      uint16_t id, uint16_t offset, bool more, struct slice payload)
{
    struct ip_header ip = {.protocol = protocol, .id = id, .fragment_offset = offset, .more_fragments = more};

    send_packet(traffic, route, &ip, payload);
}

void traffic_ip(struct traffic *traffic, const struct traffic_route *route, uint8_t protocol,
                struct slice payload)
{
    size_t header = route->source.family == 4 ? HEADER4 : HEADER6 + 8;
    size_t part = traffic->mtu > header ? (traffic->mtu - header) & ~(size_t)7 : 0;
    uint16_t id = ++traffic->ip_id;

    if (!part || payload.length + header <= traffic->mtu) {
        send_packet(traffic, route,
                    &(struct ip_header){.protocol = protocol, .id = id, .dont_fragment = true}, payload);
        return;
    }
    for (size_t at = 0; at < payload.length; at += part)
        traffic_fragment(traffic, route, protocol, id, (uint16_t)at, at + part < payload.length,
                         slice_first(slice_skip(payload, at), part));
}

void traffic_raw(struct traffic *traffic, struct slice packet)
{
    struct traffic_route route = {0};
    bool four = packet.length >= HEADER4 && packet.data[0] >> 4 == 4;

    if (!four && packet.length < HEADER6)
        abort(); /* a mistake of whoever wrote the traffic */
    route.source = address_from(four ? 4 : 6, packet.data + (four ? 12 : 8));
    route.destination = address_from(four ? 4 : 6, packet.data + (four ? 16 : 24));
    memcpy(traffic->octets + ETHERNET, packet.data, packet.length);
    traffic->last_length = packet.length < TRAFFIC_QUOTE_MAX ? packet.length : TRAFFIC_QUOTE_MAX;
    memcpy(traffic->last, packet.data, traffic->last_length);
    emit(traffic, &route, packet.length);
}

/* Send the message that stands in traffic->message but for its first eight octets. */
static void send_icmp(struct traffic *traffic, const struct traffic_route *route, uint8_t type, uint8_t code,
                      uint32_t word, size_t body)
{
    struct slice message = slice_of(traffic->message, ICMP_HEADER + body);

    traffic->message[0] = type;
    traffic->message[1] = code;
    octets_put16(traffic->message + 2, 0);
    octets_put32(traffic->message + 4, word);
    if (route->source.family == 4) {
        octets_put16(traffic->message + 2, checksum(message));
        traffic_ip(traffic, route, IPPROTO_ICMP, message);
    } else {
        octets_put16(traffic->message + 2,
                     checksum_pseudo(&route->source, &route->destination, IPPROTO_ICMPV6, message));
        traffic_ip(traffic, route, IPPROTO_ICMPV6, message);
    }
}

void traffic_icmp(struct traffic *traffic, const struct traffic_route *route, uint8_t type, uint8_t code,
                  uint32_t word, struct slice body)
{
    if (body.length)
        memcpy(traffic->message + ICMP_HEADER, body.data, body.length);
    send_icmp(traffic, route, type, code, word, body.length);
}

/* The time of a request, so that its reply returns the same data. */
static int64_t stamp(struct traffic *traffic, const struct traffic_route *route, bool reply, uint16_t id,
                     uint16_t sequence)
{
    const struct sonde_address *asker = reply ? &route->destination : &route->source;
    uint64_t key = (uint64_t)id << 16 | sequence;
    struct traffic_stamp *row;

    for (size_t i = 0; i < 16; i++) /* who asks; a group is answered by others than it */
        key += (uint64_t)asker->bytes[i] << (i % 8 * 6 + 16);
    row = &traffic->stamps[mix(key) % TRAFFIC_ECHOES];
    if (!reply)
        *row = (struct traffic_stamp){key, traffic->now_ns};
    return row->key == key ? row->time_ns : traffic->now_ns;
}

void traffic_echo(struct traffic *traffic, const struct traffic_route *route, bool reply, uint16_t id,
                  uint16_t sequence, size_t payload)
{
    uint8_t *body = traffic->message + ICMP_HEADER;
    int64_t time_ns = stamp(traffic, route, reply, id, sequence);
    uint64_t parts[] = {(uint64_t)(time_ns / NS_PER_S), (uint64_t)(time_ns % NS_PER_S / NS_PER_US)};
    bool four = route->source.family == 4;
    size_t begin = payload >= STAMP ? STAMP : 0; /* ping without room for it sends no time */

    for (size_t i = 0; i < begin; i++) /* little-endian, as nearly all machines are */
        body[i] = (uint8_t)(parts[i / 8] >> (i % 8 * 8));
    for (size_t i = begin; i < payload; i++)
        body[i] = (uint8_t)i;
    if (four)
        send_icmp(traffic, route, reply ? ICMP4_ECHO_REPLY : ICMP4_ECHO_REQUEST, 0,
                  (uint32_t)id << 16 | sequence, payload);
    else
        send_icmp(traffic, route, reply ? ICMP6_ECHO_REPLY : ICMP6_ECHO_REQUEST, 0,
                  (uint32_t)id << 16 | sequence, payload);
}

void traffic_tcp(struct traffic *traffic, const struct traffic_route *route, uint16_t source_port,
                 uint16_t destination_port, uint32_t sequence, uint8_t flags, size_t payload)
{
    static const uint8_t text[2048];
    struct tcp_header tcp = {
        .source_port = source_port,
        .destination_port = destination_port,
        .sequence = sequence,
        .acknowledgement = flags & TCP_ACK ? ~sequence : 0,
        .flags = flags,
        .window = WINDOW,
        .mss = flags & TCP_SYN ? MSS : 0,
    };
    size_t length =
        tcp_build(&tcp, &route->source, &route->destination,
                  slice_first(slice_of(text, sizeof(text)), payload), traffic->message, TRAFFIC_OCTETS_MAX);

    traffic_ip(traffic, route, IPPROTO_TCP, slice_of(traffic->message, length));
}

void traffic_udp(struct traffic *traffic, const struct traffic_route *route, uint16_t source_port,
                 uint16_t destination_port, size_t payload)
{
    static const uint8_t text[2048];
    struct udp_header udp = {.source_port = source_port, .destination_port = destination_port};
    size_t length =
        udp_build(&udp, &route->source, &route->destination,
                  slice_first(slice_of(text, sizeof(text)), payload), traffic->message, TRAFFIC_OCTETS_MAX);

    traffic_ip(traffic, route, IPPROTO_UDP, slice_of(traffic->message, length));
}

/* A packet reaches the router that drops it with a TTL of 1. */
static void expire(uint8_t *quote)
{
    if (quote[0] >> 4 == 6) {
        quote[7] = 1;
        return;
    }
    quote[8] = 1;
    octets_put16(quote + 10, 0);
    octets_put16(quote + 10, checksum(slice_of(quote, HEADER4)));
}

void traffic_error_along(struct traffic *traffic, const struct traffic_route *route, uint8_t type,
                         uint8_t code, uint32_t word)
{
    bool four = route->source.family == 4;
    size_t most = four ? ERROR4_MAX - HEADER4 - ICMP_HEADER : TRAFFIC_QUOTE_MAX;
    size_t length = traffic->last_length < most ? traffic->last_length : most;

    if (!length)
        abort(); /* a mistake of whoever wrote the traffic: no packet was sent before */
    memcpy(traffic->message + ICMP_HEADER, traffic->last, length);
    if (type == (four ? ICMP4_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED))
        expire(traffic->message + ICMP_HEADER);
    send_icmp(traffic, route, type, code, word, length);
}

void traffic_error(struct traffic *traffic, const char *sender, uint8_t type, uint8_t code, uint32_t word)
{
    bool four = traffic->last[0] >> 4 == 4;
    struct traffic_route route = {
        .source = address(sender),
        .destination = address_from(four ? 4 : 6, traffic->last + (four ? 12 : 8)),
    };

    traffic_error_along(traffic, &route, type, code, word);
}
