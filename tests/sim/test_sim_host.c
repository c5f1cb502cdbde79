/* SPDX-License-Identifier: MIT */
/* Hosts, the client's own machine, privileges, strangers and determinism on the simulated network. */
#include "tests/sim/ask.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include "wire/icmp.h"

enum { SEED = 23, ROUTERS = 3, PORT = 5300 };

static const uint8_t families[] = {4, 6};

static void check_services(uint8_t family)
{
    struct sim sim;
    struct reply reply;

    sim_init(&sim, SEED, family, ROUTERS);
    ask_serve(&sim, IPPROTO_UDP, PORT, SIM_ECHO);
    assert_int_equal(ask_for(&sim, PROBE_UDP, PORT, 0).kind, REPLY_DATA);
    ask_serve(&sim, IPPROTO_UDP, PORT, SIM_MUTE);
    assert_int_equal(ask_for(&sim, PROBE_UDP, PORT, 0).kind, REPLY_KINDS);
    ask_serve(&sim, IPPROTO_UDP, PORT, SIM_LOOPBACK);
    assert_int_equal(ask_for(&sim, PROBE_UDP, PORT, 0).kind, REPLY_ICMP);
    ask_serve(&sim, IPPROTO_TCP, PORT, SIM_ECHO);
    reply = ask_for(&sim, PROBE_TCP_SYN, PORT, 0);
    assert_int_equal(reply.kind, REPLY_SYN_ACK);
    assert_int_equal(reply.tos, 0);
    /* facts 41: a full accept queue drops the request but resets what is out of the blue */
    ask_serve(&sim, IPPROTO_TCP, PORT, SIM_FULL);
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, 0).kind, REPLY_KINDS);
    reply = ask_for(&sim, PROBE_TCP_ACK, PORT, 0);
    assert_int_equal(reply.kind, REPLY_RESET);
    assert_int_equal(reply.tos, ASK_TOS);
    sim_deinit(&sim);
}

static void test_services(void **state)
{
    for (size_t i = 0; i < COUNT_OF(families); i++)
        check_services(families[i]);
}

static void check_unknown_protocol(uint8_t family)
{
    struct sim sim;
    struct reply reply;

    sim_init(&sim, SEED, family, ROUTERS);
    reply = ask_for(&sim, PROBE_PROTOCOL, 0, 0);
    assert_true(ask_is_error(&sim, &reply, ICMP4_UNREACHABLE, 2, ICMP6_PARAMETER_PROBLEM, 1));
    sim.nodes[sim_server(&sim)].incomplete = true;
    assert_int_equal(ask_for(&sim, PROBE_PROTOCOL, 0, 0).kind, REPLY_KINDS);
    sim_deinit(&sim);
}

static void test_unknown_protocol(void **state)
{
    for (size_t i = 0; i < COUNT_OF(families); i++)
        check_unknown_protocol(families[i]);
}

/* Every half-open connection that a probe causes is taken back. */
static void test_syn_ack_is_reset(void **state)
{
    struct sim sim;

    sim_init(&sim, SEED, 4, ROUTERS);
    ask_serve(&sim, IPPROTO_TCP, PORT, SIM_ECHO);
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, 0).kind, REPLY_SYN_ACK);
    assert_int_equal(sim.packets_sent, 2);
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, 0).kind, REPLY_ECHO);
    for (size_t i = 0; i < SIM_CONNECTIONS_MAX; i++)
        assert_false(sim.connections[i].used);
    sim_deinit(&sim);
}

static void test_mute_host(void **state)
{
    struct sim sim;

    sim_init(&sim, SEED, 4, ROUTERS);
    sim.nodes[sim_server(&sim)].mute = true;
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, 0).kind, REPLY_KINDS);
    assert_int_equal(ask_for(&sim, PROBE_UDP, PORT, 0).kind, REPLY_KINDS);
    assert_int_equal(ask_for(&sim, PROBE_UDP, PORT, ROUTERS).kind, REPLY_ICMP);
    sim_deinit(&sim);
}

static void test_echo_off(void **state)
{
    struct sim sim;

    sim_init(&sim, SEED, 4, ROUTERS);
    sim.nodes[sim_server(&sim)].echo_off = true;
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, 0).kind, REPLY_KINDS);
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, 0).kind, REPLY_RESET);
    sim_deinit(&sim);
}

static const struct {
    enum route_type type;
    int error;
} local_routes[] = {
    {ROUTE_NONE, -ENETUNREACH},
    {ROUTE_BLACKHOLE, -EINVAL},
    {ROUTE_PROHIBIT, -EACCES},
    {ROUTE_UNREACHABLE, -EHOSTUNREACH},
};

static void test_own_routes(void **state)
{
    for (size_t i = 0; i < COUNT_OF(local_routes); i++) {
        struct sim sim;
        struct probe probe;
        struct reply reply;

        sim_init(&sim, SEED, 4, ROUTERS);
        sim.local.route = local_routes[i].type;
        probe = ask_probe(&sim, PROBE_ECHO, 0);
        assert_int_equal(ask(&sim, &probe, NS_PER_S, &reply), local_routes[i].error);
        reply = ask_for(&sim, PROBE_ROUTE, PORT, 0);
        assert_int_equal(reply.kind, REPLY_ROUTE);
        assert_int_equal(reply.route.type, local_routes[i].type);
        assert_int_equal(sim.packets_sent, 0);
        sim_deinit(&sim);
    }
}

static void test_route_and_interface(void **state)
{
    struct sim sim;
    struct reply reply;

    sim_init(&sim, SEED, 4, ROUTERS);
    reply = ask_for(&sim, PROBE_ROUTE, PORT, 0);
    assert_int_equal(reply.route.type, ROUTE_UNICAST);
    assert_true(reply.route.up);
    assert_true(sonde_address_equal(&reply.route.source, &sim.book.source));
    assert_true(sonde_address_equal(&reply.route.gateway, &sim.links[0].address[SIM_RIGHT]));
    sim.local.interface_down = true;
    reply = ask_for(&sim, PROBE_ROUTE, PORT, 0);
    assert_int_equal(reply.route.type, ROUTE_NONE);
    assert_false(reply.route.up);
    assert_string_equal(reply.route.interface, "eth0");
    sim.local.interface_down = false;
    sim.local.carrier_lost = true;
    reply = ask_for(&sim, PROBE_ROUTE, PORT, 0);
    assert_int_equal(reply.route.type, ROUTE_UNICAST);
    assert_false(reply.route.up);
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, 0).kind, REPLY_KINDS);
    sim_deinit(&sim);
}

/* facts 50: 3.07 s, in the own name. */
static void check_dead_gateway(uint8_t family)
{
    struct sim sim;
    struct probe probe;
    struct reply reply;

    sim_init(&sim, SEED, family, ROUTERS);
    sim.nodes[1].arp_off = true;
    assert_int_equal(ask_for(&sim, PROBE_NEIGHBOUR, 0, 0).neighbour, NEIGHBOUR_UNKNOWN);
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, 0).kind, REPLY_KINDS);
    assert_int_equal(ask_for(&sim, PROBE_NEIGHBOUR, 0, 0).neighbour, NEIGHBOUR_PENDING);
    probe = ask_probe(&sim, PROBE_TCP_SYN, PORT);
    assert_int_equal(ask(&sim, &probe, 3 * NS_PER_S, &reply), 1);
    assert_true(ask_is_error(&sim, &reply, ICMP4_UNREACHABLE, 1, ICMP6_UNREACHABLE, 3));
    assert_true(ask_is_from(&sim, &reply, SIM_CLIENT));
    assert_int_equal(ask_for(&sim, PROBE_NEIGHBOUR, 0, 0).neighbour, NEIGHBOUR_FAILED);
    assert_int_equal(sim.packets_sent, 0);
    sim_deinit(&sim);
}

static void test_dead_gateway(void **state)
{
    for (size_t i = 0; i < COUNT_OF(families); i++)
        check_dead_gateway(families[i]);
}

static void check_own_machine(uint8_t family, bool loopback)
{
    struct sim sim;
    struct reply reply;

    sim_init_local(&sim, SEED, family, loopback);
    assert_int_equal(ask_for(&sim, PROBE_ROUTE, PORT, 0).route.type, ROUTE_LOCAL);
    assert_int_equal(ask_for(&sim, PROBE_LISTENER, PORT, 0).listener, LISTENER_NONE);
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, 0).kind, REPLY_RESET);
    assert_int_equal(ask_for(&sim, PROBE_UDP, PORT, 0).kind, REPLY_ICMP);
    assert_int_equal(ask_for(&sim, PROBE_ECHO, 0, 0).kind, REPLY_ECHO);
    ask_serve(&sim, IPPROTO_TCP, PORT, SIM_LOOPBACK);
    reply = ask_for(&sim, PROBE_LISTENER, PORT, 0);
    assert_int_equal(reply.listener, loopback ? LISTENER_HERE : LISTENER_ELSEWHERE);
    assert_int_equal(ask_for(&sim, PROBE_TCP_SYN, PORT, 0).kind, loopback ? REPLY_SYN_ACK : REPLY_RESET);
    ask_serve(&sim, IPPROTO_TCP, PORT, SIM_FULL);
    assert_int_equal(ask_for(&sim, PROBE_LISTENER, PORT, 0).listener, LISTENER_FULL);
    sim_deinit(&sim);
}

static void test_own_machine(void **state)
{
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        check_own_machine(families[i], true);
        check_own_machine(families[i], false);
    }
}

static void test_unprivileged(void **state)
{
    struct sim sim;
    struct probe probe;
    struct reply reply;

    sim_init(&sim, SEED, 4, ROUTERS);
    sim.options.unprivileged = true;
    assert_false(sim.network.can(&sim.network, PROBE_TCP_ACK));
    probe = ask_probe(&sim, PROBE_TCP_ACK, PORT);
    assert_int_equal(ask(&sim, &probe, NS_PER_S, &reply), -EOPNOTSUPP);
    reply = ask_for(&sim, PROBE_TCP_SYN, PORT, 0);
    assert_int_equal(reply.kind, REPLY_RESET);
    assert_int_equal(reply.ttl, -1);
    assert_int_equal(reply.tos, -1);
    reply = ask_for(&sim, PROBE_UDP, PORT, 0);
    assert_true(reply.kind == REPLY_ICMP && reply.ttl > 0 && reply.quoted_tos == -1);
    sim_deinit(&sim);
}

/* One question of each kind to a host of services, filters and lies; what was answered, as text. */
static void interrogate(struct sim *sim, char *log, size_t size)
{
    struct network *network = &sim->network;
    size_t length = 0;

    for (int i = 0; i < 40; i++) {
        struct probe probe =
            ask_probe(sim, PROBE_ECHO + (enum probe_kind)(i % (PROBE_STREAM - PROBE_ECHO)), PORT);
        int64_t until_ns = network->now(network) + 300 * NS_PER_MS;
        bool seen[PROBES_MAX] = {0};
        struct reply reply;

        probe.ttl = (uint8_t)(i % (ROUTERS + 2));
        assert_int_equal(network->send(network, &probe), 0);
        while (network->receive(network, until_ns, &reply) > 0) {
            if (reply.probe != probe.id || seen[reply.probe])
                continue; /* duplicates are the caller's business */
            seen[reply.probe] = true;
            length += (size_t)snprintf(log + length, size - length, "%u %d %d %d %d %d %lld\n", reply.probe,
                                       reply.kind, reply.ttl, reply.tos, reply.type, reply.code,
                                       (long long)reply.rtt_ns);
        }
    }
}

static void run_interrogation(uint64_t seed, uint8_t family, bool hostile, char *log, size_t size)
{
    struct sim sim;

    sim_init(&sim, seed, family, ROUTERS);
    sim.options.hostile = hostile;
    sim.nodes[1].loss = 0.05;
    ask_serve(&sim, IPPROTO_UDP, PORT, SIM_ECHO);
    interrogate(&sim, log, size);
    assert_true(!hostile || sim.injected > 100);
    sim_deinit(&sim);
}

static void test_same_seed_same_run(void **state)
{
    char first[8192], second[8192];

    for (size_t i = 0; i < COUNT_OF(families); i++) {
        run_interrogation(SEED, families[i], false, first, sizeof(first));
        run_interrogation(SEED, families[i], false, second, sizeof(second));
        assert_string_equal(first, second);
        run_interrogation(SEED + 1, families[i], false, second, sizeof(second));
        assert_string_not_equal(first, second);
    }
}

/* Whatever strangers inject: the first answer to each probe is the true one, at the same time. */
static void test_strangers_change_nothing(void **state)
{
    char quiet[8192], hostile[8192];

    for (uint64_t seed = 0; seed < 100; seed++)
        for (size_t i = 0; i < COUNT_OF(families); i++) {
            run_interrogation(seed, families[i], false, quiet, sizeof(quiet));
            run_interrogation(seed, families[i], true, hostile, sizeof(hostile));
            assert_string_equal(quiet, hostile);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services),
        cmocka_unit_test(test_unknown_protocol),
        cmocka_unit_test(test_syn_ack_is_reset),
        cmocka_unit_test(test_mute_host),
        cmocka_unit_test(test_echo_off),
        cmocka_unit_test(test_own_routes),
        cmocka_unit_test(test_route_and_interface),
        cmocka_unit_test(test_dead_gateway),
        cmocka_unit_test(test_own_machine),
        cmocka_unit_test(test_unprivileged),
        cmocka_unit_test(test_same_seed_same_run),
        cmocka_unit_test(test_strangers_change_nothing),
    };

    return cmocka_run_group_tests_name("simulated hosts", tests, NULL, NULL);
}
