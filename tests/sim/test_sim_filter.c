/* SPDX-License-Identifier: MIT */
/* Filters and translation on the simulated network, against the signatures measured on Linux. */
#include "tests/sim/ask.h"

#include <errno.h>
#include <netinet/in.h>

#include "wire/icmp.h"

enum { SEED = 11, ROUTERS = 3, FAULT = 2, PORT = 8443 };

#define REASSEMBLY_NS (32 * NS_PER_S)

static const uint8_t families[] = {4, 6};

static struct sim_rule *add(struct sim *sim, int node, uint8_t protocol, enum sim_verdict verdict,
                            enum sim_reject reject)
{
    struct sim_rule *rule = sim_add_rule(sim, node);

    rule->hook = node == SIM_CLIENT ? SIM_OUTPUT : node == sim_server(sim) ? SIM_INPUT : SIM_FORWARD;
    rule->protocol = protocol;
    rule->port = PORT;
    rule->verdict = verdict;
    rule->reject = reject;
    return rule;
}

static void start(struct sim *sim, uint8_t family)
{
    sim_init(sim, SEED, family, ROUTERS);
    ask_serve(sim, IPPROTO_TCP, PORT, SIM_ECHO);
}

/* facts 05, 13: a closed port's reset copies the TOS, a filter's has none. */
static void check_reset_by_host(uint8_t family)
{
    struct sim sim;
    struct reply closed, filtered;

    start(&sim, family);
    add(&sim, sim_server(&sim), IPPROTO_TCP, SIM_REJECT, SIM_REJECT_RESET);
    closed = ask_for(&sim, PROBE_TCP_SYN, ASK_CLOSED, 0);
    filtered = ask_for(&sim, PROBE_TCP_SYN, PORT, 0);
    assert_int_equal(closed.kind, REPLY_RESET);
    assert_int_equal(closed.tos, ASK_TOS);
    assert_false(closed.socket_reset);
    assert_int_equal(filtered.kind, REPLY_RESET);
    assert_int_equal(filtered.tos, 0);
    assert_int_equal(filtered.ttl, closed.ttl);
    assert_true(ask_for(&sim, PROBE_TCP_SHORT, PORT, 0).kind == REPLY_RESET);
    assert_true(ask_for(&sim, PROBE_TCP_SHORT, ASK_CLOSED, 0).kind == REPLY_KINDS);
    sim_deinit(&sim);
}

static void test_reset_by_host(void **state)
{
    check_reset_by_host(4);
    check_reset_by_host(6);
}

/* facts 14: in the host's name, but with the router's distance. */
static void test_reset_by_router(void **state)
{
    struct sim sim;
    struct reply reply;

    start(&sim, 4);
    add(&sim, FAULT, IPPROTO_TCP, SIM_REJECT, SIM_REJECT_RESET);
    reply = ask_for(&sim, PROBE_TCP_SYN, PORT, 0);
    assert_int_equal(reply.kind, REPLY_RESET);
    assert_true(sonde_address_equal(&reply.from, &sim.target));
    assert_int_equal(reply.ttl, ask_ttl_from(&sim, FAULT));
    assert_int_equal(reply.tos, 0);
    /* the TTL check precedes the filter */
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, FAULT).kind, REPLY_ICMP);
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, FAULT + 1).kind, REPLY_RESET);
    sim_deinit(&sim);
}

static const struct {
    enum sim_reject reject;
    int type4, code4, type6, code6;
} rejections[] = {
    {SIM_REJECT_PORT, 3, 3, 1, 4},
    {SIM_REJECT_ADMIN, 3, 13, 1, 1},
    {SIM_REJECT_HOST_PROHIBITED, 3, 10, 1, 1},
    {SIM_REJECT_NET, 3, 0, 1, 0},
};

static void check_rejection(uint8_t family, int node, size_t which)
{
    struct sim sim;
    struct reply reply;

    start(&sim, family);
    add(&sim, node, 0, SIM_REJECT, rejections[which].reject);
    for (enum probe_kind kind = PROBE_TCP_SYN; kind <= PROBE_UDP_LYING; kind++) {
        reply = ask_for(&sim, kind, PORT, 0);
        assert_true(ask_is_error(&sim, &reply, rejections[which].type4, rejections[which].code4,
                                 rejections[which].type6, rejections[which].code6));
        assert_int_equal(reply.ttl, ask_ttl_from(&sim, node));
        if (node == sim_server(&sim))
            assert_true(sonde_address_equal(&reply.from, &sim.target));
        else
            assert_true(ask_is_from(&sim, &reply, node));
    }
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, 0).kind, REPLY_ECHO);
    sim_deinit(&sim);
}

static void test_rejections(void **state)
{
    for (size_t i = 0; i < COUNT_OF(families); i++)
        for (size_t which = 0; which < COUNT_OF(rejections); which++) {
            check_rejection(families[i], FAULT, which);
            check_rejection(families[i], ROUTERS + 1, which);
        }
}

/* facts 0.1: silence for the lying datagram tells a closed port from a rejecting filter. */
static void test_hosts_discard_lies(void **state)
{
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        struct sim sim;

        start(&sim, families[i]);
        assert_int_equal(ask_for(&sim, PROBE_UDP, ASK_CLOSED, 0).kind, REPLY_ICMP);
        assert_int_equal(ask_for(&sim, PROBE_UDP_LYING, ASK_CLOSED, 0).kind, REPLY_KINDS);
        sim_deinit(&sim);
    }
}

/* facts 0.4: what the host dropped lingers in its reassembly queue, what a router dropped does not. */
static void check_first_fragment(uint8_t family, int node, bool expected)
{
    struct sim sim;
    struct probe probe;
    struct reply reply = {0};
    int64_t wait_ns = family == 4 ? REASSEMBLY_NS : 2 * REASSEMBLY_NS;

    start(&sim, family);
    add(&sim, node, IPPROTO_TCP, SIM_DROP, 0);
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, 0).kind, REPLY_KINDS);
    probe = ask_probe(&sim, PROBE_TCP_SYN, PORT);
    probe.first_fragment = true;
    assert_int_equal(ask(&sim, &probe, wait_ns, &reply), expected);
    if (expected) {
        assert_true(ask_is_error(&sim, &reply, ICMP4_TIME_EXCEEDED, 1, ICMP6_TIME_EXCEEDED, 1));
        assert_true(reply.rtt_ns > 30 * NS_PER_S);
    }
    sim_deinit(&sim);
}

static void test_first_fragment(void **state)
{
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        check_first_fragment(families[i], ROUTERS + 1, true);
        check_first_fragment(families[i], FAULT, false);
    }
}

/* A router that tracks connections reassembles, and never tells that it could not. */
static void test_tracking_router_keeps_fragments(void **state)
{
    struct sim sim;
    struct probe probe;
    struct reply reply;

    start(&sim, 4);
    sim.nodes[1].conntrack = true;
    probe = ask_probe(&sim, PROBE_ECHO, 0);
    probe.first_fragment = true;
    assert_int_equal(ask(&sim, &probe, REASSEMBLY_NS, &reply), 0);
    sim_deinit(&sim);
}

static void test_syn_filter(void **state)
{
    struct sim sim;

    start(&sim, 4);
    add(&sim, FAULT, IPPROTO_TCP, SIM_DROP, 0)->syn_only = true;
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, 0).kind, REPLY_KINDS);
    assert_int_equal(ask_for(&sim, PROBE_TCP_ACK, PORT, 0).kind, REPLY_RESET);
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, ASK_CLOSED, 0).kind, REPLY_RESET);
    sim_deinit(&sim);
}

static void test_limit_on_connections(void **state)
{
    struct sim sim;
    struct sim_rule *rule;

    start(&sim, 4);
    rule = add(&sim, sim_server(&sim), IPPROTO_TCP, SIM_LIMIT, 0);
    rule->syn_only = true;
    rule->burst = 2;
    rule->every_ns = 2 * NS_PER_S;
    for (int i = 0; i < 2; i++)
        assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, 0).kind, REPLY_SYN_ACK);
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, 0).kind, REPLY_KINDS);
    sim.now_ns += 3 * NS_PER_S;
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, 0).kind, REPLY_SYN_ACK);
    sim_deinit(&sim);
}

/* facts 38: errors are lost on the way back, echoes and resets are not. */
static void test_errors_filtered(void **state)
{
    struct sim sim;
    struct sim_rule *rule;

    start(&sim, 4);
    rule = sim_add_rule(&sim, FAULT);
    rule->icmp = SIM_ICMP_UNREACHABLE;
    assert_int_equal(ask_for(&sim, PROBE_UDP, ASK_CLOSED, 0).kind, REPLY_KINDS);
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, 0).kind, REPLY_ECHO);
    assert_int_equal(ask_for(&sim, PROBE_UDP, ASK_CLOSED, FAULT + 1).kind, REPLY_ICMP);
    assert_int_equal(rule->hits, 1);
    sim_deinit(&sim);
}

static void test_answers_filtered_on_the_way_back(void **state)
{
    struct sim sim;
    struct sim_rule *rule;

    start(&sim, 4);
    rule = sim_add_rule(&sim, FAULT);
    rule->source = sim.target;
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, 0).kind, REPLY_KINDS);
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, ROUTERS).kind, REPLY_ICMP);
    sim_deinit(&sim);
}

static void test_source_ban(void **state)
{
    struct sim sim;

    start(&sim, 4);
    add(&sim, sim_server(&sim), IPPROTO_TCP, SIM_REJECT, SIM_REJECT_PORT)->source = sim.book.source;
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, 0).kind, REPLY_ICMP);
    sim.nodes[sim_server(&sim)].rules[0].source.bytes[3] ^= 1;
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, 0).kind, REPLY_SYN_ACK);
    sim_deinit(&sim);
}

static void translate(struct sim *sim, const struct sonde_address *to)
{
    sim->nodes[FAULT].conntrack = true;
    sim->nodes[FAULT].nat_port = PORT;
    sim->nodes[FAULT].nat_to = *to;
}

/* facts 0.9: one hop early the target's own address, and 3/1 in its name after 3.07 s although it pings. */
static void check_dead_backend(uint8_t family)
{
    struct sim sim;
    struct probe probe;
    struct reply reply;
    struct sonde_address ghost;

    start(&sim, family);
    ghost = sim_address_on(&sim, ROUTERS, 222);
    translate(&sim, &ghost);
    reply = ask_for(&sim, PROBE_TCP_SYN, PORT, FAULT);
    assert_true(ask_is_error(&sim, &reply, ICMP4_TIME_EXCEEDED, 0, ICMP6_TIME_EXCEEDED, 0));
    assert_true(sonde_address_equal(&reply.from, &sim.target));
    assert_int_equal(reply.ttl, ask_ttl_from(&sim, FAULT));
    reply = ask_for(&sim, PROBE_TCP_SYN, PORT, ROUTERS);
    assert_true(sonde_address_equal(&reply.from, &sim.target));
    reply = ask_for(&sim, PROBE_TCP_SYN, PORT + 1, FAULT);
    assert_true(ask_is_from(&sim, &reply, FAULT));
    probe = ask_probe(&sim, PROBE_TCP_SYN, PORT);
    assert_int_equal(ask(&sim, &probe, 4 * NS_PER_S, &reply), 1);
    assert_true(ask_is_error(&sim, &reply, ICMP4_UNREACHABLE, 1, ICMP6_UNREACHABLE, 3));
    assert_true(sonde_address_equal(&reply.from, &sim.target));
    assert_true(reply.rtt_ns > 3 * NS_PER_S);
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, 0).kind, REPLY_ECHO);
    sim_deinit(&sim);
}

static void test_dead_backend(void **state)
{
    check_dead_backend(4);
    check_dead_backend(6);
}

static void check_closed_backend(uint8_t family)
{
    struct sim sim;
    struct reply reply;
    struct sonde_address backend;
    int host;

    start(&sim, family);
    backend = sim_address_on(&sim, FAULT, 222);
    host = sim_add_host(&sim, FAULT, &backend);
    sim.nodes[host].ttl = 64;
    translate(&sim, &backend);
    reply = ask_for(&sim, PROBE_TCP_SYN, PORT, 0);
    assert_int_equal(reply.kind, REPLY_RESET);
    assert_true(sonde_address_equal(&reply.from, &sim.target));
    assert_int_equal(reply.ttl, 64 - FAULT);
    assert_int_equal(reply.tos, ASK_TOS);
    reply = ask_for(&sim, PROBE_TCP_ACK, PORT, 0);
    assert_int_equal(reply.kind, REPLY_RESET);
    /* an invalid segment is not translated, so it reaches the target, which discards it */
    assert_int_equal(ask_for(&sim, PROBE_TCP_SHORT, PORT, 0).kind, REPLY_KINDS);
    sim_deinit(&sim);
}

static void test_closed_backend(void **state)
{
    check_closed_backend(4);
    check_closed_backend(6);
}

/* facts 22..24: the own filter refuses at once, and a rejecting one says so in the own name. */
static void test_own_filter(void **state)
{
    struct sim sim;
    struct probe probe;
    struct reply reply;

    start(&sim, 4);
    add(&sim, SIM_CLIENT, IPPROTO_TCP, SIM_DROP, 0);
    probe = ask_probe(&sim, PROBE_TCP_SYN, PORT);
    assert_int_equal(ask(&sim, &probe, NS_PER_S, &reply), -EPERM);
    assert_int_equal(sim.packets_sent, 0);
    sim.nodes[SIM_CLIENT].rules[0].verdict = SIM_REJECT;
    sim.nodes[SIM_CLIENT].rules[0].reject = SIM_REJECT_ADMIN;
    probe = ask_probe(&sim, PROBE_TCP_SYN, PORT);
    assert_int_equal(ask(&sim, &probe, NS_PER_S, &reply), -EPERM);
    assert_int_equal(sim.network.receive(&sim.network, sim.now_ns + NS_PER_S, &reply), 1);
    assert_true(ask_is_error(&sim, &reply, ICMP4_UNREACHABLE, 13, 0, 0));
    assert_true(ask_is_from(&sim, &reply, SIM_CLIENT));
    assert_int_equal(sim.packets_sent, 0);
    sim_deinit(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reset_by_host),   cmocka_unit_test(test_reset_by_router),
        cmocka_unit_test(test_rejections),      cmocka_unit_test(test_hosts_discard_lies),
        cmocka_unit_test(test_first_fragment),  cmocka_unit_test(test_tracking_router_keeps_fragments),
        cmocka_unit_test(test_syn_filter),      cmocka_unit_test(test_limit_on_connections),
        cmocka_unit_test(test_errors_filtered), cmocka_unit_test(test_answers_filtered_on_the_way_back),
        cmocka_unit_test(test_source_ban),      cmocka_unit_test(test_dead_backend),
        cmocka_unit_test(test_closed_backend),  cmocka_unit_test(test_own_filter),
    };

    return cmocka_run_group_tests_name("simulated filters", tests, NULL, NULL);
}
