/* SPDX-License-Identifier: MIT */
/* Innocent: what a link needs to live: neighbours, routers, groups, leases, redirects. */
#include "tests/sim/traffic/innocent/innocent.h"
#include "wire/nd.h"

enum { LEASES = 250, BOOTS = WORLD_CLIENTS };

static struct sonde_address router_address(unsigned which)
{
    return traffic_address("fe80::5:2", which);
}

/* One of the pair advertises: both say the same but for the preference. */
static void advertise_router(struct traffic *traffic, unsigned which, uint16_t lifetime_s)
{
    struct traffic_router router = {.hop_limit = 64,
                                    .flags = (uint8_t)(ND_OTHER_CONFIGURATION | (which ? 0x18 : 0x08)),
                                    .lifetime_s = lifetime_s};
    struct sonde_address source = router_address(which), all = traffic_address("ff02::1", 0);
    struct traffic_route route = world_route(&source, &all);
    struct traffic_options options = {.length = 0};
    uint8_t mac[6];

    traffic_mac(&source, mac);
    traffic_option_prefix(&options, "2001:db8:2::", 64, 2592000, 604800);
    traffic_option_dns(&options, "2001:db8:1::9", 1800);
    traffic_option_mtu(&options, 1500);
    traffic_option_link(&options, 1, mac);
    traffic_router(traffic, &route, &router, &options);
}

/* The first router, each 200 to 600 s. */
int64_t innocent_router(struct traffic *traffic, struct actor *actor)
{
    advertise_router(traffic, 0, 1800);
    return SECONDS(200) + (int64_t)traffic_random(traffic, (uint64_t)SECONDS(400));
}

/* The second one restarts at 13:00: it says good-bye, and comes back after 90 s with three quick ones. */
int64_t innocent_second_router(struct traffic *traffic, struct actor *actor)
{
    unsigned second = world_second(traffic);

    if (second >= 13 * 3600 && !actor->state[0]) {
        actor->state[0] = 4;
        advertise_router(traffic, 1, 0);
        return SECONDS(90);
    }
    advertise_router(traffic, 1, 1800);
    if (actor->state[0] > 1) {
        actor->state[0]--;
        return SECONDS(16);
    }
    return SECONDS(200) + (int64_t)traffic_random(traffic, (uint64_t)SECONDS(400));
}

/* A machine of the office starts: it looks for duplicates, joins groups, asks for routers. */
static void boot(struct traffic *traffic, unsigned number)
{
    struct sonde_address local = world_link_local(number), global = world_client(6, number), none = {6, {0}},
                         group = traffic_address("ff02::1:ff00:0", 0), router = router_address(0),
                         all = traffic_address("ff02::1", 0);
    struct traffic_route from_none = world_route(&none, &all), from_local = world_route(&local, &all),
                         from_global = world_route(&global, &router), back = world_route(&router, &global);
    int64_t begin_ns = traffic->now_ns;

    for (unsigned i = 13; i < 16; i++)
        group.bytes[i] = local.bytes[i];
    traffic_mac(&local, from_none.mac);
    traffic_mld_report(traffic, &from_none, &group);
    traffic->now_ns += MS(300);
    traffic_solicit(traffic, &from_none, &local);
    traffic->now_ns += SECONDS(1);
    traffic_solicit_router(traffic, &from_local, NULL);
    traffic->now_ns += MS(20);
    traffic_mld_report(traffic, &from_local, &group);
    traffic->now_ns += MS(200);
    traffic_solicit(traffic, &from_none, &global);
    traffic->now_ns += SECONDS(1);
    traffic_solicit(traffic, &from_global, &router);
    traffic->now_ns += MS(1);
    traffic_advertise(traffic, &back, ND_ROUTER | ND_SOLICITED | ND_OVERRIDE, &router);
    traffic->now_ns = begin_ns;
}

/* The morning: 200 machines start within a minute; the router answers at most every three seconds. */
int64_t innocent_boot_storm(struct traffic *traffic, struct actor *actor)
{
    boot(traffic, (unsigned)actor->round);
    if (actor->round % 10 == 9) {
        traffic->now_ns += MS(1500);
        advertise_router(traffic, 0, 1800);
    }
    return actor->round < BOOTS - 1 ? world_about(traffic, MS(300)) : 0;
}

/* Neighbours make sure of each other; now and then somebody who has left is sought. */
int64_t innocent_neighbors(struct traffic *traffic, struct actor *actor)
{
    unsigned number = (unsigned)traffic_random(traffic, WORLD_CLIENTS);
    struct sonde_address client = world_client(6, number), router = router_address(0);
    struct traffic_route there = world_route(&router, &client), back = world_route(&client, &router);
    bool gone = !traffic_random(traffic, 30);

    for (unsigned i = 0; i < (gone ? 3 : 1); i++) {
        traffic_solicit(traffic, &there, &client);
        traffic->now_ns += gone ? SECONDS(1) : MS(1);
    }
    if (!gone)
        traffic_advertise(traffic, &back, ND_SOLICITED | ND_OVERRIDE, &client);
    return world_about(traffic, world_is_busy(traffic) ? MS(1200) : SECONDS(12));
}

/* The second router has restarted and lost its neighbours: it seeks all of them within some seconds. */
int64_t innocent_neighbors_lost(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client = world_client(6, (unsigned)actor->round), router = router_address(1);
    struct traffic_route there = world_route(&router, &client), back = world_route(&client, &router);

    traffic_solicit(traffic, &there, &client);
    traffic->now_ns += MS(1);
    if (actor->round % 20 != 3)
        traffic_advertise(traffic, &back, ND_SOLICITED | ND_OVERRIDE, &client);
    return actor->round < WORLD_CLIENTS - 1 ? MS(20) : 0;
}

/* The queriers of both families, and who listens. */
int64_t innocent_groups(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address router = router_address(0), all = traffic_address("ff02::1", 0),
                         mdns = traffic_address("ff02::fb", 0), router4 = world_v4(10, 2, 0, 1),
                         all4 = world_v4(224, 0, 0, 1), none4 = world_v4(0, 0, 0, 0),
                         mdns4 = world_v4(224, 0, 0, 251);
    struct traffic_route query = world_route(&router, &all), query4 = world_route(&router4, &all4);

    traffic_mld_query(traffic, &query);
    traffic_igmp(traffic, &query4, 0x11, &none4);
    for (unsigned i = 0; i < 20; i++) {
        struct sonde_address host = world_link_local(i), host4 = world_client(4, i);
        struct traffic_route report = world_route(&host, &all), report4 = world_route(&host4, &mdns4);

        traffic->now_ns += world_about(traffic, MS(300));
        traffic_mld_report(traffic, &report, &mdns);
        traffic_igmp(traffic, &report4, 0x16, &mdns4);
    }
    return SECONDS(125);
}

/* The DHCP server pings an address before it leases it; nobody answers, then somebody lives there. */
int64_t innocent_leases(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address server = world_server(4, WORLD_DHCP),
                         lease = world_v4(10, 3, 0, (uint8_t)(1 + actor->round % LEASES)),
                         relay = world_v4(10, 3, 0, 254), resolver = world_server(4, WORLD_DNS);
    struct traffic_route ask = world_route(&relay, &server), offer = world_route(&server, &relay),
                         first = world_route(&lease, &resolver), answer = world_route(&resolver, &lease);
    struct world_ping ping = {.id = (uint16_t)actor->round, .payload = 20, .rtt_ns = MS(2), .dead = true};

    ping.dead = traffic_random(traffic, 50) != 0; /* a squatter answers: the server takes the next address */
    traffic_udp(traffic, &ask, 67, 67, 300);
    traffic->now_ns += MS(1);
    world_ping(traffic, &server, &lease, &ping);
    traffic->now_ns += SECONDS(1);
    if (ping.dead) {
        traffic_udp(traffic, &offer, 67, 67, 310);
        traffic->now_ns += MS(4);
        traffic_udp(traffic, &ask, 67, 67, 310);
        traffic->now_ns += MS(1);
        traffic_udp(traffic, &offer, 67, 67, 310);
        traffic->now_ns += MS(800);
        traffic_udp(traffic, &first, (uint16_t)(40000 + actor->round), 53, 40);
        traffic->now_ns += MS(1);
        traffic_udp(traffic, &answer, 53, (uint16_t)(40000 + actor->round), 90);
    }
    return world_about(traffic, world_is_busy(traffic) ? SECONDS(30) : SECONDS(400));
}

/* A host sends what the other router of its link should carry: its router says so, once for each flow. */
int64_t innocent_redirect(struct traffic *traffic, struct actor *actor)
{
    bool six = actor->round % 2;
    struct sonde_address host = world_client(six ? 6 : 4, 30 + (unsigned)traffic_random(traffic, 10)),
                         target = six ? traffic_address("2001:db8:9::7", 0) : world_v4(10, 9, 0, 7),
                         router = six ? router_address(0) : world_v4(10, 2, 0, 2),
                         gateway = six ? router_address(1) : world_v4(10, 2, 0, 3);
    struct traffic_route there = {.source = host, .destination = target},
                         tell = {.source = router, .destination = host};

    traffic_mac(&router, there.to_mac);
    traffic_udp(traffic, &there, 5000, 514, 100);
    traffic->now_ns += MS(1);
    traffic_redirect(traffic, &tell, 1, &gateway);
    return world_about(traffic, SECONDS(2400));
}
