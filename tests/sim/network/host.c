/* SPDX-License-Identifier: MIT */
/* A host's stack: echo, datagrams, fragments, unknown protocols. */
#include <netinet/in.h>

#include "base/macro.h"
#include "tests/sim/network/internal.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/udp.h"

enum { UDP_HEADER = 8, ICMP_HEADER = 8 };

#define REASSEMBLY4_NS (30 * NS_PER_S)
#define REASSEMBLY6_NS (60 * NS_PER_S)

bool sim_is_own(const struct sim *sim, int node, const struct sonde_address *address)
{
    const struct sim_node *here = &sim->nodes[node];

    if (address_is_loopback(address))
        return node == SIM_CLIENT;
    if (sonde_address_equal(&here->extra, address))
        return address->family != 0;
    if (node > sim->routers + 1)
        return false;
    for (enum sim_side side = SIM_LEFT; side < SIM_SIDES; side++)
        if (here->link[side] >= 0 &&
            sonde_address_equal(&sim->links[here->link[side]].address[!side], address))
            return true;
    return false;
}

static void answer_echo(struct sim *sim, int node, const struct ip_header *request,
                        const struct icmp_message *echo)
{
    struct ip_header ip = {
        .family = request->family,
        .source = request->destination,
        .destination = request->source,
        .protocol = request->protocol,
        .ttl = sim->nodes[node].ttl,
        .tos = request->tos,
        .id = (uint16_t)sim_random_next(&sim->random),
    };
    struct icmp_message message = *echo;
    struct sim_packet packet;
    uint8_t body[SIM_PACKET_MAX];
    size_t length;

    message.type = ip.family == 4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY;
    length = icmp_build(&message, &ip.source, &ip.destination, body, sizeof(body));
    sim_build(&packet, &ip, slice_of(body, length));
    sim_output(sim, node, &packet);
}

/* The sender of a packet learns that it is too large for the path. */
static void learn_mtu(struct sim *sim, int node, const struct icmp_message *error)
{
    struct ip_header quoted;
    struct tcp_header tcp;
    struct slice transport, rest;
    struct sim_connection *connection;

    if (node != SIM_CLIENT)
        sim->nodes[node].path_mtu = error->mtu;
    if (ip_parse(error->quote, &quoted, &transport) < 0 || quoted.protocol != IPPROTO_TCP ||
        transport.length < 8)
        return;
    (void)tcp_parse(transport, &tcp, &rest);
    connection = sim_connection(sim, node, tcp.source_port, tcp.destination_port, &quoted.destination);
    if (connection)
        sim_connection_shrink(sim, connection, error->mtu);
}

static bool is_too_big(const struct icmp_message *message)
{
    return message->family == 4 ? message->type == ICMP4_UNREACHABLE && message->code == 4
                                : message->type == ICMP6_TOO_BIG;
}

static void receive_icmp(struct sim *sim, int node, const struct ip_header *ip, struct slice payload)
{
    struct icmp_message message;

    if (icmp_parse(ip->family, &ip->source, &ip->destination, payload, &message) < 0)
        return;
    if (message.type == (ip->family == 4 ? ICMP4_ECHO_REQUEST : ICMP6_ECHO_REQUEST)) {
        if (!sim->nodes[node].echo_off)
            answer_echo(sim, node, ip, &message);
    } else if (is_too_big(&message)) {
        learn_mtu(sim, node, &message);
    }
}

static void echo_datagram(struct sim *sim, int node, const struct ip_header *request,
                          const struct udp_header *udp, struct slice payload)
{
    struct ip_header ip = {
        .family = request->family,
        .source = request->destination,
        .destination = request->source,
        .protocol = IPPROTO_UDP,
        .ttl = sim->nodes[node].ttl,
        .id = (uint16_t)sim_random_next(&sim->random),
    };
    const struct udp_header reply = {.source_port = udp->destination_port,
                                     .destination_port = udp->source_port};
    unsigned learnt = sim->nodes[node].path_mtu;
    struct sim_packet packet;
    uint8_t body[SIM_PACKET_MAX];
    size_t length = udp_build(&reply, &ip.source, &ip.destination, payload, body, sizeof(body));

    /* IP_PMTUDISC_WANT, the default: don't fragment, unless it is known not to fit. */
    ip.dont_fragment = ip.family == 4 && !(learnt && length + 20 > learnt);
    sim_build(&packet, &ip, slice_of(body, length));
    sim_output(sim, node, &packet);
}

static bool is_sound(const struct ip_header *ip, const struct udp_header *udp, struct slice datagram)
{
    if (udp->length < UDP_HEADER || udp->length > datagram.length)
        return false;
    if (udp->checksum == 0)
        return ip->family == 4;
    return checksum_pseudo(&ip->source, &ip->destination, IPPROTO_UDP, slice_first(datagram, udp->length)) ==
           0;
}

static bool is_client_port(const struct sim *sim, int node, uint16_t port)
{
    for (size_t i = 0; i < PROBE_FLOWS; i++)
        if (node == SIM_CLIENT && sim->book.udp_ports[i] == port)
            return true;
    return false;
}

static void receive_datagram(struct sim *sim, int node, const struct ip_header *ip, struct slice payload,
                             const struct sim_packet *packet)
{
    const struct sim_service *service = &sim->nodes[node].service;
    struct udp_header udp;
    struct slice content;

    if (udp_parse(payload, &udp, &content) < 0 || !is_sound(ip, &udp, payload) ||
        is_client_port(sim, node, udp.destination_port) || udp.destination_port == sim->nodes[node].sink)
        return;
    if (service->protocol != IPPROTO_UDP || service->port != udp.destination_port ||
        service->kind == SIM_CLOSED ||
        (service->kind == SIM_LOOPBACK && !address_is_loopback(&ip->destination)))
        sim_send_error(sim, node, packet, SIM_ERROR_PORT, 0);
    else if (service->kind == SIM_ECHO || service->kind == SIM_LOOPBACK)
        echo_datagram(sim, node, ip, &udp, content);
}

void sim_reassembly_failed(struct sim *sim, int node, const struct sim_packet *packet)
{
    sim_send_error(sim, node, packet, SIM_ERROR_REASSEMBLY, 0);
}

/* Only the first fragment of what is missing the rest is worth an error (RFC 792). */
static void keep_fragment(struct sim *sim, int node, const struct ip_header *ip,
                          const struct sim_packet *packet)
{
    int64_t time_ns = ip->family == 4 ? REASSEMBLY4_NS : REASSEMBLY6_NS;

    if (ip->fragment_offset == 0)
        sim_schedule(sim, sim->now_ns + time_ns + sim_random_between(&sim->random, 100, 1000) * NS_PER_MS,
                     SIM_REASSEMBLY, node, 0, packet);
}

static void receive(struct sim *sim, int node, const struct ip_header *ip, struct slice payload,
                    const struct sim_packet *packet)
{
    switch (ip->protocol) {
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        receive_icmp(sim, node, ip, payload);
        break;
    case IPPROTO_TCP:
        sim_segment(sim, node, packet);
        break;
    case IPPROTO_UDP:
        receive_datagram(sim, node, ip, payload, packet);
        break;
    default:
        if (!sim->nodes[node].incomplete)
            sim_send_error(sim, node, packet, SIM_ERROR_PROTOCOL, 0);
    }
}

void sim_deliver(struct sim *sim, int node, const struct sim_packet *packet)
{
    struct ip_header ip;
    struct slice payload;

    if (!sim_parse(packet, &ip, &payload))
        return;
    if (ip.more_fragments || ip.fragment_offset) {
        keep_fragment(sim, node, &ip, packet);
        return;
    }
    /* A packet socket sees what comes before the filter does, an ordinary one only what the filter leaves. */
    if (node == SIM_CLIENT && !sim->options.unprivileged)
        sim_client_receive(sim, packet);
    if (!sim_filter(sim, node, SIM_INPUT, packet))
        return;
    if (node == SIM_CLIENT && sim->options.unprivileged)
        sim_client_receive(sim, packet);
    receive(sim, node, &ip, payload, packet);
}
