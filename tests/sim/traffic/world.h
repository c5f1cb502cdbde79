/* SPDX-License-Identifier: MIT */
/* The network of the made-up traffic: a server network, an office, two routers, and the Internet behind them.
 */
#ifndef SONDE_TESTS_SIM_TRAFFIC_WORLD_H
#define SONDE_TESTS_SIM_TRAFFIC_WORLD_H

#include "base/macro.h"
#include "tests/sim/traffic/play.h"

enum {
    WORLD_SERVERS = 230, /* 10.1.0.10 and on, 2001:db8:1::10 and on; the first 60 are monitored each minute */
    WORLD_CLIENTS = 200, /* 10.2.0.20 and on; 2001:db8:2:: with interface identifiers made from MACs */
    WORLD_PUBLIC = 20,   /* 203.0.113.10 and on: servers that the Internet reaches */
};

#define MS(n)      ((int64_t)(n)*NS_PER_MS)
#define SECONDS(n) ((int64_t)(n)*NS_PER_S)
#define HOURS(n)   ((int64_t)(n)*3600 * NS_PER_S)

/** An IPv4 address. */
struct sonde_address world_v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d);

/** A server of the network 10.1.0.0/24 or 2001:db8:1::/64; 0 to 9 are those below. */
struct sonde_address world_server(uint8_t family, unsigned number);

/** Who runs what in the server network, below world_server(family, 10). */
enum {
    WORLD_ROUTER = 1,
    WORLD_ROUTER2 = 2,
    WORLD_NAGIOS = 4,
    WORLD_NOC,
    WORLD_SMOKE,
    WORLD_BALANCER,
    WORLD_DHCP,
    WORLD_DNS
};

/** A client of the office. */
struct sonde_address world_client(uint8_t family, unsigned number);

/** The link-local address of a client. */
struct sonde_address world_link_local(unsigned number);

/** Somebody of the Internet. */
struct sonde_address world_stranger(struct traffic *traffic, uint8_t family);

/** A route; who lives behind a router carries the router's link-layer address. */
struct traffic_route world_route(const struct sonde_address *source, const struct sonde_address *destination);

/** One question of a ping. */
struct world_ping {
    uint16_t id, sequence, payload;
    int64_t rtt_ns;
    unsigned loss; /* of 1000 */
    bool dead;
};

/** Ask, and answer after the round trip; the clock stands where it stood. */
void world_ping(struct traffic *traffic, const struct sonde_address *source,
                const struct sonde_address *destination, const struct world_ping *ping);

/** Seconds since midnight. */
unsigned world_second(const struct traffic *traffic);

/** Whether people work. */
bool world_is_busy(const struct traffic *traffic);

/** About so much: up to a quarter more or less. */
int64_t world_about(struct traffic *traffic, int64_t ns);

#endif
