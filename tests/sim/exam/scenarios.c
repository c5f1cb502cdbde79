/* SPDX-License-Identifier: MIT */
/* The scenarios: what is wrong with a network, and what may be said about it. */
#include <netinet/in.h>

#include "base/macro.h"
#include "tests/sim/exam/exam.h"

#define TCP_PORT    .protocol = IPPROTO_TCP, .port = true
#define UDP_PORT    .protocol = IPPROTO_UDP, .port = true
#define AT_SERVER   .used = true, .role = ROLE_SERVER, .hook = SIM_INPUT
#define AT_ROUTER   .used = true, .role = ROLE_FAULT, .hook = SIM_FORWARD
#define AT_CLIENT   .used = true, .role = ROLE_CLIENT, .hook = SIM_OUTPUT
#define DROP        .verdict = SIM_DROP
#define REJECT(how) .verdict = SIM_REJECT, .reject = SIM_REJECT_##how
#define RULE(...)   .rules = {{__VA_ARGS__}}
#define ACCEPT(...) .accept = {__VA_ARGS__}

#define TCP .protocol = IPPROTO_TCP, .service = SIM_ECHO
#define UDP .protocol = IPPROTO_UDP, .service = SIM_ECHO

/* A host that nothing comes back from: which of these it is cannot be seen from the client. */
#define MUTE_HOST ACCEPT("return-path-lost@target,last", "firewall-drop@target,last")
/* Nothing comes back from a router on. */
#define MUTE_FROM_FAULT                                                                                      \
    ACCEPT("route-blackhole@fault,previous", "firewall-drop@fault,previous",                                 \
           "return-path-lost@fault,previous")

static const struct exam_scenario scenarios[] = {
    /* Nothing is wrong. */
    {"udp-open", UDP, ACCEPT("open@target"), .healthy = true},
    {"tcp-open", TCP, ACCEPT("open@target"), .healthy = true},
    {"tcp-greets", IPPROTO_TCP, SIM_GREETS, ACCEPT("open@target"), .healthy = true},
    {"tcp-closes", IPPROTO_TCP, SIM_CLOSES, ACCEPT("open@target"), .healthy = true},
    {"tcp-open-no-ping", TCP, ACCEPT("open@target"), .server.echo_off = true, .healthy = true},
    {"tcp-open-quiet-router", TCP, ACCEPT("open@target"), .fault = FAULT_ANY, .router.mute_errors = true,
     .healthy = true},
    {"tcp-open-busy-link", TCP, ACCEPT("open@target"), .fault = FAULT_ANY, .link.load = 0.95,
     .healthy = true},
    {"udp-small-mtu", UDP, ACCEPT("mtu-limited@anywhere", "open@target"), .fault = FAULT_NOT_LAST,
     .link.small = true, .healthy = true},
    {"tcp-small-mtu", TCP, ACCEPT("mtu-limited@anywhere", "open@target"), .fault = FAULT_NOT_LAST,
     .link.small = true, .healthy = true},
    {"host-up", ACCEPT("open@target"), .healthy = true},

    /* The host and its services. */
    {"udp-silent", IPPROTO_UDP, SIM_MUTE, ACCEPT("open-or-silent@target")},
    {"udp-closed", IPPROTO_UDP, SIM_CLOSED, ACCEPT("port-closed@target")},
    {"tcp-closed", IPPROTO_TCP, SIM_CLOSED, ACCEPT("port-closed@target")},
    {"tcp-closed-no-ping", IPPROTO_TCP, SIM_CLOSED, ACCEPT("port-closed@target"), .server.echo_off = true},
    {"tcp-closed-quiet-router", IPPROTO_TCP, SIM_CLOSED, ACCEPT("port-closed@target"), .fault = FAULT_ANY,
     .router.mute_errors = true},
    {"tcp-closed-two-paths", IPPROTO_TCP, SIM_CLOSED, ACCEPT("port-closed@target"), .fault = FAULT_ANY,
     .router.twin = true},
    {"udp-closed-two-paths", IPPROTO_UDP, SIM_CLOSED, ACCEPT("port-closed@target"), .fault = FAULT_ANY,
     .router.twin = true},
    {"udp-bound-loopback", IPPROTO_UDP, SIM_LOOPBACK, ACCEPT("port-closed@target", "bound-elsewhere@target")},
    {"tcp-bound-loopback", IPPROTO_TCP, SIM_LOOPBACK, ACCEPT("port-closed@target", "bound-elsewhere@target")},
    {"tcp-backlog-full", IPPROTO_TCP, SIM_FULL, ACCEPT("backlog-full@target", "syn-filtered@target,last"),
     .deep = {"backlog-full@target", "syn-filtered@target"}},
    {"tcp-service-resets", IPPROTO_TCP, SIM_RESETS, ACCEPT("service-resets@target")},
    {"tcp-service-silent", IPPROTO_TCP, SIM_MUTE, ACCEPT("service-silent@target"), .tolerate = {"open"}},
    {"tcp-host-down", TCP, ACCEPT("host-down@target,last"), .server.down = true},
    {"udp-host-down", UDP, ACCEPT("host-down@target,last"), .server.down = true},
    {"host-down", ACCEPT("host-down@target,last"), .server.down = true},
    {"tcp-no-return-route-host", TCP, MUTE_HOST, .server.no_return = true},
    {"tcp-rp-filter-host", TCP, MUTE_HOST, .server.mute = true},
    {"udp-rp-filter-host", UDP, MUTE_HOST, .server.mute = true},

    /* Filters. */
    {"udp-drop-host", UDP, ACCEPT("firewall-drop@target,last", "open-or-silent@target"),
     .deep = {"firewall-drop@target", "open-or-silent@target"}, RULE(AT_SERVER, UDP_PORT, DROP)},
    {"tcp-drop-host", TCP, ACCEPT("firewall-drop@target,last"), .deep = {"firewall-drop@target"},
     RULE(AT_SERVER, TCP_PORT, DROP)},
    {"tcp-drop-all-host", TCP, MUTE_HOST, RULE(AT_SERVER, DROP)},
    {"tcp-drop-router", TCP, ACCEPT("firewall-drop@fault,next"), .deep = {"firewall-drop@fault,next-router"},
     .fault = FAULT_ANY, RULE(AT_ROUTER, TCP_PORT, DROP)},
    {"udp-drop-router", UDP, ACCEPT("firewall-drop@fault,next", "open-or-silent@next-target"),
     .deep = {"firewall-drop@fault,next-router"}, .fault = FAULT_ANY, RULE(AT_ROUTER, UDP_PORT, DROP)},
    {"tcp-drop-router-two-paths", TCP, ACCEPT("firewall-drop@fault,next"),
     .deep = {"firewall-drop@fault,next-router"}, .fault = FAULT_ANY, .router.twin = true,
     RULE(AT_ROUTER, TCP_PORT, DROP)},
    {"tcp-drop-all-router", TCP,
     ACCEPT("firewall-drop@fault,next", "return-path-lost@fault,next", "route-blackhole@next-router"),
     .fault = FAULT_ANY, RULE(AT_ROUTER, .to_target = true, DROP)},
    {"udp-reject-host", UDP, ACCEPT("firewall-reject@target"), RULE(AT_SERVER, UDP_PORT, REJECT(PORT))},
    {"udp-reject-router", UDP, ACCEPT("firewall-reject@fault"), .fault = FAULT_ANY,
     RULE(AT_ROUTER, UDP_PORT, REJECT(PORT))},
    {"tcp-reject-host-icmp", TCP, ACCEPT("firewall-reject@target"), RULE(AT_SERVER, TCP_PORT, REJECT(PORT))},
    {"tcp-reject-router-icmp", TCP, ACCEPT("firewall-reject@fault"), .fault = FAULT_ANY,
     RULE(AT_ROUTER, TCP_PORT, REJECT(PORT))},
    {"tcp-reset-host", TCP, ACCEPT("firewall-reject@target"), RULE(AT_SERVER, TCP_PORT, REJECT(RESET))},
    {"tcp-reset-router", TCP, ACCEPT("firewall-reject@fault"), .fault = FAULT_ANY,
     RULE(AT_ROUTER, TCP_PORT, REJECT(RESET))},
    {"tcp-prohibited-router", TCP, ACCEPT("firewall-reject@fault"), .fault = FAULT_ANY,
     RULE(AT_ROUTER, TCP_PORT, REJECT(ADMIN))},
    {"udp-prohibited-router", UDP, ACCEPT("firewall-reject@fault"), .fault = FAULT_ANY,
     RULE(AT_ROUTER, UDP_PORT, REJECT(ADMIN))},
    {"tcp-net-unreachable-host", TCP, ACCEPT("firewall-reject@target"),
     RULE(AT_SERVER, TCP_PORT, REJECT(NET))},
    {"tcp-prohibited-host", TCP, ACCEPT("firewall-reject@target"),
     RULE(AT_SERVER, TCP_PORT, REJECT(HOST_PROHIBITED))},
    {"tcp-net-unreachable-filter", TCP, ACCEPT("firewall-reject@fault"), .fault = FAULT_ANY,
     RULE(AT_ROUTER, TCP_PORT, REJECT(NET))},
    {"tcp-all-prohibited-router", TCP, ACCEPT("firewall-reject@fault", "route-prohibited@fault"),
     .fault = FAULT_ANY, RULE(AT_ROUTER, .to_target = true, REJECT(ADMIN))},
    {"tcp-source-banned", TCP, ACCEPT("firewall-reject@target", "source-banned@target"),
     RULE(AT_SERVER, TCP_PORT, .from_client = true, REJECT(PORT))},
    {"tcp-syn-filtered-host", TCP, ACCEPT("syn-filtered@target,last", "backlog-full@target"),
     .deep = {"syn-filtered@target", "backlog-full@target"},
     RULE(AT_SERVER, TCP_PORT, .syn_only = true, DROP)},
    {"tcp-syn-filtered-router", TCP, ACCEPT("syn-filtered@fault,next", "backlog-full@next-target"),
     .fault = FAULT_ANY, RULE(AT_ROUTER, TCP_PORT, .syn_only = true, DROP)},
    {"tcp-connection-limit", TCP, ACCEPT("connection-rate-limited@target,last"),
     RULE(AT_SERVER, TCP_PORT, .syn_only = true, .verdict = SIM_LIMIT, .burst = 1,
          .every_ns = 600 * NS_PER_MS, .exhausted = true)},
    {"tcp-connection-limit-fresh", TCP, ACCEPT("connection-rate-limited@target,last"),
     RULE(AT_SERVER, TCP_PORT, .syn_only = true, .verdict = SIM_LIMIT, .burst = 1, .every_ns = NS_PER_S)},
    {"tcp-connection-limit-hard", TCP,
     ACCEPT("connection-rate-limited@target,last", "syn-filtered@target,last", "backlog-full@target"),
     RULE(AT_SERVER, TCP_PORT, .syn_only = true, .verdict = SIM_LIMIT, .burst = 1, .every_ns = 30 * NS_PER_S,
          .exhausted = true)},
    {"tcp-connection-limit-slow", TCP,
     ACCEPT("connection-rate-limited@target,last", "syn-filtered@target,last", "backlog-full@target"),
     .deep = {"connection-rate-limited@target,last"},
     RULE(AT_SERVER, TCP_PORT, .syn_only = true, .verdict = SIM_LIMIT, .burst = 1, .every_ns = 9 * NS_PER_S,
          .exhausted = true)},
    {"udp-closed-icmp-filtered", IPPROTO_UDP, SIM_CLOSED, ACCEPT("icmp-filtered@anywhere"),
     .tolerate = {"open-or-silent", "port-closed"}, .fault = FAULT_ANY,
     RULE(AT_ROUTER, .icmp = SIM_ICMP_UNREACHABLE, DROP)},
    {"udp-closed-icmp-limited", IPPROTO_UDP, SIM_CLOSED, ACCEPT("port-closed@target"),
     .tolerate = {"icmp-rate-limited"}, .families = FAMILIES_4, .server.ratelimit_ms = 3000},
    {"udp-closed-icmp-spent", IPPROTO_UDP, SIM_CLOSED,
     ACCEPT("port-closed@target", "icmp-rate-limited@target", "icmp-filtered@anywhere"),
     .deep = {"port-closed@target"}, .families = FAMILIES_4, .server = {.ratelimit_ms = 9000, .spent = true}},
    {"tcp-return-filtered", TCP, ACCEPT("return-path-lost@anywhere", "firewall-drop@target,last"),
     .fault = FAULT_ANY, RULE(AT_ROUTER, .from_target = true, DROP)},

    /* Routes of routers. */
    {"udp-no-route-router", UDP, ACCEPT("no-route@fault"), .fault = FAULT_ANY,
     .router = {.route = ROUTE_NONE, .whole_net = true}},
    {"tcp-no-route-router", TCP, ACCEPT("no-route@fault"), .families = FAMILIES_4, .fault = FAULT_ANY,
     .router = {.route = ROUTE_NONE, .whole_net = true}},
    {"host-no-route-router", ACCEPT("no-route@fault"), .families = FAMILIES_4, .fault = FAULT_ANY,
     .router = {.route = ROUTE_NONE, .whole_net = true}},
    {"tcp-unreachable-route-router", TCP, ACCEPT("route-unreachable@fault"), .families = FAMILIES_4,
     .fault = FAULT_ANY, .router.route = ROUTE_UNREACHABLE},
    {"tcp-unreachable-route-router", TCP, ACCEPT("no-route@fault", "route-unreachable@fault"),
     .families = FAMILIES_6, .fault = FAULT_ANY, .router.route = ROUTE_UNREACHABLE},
    {"tcp-prohibit-route-router", TCP, ACCEPT("route-prohibited@fault", "firewall-reject@fault"),
     .fault = FAULT_ANY, .router.route = ROUTE_PROHIBIT},
    {"udp-prohibit-route-router", UDP, ACCEPT("route-prohibited@fault", "firewall-reject@fault"),
     .fault = FAULT_ANY, .router.route = ROUTE_PROHIBIT},
    {"tcp-blackhole-route-router", TCP,
     ACCEPT("route-blackhole@fault,previous", "firewall-drop@fault,previous"), .fault = FAULT_ANY,
     .router.route = ROUTE_BLACKHOLE},
    {"udp-blackhole-route-router", UDP,
     ACCEPT("route-blackhole@fault,previous", "firewall-drop@fault,previous"), .fault = FAULT_ANY,
     .router.route = ROUTE_BLACKHOLE},
    {"tcp-blackhole-net-router", TCP, MUTE_FROM_FAULT, .fault = FAULT_ANY,
     .router = {.route = ROUTE_BLACKHOLE, .whole_net = true}},
    {"tcp-no-return-route-router", TCP, MUTE_FROM_FAULT, .fault = FAULT_NOT_FIRST, .router.no_return = true},
    {"tcp-routing-loop", TCP, ACCEPT("routing-loop@fault,previous"), .fault = FAULT_NOT_FIRST,
     .router.back = true},
    {"udp-routing-loop", UDP, ACCEPT("routing-loop@fault,previous"), .fault = FAULT_NOT_FIRST,
     .router.back = true},
    {"host-routing-loop", ACCEPT("routing-loop@fault,previous"), .fault = FAULT_NOT_FIRST,
     .router.back = true},

    /* The path. */
    {"tcp-mtu-black-hole", TCP, ACCEPT("mtu-black-hole@fault,next"), .fault = FAULT_NOT_LAST,
     .link = {.small = true, .hole = true}},
    {"udp-mtu-black-hole", UDP, ACCEPT("mtu-black-hole@fault,next"), .fault = FAULT_NOT_LAST,
     .link = {.small = true, .hole = true}},
    {"tcp-congestion", TCP, ACCEPT("congestion@fault,next"), .fault = FAULT_ANY, .link.load = 3},
    {"udp-congestion", UDP, ACCEPT("congestion@fault,next"), .fault = FAULT_ANY, .link.load = 3},
    {"tcp-nat-backend-down", TCP, ACCEPT("nat-backend-down@fault,target"), .fault = FAULT_ANY,
     .nat = NAT_DEAD},
    {"tcp-nat-backend-closed", TCP, ACCEPT("nat-backend-closed@fault,target"), .fault = FAULT_ANY,
     .nat = NAT_CLOSED_AT_TARGET},
    {"tcp-nat-backend-closed-near", TCP, ACCEPT("nat-backend-closed@fault,target"), .fault = FAULT_ANY,
     .nat = NAT_CLOSED_NEAR},

    /* This machine. */
    {"local-output-drop-udp", UDP, ACCEPT("firewall-drop@local"), RULE(AT_CLIENT, UDP_PORT, DROP)},
    {"local-output-drop-tcp", TCP, ACCEPT("firewall-drop@local"), RULE(AT_CLIENT, TCP_PORT, DROP)},
    {"local-output-reject-tcp", TCP, ACCEPT("firewall-reject@local"),
     RULE(AT_CLIENT, TCP_PORT, REJECT(ADMIN))},
    {"local-output-reject-udp", UDP, ACCEPT("firewall-reject@local"),
     RULE(AT_CLIENT, UDP_PORT, REJECT(PORT))},
    {"local-input-drop-tcp", TCP, ACCEPT("firewall-drop@local", "return-path-lost@local"),
     RULE(.used = true, .role = ROLE_CLIENT, .hook = SIM_INPUT, .protocol = IPPROTO_TCP, .from_target = true,
          DROP)},
    {"local-no-route", UDP, ACCEPT("no-route@local"), .fault = FAULT_ANY, .local.no_default = true},
    {"local-route-blackhole", TCP, ACCEPT("route-blackhole@local"), .local.route = ROUTE_BLACKHOLE},
    {"local-route-prohibit", UDP, ACCEPT("route-prohibited@local"), .local.route = ROUTE_PROHIBIT},
    {"local-route-unreachable", TCP, ACCEPT("route-unreachable@local"), .local.route = ROUTE_UNREACHABLE},
    {"local-interface-down", UDP, ACCEPT("interface-down@local"), .tolerate = {"no-route"},
     .local.interface_down = true},
    {"local-carrier-lost", TCP, ACCEPT("interface-down@local"), .local.carrier_lost = true},
    {"tcp-gateway-down", TCP, ACCEPT("gateway-down@gateway,local"), .fault = FAULT_FIRST,
     .gateway_down = true},
    {"udp-gateway-down", UDP, ACCEPT("gateway-down@gateway,local"), .fault = FAULT_FIRST,
     .gateway_down = true},
    {"own-tcp-open", TCP, ACCEPT("open@target,local"), .target = TARGET_LOOPBACK, .healthy = true},
    {"own-tcp-closed", IPPROTO_TCP, SIM_CLOSED, ACCEPT("port-closed@target,local"),
     .target = TARGET_LOOPBACK},
    {"own-udp-closed", IPPROTO_UDP, SIM_CLOSED, ACCEPT("port-closed@target,local"),
     .target = TARGET_OWN_ADDRESS},
    {"own-tcp-bound-elsewhere", IPPROTO_TCP, SIM_LOOPBACK, ACCEPT("bound-elsewhere@target,local"),
     .target = TARGET_OWN_ADDRESS},
    {"own-tcp-backlog-full", IPPROTO_TCP, SIM_FULL, ACCEPT("backlog-full@target,local"),
     .target = TARGET_LOOPBACK},
    {"own-tcp-service-silent", IPPROTO_TCP, SIM_MUTE, ACCEPT("service-silent@target,local"),
     .tolerate = {"open"}, .target = TARGET_LOOPBACK},
};

const struct exam_scenario *exam_scenarios(size_t *count)
{
    *count = COUNT_OF(scenarios);
    return scenarios;
}

bool exam_plays(const struct exam_scenario *scenario, uint8_t family)
{
    return scenario->families != (family == 4 ? FAMILIES_6 : FAMILIES_4);
}
