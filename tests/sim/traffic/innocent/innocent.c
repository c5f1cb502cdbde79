/* SPDX-License-Identifier: MIT */
/* Who enters at what time of the innocent day. */
#include "tests/sim/traffic/innocent/innocent.h"

const struct innocent_actor innocents[] = {
    {"nagios", innocent_nagios, SECONDS(3)},
    {"fping-list", innocent_fping_list, SECONDS(20)},
    {"fping-prefix", innocent_fping_prefix, SECONDS(100)},
    {"smokeping", innocent_smokeping, SECONDS(40)},
    {"balancer", innocent_balancer, SECONDS(1)},
    {"long-ping", innocent_long_ping, SECONDS(2)},
    {"cdn", innocent_cdn, SECONDS(600)},
    {"traceroute", innocent_traceroute, SECONDS(1000)},
    {"mtr", innocent_mtr, HOURS(9)},
    {"ping-flood", innocent_ping_flood, HOURS(10)},
    {"large-ping", innocent_large_ping, HOURS(10) + SECONDS(900)},
    {"long-payload", innocent_long_payload, HOURS(10) + SECONDS(1200)},
    {"size-sweep", innocent_size_sweep, HOURS(10) + SECONDS(1800)},
    {"all-nodes", innocent_all_nodes, HOURS(11)},
    {"broadcast", innocent_broadcast, HOURS(11) + SECONDS(300)},
    {"speed-test", innocent_speed_test, HOURS(11) + SECONDS(600)},
    {"timestamp", innocent_timestamp, SECONDS(1700)},
    {"router", innocent_router, SECONDS(5)},
    {"second-router", innocent_second_router, SECONDS(150)},
    {"boot-storm", innocent_boot_storm, HOURS(8)},
    {"neighbors", innocent_neighbors, SECONDS(7)},
    {"neighbors-lost", innocent_neighbors_lost, HOURS(13) + SECONDS(95)},
    {"groups", innocent_groups, SECONDS(60)},
    {"leases", innocent_leases, SECONDS(200)},
    {"redirect", innocent_redirect, SECONDS(900)},
    {"tcp", innocent_tcp, SECONDS(1)},
    {"dns", innocent_dns, SECONDS(1)},
    {"restart", innocent_restart, HOURS(14)},
    {"peers", innocent_peers, SECONDS(3600)},
    {"radiation", innocent_radiation, SECONDS(4)},
    {"backscatter", innocent_backscatter, SECONDS(15)},
    {"keepalive", innocent_keepalive, SECONDS(9)},
    {0},
};

void innocent_add(struct play *play, int64_t begin_ns)
{
    play->begin_ns += begin_ns;
    for (const struct innocent_actor *row = innocents; row->name; row++)
        if (row->begin_ns >= begin_ns)
            play_add(play, row->step, row->begin_ns - begin_ns);
        else if (row->begin_ns <= HOURS(1))
            play_add(play, row->step, row->begin_ns % SECONDS(60));
}
