/* SPDX-License-Identifier: MIT */
/* Errors that quote packets which were never sent, to break or to slow connections (RFC 5927). */
#include "tests/sim/traffic/attack/attack.h"
#include "wire/tcp.h"

enum { PORT = 40111, BEFORE = 40 };

/* Who forges. */
static struct traffic_route from_forger(const struct sonde_address *victim)
{
    struct sonde_address forger =
        victim->family == 4 ? world_v4(185, 100, 87, 210) : traffic_address("2001:db8:bad::210", 0);

    return world_route(&forger, victim);
}

/* The connection that is attacked: it opens, and then carries a segment each way per step. */
static void carry(struct traffic *traffic, uint8_t family, unsigned number, uint64_t round,
                  struct traffic_route *up)
{
    struct sonde_address client = world_client(family, number),
                         server = family == 4 ? world_v4(192, 0, 2, 179)
                                              : traffic_address("2001:db8:f000::179", 0);
    struct traffic_route down = world_route(&server, &client);
    uint32_t mine = 5000000 + (uint32_t)round * 100, theirs = 9000000 + (uint32_t)round * 1000;

    *up = world_route(&client, &server);
    if (!round) {
        traffic_tcp(traffic, up, PORT, 179, mine - 1, TCP_SYN, 0);
        traffic->now_ns += MS(10);
        traffic_tcp(traffic, &down, 179, PORT, theirs - 1, TCP_SYN | TCP_ACK, 0);
        traffic->now_ns += MS(10);
    }
    traffic_tcp(traffic, up, PORT, 179, mine, TCP_ACK | TCP_PSH, 100);
    traffic->now_ns += MS(10);
    traffic_tcp(traffic, &down, 179, PORT, theirs, TCP_ACK | TCP_PSH, 1000);
    traffic->now_ns += MS(10);
}

/* An error that quotes a segment of that connection with a guessed sequence number. */
static void forge(struct traffic *traffic, const struct traffic_route *up, uint8_t type, uint8_t code,
                  uint32_t word)
{
    struct traffic_route tell = from_forger(&up->source);

    traffic->unseen = true;
    traffic_tcp(traffic, up, PORT, 179,
                (uint32_t)traffic_random(traffic, UINT32_C(1) << 30) + (UINT32_C(1) << 31), TCP_ACK, 500);
    traffic->unseen = false;
    traffic_error_along(traffic, &tell, type, code, word);
}

/* 3/2 against a connection that lives. */
int64_t attack_forged_protocol(struct traffic *traffic, struct actor *actor)
{
    struct traffic_route up;

    carry(traffic, 4, 33, actor->round, &up);
    if (actor->round >= 10)
        forge(traffic, &up, 3, 2, 0);
    return actor->round < 20 ? SECONDS(1) : 0;
}

/* 3/3 against a connection that lives, in many tries. */
int64_t attack_forged_port(struct traffic *traffic, struct actor *actor)
{
    struct traffic_route up;

    carry(traffic, 4, 33, actor->round, &up);
    for (unsigned i = 0; actor->round >= 10 && i < 20; i++) {
        forge(traffic, &up, 3, 3, 0);
        traffic->now_ns += MS(1);
    }
    return actor->round < 20 ? SECONDS(1) : 0;
}

/* 3/3 that quotes connections which nobody has: the forger guesses the port of a client that has another. */
int64_t attack_forged_stranger(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client = world_client(4, 34), server = world_v4(192, 0, 2, 180);
    struct traffic_route up, tell = from_forger(&client);

    if (actor->round < BEFORE) {
        carry(traffic, 4, 34, actor->round, &up);
        return SECONDS(1);
    }
    up = world_route(&client, &server);
    traffic->unseen = true;
    traffic_tcp(traffic, &up, (uint16_t)(32768 + actor->round), 443,
                (uint32_t)traffic_random(traffic, UINT32_MAX), TCP_ACK, 0);
    traffic->unseen = false;
    traffic_error_along(traffic, &tell, 3, 3, 0);
    return actor->round < BEFORE + 60 ? MS(100) : 0;
}

/* Fragmentation needed with an MTU of 68, quoting a connection that lives. */
int64_t attack_tiny_mtu(struct traffic *traffic, struct actor *actor)
{
    struct traffic_route up;

    carry(traffic, 4, 33, actor->round, &up);
    if (actor->round >= 5)
        forge(traffic, &up, 3, 4, 68);
    return actor->round < 10 ? SECONDS(1) : 0;
}

/* Packet too big with an MTU below 1280. */
int64_t attack_tiny_mtu6(struct traffic *traffic, struct actor *actor)
{
    struct traffic_route up;

    carry(traffic, 6, 33, actor->round, &up);
    if (actor->round >= 5)
        forge(traffic, &up, 2, 0, 600);
    return actor->round < 10 ? SECONDS(1) : 0;
}

/* Fragmentation needed with a plausible MTU, for connections that nobody has. */
int64_t attack_mtu_stranger(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client = world_client(4, 35), server = world_v4(192, 0, 2, 181);
    struct traffic_route up, tell = from_forger(&client);

    if (actor->round < BEFORE) {
        carry(traffic, 4, 35, actor->round, &up);
        return SECONDS(1);
    }
    up = world_route(&client, &server);
    traffic->unseen = true;
    traffic_tcp(traffic, &up, (uint16_t)(32768 + actor->round), 443,
                (uint32_t)traffic_random(traffic, UINT32_MAX), TCP_ACK, 1400);
    traffic->unseen = false;
    traffic_error_along(traffic, &tell, 3, 4, 600);
    return actor->round < BEFORE + 40 ? MS(250) : 0;
}
