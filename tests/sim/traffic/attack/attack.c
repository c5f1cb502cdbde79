/* SPDX-License-Identifier: MIT */
/* The table of attacks and faults, with what must be found of each. */
#include "tests/sim/traffic/attack/attack.h"

#define SWEEP   (KIND_BIT(KIND_SWEEP) | KIND_BIT(KIND_SWEEP_MONOTONIC))
#define ORDERED KIND_BIT(KIND_SWEEP_MONOTONIC)
#define SLOW    (KIND_BIT(KIND_SWEEP_SLOW) | SWEEP)
#define QUERY   KIND_BIT(KIND_QUERY_RECONNAISSANCE)
#define FLOOD   KIND_BIT(KIND_ECHO_FLOOD)
#define ROGUE   KIND_BIT(KIND_ROUTER_ADVERTISEMENT_ROGUE)
#define SHAPE   KIND_BIT(KIND_OVERSIZE_FRAGMENT)
#define ROUTING KIND_BIT(KIND_ROUTING_TROUBLE)

const struct attack attacks[] = {
    {"nmap", attack_nmap, SWEEP, "185.100.87.202", NULL, 5},
    {"nmap-random", attack_nmap_random, SWEEP, "185.100.87.202", NULL, 5},
    {"nmap-default", attack_nmap_default, SWEEP | QUERY, "185.100.87.202", NULL, 5},
    {"zmap", attack_zmap, SWEEP, "185.100.87.202", NULL, 5},
    {"masscan", attack_masscan, SWEEP, "185.100.87.202", NULL, 8},
    {"fping", attack_fping, ORDERED, "10.2.0.170", NULL, 5},
    {"fping-down", attack_fping_down, ORDERED, "10.2.0.171", NULL, 5},
    {"slow-15", attack_slow_15, SLOW, "185.100.87.202", NULL, 1540},
    {"slow-60", attack_slow_60, SLOW, "185.100.87.202", NULL, 3700},
    {"slow-permuted", attack_slow_permuted, SLOW, "185.100.87.202", NULL, 2300},
    {"sweep6", attack_sweep6, SWEEP, "2001:db8:bad::66", NULL, 6},
    {"sweep6-neighbors", attack_sweep6, KIND_BIT(KIND_ND_FLOOD), NULL, NULL, 6},
    {"dense", attack_dense, SWEEP, "10.2.0.172", NULL, 8},
    {"dark", attack_dark, KIND_BIT(KIND_DARK_SPACE_PROBE), "185.100.87.202", NULL, 20},
    {"timestamp", attack_timestamp, QUERY, "185.100.87.202", NULL, 30},
    {"mask", attack_mask, QUERY, "185.100.87.202", NULL, 10},
    {"probe", attack_probe, QUERY, "185.100.87.202", NULL, 10},
    {"node-information", attack_node_information, QUERY, "2001:db8:bad::66", NULL, 10},
    {"flood", attack_flood, FLOOD, "185.100.87.203", "10.1.0.55", 12},
    {"flood-spoofed", attack_flood_spoofed, FLOOD, NULL, "10.1.0.56", 12},
    {"flood6", attack_flood6, FLOOD, NULL, "2001:db8:1::39", 12},
    {"carpet", attack_carpet, KIND_BIT(KIND_PREFIX_FLOOD), NULL, "203.0.115.7", 12},
    {"smurf", attack_smurf, KIND_BIT(KIND_SMURF), NULL, "185.7.7.7", 5},
    {"smurf-victim", attack_smurf_victim, KIND_BIT(KIND_SMURF) | FLOOD, NULL, "10.1.0.58", 7},
    {"ping-of-death", attack_death, SHAPE, "185.100.87.204", "10.1.0.59", 5},
    {"overlap", attack_overlap, SHAPE, "185.100.87.205", "10.1.0.60", 5},
    {"nd-fragment", attack_nd_fragment, SHAPE, NULL, NULL, 5},
    {"nd-exhaustion", attack_nd_exhaustion, KIND_BIT(KIND_ND_FLOOD), NULL, NULL, 12},
    {"rate-spike", attack_rate_spike, KIND_BIT(KIND_RATE_SPIKE) | FLOOD | KIND_BIT(KIND_PREFIX_FLOOD), NULL,
     NULL, 370},
    {"redirect", attack_redirect, KIND_BIT(KIND_REDIRECT), "10.2.0.170", "10.2.0.28", 60},
    {"redirect-spoofed", attack_redirect_spoofed, KIND_BIT(KIND_REDIRECT), NULL, "10.2.0.29", 60},
    {"redirect6", attack_redirect6, KIND_BIT(KIND_REDIRECT), NULL, NULL, 60},
    {"rogue-router", attack_rogue_router, ROGUE, "fe80::bad", NULL, 540},
    {"router-dns", attack_router_dns, ROGUE, "fe80::5:2", NULL, 540},
    {"router-dead", attack_router_dead, ROGUE, "fe80::5:2", NULL, 540},
    {"router-far", attack_router_far, ROGUE, "fe80::bad", NULL, 420},
    {"forged-protocol", attack_forged_protocol, KIND_BIT(KIND_FORGED_ERROR), "185.100.87.210", "10.2.0.53",
     25},
    {"forged-port", attack_forged_port, KIND_BIT(KIND_FORGED_ERROR), "185.100.87.210", "10.2.0.53", 25},
    {"forged-stranger", attack_forged_stranger, KIND_BIT(KIND_FORGED_ERROR), "185.100.87.210", "10.2.0.54",
     50},
    {"tiny-mtu", attack_tiny_mtu, KIND_BIT(KIND_PMTU_ATTACK), "185.100.87.210", "10.2.0.53", 15},
    {"tiny-mtu6", attack_tiny_mtu6, KIND_BIT(KIND_PMTU_ATTACK), "2001:db8:bad::210", NULL, 15},
    {"mtu-stranger", attack_mtu_stranger, KIND_BIT(KIND_PMTU_ATTACK) | KIND_BIT(KIND_FORGED_ERROR),
     "185.100.87.210", "10.2.0.55", 55},
    {"ptunnel", attack_ptunnel, KIND_BIT(KIND_TUNNEL), "10.2.0.160", NULL, 130},
    {"hans", attack_hans, KIND_BIT(KIND_TUNNEL), NULL, NULL, 100},
    {"exfiltration", attack_exfiltration, KIND_BIT(KIND_TUNNEL), "10.2.0.162", NULL, 130},
    {"ssh", attack_ssh, KIND_BIT(KIND_TUNNEL), NULL, NULL, 130},
    {"black-hole", attack_black_hole, KIND_BIT(KIND_PMTU_BLACK_HOLE), NULL, NULL, 20},
    {"backscatter", attack_backscatter, KIND_BIT(KIND_SCAN_BACKSCATTER), NULL, NULL, 300},
    {"unreachable", attack_unreachable, KIND_BIT(KIND_UNREACHABLE_BURST), NULL, NULL, 40},
    {"stopped-service", attack_stopped_service, KIND_BIT(KIND_FAILED_CONNECTIONS), NULL, NULL, 160},
    {"loop", attack_loop, ROUTING, NULL, NULL, 130},
    {"no-route", attack_no_route, ROUTING, NULL, NULL, 130},
    {"deprecated", attack_deprecated, KIND_BIT(KIND_DEPRECATED_TYPE), "185.100.87.211", NULL, 35},
    {"echo-loss", attack_echo_loss, KIND_BIT(KIND_ECHO_LOSS), NULL, NULL, 500},
    {0},
};
