/* SPDX-License-Identifier: MIT */
/* Recognising what answers a probe: only a packet that repeats what who saw the probe can know. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "probe/packet.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/octets.h"
#include "wire/tcp.h"
#include "wire/udp.h"

enum {
    QUOTED_MIN = 8, /* octets of transport that every error repeats (RFC 792) */
    COOKIE_LENGTH = 8,
    ECHO_PAYLOAD = 8,
    TCP_SEGMENT_MIN = 20,
    TCP_ACK_AT = 8,
    TCP_OFFSET_AT = 12,
    SHORT_HEADER = 16, /* octets that PROBE_TCP_SHORT claims for its header */
};

/* A received packet, taken apart so far. */
struct received {
    struct ip_header ip;
    struct slice transport;
    bool checksummed;
    int64_t when_ns;
};

/* Errors that say what became of a probe. Redirects and source quenches do not. */
static const struct {
    uint8_t family, type;
} errors[] = {
    {4, ICMP4_UNREACHABLE}, {4, ICMP4_TIME_EXCEEDED}, {4, ICMP4_PARAMETER_PROBLEM}, {6, ICMP6_UNREACHABLE},
    {6, ICMP6_TOO_BIG},     {6, ICMP6_TIME_EXCEEDED}, {6, ICMP6_PARAMETER_PROBLEM},
};

/* Transport octets that routers and translators rewrite on the way: checksums, and the MSS that a router
 * clamps to its own link. The end of a range is exclusive. */
static const struct {
    uint8_t protocol, from, to;
} rewritten[] = {
    {IPPROTO_ICMP, 2, 4},  {IPPROTO_ICMPV6, 2, 4}, {IPPROTO_UDP, 6, 8},
    {IPPROTO_TCP, 16, 18}, {IPPROTO_TCP, 22, 24},
};

/* What was sent, as far as it is remembered. The book's own packets always parse. */
static struct slice sent_transport(const struct packet_sent *sent, struct ip_header *ip)
{
    struct slice transport = {sent->quote, 0};

    if (ip_parse(slice_first(slice_of(sent->quote, sizeof(sent->quote)), sent->length), ip, &transport) < 0)
        return slice_of(sent->quote, 0);
    return transport;
}

static int answer(const struct received *received, const struct packet_sent *sent, enum reply_kind kind,
                  struct reply *reply)
{
    *reply = (struct reply){
        .probe = sent->probe.id,
        .kind = kind,
        .from = received->ip.source,
        .ttl = received->ip.ttl,
        .tos = received->ip.tos,
        .when_ns = received->when_ns,
        .rtt_ns = received->when_ns - sent->sent_ns,
        .quoted_tos = -1,
    };
    return 0;
}

static int match_echo(const struct packet_book *book, const struct received *received,
                      const struct icmp_message *message, struct reply *reply)
{
    const struct packet_sent *sent = &book->sent[message->sequence < PROBES_MAX ? message->sequence : 0];
    struct ip_header ip;
    struct slice cookie;

    if (message->id != book->echo_id || message->sequence >= PROBES_MAX || !sent->used ||
        sent->probe.kind != PROBE_ECHO ||
        !sonde_address_equal(&received->ip.source, &sent->probe.destination))
        return -ENOENT;
    cookie = slice_first(slice_skip(sent_transport(sent, &ip), ECHO_PAYLOAD), COOKIE_LENGTH);
    if (message->body.length < COOKIE_LENGTH || memcmp(message->body.data, cookie.data, cookie.length) != 0)
        return -ENOENT;
    return answer(received, sent, REPLY_ECHO, reply);
}

static bool is_rewritten(uint8_t protocol, size_t at)
{
    for (size_t i = 0; i < COUNT_OF(rewritten); i++)
        if (rewritten[i].protocol == protocol && at >= rewritten[i].from && at < rewritten[i].to)
            return true;
    return false;
}

/* A quote may be longer than what the book remembers, but not longer than what was sent. */
static bool same_transport(struct slice quoted, struct slice sent, size_t sent_length, uint8_t protocol)
{
    if (quoted.length < QUOTED_MIN || quoted.length > sent_length)
        return false;
    for (size_t i = 0; i < quoted.length && i < sent.length; i++)
        if (quoted.data[i] != sent.data[i] && !is_rewritten(protocol, i))
            return false;
    return true;
}

static bool is_quoted(const struct packet_sent *sent, const struct ip_header *quoted,
                      struct slice quoted_transport)
{
    struct ip_header ip;
    struct slice transport;

    if (!sent->used || !sonde_address_equal(&quoted->destination, &sent->probe.destination))
        return false;
    transport = sent_transport(sent, &ip);
    if (quoted->protocol != ip.protocol || quoted->fragment_offset != 0)
        return false;
    if (quoted->family == 4 && quoted->id != sent->ip_id)
        return false;
    return same_transport(quoted_transport, transport, sent->length - (size_t)(transport.data - sent->quote),
                          ip.protocol);
}

static const struct packet_sent *latest(const struct packet_sent *a, const struct packet_sent *b)
{
    return a && a->sent_ns > b->sent_ns ? a : b;
}

static bool is_outcome(uint8_t family, uint8_t type)
{
    for (size_t i = 0; i < COUNT_OF(errors); i++)
        if (errors[i].family == family && errors[i].type == type)
            return true;
    return false;
}

static int match_error(const struct packet_book *book, const struct received *received,
                       const struct icmp_message *message, struct reply *reply)
{
    const struct packet_sent *sent = NULL;
    struct ip_header quoted;
    struct slice transport;

    if (ip_parse(message->quote, &quoted, &transport) < 0 || quoted.family != book->source.family ||
        !sonde_address_equal(&quoted.source, &book->source))
        return -ENOENT;
    for (size_t i = 0; i < PROBES_MAX; i++)
        if (is_quoted(&book->sent[i], &quoted, transport))
            sent = latest(sent, &book->sent[i]);
    if (!sent)
        return -ENOENT;
    answer(received, sent, REPLY_ICMP, reply);
    reply->type = message->type;
    reply->code = message->code;
    reply->mtu = message->mtu;
    reply->quoted_tos = quoted.tos;
    (void)extension_parse(message->extension,
                          &reply->extension); /* a damaged one says nothing, the error still does */
    return 0;
}

static int match_icmp(const struct packet_book *book, const struct received *received, struct reply *reply)
{
    const struct ip_header *ip = &received->ip;
    struct icmp_message message;
    int result = icmp_parse(ip->family, &ip->source, &ip->destination, received->transport, &message);

    if (result < 0)
        return result;
    if (message.type == (ip->family == 4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY))
        return match_echo(book, received, &message, reply);
    if (is_outcome(ip->family, message.type))
        return match_error(book, received, &message, reply);
    return -ENOENT;
}

static bool is_tcp(enum probe_kind kind)
{
    return kind == PROBE_TCP_SYN || kind == PROBE_TCP_ACK || kind == PROBE_TCP_SHORT;
}

static bool is_udp(enum probe_kind kind)
{
    return kind == PROBE_UDP || kind == PROBE_UDP_LYING;
}

static bool is_from_port(const struct packet_sent *sent, const struct received *received,
                         uint16_t source_port, uint16_t destination_port)
{
    return sent->used && sent->probe.port == source_port && sent->source_port == destination_port &&
           sonde_address_equal(&received->ip.source, &sent->probe.destination);
}

/* A SYN counts as one octet; whether the padding behind it is acknowledged too is up to the host. */
static bool acknowledges_syn(const struct packet_sent *sent, const struct tcp_header *tcp)
{
    struct ip_header ip;
    struct slice transport = sent_transport(sent, &ip);
    size_t segment = sent->length - (size_t)(transport.data - sent->quote);
    size_t data = segment - (transport.data[TCP_OFFSET_AT] >> 4) * 4u;
    uint32_t octets = tcp->acknowledgement - sent->sequence;

    return tcp->flags & TCP_ACK && (octets == 1 || octets == 1 + data);
}

/* Who believes the short data offset counts the rest of the real header as data, and may forget the SYN. */
static bool acknowledges_short(const struct packet_sent *sent, const struct tcp_header *tcp)
{
    struct ip_header ip;
    struct slice transport = sent_transport(sent, &ip);
    size_t segment = sent->length - (size_t)(transport.data - sent->quote);

    return tcp->flags & TCP_ACK && tcp->acknowledgement - sent->sequence <= 1 + segment - SHORT_HEADER;
}

/* RFC 9293 3.10.7.1: a reset takes its sequence number from the acknowledgement it answers. */
static bool resets_acknowledgement(const struct packet_sent *sent, const struct tcp_header *tcp)
{
    struct ip_header ip;
    struct slice transport = sent_transport(sent, &ip);

    return tcp->sequence == octets_get32(transport.data + TCP_ACK_AT);
}

static bool answers_segment(const struct packet_sent *sent, const struct tcp_header *tcp)
{
    switch (sent->probe.kind) {
    case PROBE_TCP_SYN:
        return tcp->flags & (TCP_RST | TCP_SYN) && acknowledges_syn(sent, tcp);
    case PROBE_TCP_SHORT:
        return tcp->flags & TCP_RST && acknowledges_short(sent, tcp);
    case PROBE_TCP_ACK:
        return tcp->flags & TCP_RST && resets_acknowledgement(sent, tcp);
    default:
        return false;
    }
}

static const struct packet_sent *find_segment(const struct packet_book *book, const struct received *received,
                                              const struct tcp_header *tcp)
{
    const struct packet_sent *found = NULL;

    for (size_t i = 0; i < PROBES_MAX; i++) {
        const struct packet_sent *sent = &book->sent[i];

        if (is_tcp(sent->probe.kind) &&
            is_from_port(sent, received, tcp->source_port, tcp->destination_port) &&
            answers_segment(sent, tcp))
            found = latest(found, sent);
    }
    return found;
}

static bool has_wrong_sum(const struct received *received, uint8_t protocol, struct slice message)
{
    return received->checksummed &&
           checksum_pseudo(&received->ip.source, &received->ip.destination, protocol, message) != 0;
}

static int match_tcp(const struct packet_book *book, const struct received *received, struct reply *reply)
{
    const struct packet_sent *sent;
    struct tcp_header tcp;
    struct slice payload;

    if (received->transport.length < TCP_SEGMENT_MIN || tcp_parse(received->transport, &tcp, &payload) < 0 ||
        has_wrong_sum(received, IPPROTO_TCP, received->transport))
        return -EBADMSG;
    sent = find_segment(book, received, &tcp);
    if (!sent)
        return -ENOENT;
    answer(received, sent, tcp.flags & TCP_RST ? REPLY_RESET : REPLY_SYN_ACK, reply);
    /* A host without a connection answers with neither; both measured, facts of issue 2. */
    reply->socket_reset = tcp.flags & TCP_RST && (received->ip.id != 0 || tcp.options.length > 0);
    return 0;
}

/* In IPv4 a checksum of zero says that none was computed, in IPv6 that the datagram is broken (RFC 8200 8.1).
 */
static bool is_sound_datagram(const struct received *received, const struct udp_header *udp)
{
    struct slice datagram = slice_first(received->transport, udp->length);

    if (datagram.length < udp->length)
        return false;
    if (udp->checksum == 0)
        return received->ip.family == 4 || !received->checksummed;
    return !has_wrong_sum(received, IPPROTO_UDP, datagram);
}

/* Data name no probe: they answer the first one that could reach the host, not a rung of a ladder. */
static const struct packet_sent *likelier(const struct packet_sent *a, const struct packet_sent *b)
{
    if (!a || (a->probe.ttl && !b->probe.ttl))
        return b;
    if (!a->probe.ttl && b->probe.ttl)
        return a;
    return b->sent_ns < a->sent_ns ? b : a;
}

static int match_udp(const struct packet_book *book, const struct received *received, struct reply *reply)
{
    const struct packet_sent *sent = NULL;
    struct udp_header udp;
    struct slice payload;

    if (udp_parse(received->transport, &udp, &payload) < 0 || udp.length < QUOTED_MIN ||
        !is_sound_datagram(received, &udp))
        return -EBADMSG;
    for (size_t i = 0; i < PROBES_MAX; i++)
        if (is_udp(book->sent[i].probe.kind) &&
            is_from_port(&book->sent[i], received, udp.source_port, udp.destination_port))
            sent = likelier(sent, &book->sent[i]);
    if (!sent)
        return -ENOENT;
    return answer(received, sent, REPLY_DATA, reply);
}

static bool is_damaged(struct slice packet, const struct ip_header *ip)
{
    if (ip->truncated)
        return true;
    return ip->family == 4 && checksum(slice_first(packet, (packet.data[0] & 0xf) * 4u)) != 0;
}

int packet_match(const struct packet_book *book, struct slice packet, bool checksummed, int64_t when_ns,
                 struct reply *reply)
{
    struct received received = {.checksummed = checksummed, .when_ns = when_ns};
    const struct ip_header *ip = &received.ip;

    if (ip_parse(packet, &received.ip, &received.transport) < 0)
        return -EBADMSG;
    if (!sonde_address_equal(&ip->destination, &book->source))
        return -ENOENT;
    if (is_damaged(packet, ip))
        return -EBADMSG;
    if (ip->more_fragments || ip->fragment_offset)
        return -ENOENT;
    switch (ip->protocol) {
    case IPPROTO_ICMP:
        return ip->family == 4 ? match_icmp(book, &received, reply) : -ENOENT;
    case IPPROTO_ICMPV6:
        return ip->family == 6 ? match_icmp(book, &received, reply) : -ENOENT;
    case IPPROTO_TCP:
        return match_tcp(book, &received, reply);
    case IPPROTO_UDP:
        return match_udp(book, &received, reply);
    default:
        return -ENOENT;
    }
}
