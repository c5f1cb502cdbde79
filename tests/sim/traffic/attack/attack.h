/* SPDX-License-Identifier: MIT */
/* Attacks and faults, each with the finding that it must lead to. */
#ifndef SONDE_TESTS_SIM_TRAFFIC_ATTACK_ATTACK_H
#define SONDE_TESTS_SIM_TRAFFIC_ATTACK_ATTACK_H

#include "detect/kind.h"
#include "tests/sim/traffic/world.h"

#define KIND_BIT(kind) (UINT64_C(1) << (kind))

/** An attack, or a fault. */
struct attack {
    const char *name;
    play_step *step;
    uint64_t kinds;     /* one of them must be found */
    const char *source; /* who must be named as the source; NULL: nobody in particular */
    const char
        *target; /* an address, or one within the prefix that must be named; NULL: nobody in particular */
    unsigned seconds; /* that it lasts */
};

/** All of them; a row without a name ends the list. */
extern const struct attack attacks[];

/* The steps of the rows, by subject. */
play_step attack_nmap, attack_nmap_random, attack_nmap_default, attack_zmap, attack_masscan, attack_fping,
    attack_fping_down, attack_slow_15, attack_slow_60, attack_slow_permuted, attack_sweep6, attack_dense,
    attack_dark;
play_step attack_timestamp, attack_mask, attack_node_information, attack_probe;
play_step attack_flood, attack_flood_spoofed, attack_flood6, attack_carpet, attack_smurf, attack_smurf_victim,
    attack_death, attack_overlap, attack_nd_fragment, attack_nd_exhaustion, attack_rate_spike;
play_step attack_redirect, attack_redirect_spoofed, attack_redirect6, attack_rogue_router, attack_router_dns,
    attack_router_dead, attack_router_far;
play_step attack_forged_protocol, attack_forged_port, attack_forged_stranger, attack_tiny_mtu,
    attack_tiny_mtu6, attack_mtu_stranger;
play_step attack_ptunnel, attack_hans, attack_exfiltration, attack_ssh;
play_step attack_black_hole, attack_backscatter, attack_unreachable, attack_stopped_service, attack_loop,
    attack_no_route, attack_deprecated, attack_echo_loss;

#endif
