/* SPDX-License-Identifier: MIT */
/* Faults, not attacks: what a network says when something in it is broken. */
#include "tests/sim/traffic/attack/attack.h"
#include "wire/tcp.h"

enum { SEGMENT = 1448 };

/* A sender that never hears of the narrow line sends the same large segment again and again. */
int64_t attack_black_hole(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client = world_v4(192, 0, 2, 140), server = world_server(4, 40),
                         router = world_v4(198, 51, 100, 5);
    struct traffic_route up = world_route(&client, &server), down = world_route(&server, &client),
                         error = world_route(&router, &server);

    if (!actor->round) {
        traffic_tcp(traffic, &up, 50123, 443, 1, TCP_SYN, 0);
        traffic->now_ns += MS(10);
        traffic_tcp(traffic, &down, 443, 50123, 1000, TCP_SYN | TCP_ACK, 0);
        traffic->now_ns += MS(10);
    }
    traffic_tcp(traffic, &down, 443, 50123, 1001, TCP_ACK, SEGMENT);
    traffic->now_ns += MS(10);
    traffic_error_along(traffic, &error, 3, 4, 1400);
    return actor->round < 8 ? SECONDS(2) : 0;
}

/* A prefix of ours is spoofed: 120 routers and hosts a minute complain of packets that we never sent. */
int64_t attack_backscatter(struct traffic *traffic, struct actor *actor)
{
    static const uint8_t codes[] = {3, 1, 13};
    struct sonde_address victim = world_stranger(traffic, 4),
                         ours = world_v4(203, 0, 116, (uint8_t)traffic_random(traffic, 256));
    struct traffic_route spoofed = world_route(&ours, &victim), back = world_route(&victim, &ours);

    traffic->unseen = true;
    traffic_tcp(traffic, &spoofed, (uint16_t)traffic_random(traffic, 65536), 80,
                (uint32_t)traffic_random(traffic, UINT32_MAX), TCP_SYN, 0);
    traffic->unseen = false;
    traffic_error_along(traffic, &back, 3, codes[traffic_random(traffic, COUNT_OF(codes))], 0);
    return actor->round < 480 ? world_about(traffic, MS(500)) : 0;
}

/* Eighty host-unreachable a second about one server, to everybody who asks it. */
int64_t attack_unreachable(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client = world_client(4, (unsigned)(actor->round % 100)),
                         server = world_server(4, 41), router = world_server(4, WORLD_ROUTER);
    struct traffic_route there = world_route(&client, &server), error = world_route(&router, &client);

    traffic_tcp(traffic, &there, (uint16_t)(40000 + actor->round % 20000), 8443, (uint32_t)actor->round,
                TCP_SYN, 0);
    traffic->now_ns += MS(2);
    traffic_error_along(traffic, &error, 3, 1, 0);
    return actor->round < 2400 ? MS(12) : 0;
}

/* A service has stopped: its port is closed, and clients try again. */
int64_t attack_stopped_service(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client = world_client(4, (unsigned)(actor->round % 12)),
                         server = world_server(4, 42);
    struct traffic_route there = world_route(&client, &server), back = world_route(&server, &client);

    traffic_udp(traffic, &there, (uint16_t)(42000 + actor->round), 1812, 80);
    traffic->now_ns += MS(1);
    traffic_error_along(traffic, &back, 3, 3, 0);
    return actor->round < 300 ? MS(500) : 0;
}

/* Two routers send a prefix to each other: its packets die of age. */
int64_t attack_loop(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client = world_client(4, (unsigned)(actor->round % 30)),
                         target = world_v4(10, 77, 3, (uint8_t)(1 + actor->round % 200)),
                         router = actor->round % 2 ? world_v4(10, 200, 0, 1) : world_v4(10, 200, 0, 2);
    struct traffic_route there = world_route(&client, &target), error = world_route(&router, &client);

    traffic_tcp(traffic, &there, (uint16_t)(40000 + actor->round), 443, (uint32_t)actor->round, TCP_SYN, 0);
    traffic->now_ns += MS(20);
    traffic_error_along(traffic, &error, 11, 0, 0);
    return actor->round < 600 ? MS(200) : 0;
}

/* A router has lost the route to a prefix. */
int64_t attack_no_route(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client = world_client(4, (unsigned)(actor->round % 30)),
                         target = world_v4(10, 78, 4, (uint8_t)(1 + actor->round % 200)),
                         router = world_v4(10, 200, 0, 1);
    struct traffic_route there = world_route(&client, &target), error = world_route(&router, &client);

    traffic_tcp(traffic, &there, (uint16_t)(40000 + actor->round), 443, (uint32_t)actor->round, TCP_SYN, 0);
    traffic->now_ns += MS(2);
    traffic_error_along(traffic, &error, 3, 0, 0);
    return actor->round < 600 ? MS(200) : 0;
}

/* Types that no current system sends. */
int64_t attack_deprecated(struct traffic *traffic, struct actor *actor)
{
    static const uint8_t types[] = {4, 15, 30, 31, 32, 33, 37, 38, 39, 44, 200}, zero[32];
    struct sonde_address source = world_v4(185, 100, 87, 211), target = world_server(4, 43);
    struct traffic_route route = world_route(&source, &target);

    traffic_icmp(traffic, &route, types[actor->round % COUNT_OF(types)], 0, 0, slice_of(zero, sizeof(zero)));
    return actor->round < 30 ? SECONDS(1) : 0;
}

/* A host that answered its pings for five minutes answers no more. */
int64_t attack_echo_loss(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = world_client(4, 36), target = world_v4(192, 0, 2, 36);
    struct world_ping ping = {.id = 3636,
                              .sequence = (uint16_t)actor->round,
                              .payload = 56,
                              .rtt_ns = MS(20),
                              .dead = actor->round > 300};

    world_ping(traffic, &source, &target, &ping);
    return actor->round < 480 ? SECONDS(1) : 0;
}
