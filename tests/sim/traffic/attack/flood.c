/* SPDX-License-Identifier: MIT */
/* Floods, amplification, and fragments that break reassembly. */
#include <netinet/in.h>

#include "tests/sim/traffic/attack/attack.h"
#include "wire/nd.h"

enum { PING_DATA = 56, BURST = 50, FLOOD_STEPS = 1000, REFLECTORS = 60 };

/* hping3 -1 --flood at 5000 a second; of ten requests three are answered. */
int64_t attack_flood(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = world_v4(185, 100, 87, 203), target = world_server(4, 55);
    struct world_ping ping = {.id = 7777, .payload = 0, .rtt_ns = MS(5), .loss = 700};

    for (unsigned i = 0; i < BURST; i++) {
        ping.sequence = (uint16_t)(actor->round * BURST + i);
        world_ping(traffic, &source, &target, &ping);
        traffic->now_ns += 200000;
    }
    return actor->round < FLOOD_STEPS ? MS(10) : 0;
}

/* The same from sources that do not exist. */
int64_t attack_flood_spoofed(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address target = world_server(4, 56);

    for (unsigned i = 0; i < BURST; i++) {
        uint64_t random = traffic_random(traffic, UINT64_MAX);
        struct sonde_address source = world_v4((uint8_t)(11 + random % 200), (uint8_t)(random >> 8),
                                               (uint8_t)(random >> 16), (uint8_t)(random >> 24));
        struct world_ping ping = {.id = (uint16_t)(random >> 32),
                                  .sequence = (uint16_t)(random >> 48),
                                  .payload = 64,
                                  .dead = true};

        world_ping(traffic, &source, &target, &ping);
        traffic->now_ns += 200000;
    }
    return actor->round < FLOOD_STEPS ? MS(10) : 0;
}

/* In IPv6, with sources of one /64. */
int64_t attack_flood6(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address target = world_server(6, 57);

    for (unsigned i = 0; i < BURST; i++) {
        struct sonde_address source = traffic_address("2001:db8:bad::", traffic_random(traffic, 1 << 30));
        struct world_ping ping = {.id = 1, .sequence = (uint16_t)i, .payload = 64, .dead = true};

        world_ping(traffic, &source, &target, &ping);
        traffic->now_ns += 200000;
    }
    return actor->round < FLOOD_STEPS ? MS(10) : 0;
}

/* Carpet bombing: each address of a /24 gets forty a second, all of them ten thousand. */
int64_t attack_carpet(struct traffic *traffic, struct actor *actor)
{
    for (unsigned i = 0; i < 2 * BURST; i++) {
        struct sonde_address source = world_stranger(traffic, 4),
                             target = world_v4(203, 0, 115, (uint8_t)traffic_random(traffic, 256));
        struct world_ping ping = {.id = (uint16_t)i, .payload = 512, .dead = true};

        world_ping(traffic, &source, &target, &ping);
        traffic->now_ns += 100000;
    }
    return actor->round < FLOOD_STEPS ? MS(10) : 0;
}

/* Smurf, seen where the reflectors are: a request to the broadcast address in the name of the victim. */
int64_t attack_smurf(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address victim = world_v4(185, 7, 7, 7), all = world_v4(10, 1, 0, 255);
    struct traffic_route route = world_route(&victim, &all);

    traffic_echo(traffic, &route, false, 600, (uint16_t)actor->round, PING_DATA);
    for (unsigned i = 0; i < REFLECTORS; i++) {
        struct sonde_address reflector = world_server(4, 10 + i);
        struct traffic_route back = world_route(&reflector, &victim);

        traffic->now_ns += 20000;
        traffic_echo(traffic, &back, true, 600, (uint16_t)actor->round, PING_DATA);
    }
    return actor->round < 50 ? MS(50) : 0;
}

/* Smurf, seen where the victim is: replies of many hosts that nobody asked. */
int64_t attack_smurf_victim(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address victim = world_server(4, 58);

    for (unsigned i = 0; i < REFLECTORS * 3; i++) {
        struct sonde_address reflector = world_v4(193, 10, 5, (uint8_t)(20 + i));
        struct traffic_route back = world_route(&reflector, &victim);

        traffic_echo(traffic, &back, true, 600, (uint16_t)actor->round, PING_DATA);
        traffic->now_ns += 20000;
    }
    return actor->round < 100 ? MS(50) : 0;
}

/* Ping of death: the last fragment ends beyond 65535. */
int64_t attack_death(struct traffic *traffic, struct actor *actor)
{
    static const uint8_t data[1480] = {8};
    struct sonde_address source = world_v4(185, 100, 87, 204), target = world_server(4, 59);
    struct traffic_route route = world_route(&source, &target);

    for (unsigned offset = 0; offset < 65536; offset += sizeof(data))
        traffic_fragment(traffic, &route, IPPROTO_ICMP, (uint16_t)(500 + actor->round), (uint16_t)offset,
                         offset + sizeof(data) < 65536, slice_of(data, sizeof(data)));
    return actor->round < 2 ? SECONDS(1) : 0;
}

/* Fragments that overlap, as teardrop sends them. */
int64_t attack_overlap(struct traffic *traffic, struct actor *actor)
{
    static const uint8_t data[1480] = {8};
    struct sonde_address source = world_v4(185, 100, 87, 205), target = world_server(4, 60);
    struct traffic_route route = world_route(&source, &target);
    uint16_t id = (uint16_t)(900 + actor->round);

    traffic_fragment(traffic, &route, IPPROTO_ICMP, id, 0, true, slice_of(data, 800));
    traffic_fragment(traffic, &route, IPPROTO_ICMP, id, 400, true, slice_of(data, 800));
    traffic_fragment(traffic, &route, IPPROTO_ICMP, id, 1200, false, slice_of(data, 100));
    return actor->round < 3 ? SECONDS(1) : 0;
}

/* A neighbor advertisement in fragments: RFC 6980 forbids it. */
int64_t attack_nd_fragment(struct traffic *traffic, struct actor *actor)
{
    uint8_t message[24] = {ND_NEIGHBOR_ADVERTISEMENT, [4] = ND_OVERRIDE, [8] = 0xfe, 0x80, [23] = 1};
    struct sonde_address source = world_link_local(150), target = world_link_local(3);
    struct traffic_route route = world_route(&source, &target);

    route.ttl = 255;
    traffic_fragment(traffic, &route, IPPROTO_ICMPV6, (uint16_t)(77 + actor->round), 0, true,
                     slice_of(message, sizeof(message)));
    traffic_fragment(traffic, &route, IPPROTO_ICMPV6, (uint16_t)(77 + actor->round), 24, false,
                     slice_of(message, 8));
    return actor->round < 3 ? SECONDS(1) : 0;
}

/* The router seeks neighbours that do not exist, because somebody outside sends to all of the /64. */
int64_t attack_nd_exhaustion(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address router = traffic_address("fe80::5:2", 0),
                         target = traffic_address("2001:db8:2:0:abcd::", traffic_random(traffic, 1 << 30));
    struct traffic_route seek = world_route(&router, &target);

    traffic_solicit(traffic, &seek, &target);
    return actor->round < 2000 ? MS(5) : 0;
}

/* Five minutes as ever, then thirty times more of the same type, from and to everywhere. */
int64_t attack_rate_spike(struct traffic *traffic, struct actor *actor)
{
    bool spike = actor->round > 600;

    for (unsigned i = 0; i < (spike ? 300 : 10); i++) {
        unsigned pair = (unsigned)traffic_random(traffic, 200); /* each asks its own */
        struct sonde_address source = world_v4(185, 9, (uint8_t)pair, 9), target = world_server(4, 10 + pair);
        struct world_ping ping = {
            .id = (uint16_t)i, .sequence = (uint16_t)actor->round, .payload = PING_DATA, .rtt_ns = MS(1)};

        world_ping(traffic, &source, &target, &ping);
        traffic->now_ns += MS(1);
    }
    return actor->round < 720 ? MS(500) : 0;
}
