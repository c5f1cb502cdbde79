/* SPDX-License-Identifier: MIT */
/* Real connections over the simulated network. */
#include "tests/sim/ask.h"

#include <errno.h>
#include <netinet/in.h>

#include "wire/icmp.h"

enum { SEED = 31, ROUTERS = 3, FAULT = 2, PORT = 8080, LARGE = 4000, SMALL_MTU = 1300, STAGES = 4 };

static const uint8_t families[] = {4, 6};
static const uint8_t content[LARGE];

/* What a stream met, one reply after the other. */
struct story {
    int error;
    size_t count;
    struct reply replies[STAGES];
};

static struct story tell(struct sim *sim, size_t octets)
{
    struct network *network = &sim->network;
    struct probe probe = ask_probe(sim, PROBE_STREAM, PORT);
    struct story story = {0};
    int64_t until_ns = sim->now_ns + 4 * NS_PER_S;

    probe.payload = slice_of(content, octets);
    story.error = network->send(network, &probe);
    while (story.count < STAGES && network->receive(network, until_ns, &story.replies[story.count]) > 0)
        story.count++;
    return story;
}

static void start(struct sim *sim, uint8_t family, enum sim_service_kind kind)
{
    sim_init(sim, SEED, family, ROUTERS);
    ask_serve(sim, IPPROTO_TCP, PORT, kind);
}

static const struct {
    enum sim_service_kind kind;
    size_t count;
    enum reply_kind first, second;
} outcomes[] = {
    {SIM_ECHO, 2, REPLY_STREAM_OPEN, REPLY_DATA},
    {SIM_GREETS, 2, REPLY_STREAM_OPEN, REPLY_DATA},
    {SIM_MUTE, 2, REPLY_STREAM_OPEN, REPLY_STREAM_SILENT},
    {SIM_RESETS, 2, REPLY_STREAM_OPEN, REPLY_STREAM_RESET},
    {SIM_CLOSES, 2, REPLY_STREAM_OPEN, REPLY_STREAM_CLOSED},
    {SIM_CLOSED, 1, REPLY_RESET, REPLY_KINDS},
    {SIM_FULL, 1, REPLY_STREAM_TIMEOUT, REPLY_KINDS},
};

static void check_outcome(uint8_t family, size_t which, size_t octets)
{
    struct sim sim;
    struct story story;

    start(&sim, family, outcomes[which].kind);
    story = tell(&sim, octets);
    assert_int_equal(story.count, outcomes[which].count);
    assert_int_equal(story.replies[0].kind, outcomes[which].first);
    if (story.count > 1)
        assert_int_equal(story.replies[1].kind, outcomes[which].second);
    assert_int_equal(story.replies[0].ttl, -1);
    sim_deinit(&sim);
}

static void test_outcomes(void **state)
{
    for (size_t i = 0; i < COUNT_OF(families); i++)
        for (size_t which = 0; which < COUNT_OF(outcomes); which++) {
            check_outcome(families[i], which, 0);
            check_outcome(families[i], which, LARGE);
        }
}

static void check_mtu(uint8_t family, bool hole, enum reply_kind expected)
{
    struct sim sim;
    struct story story;

    start(&sim, family, SIM_ECHO);
    sim.links[FAULT].mtu = SMALL_MTU;
    if (hole) {
        struct sim_rule *rule = sim_add_rule(&sim, FAULT);

        rule->hook = SIM_OUTPUT;
        rule->icmp = SIM_ICMP_TOO_BIG;
    }
    story = tell(&sim, LARGE);
    assert_int_equal(story.count, 2);
    assert_int_equal(story.replies[0].kind, REPLY_STREAM_OPEN);
    assert_int_equal(story.replies[1].kind, expected);
    story = tell(&sim, 0);
    assert_int_equal(story.replies[1].kind, REPLY_DATA);
    sim_deinit(&sim);
}

static void test_mtu(void **state)
{
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        check_mtu(families[i], false, REPLY_DATA);
        check_mtu(families[i], true, REPLY_STREAM_STALLED);
    }
}

static void test_refused_by_error(void **state)
{
    struct sim sim;
    struct sim_rule *rule;
    struct story story;

    start(&sim, 4, SIM_ECHO);
    rule = sim_add_rule(&sim, FAULT);
    rule->port = PORT;
    rule->verdict = SIM_REJECT;
    rule->reject = SIM_REJECT_ADMIN;
    story = tell(&sim, 0);
    assert_int_equal(story.count, 1);
    assert_true(ask_is_error(&sim, &story.replies[0], ICMP4_UNREACHABLE, 13, 0, 0));
    assert_true(ask_is_from(&sim, &story.replies[0], FAULT));
    sim_deinit(&sim);
}

/* facts 22/23: connect() does not tell that the own filter swallows its SYN; without a route it fails at
 * once. */
static void test_local_trouble(void **state)
{
    struct sim sim;
    struct sim_rule *rule;
    struct story story;

    start(&sim, 4, SIM_ECHO);
    rule = sim_add_rule(&sim, SIM_CLIENT);
    rule->hook = SIM_OUTPUT;
    rule->port = PORT;
    story = tell(&sim, 0);
    assert_int_equal(story.error, 0);
    assert_int_equal(story.replies[0].kind, REPLY_STREAM_TIMEOUT);
    sim.local.route = ROUTE_PROHIBIT;
    assert_int_equal(tell(&sim, 0).error, -EACCES);
    sim_deinit(&sim);
}

/* Lost segments are sent again: nine of ten connections of 4000 octets survive five percent of loss. */
static void test_loss_is_repaired(void **state)
{
    unsigned served = 0, opened = 0;

    for (uint64_t seed = 0; seed < 100; seed++) {
        struct sim sim;
        struct story story;

        sim_init(&sim, seed, 4, ROUTERS);
        ask_serve(&sim, IPPROTO_TCP, PORT, SIM_ECHO);
        sim.nodes[FAULT].loss = 0.05;
        story = tell(&sim, LARGE);
        opened += story.replies[0].kind == REPLY_STREAM_OPEN;
        served += story.count == 2 && story.replies[1].kind == REPLY_DATA;
        sim_deinit(&sim);
    }
    assert_true(opened >= 85);
    assert_true(served >= opened - 5);
}

static void test_own_machine(void **state)
{
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        struct sim sim;
        struct story story;

        sim_init_local(&sim, SEED, families[i], true);
        ask_serve(&sim, IPPROTO_TCP, PORT, SIM_LOOPBACK);
        story = tell(&sim, LARGE);
        assert_int_equal(story.count, 2);
        assert_int_equal(story.replies[1].kind, REPLY_DATA);
        sim_deinit(&sim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcomes),         cmocka_unit_test(test_mtu),
        cmocka_unit_test(test_refused_by_error), cmocka_unit_test(test_local_trouble),
        cmocka_unit_test(test_loss_is_repaired), cmocka_unit_test(test_own_machine),
    };

    return cmocka_run_group_tests_name("simulated streams", tests, NULL, NULL);
}
