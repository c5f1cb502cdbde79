/* SPDX-License-Identifier: MIT */
/* Innocent: TCP and UDP that work, fail and come too late, and what the Internet sends unasked. */
#include "tests/sim/traffic/innocent/innocent.h"
#include "wire/tcp.h"

enum { SEGMENT = 1448, NARROW = 1420, RESTART_CLIENTS = 40, PEERS = 400 };

/* Who talks to whom: clients to the Internet, clients to servers, the Internet to the public servers. */
static void choose_ends(struct traffic *traffic, struct sonde_address *client, struct sonde_address *server)
{
    uint8_t family = traffic_random(traffic, 3) ? 4 : 6;
    unsigned kind = (unsigned)traffic_random(traffic, 3);

    *client = world_client(family, (unsigned)traffic_random(traffic, WORLD_CLIENTS));
    *server = kind ? world_stranger(traffic, family)
                   : world_server(family, 10 + (unsigned)traffic_random(traffic, 20));
    if (kind == 2) {
        *client = world_stranger(traffic, family);
        *server = family == 4 ? world_v4(203, 0, 113, (uint8_t)(10 + traffic_random(traffic, WORLD_PUBLIC)))
                              : world_server(6, 10 + (unsigned)traffic_random(traffic, WORLD_PUBLIC));
    }
}

/* The router that has something to say about what a server sends: ours between our networks, else a far one.
 */
static struct sonde_address router_of(const struct sonde_address *client, uint8_t number)
{
    bool six = client->family == 6,
         ours = six ? client->bytes[2] == 0x0d && client->bytes[3] == 0xb8 : client->bytes[0] == 10;

    if (ours)
        return world_server(client->family, WORLD_ROUTER2);
    return traffic_address(six ? "2001:db8:e000::" : "198.51.100.0", number);
}

/* A big segment meets a narrow line: one error, and the sender shrinks. */
static void shrink(struct traffic *traffic, const struct traffic_route *down, uint16_t port,
                   uint32_t sequence)
{
    bool six = down->source.family == 6;
    struct sonde_address router = router_of(&down->destination, 5);
    struct traffic_route error = world_route(&router, &down->source);

    traffic->now_ns += MS(8);
    traffic_error_along(traffic, &error, six ? 2 : 3, six ? 0 : 4, NARROW);
    traffic->now_ns += MS(1);
    traffic_tcp(traffic, down, 443, port, sequence, TCP_ACK, NARROW - (six ? 60 : 40));
}

/* A TCP connection; of fifty one meets a narrow line, of a hundred one loses its client. */
int64_t innocent_tcp(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client, server;
    uint16_t port = (uint16_t)(32768 + traffic_random(traffic, 28000));
    uint32_t mine = (uint32_t)traffic_random(traffic, UINT32_MAX), theirs = mine * 7;
    struct traffic_route up, down;
    int64_t rtt_ns = MS(2);
    unsigned fate = (unsigned)traffic_random(traffic, 100);

    choose_ends(traffic, &client, &server);
    up = world_route(&client, &server);
    down = world_route(&server, &client);
    traffic_tcp(traffic, &up, port, 443, mine, TCP_SYN, 0);
    traffic->now_ns += rtt_ns;
    traffic_tcp(traffic, &down, 443, port, theirs, TCP_SYN | TCP_ACK, 0);
    traffic->now_ns += rtt_ns;
    traffic_tcp(traffic, &up, port, 443, mine + 1, TCP_ACK, 0);
    traffic_tcp(traffic, &up, port, 443, mine + 1, TCP_ACK | TCP_PSH, 300);
    traffic->now_ns += rtt_ns;
    traffic_tcp(traffic, &down, 443, port, theirs + 1, TCP_ACK, SEGMENT);
    if (fate < 2) {
        shrink(traffic, &down, port, theirs + 1);
    } else if (fate == 2) { /* the client has gone; its router says so, for each retry */
        struct sonde_address router = router_of(&client, 8);
        struct traffic_route error = world_route(&router, &server);

        for (unsigned i = 0; i < 3; i++) {
            traffic->now_ns += MS(300) << i;
            traffic_tcp(traffic, &down, 443, port, theirs + 1, TCP_ACK, SEGMENT);
            traffic->now_ns += MS(10);
            traffic_error_along(traffic, &error, client.family == 6 ? 1 : 3, client.family == 6 ? 3 : 1, 0);
        }
    } else {
        traffic->now_ns += rtt_ns;
        traffic_tcp(traffic, &up, port, 443, mine + 301, TCP_ACK | TCP_FIN, 0);
        traffic_tcp(traffic, &down, 443, port, theirs + 1 + SEGMENT, TCP_ACK | TCP_FIN, 0);
    }
    return world_about(traffic, world_is_busy(traffic) ? MS(600) : SECONDS(5));
}

/* A DNS question; now and then the answer comes when nobody waits any more. */
int64_t innocent_dns(struct traffic *traffic, struct actor *actor)
{
    uint8_t family = traffic_random(traffic, 3) ? 4 : 6;
    bool late = !traffic_random(traffic, 100);
    struct sonde_address client = world_client(family, (unsigned)traffic_random(traffic, WORLD_CLIENTS)),
                         server = world_server(family, WORLD_DNS);
    uint16_t port = (uint16_t)(32768 + traffic_random(traffic, 28000));
    struct traffic_route there = world_route(&client, &server), back = world_route(&server, &client);

    traffic_udp(traffic, &there, port, 53, 40);
    traffic->now_ns += late ? SECONDS(6) : MS(20);
    traffic_udp(traffic, &back, 53, port, 120);
    if (late) {
        traffic->now_ns += MS(1);
        traffic_error_along(traffic, &there, family == 4 ? 3 : 1, family == 4 ? 3 : 4, 0);
    }
    return world_about(traffic, world_is_busy(traffic) ? MS(800) : SECONDS(4));
}

/* The logging service restarts: for thirty seconds its clients are told that the port is closed. */
int64_t innocent_restart(struct traffic *traffic, struct actor *actor)
{
    unsigned number = (unsigned)(actor->round % RESTART_CLIENTS);
    struct sonde_address client = world_client(4, number * 4), server = world_server(4, 25);
    struct traffic_route there = world_route(&client, &server), back = world_route(&server, &client);

    traffic_udp(traffic, &there, (uint16_t)(50000 + number), 514, 200);
    traffic->now_ns += MS(1);
    if (number % 2 || actor->round / RESTART_CLIENTS % 5 == 0) /* its kernel answers a client once a second */
        traffic_error_along(traffic, &back, 3, 3, 0);
    return actor->round < RESTART_CLIENTS * 150 ? MS(5) : 0;
}

/* Somebody shares files: many peers have gone, and each of their networks says so in its own way. */
int64_t innocent_peers(struct traffic *traffic, struct actor *actor)
{
    static const uint8_t codes[] = {3, 3, 3, 1, 13, 10};
    struct sonde_address client = world_client(4, 88), peer = world_stranger(traffic, 4), router = peer;
    struct traffic_route there = world_route(&client, &peer), back = world_route(&peer, &client), error;
    unsigned fate = (unsigned)traffic_random(traffic, 10);

    if (fate < 3) { /* a peer that remembers an old address of ours */
        traffic_udp(traffic, &back, 6881, 51413, 100);
        traffic->now_ns += MS(1);
        traffic_error_along(traffic, &there, 3, 3, 0);
        return world_about(traffic, MS(1500));
    }
    traffic_udp(traffic, &there, 51413, 6881, 100);
    traffic->now_ns += MS(30);
    if (fate < 6) {
        uint8_t code = codes[traffic_random(traffic, COUNT_OF(codes))];

        router.bytes[3] = code == 3 ? router.bytes[3] : 1;
        error = world_route(&router, &client);
        traffic_error_along(traffic, &error, 3, code, 0);
    } else if (fate == 6) { /* a loop far away */
        router.bytes[2] ^= 1;
        error = world_route(&router, &client);
        traffic_error_along(traffic, &error, 11, 0, 0);
    } else {
        traffic_udp(traffic, &back, 6881, 51413, 300);
    }
    return world_about(traffic, MS(1500));
}

/* The noise of the Internet: single connection attempts and pings from everywhere to addresses of ours. */
int64_t innocent_radiation(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address source = world_stranger(traffic, 4),
                         target = world_v4(203, 0, 113, (uint8_t)traffic_random(traffic, 255));
    struct traffic_route there = world_route(&source, &target), back = world_route(&target, &source);
    bool lives = target.bytes[3] >= 10 && target.bytes[3] < 10 + WORLD_PUBLIC;

    if (traffic_random(traffic, 4)) {
        traffic_tcp(traffic, &there, 55555, (uint16_t)traffic_random(traffic, 10000), 1, TCP_SYN, 0);
        traffic->now_ns += MS(1);
        if (lives)
            traffic_tcp(traffic, &back, 23, 55555, 0, TCP_RST | TCP_ACK, 0);
    } else {
        struct world_ping ping = {
            .id = (uint16_t)traffic_random(traffic, 65536), .payload = 16, .rtt_ns = MS(1), .dead = !lives};

        world_ping(traffic, &source, &target, &ping);
    }
    return world_about(traffic, SECONDS(8));
}

/* Somebody far away is attacked in our name: now and then an error or a reply comes to us. */
int64_t innocent_backscatter(struct traffic *traffic, struct actor *actor)
{
    static const uint8_t codes[] = {1, 3, 13};
    struct sonde_address victim = world_stranger(traffic, 4), router = victim,
                         ours = world_v4(203, 0, 113, (uint8_t)traffic_random(traffic, 255));
    struct traffic_route back = world_route(&victim, &ours), error;
    struct traffic_route spoofed = world_route(&ours, &victim);

    traffic->unseen = true; /* what we are said to have sent */
    traffic_tcp(traffic, &spoofed, (uint16_t)traffic_random(traffic, 65536), 80,
                (uint32_t)traffic_random(traffic, UINT32_MAX), TCP_SYN, 0);
    traffic->unseen = false;
    switch (traffic_random(traffic, 4)) {
    case 0:
        traffic_tcp(traffic, &back, 80, 4444, 7, TCP_SYN | TCP_ACK, 0);
        break;
    case 1:
        traffic_echo(traffic, &back, true, (uint16_t)actor->round, 1, 56);
        break;
    default:
        router.bytes[3] = 1;
        error = world_route(&router, &ours);
        if (traffic_random(traffic, 5))
            traffic_error_along(traffic, &error, 3, codes[traffic_random(traffic, COUNT_OF(codes))], 0);
        else
            traffic_error_along(traffic, &error, 11, 0, 0);
    }
    return world_about(traffic, SECONDS(30));
}

/* A VPN client keeps its NAT entry alive, and its peer's gateway answers with an echo of its own. */
int64_t innocent_keepalive(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client = world_client(4, 120), gateway = world_v4(192, 0, 2, 45);
    struct traffic_route there = world_route(&client, &gateway);
    struct world_ping ping = {
        .id = 45, .sequence = (uint16_t)actor->round, .payload = 0, .rtt_ns = MS(12), .loss = 10};

    traffic_udp(traffic, &there, 4500, 4500, 1);
    world_ping(traffic, &client, &gateway, &ping);
    return SECONDS(20);
}
