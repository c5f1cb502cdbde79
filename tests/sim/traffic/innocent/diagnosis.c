/* SPDX-License-Identifier: MIT */
/* Innocent: people who look for a fault, by traceroute, mtr and pings of all sizes and speeds. */
#include "tests/sim/traffic/innocent/innocent.h"
#include "wire/tcp.h"

enum { HOPS = 14, PING_DATA = 56, LARGE = 65507 };

/* The router `hop` steps away. */
static struct sonde_address hop_address(uint8_t family, unsigned hop)
{
    if (hop == 1)
        return family == 4 ? world_v4(10, 2, 0, 2) : world_server(6, WORLD_ROUTER2);
    return traffic_address(family == 4 ? "198.51.100.0" : "2001:db8:e000::", hop);
}

enum path_probe { PATH_UDP, PATH_ECHO, PATH_TCP };

/* One probe of a path and what comes back. */
static void probe_path(struct traffic *traffic, const struct sonde_address *source,
                       const struct sonde_address *target, enum path_probe probe, unsigned hop,
                       uint16_t number)
{
    uint8_t family = source->family;
    struct sonde_address router = hop_address(family, hop);
    struct traffic_route route = world_route(source, target), back = world_route(target, source),
                         error = world_route(&router, source);
    int64_t begin_ns = traffic->now_ns;

    route.ttl = (uint8_t)hop;
    if (probe == PATH_ECHO)
        traffic_echo(traffic, &route, false, 777, number, 32);
    else if (probe == PATH_UDP)
        traffic_udp(traffic, &route, 45678, (uint16_t)(33434 + number), 32);
    else
        traffic_tcp(traffic, &route, (uint16_t)(45678 + number), 443, number * 1000u, TCP_SYN, 0);
    traffic->now_ns += world_about(traffic, MS(1 + 3 * (int64_t)hop));
    if (hop < HOPS && hop != 6) /* the sixth is silent */
        traffic_error_along(traffic, &error, family == 4 ? 11 : 3, 0, 0);
    else if (hop >= HOPS && probe == PATH_ECHO)
        traffic_echo(traffic, &back, true, 777, number, 32);
    else if (hop >= HOPS && probe == PATH_UDP)
        traffic_error_along(traffic, &back, family == 4 ? 3 : 1, family == 4 ? 3 : 4, 0);
    else if (hop >= HOPS)
        traffic_tcp(traffic, &back, 443, (uint16_t)(45678 + number), 99, TCP_SYN | TCP_ACK, 0);
    traffic->now_ns = begin_ns;
}

/* traceroute in each of its three ways, both families, now and then. */
int64_t innocent_traceroute(struct traffic *traffic, struct actor *actor)
{
    uint8_t family = actor->round / 3 % 2 ? 6 : 4;
    struct sonde_address source = world_client(family, (unsigned)traffic_random(traffic, 5) + 10);
    struct sonde_address target = world_stranger(traffic, family);

    for (unsigned i = 0; i < HOPS * 3; i++) {
        probe_path(traffic, &source, &target, (enum path_probe)(actor->round % 3), i / 3 + 1, (uint16_t)i);
        traffic->now_ns += MS(30);
    }
    return world_about(traffic, SECONDS(900));
}

/* mtr for ten minutes, every two hours: each hop once a second. */
int64_t innocent_mtr(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = world_client(4, 15), target = world_v4(192, 0, 2, 200);

    for (unsigned hop = 1; hop <= HOPS; hop++) {
        probe_path(traffic, &source, &target, PATH_ECHO, hop, (uint16_t)(actor->round * HOPS + hop));
        traffic->now_ns += MS(60);
    }
    return actor->round % 600 == 599 ? HOURS(2) : SECONDS(1);
}

/* ping -f by the administrator: as fast as it is answered, for ten seconds. */
int64_t innocent_ping_flood(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = world_client(4, 15), target = world_server(4, 60);
    struct world_ping ping = {.id = 1500, .payload = PING_DATA, .rtt_ns = 150000};

    for (unsigned i = 0; i < 100; i++) {
        ping.sequence = (uint16_t)(actor->round * 100 + i);
        world_ping(traffic, &source, &target, &ping);
        traffic->now_ns += 250000;
    }
    return actor->round < 400 ? MS(25) : 0;
}

/* ping -s 65507, the most that IP allows, in fragments. */
int64_t innocent_large_ping(struct traffic *traffic, struct actor *actor)
{
    uint8_t family = actor->round / 20 % 2 ? 6 : 4;
    struct sonde_address source = world_client(family, 15), target = world_server(family, 61);
    struct world_ping ping = {
        .id = 1501, .sequence = (uint16_t)actor->round, .payload = LARGE, .rtt_ns = MS(3)};

    traffic->mtu = 1500;
    world_ping(traffic, &source, &target, &ping);
    traffic->mtu = 0;
    return actor->round < 40 ? SECONDS(1) : 0;
}

/* ping -s 1400 for five minutes, to see whether the line carries it; later with other sizes. */
int64_t innocent_long_payload(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = world_client(4, 16), target = world_v4(192, 0, 2, 201);
    struct world_ping ping = {.id = (uint16_t)(1502 + actor->round / 300),
                              .sequence = (uint16_t)(actor->round % 300),
                              .payload = actor->round / 300 % 2 ? 1200 : 1400,
                              .rtt_ns = MS(20),
                              .loss = 10};

    world_ping(traffic, &source, &target, &ping);
    return actor->round % 300 == 299 ? HOURS(3) : SECONDS(1);
}

/* Looking for the path MTU by hand: ping -M do with ever larger payloads. */
int64_t innocent_size_sweep(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = world_client(4, 17), target = world_v4(192, 0, 2, 202);
    uint16_t payload = (uint16_t)(1300 + actor->round * 8);
    struct world_ping ping = {.id = 1600,
                              .sequence = (uint16_t)actor->round,
                              .payload = payload,
                              .rtt_ns = MS(20),
                              .dead = payload > 1392};
    struct sonde_address router = hop_address(4, 3);
    struct traffic_route error = world_route(&router, &source);

    world_ping(traffic, &source, &target, &ping);
    if (payload > 1392 && actor->round < 15) { /* then the kernel knows and sends no more */
        traffic->now_ns += MS(9);
        traffic_error_along(traffic, &error, 3, 4, 1420);
    }
    return payload < 1420 ? SECONDS(1) : 0;
}

/* Who is on this link? One ping to all nodes, which thirty answer; some answer two pings only. */
int64_t innocent_all_nodes(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = world_link_local(15), all = traffic_address("ff02::1", 0);
    struct traffic_route route = world_route(&source, &all);

    traffic_echo(traffic, &route, false, 1503, (uint16_t)(actor->round + 1), PING_DATA);
    for (unsigned i = 0; i < 30; i++) {
        struct sonde_address neighbor = world_link_local(30 + i);
        struct traffic_route back = world_route(&neighbor, &source);

        traffic->now_ns += 100000;
        traffic_echo(traffic, &back, true, 1503, (uint16_t)(actor->round + 1), PING_DATA);
    }
    return actor->round < 2 ? SECONDS(1) : 0;
}

/* A printer's software looks for its printer: one ping to the broadcast address, three answers. */
int64_t innocent_broadcast(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = world_client(4, 90), all = world_v4(10, 2, 0, 255);
    struct traffic_route route = world_route(&source, &all);

    traffic_echo(traffic, &route, false, 1, 1, 32);
    for (unsigned i = 0; i < 3; i++) {
        struct sonde_address printer = world_client(4, 180 + i);
        struct traffic_route back = world_route(&printer, &source);

        traffic->now_ns += MS(1);
        traffic_echo(traffic, &back, true, 1, 1, 32);
    }
    return 0;
}

/* A speed test: ten seconds of TCP as fast as the line carries it. */
int64_t innocent_speed_test(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client = world_client(4, 70), server = world_v4(192, 0, 2, 80);
    struct traffic_route up = world_route(&client, &server), down = world_route(&server, &client);

    for (uint32_t i = 0; i < 20; i++) {
        uint32_t sequence = ((uint32_t)actor->round * 20 + i) * 1448;

        if (!actor->round && !i)
            traffic_tcp(traffic, &up, 50000, 8080, 1, TCP_SYN, 0);
        traffic_tcp(traffic, &down, 8080, 50000, sequence, TCP_ACK, 1448);
        if (i % 2)
            traffic_tcp(traffic, &up, 50000, 8080, 2, TCP_ACK, 0);
        traffic->now_ns += 500000;
    }
    return actor->round < 1000 ? MS(10) : 0;
}

/* Monitoring of the clocks: an appliance asks one server for its time stamp once an hour. */
int64_t innocent_timestamp(struct traffic *traffic, struct actor *actor)
{
    static const uint8_t times[12];
    struct sonde_address source = world_server(4, WORLD_SMOKE), target = world_server(4, 66);
    struct traffic_route there = world_route(&source, &target), back = world_route(&target, &source);

    traffic_icmp(traffic, &there, 13, 0, (uint32_t)actor->round, slice_of(times, sizeof(times)));
    traffic->now_ns += MS(1);
    traffic_icmp(traffic, &back, 14, 0, (uint32_t)actor->round, slice_of(times, sizeof(times)));
    return HOURS(1);
}
