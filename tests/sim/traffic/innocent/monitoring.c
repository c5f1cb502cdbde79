/* SPDX-License-Identifier: MIT */
/* Innocent: programs that ping many hosts again and again because it is their work. */
#include "tests/sim/traffic/innocent/innocent.h"

enum {
    NAGIOS_HOSTS = 60,
    NAGIOS_PINGS = 5, /* check_icmp */
    NOC_HOSTS = 300,
    NOC_DEAD = 30, /* one of so many is down */
    SMOKE_HOSTS = 20,
    SMOKE_PINGS = 20,
    BACKENDS = 10,
    PING_DATA = 56,
};

/* Nagios: each of 60 hosts once a minute, five pings; four are dead, of two of which the router says so. */
int64_t innocent_nagios(struct traffic *traffic, struct actor *actor)
{
    unsigned host = (unsigned)(actor->round % NAGIOS_HOSTS);
    struct sonde_address source = world_server(4, WORLD_NAGIOS), target = world_server(4, 10 + host);
    struct world_ping ping = {.id = (uint16_t)(traffic_random(traffic, 30000) + 300),
                              .payload = 68,
                              .rtt_ns = MS(1),
                              .dead = host % 15 == 7};
    int64_t begin_ns = traffic->now_ns;

    if (host % 2)
        target = world_client(4, 3 * host);
    for (unsigned i = 0; i < NAGIOS_PINGS; i++) {
        ping.sequence = (uint16_t)i;
        world_ping(traffic, &source, &target, &ping);
        traffic->now_ns += MS(80);
    }
    if (host == 7 || host == 37) {
        traffic->now_ns = begin_ns + SECONDS(3);
        traffic_error(traffic, "10.1.0.2", 3, 1, 0);
    }
    return SECONDS(1);
}

/* Ask with fping: who does not answer is asked three times more. */
static void fping(struct traffic *traffic, const struct sonde_address *source,
                  const struct sonde_address *target, uint16_t id, uint16_t sequence, bool dead)
{
    struct world_ping ping = {
        .id = id, .sequence = sequence, .payload = PING_DATA, .rtt_ns = MS(2), .loss = 5, .dead = dead};
    int64_t begin_ns = traffic->now_ns;

    for (unsigned i = 0; i < (dead ? 4 : 1); i++) {
        world_ping(traffic, source, target, &ping);
        traffic->now_ns += MS(500);
    }
    traffic->now_ns = begin_ns;
}

/* The operators' list: 300 hosts in the order of their addresses, 10 ms apart, every five minutes. */
int64_t innocent_fping_list(struct traffic *traffic, struct actor *actor)
{
    unsigned host = (unsigned)(actor->round % NOC_HOSTS);
    struct sonde_address source = world_server(4, WORLD_NOC);
    struct sonde_address target = host < 200 ? world_server(4, 10 + host) : world_client(4, host - 200);

    if (!host)
        actor->state[0] = traffic_random(traffic, 60000);
    fping(traffic, &source, &target, (uint16_t)actor->state[0], (uint16_t)host, host % NOC_DEAD == 11);
    return host == NOC_HOSTS - 1 ? SECONDS(300) - MS(10) * (NOC_HOSTS - 1) : MS(10);
}

/* fping -g of the server network: each address of the /24 in order, 25 ms apart, every five minutes. */
int64_t innocent_fping_prefix(struct traffic *traffic, struct actor *actor)
{
    unsigned host = (unsigned)(actor->round % 254) + 1;
    struct sonde_address source = world_server(4, WORLD_NOC), target = world_server(4, host);

    if (host == 1)
        actor->state[0] = traffic_random(traffic, 60000);
    if (host == WORLD_NOC)
        return MS(25);
    fping(traffic, &source, &target, (uint16_t)actor->state[0], (uint16_t)host,
          host >= 10 + WORLD_SERVERS || host % NOC_DEAD == 21);
    return host == 254 ? SECONDS(300) - MS(25) * 253 : MS(25);
}

/* Smokeping: 20 hosts near and far, 20 pings each, a second apart, every five minutes; lossy lines. */
int64_t innocent_smokeping(struct traffic *traffic, struct actor *actor)
{
    unsigned round = (unsigned)(actor->round % SMOKE_PINGS);
    uint8_t family = actor->round / SMOKE_PINGS % 2 ? 6 : 4;
    struct sonde_address source = world_server(family, WORLD_SMOKE);

    for (unsigned i = 0; i < SMOKE_HOSTS; i++) {
        struct sonde_address near = world_server(family, 30 + i),
                             far = traffic_address(family == 4 ? "192.0.2.10" : "2001:db8:f000::10", i);
        struct world_ping ping = {.id = (uint16_t)(actor->round / SMOKE_PINGS),
                                  .sequence = (uint16_t)(round * SMOKE_HOSTS + i),
                                  .payload = PING_DATA,
                                  .rtt_ns = i % 2 ? MS(20 + i) : MS(1),
                                  .loss = i % 2 ? 20 : 1};

        world_ping(traffic, &source, i % 2 ? &far : &near, &ping);
        traffic->now_ns += MS(1);
    }
    return round == SMOKE_PINGS - 1 ? SECONDS(300 - SMOKE_PINGS + 1) : SECONDS(1);
}

/* A load balancer asks its backends every ten seconds, both families, the same payload for ever. */
int64_t innocent_balancer(struct traffic *traffic, struct actor *actor)
{
    for (unsigned i = 0; i < BACKENDS; i++)
        for (unsigned family = 4; family <= 6; family += 2) {
            struct sonde_address source = world_server((uint8_t)family, WORLD_BALANCER),
                                 target = world_server((uint8_t)family, 50 + i);
            struct world_ping ping = {.id = (uint16_t)(100 + i),
                                      .sequence = (uint16_t)actor->round,
                                      .payload = 24,
                                      .rtt_ns = MS(1)};

            world_ping(traffic, &source, &target, &ping);
        }
    return SECONDS(10);
}

/* Somebody's ping to a far host, once a second, all day, through a line that loses and doubles. */
int64_t innocent_long_ping(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = world_client(4, 44), target = world_v4(192, 0, 2, 99);
    struct world_ping ping = {
        .id = 4444, .sequence = (uint16_t)actor->round, .payload = PING_DATA, .rtt_ns = MS(45), .loss = 20};
    struct traffic_route back = world_route(&target, &source);

    world_ping(traffic, &source, &target, &ping);
    if (!traffic_random(traffic, 200)) { /* the reply comes twice */
        traffic->now_ns += MS(90);
        traffic_echo(traffic, &back, true, ping.id, ping.sequence, PING_DATA);
    }
    return SECONDS(1);
}

/* A CDN measures the way to the resolver: a few of its places ask at about the same time. */
int64_t innocent_cdn(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address target = world_v4(203, 0, 113, 10);

    for (unsigned place = 0; place < 15; place++) {
        struct sonde_address source = world_v4(23, 40, (uint8_t)(place * 7), 9);
        struct world_ping ping = {
            .id = (uint16_t)(actor->round * 16 + place), .payload = 32, .rtt_ns = MS(1)};

        for (ping.sequence = 1; ping.sequence <= 3; ping.sequence++) {
            world_ping(traffic, &source, &target, &ping);
            traffic->now_ns += MS(20);
        }
    }
    return world_about(traffic, SECONDS(1200));
}
