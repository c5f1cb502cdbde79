/* SPDX-License-Identifier: MIT */
/* A day of traffic in which nobody means harm, with everything that detectors have been taken in by. */
#ifndef SONDE_TESTS_SIM_TRAFFIC_INNOCENT_INNOCENT_H
#define SONDE_TESTS_SIM_TRAFFIC_INNOCENT_INNOCENT_H

#include "tests/sim/traffic/world.h"

/** An innocent actor. */
struct innocent_actor {
    const char *name;
    play_step *step;
    int64_t begin_ns; /* since midnight */
};

/** All of them; a row without a name ends the list. */
extern const struct innocent_actor innocents[];

/** Let all of them enter. begin_ns: the time of day at which the play begins; who is to enter before it
 * enters at once when it goes on for the whole day, and else not at all. */
void innocent_add(struct play *play, int64_t begin_ns);

/* The steps of the rows, by subject. */
play_step innocent_nagios, innocent_fping_list, innocent_fping_prefix, innocent_smokeping, innocent_balancer,
    innocent_long_ping, innocent_cdn;
play_step innocent_traceroute, innocent_mtr, innocent_ping_flood, innocent_large_ping, innocent_long_payload,
    innocent_size_sweep, innocent_all_nodes, innocent_broadcast, innocent_speed_test, innocent_timestamp;
play_step innocent_router, innocent_second_router, innocent_boot_storm, innocent_neighbors,
    innocent_neighbors_lost, innocent_groups, innocent_leases, innocent_redirect;
play_step innocent_tcp, innocent_dns, innocent_restart, innocent_peers, innocent_radiation,
    innocent_backscatter, innocent_keepalive;

#endif
