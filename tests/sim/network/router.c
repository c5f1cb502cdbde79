/* SPDX-License-Identifier: MIT */
/* What a node does with a packet: route look-up, TTL, MTU, filter, in the order of Linux's ip_forward. */
#include <string.h>

#include "base/macro.h"
#include "tests/sim/network/internal.h"

enum { LOOPBACK_NS = 8000, PREFIX4 = 3, PREFIX6 = 8 /* octets */ };

/* The link whose network holds an address, or -1. */
static int link_of(const struct sim *sim, const struct sonde_address *address)
{
    size_t prefix = address->family == 4 ? PREFIX4 : PREFIX6;

    for (int i = 0; i <= sim->routers; i++)
        if (memcmp(sim->links[i].address[SIM_LEFT].bytes, address->bytes, prefix) == 0)
            return i;
    return -1;
}

static struct sim_hop towards(const struct sim *sim, int node, enum sim_side side,
                              const struct sonde_address *destination, bool on_link)
{
    int link = sim->nodes[node].link[side];
    struct sim_hop hop = {.type = ROUTE_UNICAST, .side = side};

    if (link < 0)
        return (struct sim_hop){.type = ROUTE_NONE};
    hop.next = on_link ? *destination : sim->links[link].address[side];
    return hop;
}

static bool is_broken_route(const struct sim *sim, const struct sim_node *router,
                            const struct sonde_address *destination)
{
    if (router->target_route == ROUTE_UNICAST)
        return false;
    if (router->whole_net)
        return link_of(sim, destination) == sim->routers;
    return sonde_address_equal(destination, &sim->target);
}

struct sim_hop sim_route(const struct sim *sim, int node, const struct sonde_address *destination)
{
    const struct sim_node *router = &sim->nodes[node];
    int link = link_of(sim, destination);

    if (sim_is_own(sim, node, destination))
        return (struct sim_hop){.type = ROUTE_LOCAL};
    if (is_broken_route(sim, router, destination))
        return (struct sim_hop){.type = router->target_route};
    if (router->target_back && sonde_address_equal(destination, &sim->target))
        return towards(sim, node, SIM_LEFT, destination, false);
    if (router->no_return && link == 0)
        return (struct sim_hop){.type = ROUTE_NONE};
    for (enum sim_side side = SIM_LEFT; side < SIM_SIDES; side++)
        if (link >= 0 && router->link[side] == link)
            return towards(sim, node, side, destination, true);
    if (node == SIM_CLIENT)
        return towards(sim, node, SIM_RIGHT, destination, false);
    if (node > sim->routers) /* hosts have a default route */
        return towards(sim, node, SIM_LEFT, destination, false);
    if (link < 0)
        return (struct sim_hop){.type = ROUTE_NONE};
    return towards(sim, node, link < node ? SIM_LEFT : SIM_RIGHT, destination, false);
}

static void refuse(struct sim *sim, int node, const struct sim_packet *packet, enum route_type type)
{
    if (type == ROUTE_NONE)
        sim_send_error(sim, node, packet, SIM_ERROR_NO_ROUTE, 0);
    else if (type == ROUTE_UNREACHABLE)
        sim_send_error(sim, node, packet, SIM_ERROR_UNREACHABLE_ROUTE, 0);
    else if (type == ROUTE_PROHIBIT)
        sim_send_error(sim, node, packet, SIM_ERROR_PROHIBIT_ROUTE, 0);
}

/* Whether a packet fits the outgoing link; it is fragmented if that is allowed, else reported. */
static bool fits(struct sim *sim, int node, const struct ip_header *ip, struct sim_packet *packet,
                 const struct sim_hop *hop)
{
    uint32_t mtu = sim->links[sim->nodes[node].link[hop->side]].mtu;

    if (packet->length <= mtu || packet->fragmented)
        return true;
    if (ip->family == 4 && !ip->dont_fragment) {
        packet->fragmented = true;
        return true;
    }
    sim_send_error(sim, node, packet, SIM_ERROR_TOO_BIG, mtu);
    return false;
}

static bool came_from(const struct sim *sim, int node, const struct ip_header *ip, enum sim_side side)
{
    struct sim_hop back = sim_route(sim, node, &ip->source);

    return back.type == ROUTE_UNICAST && back.side == side;
}

static void forward(struct sim *sim, int node, struct sim_packet *packet, const struct ip_header *ip,
                    const struct sim_hop *hop)
{
    if (node == SIM_CLIENT || node > sim->routers)
        return; /* hosts do not forward */
    if (ip->ttl <= 1) {
        sim_send_error(sim, node, packet, SIM_ERROR_TTL, 0);
        return;
    }
    if (sim->nodes[node].target_back && came_from(sim, node, ip, hop->side))
        sim_send_error(sim, node, packet, SIM_ERROR_REDIRECT, 0);
    if (!fits(sim, node, ip, packet, hop))
        return;
    sim_set_ttl(packet, (uint8_t)(ip->ttl - 1));
    if (!sim_filter(sim, node, SIM_FORWARD, packet))
        return;
    sim_translate_back(sim, node, packet);
    sim_transmit(sim, node, hop, packet);
}

static bool survives_weather(struct sim *sim, const struct sim_node *node, struct sim_packet *packet)
{
    if (node->loss > 0 && sim_random_happens(&sim->random, node->loss))
        return false;
    if (node->bleach)
        sim_bleach(packet);
    return true;
}

void sim_arrive(struct sim *sim, int node, struct sim_packet *packet)
{
    struct sim_node *here = &sim->nodes[node];
    struct ip_header ip;
    struct slice payload;
    struct sim_hop hop;

    if (!survives_weather(sim, here, packet) || here->mute || !sim_translate(sim, node, packet) ||
        !sim_parse(packet, &ip, &payload))
        return;
    hop = sim_route(sim, node, &ip.destination);
    if (hop.type == ROUTE_LOCAL)
        sim_deliver(sim, node, packet);
    else if (hop.type == ROUTE_UNICAST)
        forward(sim, node, packet, &ip, &hop);
    else
        refuse(sim, node, packet, hop.type);
}

/* What a node sends itself is fragmented where that is allowed; a path MTU it has learnt counts, too. */
static bool fits_own(struct sim *sim, int node, const struct ip_header *ip, struct sim_packet *packet,
                     const struct sim_hop *hop)
{
    uint32_t mtu = sim->links[sim->nodes[node].link[hop->side]].mtu;
    unsigned learnt = sim->nodes[node].path_mtu;

    if (learnt && learnt < mtu)
        mtu = learnt;
    if (packet->length <= mtu)
        return true;
    if (ip->family == 4 && ip->dont_fragment)
        return false;
    packet->fragmented = true;
    return true;
}

bool sim_output(struct sim *sim, int node, struct sim_packet *packet)
{
    struct ip_header ip;
    struct slice payload;
    struct sim_hop hop;

    if (!sim_parse(packet, &ip, &payload))
        return true;
    hop = sim_route(sim, node, &ip.destination);
    if (hop.type != ROUTE_UNICAST && hop.type != ROUTE_LOCAL)
        return true;
    if (!sim_filter(sim, node, SIM_OUTPUT, packet))
        return false;
    if (hop.type == ROUTE_LOCAL) {
        sim_schedule(sim, sim->now_ns + LOOPBACK_NS, SIM_ARRIVES, node, 0, packet);
        return true;
    }
    if (!fits_own(sim, node, &ip, packet, &hop))
        return true;
    sim_translate_back(sim, node, packet);
    sim_transmit(sim, node, &hop, packet);
    return true;
}
