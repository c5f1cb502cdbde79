/* SPDX-License-Identifier: MIT */
/* The addresses of the made-up network, and one ping in it. */
#include "tests/sim/traffic/world.h"

#include <string.h>

struct sonde_address world_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
    return (struct sonde_address){4, {a, b, c, d}};
}

struct sonde_address world_server(uint8_t family, unsigned number)
{
    if (family == 4)
        return world_v4(10, 1, 0, (uint8_t)number);
    return (struct sonde_address){6, {0x20, 1, 0x0d, 0xb8, 0, 1, [15] = (uint8_t)number}};
}

struct sonde_address world_client(uint8_t family, unsigned number)
{
    if (family == 4)
        return world_v4(10, 2, 0, (uint8_t)(20 + number));
    return (struct sonde_address){
        6, {0x20, 1, 0x0d, 0xb8, 0, 2, 0, 0, 2, 6, 0, 0xff, 0xfe, 1, 2, (uint8_t)number}};
}

struct sonde_address world_link_local(unsigned number)
{
    return (struct sonde_address){6, {0xfe, 0x80, [8] = 2, 6, 0, 0xff, 0xfe, 1, 2, (uint8_t)number}};
}

struct sonde_address world_stranger(struct traffic *traffic, uint8_t family)
{
    static const uint8_t first[] = {1,   5,   23,  31,  45,  62,  77,  80,  91,
                                    103, 118, 141, 154, 176, 185, 194, 212, 217};
    uint64_t random = traffic_random(traffic, UINT64_MAX);
    struct sonde_address address = {6, {0x20, 1, (uint8_t)(random % 64), (uint8_t)(random >> 8)}};

    if (family == 4)
        return world_v4(first[random % COUNT_OF(first)], (uint8_t)(random >> 8), (uint8_t)(random >> 16),
                        (uint8_t)(1 + (random >> 24) % 254));
    memcpy(address.bytes + 4, &random, 4);
    address.bytes[15] = (uint8_t)(1 + (random >> 40) % 250);
    return address;
}

/* The network that an address lives in: 1 the servers, 2 the office, 203 the public servers, 0 beyond. */
static unsigned network_of(const struct sonde_address *address)
{
    static const uint8_t own[] = {0x20, 1, 0x0d, 0xb8, 0};

    if (address->family == 4)
        return address->bytes[0] == 10 ? address->bytes[1] : address->bytes[0] == 203 ? 203 : 0;
    return memcmp(address->bytes, own, sizeof(own)) == 0 ? address->bytes[5] : 0;
}

struct traffic_route world_route(const struct sonde_address *source, const struct sonde_address *destination)
{
    struct traffic_route route = {.source = *source, .destination = *destination};
    struct sonde_address router = world_server(4, WORLD_ROUTER);

    if (destination->bytes[0] == 0xff || source->bytes[0] == 0xfe || destination->bytes[0] == 0xfe)
        return route; /* stays on its link */
    if (network_of(source) != 1 && network_of(source) != network_of(destination)) {
        traffic_mac(&router, route.mac);
        route.ttl = network_of(source) ? 63 : (uint8_t)(48 + source->bytes[3] % 12);
    } else if (network_of(source) != network_of(destination)) {
        traffic_mac(&router, route.to_mac);
    }
    return route;
}

void world_ping(struct traffic *traffic, const struct sonde_address *source,
                const struct sonde_address *destination, const struct world_ping *ping)
{
    struct traffic_route there = world_route(source, destination), back = world_route(destination, source);
    int64_t asked_ns = traffic->now_ns;

    traffic_echo(traffic, &there, false, ping->id, ping->sequence, ping->payload);
    if (!ping->dead && traffic_random(traffic, 1000) >= ping->loss) {
        traffic->now_ns += world_about(traffic, ping->rtt_ns);
        traffic_echo(traffic, &back, true, ping->id, ping->sequence, ping->payload);
    }
    traffic->now_ns = asked_ns;
}

unsigned world_second(const struct traffic *traffic)
{
    return (unsigned)(traffic->now_ns / NS_PER_S % 86400);
}

bool world_is_busy(const struct traffic *traffic)
{
    unsigned hour = world_second(traffic) / 3600;

    return hour >= 8 && hour < 18;
}

int64_t world_about(struct traffic *traffic, int64_t ns)
{
    return ns * 3 / 4 + (int64_t)traffic_random(traffic, (uint64_t)ns / 2 + 1);
}
