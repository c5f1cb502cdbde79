/* SPDX-License-Identifier: MIT */
/* What the client's kernel says about itself: routes, neighbours, listeners, and why it refuses to send. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "tests/sim/network/internal.h"

enum { INTERFACE_INDEX = 2, LOOPBACK_INDEX = 1, LOOPBACK_MTU = 65536, BACKLOG = 128 };

static const int refusals[] = {
    [ROUTE_UNICAST] = 0,         [ROUTE_LOCAL] = 0,          [ROUTE_NONE] = -ENETUNREACH,
    [ROUTE_BLACKHOLE] = -EINVAL, [ROUTE_PROHIBIT] = -EACCES, [ROUTE_UNREACHABLE] = -EHOSTUNREACH,
};

static enum route_type route_type(const struct sim *sim, const struct sonde_address *destination)
{
    struct sim_hop hop = sim_route(sim, SIM_CLIENT, destination);
    bool on_link = hop.type == ROUTE_UNICAST && sonde_address_equal(&hop.next, destination);

    if (hop.type == ROUTE_LOCAL)
        return ROUTE_LOCAL;
    if (sim->local.route != ROUTE_UNICAST && sonde_address_equal(destination, &sim->target))
        return sim->local.route;
    if (sim->local.interface_down || (sim->local.no_default && !on_link))
        return ROUTE_NONE;
    return hop.type;
}

int sim_local_refusal(const struct sim *sim, const struct sonde_address *destination)
{
    return refusals[route_type(sim, destination)];
}

static void name_interface(const struct sim *sim, bool loopback, struct route *route)
{
    strcpy(route->interface, loopback ? "lo" : "eth0");
    route->index = loopback ? LOOPBACK_INDEX : INTERFACE_INDEX;
    route->mtu = loopback ? LOOPBACK_MTU : SIM_MTU;
    route->up = loopback || !(sim->local.interface_down || sim->local.carrier_lost);
    route->loopback = loopback;
}

/* As lib/net says it: a refusing route has no interface; without a route a downed interface is named. */
static void describe_route(const struct sim *sim, const struct sonde_address *destination,
                           struct route *route)
{
    struct sim_hop hop = sim_route(sim, SIM_CLIENT, destination);

    route->type = route_type(sim, destination);
    if (route->type == ROUTE_LOCAL) {
        route->source = *destination;
        name_interface(sim, true, route);
    } else if (route->type == ROUTE_UNICAST) {
        route->source = sim_node_address(sim, SIM_CLIENT);
        if (!sonde_address_equal(&hop.next, destination))
            route->gateway = hop.next;
        name_interface(sim, false, route);
    } else if (route->type == ROUTE_NONE && sim->local.interface_down) {
        name_interface(sim, false, route);
    } else {
        route->up = route->type == ROUTE_NONE;
    }
}

static void describe_listener(const struct sim *sim, const struct probe *probe, struct reply *reply)
{
    const struct sim_service *service = &sim->nodes[SIM_CLIENT].service;

    reply->listener = LISTENER_NONE;
    if (service->kind == SIM_CLOSED || service->port != probe->port ||
        service->protocol != (probe->udp ? IPPROTO_UDP : IPPROTO_TCP))
        return;
    reply->listener = LISTENER_HERE;
    reply->backlog = BACKLOG;
    if (service->kind == SIM_FULL) {
        reply->listener = LISTENER_FULL;
        reply->queue = BACKLOG + 1;
    }
    if (service->kind == SIM_LOOPBACK && !address_is_loopback(&probe->destination)) {
        static const uint8_t loopback4[] = {127, 0, 0, 1};

        reply->listener = LISTENER_ELSEWHERE;
        reply->from = sim->family == 4 ? address_from(4, loopback4) : address_from(6, &in6addr_loopback);
    }
}

void sim_ask_local(struct sim *sim, const struct probe *probe)
{
    struct reply reply = {.probe = probe->id, .ttl = -1, .tos = -1, .quoted_tos = -1, .when_ns = sim->now_ns};

    if (probe->kind == PROBE_LISTENER) {
        reply.kind = REPLY_LISTENER;
        describe_listener(sim, probe, &reply);
    } else {
        reply.kind = probe->kind == PROBE_ROUTE ? REPLY_ROUTE : REPLY_NEIGHBOUR;
        describe_route(sim, &probe->destination, &reply.route);
    }
    if (probe->kind == PROBE_NEIGHBOUR) {
        reply.from = reply.route.gateway.family ? reply.route.gateway : probe->destination;
        if (reply.route.type == ROUTE_UNICAST)
            reply.neighbour = sim_neighbour(sim, SIM_CLIENT, &reply.from);
    }
    sim_reply(sim, &reply);
}
