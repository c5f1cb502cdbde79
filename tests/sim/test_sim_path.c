/* SPDX-License-Identifier: MIT */
/* The simulated path against what was measured on Linux: ladders, routes, limits, MTU, loops, queues. */
#include "tests/sim/ask.h"

#include <errno.h>
#include <netinet/in.h>

#include "wire/icmp.h"

enum { SEED = 7, ROUTERS = 4, FAULT = 2, SMALL_MTU = 1300 };

/* A second by a measuring program's clock: never less. */
#define SECOND_NS (1002 * NS_PER_MS)

static const uint8_t families[] = {4, 6};

static void check_ladder(uint8_t family, int routers)
{
    struct sim sim;
    struct reply reply;

    sim_init(&sim, SEED, family, routers);
    for (int hop = 1; hop <= routers; hop++) {
        reply = ask_for(&sim, PROBE_UDP, ASK_CLOSED, (uint8_t)hop);
        assert_true(ask_is_error(&sim, &reply, ICMP4_TIME_EXCEEDED, 0, ICMP6_TIME_EXCEEDED, 0));
        assert_true(ask_is_from(&sim, &reply, hop));
        assert_int_equal(reply.ttl, ask_ttl_from(&sim, hop));
        assert_int_equal(reply.tos, family == 4 ? 0xc8 : 0);
        assert_int_equal(reply.quoted_tos, ASK_TOS);
    }
    reply = ask_for(&sim, PROBE_UDP, ASK_CLOSED, (uint8_t)(routers + 1));
    assert_true(ask_is_error(&sim, &reply, ICMP4_UNREACHABLE, 3, ICMP6_UNREACHABLE, 4));
    assert_true(sonde_address_equal(&reply.from, &sim.target));
    assert_int_equal(reply.ttl, ask_ttl_from(&sim, sim_server(&sim)));
    sim_deinit(&sim);
}

static void test_ladder(void **state)
{
    for (size_t i = 0; i < COUNT_OF(families); i++)
        for (int routers = 0; routers <= SIM_ROUTERS_MAX; routers++)
            check_ladder(families[i], routers);
}

/* facts 0.5: 6/20 at 20 pps and 10/10 at 1 pps for a closed port. */
static void test_limit_of_closed_port(void **state)
{
    struct sim sim;

    sim_init(&sim, SEED, 4, FAULT);
    assert_int_equal(ask_many(&sim, PROBE_UDP, ASK_CLOSED, 20, 50 * NS_PER_MS), 6);
    sim.now_ns += 8 * NS_PER_S;
    assert_int_equal(ask_many(&sim, PROBE_UDP, ASK_CLOSED, 10, NS_PER_S), 10);
    sim_deinit(&sim);
}

/* facts 0.5: 2/20 at 20 pps, 4/10 at 1 pps for a route that refuses: charged twice. */
static void check_limit_of_route(enum route_type type)
{
    struct sim sim;

    sim_init(&sim, SEED, 4, ROUTERS);
    sim.nodes[FAULT].target_route = type;
    assert_int_equal(ask_many(&sim, PROBE_UDP, ASK_CLOSED, 20, 50 * NS_PER_MS), 2);
    sim.now_ns += 8 * NS_PER_S;
    assert_int_equal(ask_many(&sim, PROBE_UDP, ASK_CLOSED, 10, SECOND_NS), 4);
    sim_deinit(&sim);
}

static void test_limit_of_routes(void **state)
{
    check_limit_of_route(ROUTE_NONE);
    check_limit_of_route(ROUTE_UNREACHABLE);
    check_limit_of_route(ROUTE_PROHIBIT);
}

/* IPv6 charges once, and less towards wide prefixes: nothing starves at one a second. */
static void test_limit_of_ipv6(void **state)
{
    struct sim sim;

    sim_init(&sim, SEED, 6, ROUTERS);
    sim.nodes[FAULT].target_route = ROUTE_PROHIBIT;
    assert_int_equal(ask_many(&sim, PROBE_UDP, ASK_CLOSED, 10, NS_PER_S), 10);
    sim_deinit(&sim);
}

static void test_limit_is_set_by_sysctl(void **state)
{
    struct sim sim;

    sim_init(&sim, SEED, 4, FAULT);
    sim.nodes[sim_server(&sim)].ratelimit_ms = 3000;
    /* facts 37: the first six, then one in three seconds */
    assert_int_equal(ask_many(&sim, PROBE_UDP, ASK_CLOSED, 6, 10 * NS_PER_MS), 6);
    assert_int_equal(ask_many(&sim, PROBE_UDP, ASK_CLOSED, 10, SECOND_NS), 3);
    sim_deinit(&sim);
}

/* The ladder and the routing errors draw on one allowance. */
static void test_ladder_spends_the_allowance(void **state)
{
    struct sim sim;

    sim_init(&sim, SEED, 4, FAULT);
    for (int i = 0; i < 4; i++) {
        struct probe probe = ask_probe(&sim, PROBE_ECHO, 0);
        struct reply reply;

        probe.ttl = 1;
        assert_int_equal(ask(&sim, &probe, 20 * NS_PER_MS, &reply), 1);
    }
    sim.nodes[1].target_route = ROUTE_PROHIBIT;
    assert_int_equal(ask_for(&sim, PROBE_UDP, ASK_CLOSED, 0).kind, REPLY_ICMP);
    assert_int_equal(ask_for(&sim, PROBE_UDP, ASK_CLOSED, 0).kind, REPLY_KINDS);
    sim_deinit(&sim);
}

static const struct {
    enum route_type type;
    int type4, code4, type6, code6;
} route_errors[] = {
    {ROUTE_NONE, 3, 0, 1, 0},
    {ROUTE_UNREACHABLE, 3, 1, 1, 0},
    {ROUTE_PROHIBIT, 3, 13, 1, 1},
};

/* The route is looked up before the TTL is: the router refuses even a packet that would die there. */
static void check_route(uint8_t family, size_t which)
{
    struct sim sim;

    sim_init(&sim, SEED, family, ROUTERS);
    sim.nodes[FAULT].target_route = route_errors[which].type;
    for (uint8_t ttl = FAULT; ttl <= FAULT + 1; ttl++) {
        struct reply reply = ask_for(&sim, PROBE_TCP_SYN, 80, ttl);

        assert_true(ask_is_error(&sim, &reply, route_errors[which].type4, route_errors[which].code4,
                                 route_errors[which].type6, route_errors[which].code6));
        assert_true(ask_is_from(&sim, &reply, FAULT));
        assert_true(reply.rtt_ns < NS_PER_S);
    }
    sim_deinit(&sim);
}

static void test_refusing_routes(void **state)
{
    for (size_t i = 0; i < COUNT_OF(families); i++)
        for (size_t which = 0; which < COUNT_OF(route_errors); which++)
            check_route(families[i], which);
}

/* The path ends before the black hole, but a neighbour of the target is still led through it. */
static void test_blackhole(void **state)
{
    struct sim sim;
    struct probe probe;
    struct reply reply;

    sim_init(&sim, SEED, 4, ROUTERS);
    sim.nodes[FAULT].target_route = ROUTE_BLACKHOLE;
    assert_true(ask_for(&sim, PROBE_UDP, ASK_CLOSED, FAULT - 1).kind == REPLY_ICMP);
    assert_int_equal(ask_for(&sim, PROBE_UDP, ASK_CLOSED, FAULT).kind, REPLY_KINDS);
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, 0).kind, REPLY_KINDS);
    probe = ask_probe(&sim, PROBE_ECHO, 0);
    probe.destination.bytes[3] ^= 1;
    probe.ttl = FAULT;
    assert_int_equal(ask(&sim, &probe, NS_PER_S, &reply), 1);
    sim_deinit(&sim);
}

static void check_loop(uint8_t family)
{
    struct sim sim;
    struct reply reply;

    sim_init(&sim, SEED, family, ROUTERS);
    sim.nodes[FAULT].target_back = true;
    for (uint8_t ttl = 1; ttl <= 5; ttl++) {
        reply = ask_for(&sim, PROBE_UDP, ASK_CLOSED, ttl);
        assert_true(ask_is_from(&sim, &reply, ttl % 2 ? FAULT - 1 : FAULT));
    }
    reply = ask_for(&sim, PROBE_TCP_SYN, 80, 0);
    assert_true(ask_is_error(&sim, &reply, ICMP4_TIME_EXCEEDED, 0, ICMP6_TIME_EXCEEDED, 0));
    sim_deinit(&sim);
}

static void test_loop(void **state)
{
    check_loop(4);
    check_loop(6);
}

static void make_small(struct sim *sim)
{
    sim->links[FAULT].mtu = SMALL_MTU;
}

static struct probe large_probe(struct sim *sim, uint16_t size, bool dont_fragment)
{
    struct probe probe = ask_probe(sim, PROBE_ECHO, 0);

    probe.size = size;
    probe.dont_fragment = dont_fragment;
    return probe;
}

static void check_small_mtu(uint8_t family)
{
    struct sim sim;
    struct probe probe;
    struct reply reply;

    sim_init(&sim, SEED, family, ROUTERS);
    make_small(&sim);
    probe = large_probe(&sim, SMALL_MTU, true);
    assert_int_equal(ask(&sim, &probe, NS_PER_S, &reply), 1);
    assert_int_equal(reply.kind, REPLY_ECHO);
    probe = large_probe(&sim, SMALL_MTU + 100, true);
    assert_int_equal(ask(&sim, &probe, NS_PER_S, &reply), 1);
    assert_true(ask_is_error(&sim, &reply, ICMP4_UNREACHABLE, 4, ICMP6_TOO_BIG, 0));
    assert_true(ask_is_from(&sim, &reply, FAULT));
    assert_int_equal(reply.mtu, SMALL_MTU);
    probe = large_probe(&sim, SMALL_MTU + 100, true);
    assert_int_equal(ask(&sim, &probe, NS_PER_S, &reply), -EMSGSIZE);
    probe = large_probe(&sim, SIM_MTU + 1, true);
    assert_int_equal(ask(&sim, &probe, NS_PER_S, &reply), -EMSGSIZE);
    sim_deinit(&sim);
}

static void test_small_mtu(void **state)
{
    check_small_mtu(4);
    check_small_mtu(6);
}

static void test_fragments_pass_a_small_mtu(void **state)
{
    struct sim sim;
    struct probe probe;
    struct reply reply;

    sim_init(&sim, SEED, 4, ROUTERS);
    make_small(&sim);
    probe = large_probe(&sim, SMALL_MTU + 100, false);
    assert_int_equal(ask(&sim, &probe, NS_PER_S, &reply), 1);
    assert_int_equal(reply.kind, REPLY_ECHO);
    sim_deinit(&sim);
}

static void check_mtu_hole(uint8_t family)
{
    struct sim sim;
    struct sim_rule *rule;
    struct probe probe;
    struct reply reply;

    sim_init(&sim, SEED, family, ROUTERS);
    make_small(&sim);
    rule = sim_add_rule(&sim, FAULT);
    rule->hook = SIM_OUTPUT;
    rule->icmp = SIM_ICMP_TOO_BIG;
    for (int i = 0; i < 3; i++) {
        probe = large_probe(&sim, SMALL_MTU + 100, true);
        assert_int_equal(ask(&sim, &probe, NS_PER_S, &reply), 0);
    }
    assert_int_equal(rule->hits, 3);
    probe = large_probe(&sim, SMALL_MTU - 100, true);
    assert_int_equal(ask(&sim, &probe, NS_PER_S, &reply), 1);
    /* Packets that die before the narrow link say that it is not narrower there. */
    probe = large_probe(&sim, SMALL_MTU + 100, true);
    probe.ttl = FAULT;
    assert_int_equal(ask(&sim, &probe, NS_PER_S, &reply), 1);
    assert_true(ask_is_from(&sim, &reply, FAULT));
    sim_deinit(&sim);
}

static void test_mtu_hole(void **state)
{
    check_mtu_hole(4);
    check_mtu_hole(6);
}

/* facts 17: EHOSTUNREACH after 3.07 s, one for each packet that waited. */
static void check_host_down(uint8_t family)
{
    struct sim sim;
    struct reply reply;
    unsigned answers = 0;

    sim_init(&sim, SEED, family, ROUTERS);
    sim.nodes[sim_server(&sim)].arp_off = true;
    for (int i = 0; i < 3; i++) {
        struct probe probe = ask_probe(&sim, PROBE_TCP_SYN, 80);

        assert_int_equal(sim.network.send(&sim.network, &probe), 0);
    }
    assert_int_equal(sim.network.receive(&sim.network, sim.now_ns + 2900 * NS_PER_MS, &reply), 0);
    while (sim.network.receive(&sim.network, sim.now_ns + 300 * NS_PER_MS, &reply) > 0) {
        assert_true(ask_is_error(&sim, &reply, ICMP4_UNREACHABLE, 1, ICMP6_UNREACHABLE, 3));
        assert_true(ask_is_from(&sim, &reply, ROUTERS));
        answers++;
    }
    assert_int_equal(answers, 3);
    sim_deinit(&sim);
}

static void test_host_down(void **state)
{
    check_host_down(4);
    check_host_down(6);
}

static void test_no_return_route(void **state)
{
    struct sim sim;

    sim_init(&sim, SEED, 4, ROUTERS);
    sim.nodes[sim_server(&sim)].no_return = true;
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, 0).kind, REPLY_KINDS);
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, ROUTERS).kind, REPLY_ICMP);
    sim_deinit(&sim);
}

/* facts 35: a full queue of 30 kB at 1 Mbit/s delays by 230 ms, large packets are lost more than small ones.
 */
static void test_congestion(void **state)
{
    struct sim sim;
    unsigned small = 0, large = 0;

    sim_init(&sim, SEED, 4, ROUTERS);
    sim.links[FAULT].queue = (struct sim_queue){.rate_bps = 1000000, .load = 3};
    for (int i = 0; i < 30; i++) {
        struct probe probe = large_probe(&sim, 0, true);
        struct reply reply;

        if (ask(&sim, &probe, NS_PER_S, &reply) > 0) {
            small++;
            assert_true(reply.rtt_ns > 180 * NS_PER_MS && reply.rtt_ns < 300 * NS_PER_MS);
        }
        probe = large_probe(&sim, 1450, true);
        large += ask(&sim, &probe, NS_PER_S, &reply) > 0;
    }
    assert_true(small > 15 && large < small / 2);
    assert_true(ask_for(&sim, PROBE_ECHO, 0, FAULT).rtt_ns < 100 * NS_PER_MS);
    sim_deinit(&sim);
}

static void test_loss_and_delay_are_as_configured(void **state)
{
    struct sim sim;
    unsigned answers;

    sim_init(&sim, SEED, 4, ROUTERS);
    sim.links[FAULT].delay_ns[SIM_RIGHT] = 40 * NS_PER_MS;
    assert_true(ask_for(&sim, PROBE_ECHO, 0, 0).rtt_ns > 40 * NS_PER_MS);
    sim.links[FAULT].loss[SIM_RIGHT] = 0.5;
    answers = ask_many(&sim, PROBE_ECHO, 0, 80, 100 * NS_PER_MS);
    assert_true(answers > 25 && answers < 55);
    sim_deinit(&sim);
}

static void test_jitter_reorders(void **state)
{
    struct sim sim;
    struct reply reply;
    int last = -1, swapped = 0;

    sim_init(&sim, SEED, 4, ROUTERS);
    sim.links[FAULT].jitter_ns = 20 * NS_PER_MS;
    for (int i = 0; i < 40; i++) {
        struct probe probe = ask_probe(&sim, PROBE_ECHO, 0);

        assert_int_equal(sim.network.send(&sim.network, &probe), 0);
    }
    while (sim.network.receive(&sim.network, sim.now_ns + NS_PER_S, &reply) > 0) {
        swapped += reply.probe < last;
        last = reply.probe;
    }
    assert_true(swapped > 3);
    sim_deinit(&sim);
}

/* Beyond the bleaching router the DSCP is gone, in the quote and in the reset. */
static void test_bleaching(void **state)
{
    struct sim sim;
    struct reply reply;

    sim_init(&sim, SEED, 4, ROUTERS);
    sim.nodes[FAULT].bleach = true;
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, FAULT - 1).quoted_tos, ASK_TOS);
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, FAULT).quoted_tos, 0);
    reply = ask_for(&sim, PROBE_TCP_SYN, 80, 0);
    assert_int_equal(reply.kind, REPLY_RESET);
    assert_int_equal(reply.tos, 0);
    sim_deinit(&sim);
}

static void test_short_quotes_are_recognised(void **state)
{
    struct sim sim;

    sim_init(&sim, SEED, 4, ROUTERS);
    sim.nodes[1].quote_max = 28;
    for (int i = 0; i < 5; i++)
        assert_int_equal(ask_for(&sim, i % 2 ? PROBE_UDP : PROBE_TCP_SYN, 80, 1).kind, REPLY_ICMP);
    sim_deinit(&sim);
}

/* Flows of different ports meet either router of a pair, one flow always the same. */
static void test_two_paths(void **state)
{
    struct sim sim;
    unsigned twins = 0;

    sim_init(&sim, SEED, 4, ROUTERS);
    sim.nodes[FAULT].twin = sim_address_on(&sim, FAULT - 1, 250);
    for (uint16_t i = 0; i < 8; i++) {
        struct reply first = ask_for(&sim, PROBE_UDP, ASK_CLOSED + i, FAULT);
        struct reply second = ask_for(&sim, PROBE_UDP, ASK_CLOSED + i, FAULT);

        assert_true(sonde_address_equal(&first.from, &second.from));
        twins += sonde_address_equal(&first.from, &sim.nodes[FAULT].twin);
        sim.now_ns += 2 * NS_PER_S; /* two errors' allowance */
    }
    assert_true(twins > 0 && twins < 8);
    sim_deinit(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ladder),
        cmocka_unit_test(test_limit_of_closed_port),
        cmocka_unit_test(test_limit_of_routes),
        cmocka_unit_test(test_limit_of_ipv6),
        cmocka_unit_test(test_limit_is_set_by_sysctl),
        cmocka_unit_test(test_ladder_spends_the_allowance),
        cmocka_unit_test(test_refusing_routes),
        cmocka_unit_test(test_blackhole),
        cmocka_unit_test(test_loop),
        cmocka_unit_test(test_small_mtu),
        cmocka_unit_test(test_fragments_pass_a_small_mtu),
        cmocka_unit_test(test_mtu_hole),
        cmocka_unit_test(test_host_down),
        cmocka_unit_test(test_no_return_route),
        cmocka_unit_test(test_congestion),
        cmocka_unit_test(test_loss_and_delay_are_as_configured),
        cmocka_unit_test(test_jitter_reorders),
        cmocka_unit_test(test_bleaching),
        cmocka_unit_test(test_short_quotes_are_recognised),
        cmocka_unit_test(test_two_paths),
    };

    return cmocka_run_group_tests_name("simulated path", tests, NULL, NULL);
}
