/* SPDX-License-Identifier: MIT */
/* Strangers: they guess addresses, ports and identifiers, and repeat or damage true answers. They never see
 * the probe's cookie. Their chance is their own, so that the network behaves the same with and without them.
 */
#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "tests/sim/network/internal.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/octets.h"
#include "wire/udp.h"

enum { LATEST_US = 2000, COPY_LATEST_US = 60000, TTL_MAX = 255, QUOTE = 64 };

/* The errors that strangers like to forge. */
static const struct {
    uint8_t type4, code4, type6, code6;
} forged[] = {
    {ICMP4_UNREACHABLE, 3, ICMP6_UNREACHABLE, 4}, {ICMP4_UNREACHABLE, 13, ICMP6_UNREACHABLE, 1},
    {ICMP4_UNREACHABLE, 1, ICMP6_UNREACHABLE, 3}, {ICMP4_TIME_EXCEEDED, 0, ICMP6_TIME_EXCEEDED, 0},
    {ICMP4_UNREACHABLE, 4, ICMP6_TOO_BIG, 0},
};

static int64_t chance(struct sim *sim, int64_t low, int64_t high)
{
    return sim_random_between(&sim->hostile_random, low, high);
}

static void inject(struct sim *sim, const struct sim_packet *packet, int64_t latest_us)
{
    sim_schedule(sim, sim->now_ns + chance(sim, 1, latest_us) * NS_PER_US, SIM_FORGED, SIM_CLIENT, 0, packet);
    sim->injected++;
}

static struct ip_header forged_header(struct sim *sim, const struct ip_header *probe)
{
    return (struct ip_header){
        .family = probe->family,
        .source = probe->destination,
        .destination = probe->source,
        .protocol = probe->protocol,
        .ttl = (uint8_t)chance(sim, 1, TTL_MAX),
        .tos = (uint8_t)chance(sim, 0, 255),
    };
}

/* Everything of the quote is right but what only the cookie's key gives. */
static void spoil_quote(struct sim *sim, uint8_t *quote, size_t length, uint8_t family)
{
    size_t header = family == 4 ? 20 : 40;

    for (size_t i = header + 4; i < header + 8 && i < length; i++)
        quote[i] ^= (uint8_t)chance(sim, 1, 255);
    for (size_t i = header + 8; i < length; i++)
        quote[i] ^= (uint8_t)chance(sim, 1, 255);
    if (family == 4)
        octets_put16(quote + 4, (uint16_t)(octets_get16(quote + 4) + chance(sim, 1, 65535)));
}

static void forge_error(struct sim *sim, const struct sim_packet *probe, const struct ip_header *ip)
{
    struct ip_header header = forged_header(sim, ip);
    size_t which = (size_t)chance(sim, 0, (int64_t)COUNT_OF(forged) - 1);
    struct icmp_message message = {
        .family = ip->family,
        .type = ip->family == 4 ? forged[which].type4 : forged[which].type6,
        .code = ip->family == 4 ? forged[which].code4 : forged[which].code6,
        .mtu = 600,
    };
    struct sim_packet packet;
    uint8_t quote[QUOTE], body[QUOTE + 8];
    size_t length = probe->length < QUOTE ? probe->length : QUOTE;

    memcpy(quote, probe->octets, length);
    spoil_quote(sim, quote, length, ip->family);
    message.body = slice_of(quote, length);
    header.protocol = ip->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
    if (chance(sim, 0, 1))
        header.source.bytes[address_length(ip->family) - 1] ^= (uint8_t)chance(sim, 1, 255);
    length = icmp_build(&message, &header.source, &header.destination, body, sizeof(body));
    sim_build(&packet, &header, slice_of(body, length));
    inject(sim, &packet, LATEST_US);
}

static void forge_segment(struct sim *sim, const struct ip_header *ip, struct slice payload)
{
    struct ip_header header = forged_header(sim, ip);
    struct tcp_header probe, tcp;
    struct slice rest;
    struct sim_packet packet;
    uint8_t segment[64];
    size_t length;

    (void)tcp_parse(payload, &probe, &rest);
    tcp = (struct tcp_header){
        .source_port = probe.destination_port,
        .destination_port = probe.source_port,
        .sequence = (uint32_t)chance(sim, 0, UINT32_MAX),
        .acknowledgement = probe.sequence + (uint32_t)chance(sim, 1000, UINT32_MAX - 1000),
        .flags = chance(sim, 0, 1) ? TCP_RST | TCP_ACK : TCP_SYN | TCP_ACK,
    };
    length =
        tcp_build(&tcp, &header.source, &header.destination, slice_of(NULL, 0), segment, sizeof(segment));
    sim_build(&packet, &header, slice_of(segment, length));
    inject(sim, &packet, LATEST_US);
}

static void forge_datagram(struct sim *sim, const struct ip_header *ip, struct slice payload)
{
    struct ip_header header = forged_header(sim, ip);
    const struct udp_header udp = {
        .source_port = octets_get16(payload.data + 2),
        .destination_port = (uint16_t)(octets_get16(payload.data) ^ chance(sim, 1, 255)),
    };
    struct sim_packet packet;
    uint8_t datagram[32];
    size_t length = udp_build(&udp, &header.source, &header.destination, slice_of("forged", 6), datagram,
                              sizeof(datagram));

    sim_build(&packet, &header, slice_of(datagram, length));
    inject(sim, &packet, LATEST_US);
}

static void forge_echo(struct sim *sim, const struct ip_header *ip, struct slice payload)
{
    struct ip_header header = forged_header(sim, ip);
    struct icmp_message message = {
        .family = ip->family,
        .type = ip->family == 4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY,
        .id = octets_get16(payload.data + 4),
        .sequence = octets_get16(payload.data + 6),
        .body = slice_of("guessed!", 8),
    };
    struct sim_packet packet;
    uint8_t body[32];
    size_t length = icmp_build(&message, &header.source, &header.destination, body, sizeof(body));

    sim_build(&packet, &header, slice_of(body, length));
    inject(sim, &packet, LATEST_US);
}

void sim_hostile_probe(struct sim *sim, const struct sim_packet *probe)
{
    struct ip_header ip;
    struct slice payload;

    if (!sim->options.hostile || !sim_parse(probe, &ip, &payload) || payload.length < 8)
        return;
    forge_error(sim, probe, &ip);
    if (ip.protocol == IPPROTO_TCP)
        forge_segment(sim, &ip, payload);
    else if (ip.protocol == IPPROTO_UDP)
        forge_datagram(sim, &ip, payload);
    else if (ip.protocol == IPPROTO_ICMP || ip.protocol == IPPROTO_ICMPV6)
        forge_echo(sim, &ip, payload);
}

/* The header claims another length than the packet has. */
static void lie_about_length(struct sim *sim, struct sim_packet *packet)
{
    size_t at = packet->octets[0] >> 4 == 4 ? 2 : 4;
    uint16_t length = octets_get16(packet->octets + at);

    octets_put16(packet->octets + at, (uint16_t)(length + chance(sim, 1, 400)));
    if (at == 2) {
        octets_put16(packet->octets + 10, 0);
        octets_put16(packet->octets + 10, checksum(slice_of(packet->octets, 20)));
    }
}

static void move_source(struct sim *sim, struct sim_packet *packet, const struct ip_header *ip)
{
    struct sonde_address stranger = ip->source;

    stranger.bytes[address_length(ip->family) - 1] ^= (uint8_t)chance(sim, 1, 255);
    sim_replace_address(packet->octets, packet->length, false, &stranger);
}

void sim_hostile_answer(struct sim *sim, const struct sim_packet *answer)
{
    struct sim_packet copy = *answer;
    struct ip_header ip;
    struct slice payload;

    if (!sim->options.hostile || !sim_parse(answer, &ip, &payload))
        return;
    inject(sim, &copy, COPY_LATEST_US); /* a plain duplicate */
    copy.length = (size_t)chance(sim, 1, (int64_t)answer->length - 1);
    inject(sim, &copy, COPY_LATEST_US);
    copy = *answer;
    copy.octets[chance(sim, 0, (int64_t)copy.length - 1)] ^= (uint8_t)(1u << chance(sim, 0, 7));
    inject(sim, &copy, COPY_LATEST_US);
    copy = *answer;
    lie_about_length(sim, &copy);
    inject(sim, &copy, COPY_LATEST_US);
    /* Anybody may send an error about a packet that it has seen; other answers come from the target only. */
    if (sim_is_icmp_error(&ip, payload))
        return;
    copy = *answer;
    move_source(sim, &copy, &ip);
    inject(sim, &copy, COPY_LATEST_US);
}
