/* SPDX-License-Identifier: MIT */
/* Data inside of echo messages, as known tunnels carry it. */
#include <string.h>

#include "tests/sim/traffic/attack/attack.h"
#include "wire/ip.h"
#include "wire/octets.h"

enum { BODY_MAX = 1400 };

/* Where the tunnels lead. */
static struct sonde_address far_end(void)
{
    return world_v4(192, 0, 2, 66);
}

static void fill(struct traffic *traffic, uint8_t *body, size_t length)
{
    for (size_t i = 0; i < length; i++)
        body[i] = (uint8_t)traffic_random(traffic, 256);
}

/* Send one echo message with data of one's own. */
static void carry(struct traffic *traffic, const struct sonde_address *client, bool reply, uint32_t word,
                  struct slice body)
{
    struct sonde_address server = far_end();
    struct traffic_route up = world_route(client, &server), down = world_route(&server, client);

    traffic_icmp(traffic, reply ? &down : &up, reply ? 0 : 8, 0, word, body);
}

/* ptunnel: its magic and header, data of varying length, one id; the kernel of the proxy answers nothing. */
int64_t attack_ptunnel(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client = world_client(4, 140);
    uint8_t body[BODY_MAX] = {0xd5, 0x20, 0x08, 0x80, 10, 1, 0, 22, [11] = 22};
    uint32_t word = UINT32_C(0x1a2b0000) | (uint32_t)(actor->round & 0xffff);
    size_t length = 28 + traffic_random(traffic, 1024);

    fill(traffic, body + 28, length - 28);
    octets_put32(body + 12, UINT32_C(0x40000002));
    carry(traffic, &client, false, word, slice_of(body, length));
    traffic->now_ns += MS(10);
    length = 28 + traffic_random(traffic, 1024);
    fill(traffic, body + 28, length - 28);
    octets_put32(body + 12, UINT32_C(0x80000002));
    carry(traffic, &client, true, word, slice_of(body, length));
    return actor->round < 1200 ? MS(100) : 0;
}

/* hans: IP packets in both directions, replies without requests of the same sequence. */
int64_t attack_hans(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client = world_client(4, 141);
    struct ip_header ip = {.family = 4,
                           .source = world_v4(10, 1, 2, 2),
                           .destination = world_v4(10, 1, 2, 1),
                           .protocol = 6,
                           .ttl = 64,
                           .id = (uint16_t)actor->round};
    uint8_t data[1200], body[BODY_MAX] = {'h', 'a', 'n', 's'};
    size_t length;

    fill(traffic, data, sizeof(data));
    length = ip_build(&ip, slice_of(data, 20 + traffic_random(traffic, 1100)), body + 4, BODY_MAX - 4);
    carry(traffic, &client, false, UINT32_C(0x77770000) | (uint32_t)(actor->round & 0xffff),
          slice_of(body, 4 + length));
    for (unsigned i = 0; i < 2; i++) {
        traffic->now_ns += MS(10);
        length = ip_build(&ip, slice_of(data, 20 + traffic_random(traffic, 1100)), body + 4, BODY_MAX - 4);
        carry(traffic, &client, true, UINT32_C(0x77770000) | (uint32_t)((actor->round * 2 + i) & 0xffff),
              slice_of(body, 4 + length));
    }
    return actor->round < 900 ? MS(100) : 0;
}

/* Exfiltration: random data in the requests, and a far end whose kernel returns it. */
int64_t attack_exfiltration(struct traffic *traffic, struct actor *actor)
{
    struct sonde_address client = world_client(4, 142);
    uint8_t body[BODY_MAX];
    uint32_t word = UINT32_C(0x01010000) | (uint32_t)(actor->round & 0xffff);
    size_t length = actor->round % 40 == 39 ? 700 : 1400;

    fill(traffic, body, length);
    carry(traffic, &client, false, word, slice_of(body, length));
    traffic->now_ns += MS(20);
    carry(traffic, &client, true, word, slice_of(body, length));
    return actor->round < 1200 ? MS(100) : 0;
}

/* SSH inside: text at first, then noise; replies carry other data than their requests. */
int64_t attack_ssh(struct traffic *traffic, struct actor *actor)
{
    static const char greeting[] = "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n";
    struct sonde_address client = world_client(4, 143);
    uint8_t body[BODY_MAX];
    uint32_t word = UINT32_C(0x22220000) | (uint32_t)(actor->round & 0xffff);
    size_t length = actor->round ? 36 + traffic_random(traffic, 20) * 16 : sizeof(greeting) - 1;

    fill(traffic, body, length);
    if (!actor->round)
        memcpy(body, greeting, length);
    carry(traffic, &client, false, word, slice_of(body, length));
    traffic->now_ns += MS(15);
    length = actor->round ? 36 + traffic_random(traffic, 20) * 16 : sizeof(greeting) - 1;
    fill(traffic, body, length);
    if (!actor->round)
        memcpy(body, greeting, length);
    carry(traffic, &client, true, word, slice_of(body, length));
    return actor->round < 400 ? world_about(traffic, MS(250)) : 0;
}
