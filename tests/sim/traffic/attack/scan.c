/* SPDX-License-Identifier: MIT */
/* Sweeps, in the order and with the messages of the tools that people use. */
#include <string.h>

#include "tests/sim/traffic/attack/attack.h"
#include "wire/tcp.h"

enum { PING_DATA = 56 };

/* Who scans from outside. */
static struct sonde_address scanner(void)
{
    return world_v4(185, 100, 87, 202);
}

/* Ask one address; of eleven one answers. */
static void ask(struct traffic *traffic, const struct sonde_address *source,
                const struct sonde_address *target, uint16_t id, uint16_t sequence, uint16_t payload)
{
    struct world_ping ping = {.id = id,
                              .sequence = sequence,
                              .payload = payload,
                              .rtt_ns = MS(15),
                              .dead = target->bytes[target->family == 4 ? 3 : 15] % 11 != 0};

    world_ping(traffic, source, target, &ping);
}

/* A permutation of 0 to 65535. */
static unsigned permuted(uint64_t number)
{
    return (unsigned)((number * 40503 + 11) ^ ((number * 40503 + 11) >> 7 & 0xff)) & 0xffff;
}

/* nmap -sn -PE of a /24: no payload, a new id for each, in bursts; who does not answer is asked again. */
int64_t attack_nmap(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = scanner();
    unsigned first = (unsigned)actor->round * 16;

    for (unsigned again = 0; again < 2; again++)
        for (unsigned i = 0; i < 16; i++) {
            struct sonde_address target = world_v4(10, 20, 0, (uint8_t)(first + i));

            if (!again || (first + i) % 11)
                ask(traffic, &source, &target, (uint16_t)traffic_random(traffic, 65536), 0, 0);
            traffic->now_ns += MS(1);
        }
    return actor->round < 15 ? MS(120) : 0;
}

/* The same with --randomize-hosts. */
int64_t attack_nmap_random(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = scanner(),
                         target =
                             world_v4(10, 20, 0, (uint8_t)((actor->round * 77 + 13) ^ (actor->round >> 3)));

    ask(traffic, &source, &target, (uint16_t)traffic_random(traffic, 65536), 0, 0);
    return actor->round < 255 ? MS(9) : 0;
}

/* nmap -sn as root from outside: echo request, SYN to 443, ACK to 80, time stamp request. */
int64_t attack_nmap_default(struct traffic *traffic, struct actor *actor)
{
    static const uint8_t times[12];
    struct sonde_address source = scanner(), target = world_v4(10, 20, 1, (uint8_t)actor->round);
    struct traffic_route route = world_route(&source, &target);

    ask(traffic, &source, &target, (uint16_t)traffic_random(traffic, 65536), 0, 0);
    traffic->now_ns += MS(1);
    traffic_tcp(traffic, &route, 40123, 443, 1, TCP_SYN, 0);
    traffic_tcp(traffic, &route, 40123, 80, 1, TCP_ACK, 0);
    traffic_icmp(traffic, &route, 13, 0, (uint32_t)traffic_random(traffic, UINT32_MAX),
                 slice_of(times, sizeof(times)));
    return actor->round < 255 ? MS(8) : 0;
}

/* zmap -M icmp_echoscan of a /16: id and sequence are made from the addresses, the IP id is 54321. */
int64_t attack_zmap(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = scanner();

    for (unsigned i = 0; i < 10; i++) {
        unsigned number = permuted(actor->round * 10 + i);
        struct sonde_address target = world_v4(10, 21, (uint8_t)(number >> 8), (uint8_t)number);
        uint32_t validation = number * UINT32_C(2654435761);

        traffic->ip_id = 54320;
        ask(traffic, &source, &target, (uint16_t)(validation >> 16), (uint16_t)validation, 0);
        traffic->now_ns += MS(1);
    }
    return actor->round < 300 ? MS(10) : 0;
}

/* masscan --ping of two /24, at its slow default of 100 a second. */
int64_t attack_masscan(struct traffic *traffic, struct actor *actor)
{
    unsigned number = permuted(actor->round) & 0x1ff;
    struct sonde_address source = scanner(),
                         target = world_v4(10, 22, (uint8_t)(number >> 8), (uint8_t)number);
    uint32_t cookie = number * UINT32_C(2246822519);

    traffic->ip_id = (uint16_t)cookie;
    ask(traffic, &source, &target, (uint16_t)(cookie >> 8), (uint16_t)(cookie >> 3), 0);
    return actor->round < 511 ? MS(10) : 0;
}

/* fping -g of a /24 where nearly nobody lives. */
int64_t attack_fping(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = world_client(4, 150),
                         target = world_v4(10, 23, 0, (uint8_t)(actor->round + 1));

    ask(traffic, &source, &target, 31234, (uint16_t)actor->round, PING_DATA);
    return actor->round < 253 ? MS(10) : 0;
}

/* The same from the last address to the first. */
int64_t attack_fping_down(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = world_client(4, 151),
                         target = world_v4(10, 23, 1, (uint8_t)(254 - actor->round));

    ask(traffic, &source, &target, 31235, (uint16_t)actor->round, PING_DATA);
    return actor->round < 253 ? MS(10) : 0;
}

/* One address after the other, four a minute. */
int64_t attack_slow_15(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = scanner(), target = world_v4(10, 24, 0, (uint8_t)(actor->round + 1));

    ask(traffic, &source, &target, 999, (uint16_t)actor->round, PING_DATA);
    return actor->round < 100 ? SECONDS(15) : 0;
}

/* One address a minute. */
int64_t attack_slow_60(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = scanner(), target = world_v4(10, 24, 1, (uint8_t)(actor->round + 1));

    ask(traffic, &source, &target, 999, (uint16_t)actor->round, PING_DATA);
    return actor->round < 60 ? SECONDS(60) : 0;
}

/* Three addresses a minute, in no order. */
int64_t attack_slow_permuted(struct traffic *traffic, struct actor *actor)
{
    unsigned number = permuted(actor->round + 7);
    struct sonde_address source = scanner(),
                         target = world_v4(10, 25, (uint8_t)(number >> 8), (uint8_t)number);

    ask(traffic, &source, &target, (uint16_t)(number * 7), 0, PING_DATA);
    return actor->round < 90 ? world_about(traffic, SECONDS(20)) : 0;
}

/* The low addresses of a /64, one after the other; the router seeks each of them on the link. */
int64_t attack_sweep6(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = traffic_address("2001:db8:bad::66", 0),
                         target = traffic_address("2001:db8:2::100", actor->round),
                         router = traffic_address("fe80::5:2", 0);
    struct traffic_route seek = world_route(&router, &target);

    ask(traffic, &source, &target, 666, (uint16_t)actor->round, 8);
    traffic->now_ns += 100000;
    if (target.bytes[15] % 11)
        traffic_solicit(traffic, &seek, &target);
    return actor->round < 600 ? MS(8) : 0;
}

/* A client of the office asks a network in which six of ten answer, in no order. */
int64_t attack_dense(struct traffic *traffic, struct actor *actor)
{
    uint8_t number = (uint8_t)((actor->round * 77 + 13) ^ (actor->round >> 3));
    struct sonde_address source = world_client(4, 152), target = world_v4(10, 26, 0, number);
    struct world_ping ping = {
        .id = (uint16_t)traffic_random(traffic, 65536), .rtt_ns = MS(2), .dead = number % 10 < 4};

    world_ping(traffic, &source, &target, &ping);
    return actor->round < 255 ? MS(20) : 0;
}

/* Somebody tries addresses of a prefix of ours that nobody uses. */
int64_t attack_dark(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = scanner(), target = world_v4(203, 0, 114, (uint8_t)(actor->round * 37));
    struct world_ping ping = {.id = 5, .payload = 32, .dead = true};

    world_ping(traffic, &source, &target, &ping);
    return actor->round < 6 ? SECONDS(2) : 0;
}

/* Ask one host a rare question. */
static void query(struct traffic *traffic, uint8_t number, uint8_t type, uint32_t word, size_t octets)
{
    static const uint8_t zero[16];
    struct sonde_address source = scanner(), target = world_v4(10, 1, 0, number);
    struct traffic_route route = world_route(&source, &target);

    traffic_icmp(traffic, &route, type, 0, word, slice_of(zero, octets));
}

/* Time stamp requests to twenty hosts. */
int64_t attack_timestamp(struct traffic *traffic, struct actor *actor)
{
    query(traffic, (uint8_t)(20 + actor->round), 13, (uint32_t)actor->round, 12);
    return actor->round < 20 ? SECONDS(1) : 0;
}

/* Address mask requests: nobody has a use for them. */
int64_t attack_mask(struct traffic *traffic, struct actor *actor)
{
    query(traffic, (uint8_t)(20 + actor->round), 17, (uint32_t)actor->round, 4);
    return actor->round < 4 ? SECONDS(1) : 0;
}

/* PROBE: extended echo requests that ask for interfaces (RFC 8335). */
int64_t attack_probe(struct traffic *traffic, struct actor *actor)
{
    query(traffic, (uint8_t)(20 + actor->round), 42, 0x00010101, 8);
    return actor->round < 6 ? SECONDS(1) : 0;
}

/* Node information queries for names (RFC 4620). */
int64_t attack_node_information(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = traffic_address("2001:db8:bad::66", 0),
                         target = world_server(6, 20 + (unsigned)actor->round);
    struct traffic_route route = world_route(&source, &target);
    uint8_t body[24] = {[7] = (uint8_t)actor->round};

    memcpy(body + 8, target.bytes, 16);
    traffic_icmp(traffic, &route, 139, 0, 0x00020000, slice_of(body, sizeof(body)));
    return actor->round < 6 ? SECONDS(1) : 0;
}
