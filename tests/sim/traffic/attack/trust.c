/* SPDX-License-Identifier: MIT */
/* Redirects and router advertisements of those who want to be the router. */
#include "tests/sim/traffic/attack/attack.h"
#include "wire/nd.h"

static const uint8_t evil[6] = {2, 0xba, 0xd0, 0, 0, 1};

/* Say what the true router says. */
static void advertise(struct traffic *traffic, const char *dns, uint16_t lifetime_s, const uint8_t *mac,
                      const char *source, uint8_t limit)
{
    struct traffic_router router = {
        .hop_limit = 64, .flags = ND_OTHER_CONFIGURATION | 0x08, .lifetime_s = lifetime_s};
    struct traffic_route route = traffic_route(source, "ff02::1");
    struct traffic_options options = {.length = 0};
    uint8_t own[6];

    traffic_mac(&route.source, own);
    traffic_option_prefix(&options, "2001:db8:2::", 64, 2592000, 604800);
    traffic_option_dns(&options, dns, 1800);
    traffic_option_mtu(&options, 1500);
    traffic_option_link(&options, 1, mac ? mac : own);
    for (unsigned i = 0; mac && i < 6; i++)
        route.mac[i] = mac[i];
    route.ttl = limit;
    traffic_router(traffic, &route, &router, &options);
}

/* The true router, for a while; false when its time is over. */
static bool quiet_start(struct traffic *traffic, const struct actor *actor)
{
    if (actor->round >= 4)
        return false;
    advertise(traffic, "2001:db8:1::9", 1800, NULL, "fe80::5:2", 255);
    return true;
}

/* A second router that nobody knows. */
int64_t attack_rogue_router(struct traffic *traffic, struct actor *actor)
{
    if (!quiet_start(traffic, actor))
        advertise(traffic, "2001:db8:2::bad", 9000, evil, "fe80::bad", 255);
    return actor->round < 8 ? SECONDS(60) : 0;
}

/* In the name of the router: another DNS server. */
int64_t attack_router_dns(struct traffic *traffic, struct actor *actor)
{
    if (!quiet_start(traffic, actor))
        advertise(traffic, "2001:db8:2::bad", 1800, evil, "fe80::5:2", 255);
    return actor->round < 8 ? SECONDS(60) : 0;
}

/* In the name of the router: it is none any more; the true one goes on. */
int64_t attack_router_dead(struct traffic *traffic, struct actor *actor)
{
    if (!quiet_start(traffic, actor)) {
        advertise(traffic, "2001:db8:1::9", 0, evil, "fe80::5:2", 255);
        traffic->now_ns += SECONDS(4);
        advertise(traffic, "2001:db8:1::9", 1800, NULL, "fe80::5:2", 255);
    }
    return actor->round < 8 ? SECONDS(60) : 0;
}

/* An advertisement that came through a router: its hop limit is not 255. */
int64_t attack_router_far(struct traffic *traffic, struct actor *actor)
{
    if (!quiet_start(traffic, actor))
        advertise(traffic, "2001:db8:2::bad", 9000, NULL, "fe80::bad", 60);
    return actor->round < 6 ? SECONDS(60) : 0;
}

/* A neighbour redirects a client to itself, quoting a packet that the client never sent. */
int64_t attack_redirect(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address attacker = world_client(4, 150), victim = world_client(4, 8),
                         target = world_v4(192, 0, 2, 53);
    struct traffic_route quoted = world_route(&victim, &target), tell = world_route(&attacker, &victim);

    traffic->unseen = true;
    traffic_udp(traffic, &quoted, 1234, 53, 30);
    traffic->unseen = false;
    traffic->now_ns += MS(1);
    traffic_redirect(traffic, &tell, 1, &attacker);
    return actor->round < 5 ? SECONDS(10) : 0;
}

/* In the name of the router, as ettercap does it: only the link-layer address gives it away. */
int64_t attack_redirect_spoofed(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address attacker = world_client(4, 150), victim = world_client(4, 9),
                         router = world_v4(10, 2, 0, 1), target = world_v4(192, 0, 2, 53);
    struct traffic_route quoted = world_route(&victim, &target), tell = world_route(&router, &victim);

    traffic_mac(&attacker, tell.mac);
    traffic_udp(traffic, &quoted, 1234, 53, 30);
    traffic->now_ns += MS(1);
    traffic_redirect(traffic, &tell, 1, &attacker);
    return actor->round < 5 ? SECONDS(10) : 0;
}

/* In IPv6, from a link-local address that never advertised. */
int64_t attack_redirect6(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address attacker = world_link_local(150), victim = world_client(6, 8),
                         target = traffic_address("2001:db8:f000::53", 0);
    struct traffic_route quoted = world_route(&victim, &target), tell = world_route(&attacker, &victim);

    traffic->unseen = true;
    traffic_udp(traffic, &quoted, 1234, 53, 30);
    traffic->unseen = false;
    traffic->now_ns += MS(1);
    traffic_redirect(traffic, &tell, 0, &attacker);
    return actor->round < 5 ? SECONDS(10) : 0;
}
