/* SPDX-License-Identifier: MIT */
/* Destination translation of one TCP port, as the kernel's connection tracking does it. */
#include <netinet/in.h>
#include <string.h>

#include "tests/sim/network/internal.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/octets.h"

enum { HEADER4 = 20, HEADER6 = 40, ICMP_HEADER = 8, ICMP_SUM_AT = 2 };

bool sim_translate(struct sim *sim, int node, struct sim_packet *packet)
{
    const struct sim_node *router = &sim->nodes[node];
    struct ip_header ip;
    struct tcp_header tcp;
    struct slice payload, rest;

    if (!router->conntrack)
        return true;
    if (!sim_parse(packet, &ip, &payload))
        return false;
    if (ip.more_fragments || ip.fragment_offset)
        return false;
    /* A malformed header makes the segment invalid, and invalid ones are not translated. */
    if (!router->nat_port || ip.protocol != IPPROTO_TCP ||
        !sonde_address_equal(&ip.destination, &sim->target) || tcp_parse(payload, &tcp, &rest) < 0 ||
        tcp.destination_port != router->nat_port)
        return true;
    sim_replace_address(packet->octets, packet->length, true, &router->nat_to);
    return true;
}

static bool is_translated_error(const struct sim_node *router, const struct ip_header *ip,
                                struct slice payload)
{
    struct ip_header quoted;
    struct tcp_header tcp;
    struct slice transport, rest;

    if (!sim_is_icmp_error(ip, payload) ||
        ip_parse(slice_skip(payload, ICMP_HEADER), &quoted, &transport) < 0 ||
        quoted.protocol != IPPROTO_TCP || transport.length < 8)
        return false;
    (void)tcp_parse(transport, &tcp, &rest);
    return sonde_address_equal(&quoted.destination, &router->nat_to) &&
           tcp.destination_port == router->nat_port;
}

/* The quote is translated back, and the error then comes from the target's own address, whoever sent it
 * (nf_nat_icmp_reply_translation; finding 9). */
static void translate_error(struct sim *sim, struct sim_packet *packet)
{
    size_t header = sim->family == 4 ? HEADER4 : HEADER6;
    uint8_t *message = packet->octets + header;
    struct slice data = slice_of(message, packet->length - header);
    struct sonde_address to = address_from(sim->family, packet->octets + (sim->family == 4 ? 16 : 24));

    sim_replace_address(message + ICMP_HEADER, data.length - ICMP_HEADER, true, &sim->target);
    sim_replace_address(packet->octets, packet->length, false, &sim->target);
    octets_put16(message + ICMP_SUM_AT, 0);
    octets_put16(message + ICMP_SUM_AT, sim->family == 4
                                            ? checksum(data)
                                            : checksum_pseudo(&sim->target, &to, IPPROTO_ICMPV6, data));
}

void sim_translate_back(struct sim *sim, int node, struct sim_packet *packet)
{
    const struct sim_node *router = &sim->nodes[node];
    struct ip_header ip;
    struct tcp_header tcp;
    struct slice payload, rest;

    if (!router->nat_port || !sim_parse(packet, &ip, &payload))
        return;
    if (is_translated_error(router, &ip, payload)) {
        translate_error(sim, packet);
        return;
    }
    if (ip.protocol == IPPROTO_TCP && sonde_address_equal(&ip.source, &router->nat_to) &&
        tcp_parse(payload, &tcp, &rest) == 0 && tcp.source_port == router->nat_port)
        sim_replace_address(packet->octets, packet->length, false, &sim->target);
}
