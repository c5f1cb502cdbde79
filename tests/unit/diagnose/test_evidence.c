/* SPDX-License-Identifier: MIT */
/* The log: duplicates, second answers, distances, round trips, loops and translators. */
#include "diagnose/evidence.h"

#include <errno.h>

#include "tests/unit/diagnose/story.h"
#include "wire/icmp.h"

static void test_a_duplicate_changes_nothing(void **state)
{
    struct story story;
    uint16_t probe;

    story_begin(&story, STORY_PORT, false);
    probe = story_ask(&story, ASK_FIRST, PROBE_TCP_SYN, 0);
    assert_true(story_answer(&story, probe, story_plain(REPLY_SYN_ACK)));
    assert_false(story_answer(&story, probe, story_plain(REPLY_RESET)));
    assert_int_equal(story.evidence.refused, 1);
    assert_int_equal(evidence_first(&story.evidence, ASK_FIRST, NULL)->kind, REPLY_SYN_ACK);
    assert_int_equal(evidence_count(&story.evidence, ASK_FIRST), 1);
    assert_int_equal(evidence_answered(&story.evidence, ASK_FIRST), 1);
}

static void test_an_answer_to_nothing_is_refused(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    assert_false(story_answer(&story, 77, story_plain(REPLY_SYN_ACK)));
    assert_int_equal(story.evidence.reply_count, 0);
}

static void test_a_stream_ends_after_it_opened(void **state)
{
    struct story story;
    uint16_t probe;

    story_begin(&story, STORY_PORT, false);
    probe = story_ask(&story, ASK_STREAM, PROBE_STREAM, 0);
    assert_true(story_answer(&story, probe, story_plain(REPLY_STREAM_OPEN)));
    assert_true(story_answer(&story, probe, story_plain(REPLY_STREAM_RESET)));
    assert_false(story_answer(&story, probe, story_plain(REPLY_STREAM_OPEN)));
    assert_int_equal(evidence_first(&story.evidence, ASK_STREAM, NULL)->kind, REPLY_STREAM_RESET);
}

static void test_an_error_explains_a_refusal(void **state)
{
    struct story story;
    struct reply refusal = {.kind = REPLY_LOCAL, .error = EHOSTUNREACH};
    uint16_t probe;

    story_begin(&story, STORY_PORT, false);
    probe = story_ask(&story, ASK_FIRST, PROBE_TCP_SYN, 0);
    assert_true(story_answer(&story, probe, refusal));
    assert_true(story_answer(&story, probe, story_error(STORY_SELF, ICMP4_UNREACHABLE, 13)));
    assert_false(story_answer(&story, probe, refusal));
    assert_int_equal(answer_class(evidence_first(&story.evidence, ASK_FIRST, NULL)), ANSWER_ADMIN);
}

static void test_the_route_is_kept(void **state)
{
    struct story story;
    struct reply route = {.kind = REPLY_ROUTE, .route = {.type = ROUTE_BLACKHOLE}};

    story_begin(&story, STORY_PORT, false);
    story.evidence.route_known = false;
    story_exchange(&story, ASK_ROUTE, PROBE_ROUTE, route);
    assert_true(story.evidence.route_known);
    assert_int_equal(story.evidence.route.type, ROUTE_BLACKHOLE);
    assert_int_equal(story.evidence.packets_sent, 0); /* to ask this machine costs none */
}

static void test_the_log_is_finite(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    for (int i = 0; i < PROBES_MAX + 5; i++)
        story_ask(&story, ASK_ECHO, PROBE_ECHO, 0);
    assert_int_equal(story.evidence.asked_count, PROBES_MAX);
    assert_int_equal(story.evidence.packets_sent, PROBES_MAX);
}

static void test_classes(void **state)
{
    static const struct {
        const char *from;
        uint8_t type, code;
        enum answer answer;
    } errors[] = {
        {"10.0.0.1", 3, 0, ANSWER_NET},    {"10.0.0.1", 3, 1, ANSWER_HOST},
        {"10.0.0.1", 3, 2, ANSWER_ERROR},  {"10.0.0.1", 3, 3, ANSWER_PORT},
        {"10.0.0.1", 3, 4, ANSWER_BIG},    {"10.0.0.1", 3, 6, ANSWER_NET},
        {"10.0.0.1", 3, 7, ANSWER_HOST},   {"10.0.0.1", 3, 9, ANSWER_ADMIN},
        {"10.0.0.1", 3, 10, ANSWER_ADMIN}, {"10.0.0.1", 3, 13, ANSWER_ADMIN},
        {"10.0.0.1", 11, 0, ANSWER_TTL},   {"10.0.0.1", 11, 1, ANSWER_ERROR},
        {"10.0.0.1", 12, 0, ANSWER_ERROR}, {"fd00::1", 1, 0, ANSWER_NET},
        {"fd00::1", 1, 1, ANSWER_ADMIN},   {"fd00::1", 1, 3, ANSWER_HOST},
        {"fd00::1", 1, 4, ANSWER_PORT},    {"fd00::1", 1, 5, ANSWER_ADMIN},
        {"fd00::1", 1, 6, ANSWER_ADMIN},   {"fd00::1", 2, 0, ANSWER_BIG},
        {"fd00::1", 3, 0, ANSWER_TTL},     {"fd00::1", 4, 1, ANSWER_ERROR},
    };
    struct reply reply;

    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        reply = story_error(errors[i].from, errors[i].type, errors[i].code);
        assert_int_equal(answer_class(&reply), errors[i].answer);
    }
    reply = story_plain(REPLY_STREAM_OPEN);
    assert_int_equal(answer_class(&reply), ANSWER_REPLY);
    reply = story_plain(REPLY_RESET);
    assert_int_equal(answer_class(&reply), ANSWER_RESET);
    reply = story_plain(REPLY_LOCAL);
    assert_int_equal(answer_class(&reply), ANSWER_LOCAL);
    reply = story_plain(REPLY_NEIGHBOUR);
    assert_int_equal(answer_class(&reply), ANSWER_ERROR);
    assert_string_equal(answer_name(ANSWER_SILENT), "silence");
    assert_string_equal(answer_name(ANSWER_PORT), "port unreachable");
}

static void test_distance_of_ttl(void **state)
{
    assert_int_equal(distance_of_ttl(64), 0);
    assert_int_equal(distance_of_ttl(61), 3);
    assert_int_equal(distance_of_ttl(128), 0);
    assert_int_equal(distance_of_ttl(120), 8);
    assert_int_equal(distance_of_ttl(255), 0);
    assert_int_equal(distance_of_ttl(30), 2);
    assert_int_equal(distance_of_ttl(200), -1); /* no common initial value is so near */
}

/* Anybody may send a reset in the host's name, so its distance counts only where the host's own is at hand.
 */
static void test_the_hosts_distance(void **state)
{
    struct story story;
    struct reply reset = {.kind = REPLY_RESET, .ttl = 63};

    story_begin(&story, STORY_PORT, false);
    assert_int_equal(evidence_distance(&story.evidence), -1);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, reset);
    assert_int_equal(evidence_distance(&story.evidence), -1);
    assert_false(evidence_host_alive(&story.evidence));
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, story_plain(REPLY_ECHO));
    assert_int_equal(evidence_distance(&story.evidence), 2);
    assert_true(evidence_host_alive(&story.evidence));
}

static void test_a_routers_error_is_no_sign_of_life(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, story_error("10.1.0.1", ICMP4_UNREACHABLE, 1));
    assert_false(evidence_host_alive(&story.evidence));
    assert_int_equal(evidence_distance(&story.evidence), -1);
}

static void test_round_trips(void **state)
{
    struct story story;
    struct reply slow = {.kind = REPLY_ECHO, .rtt_ns = 80 * NS_PER_MS};
    struct reply late = story_error("10.1.0.1", ICMP4_UNREACHABLE, 1);

    story_begin(&story, STORY_PORT, false);
    assert_int_equal(evidence_slowest(&story.evidence), 0);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, slow);
    late.rtt_ns = 3 * NS_PER_S; /* an address resolution that failed is no round trip */
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, late);
    slow.rtt_ns = NS_PER_S; /* what a service takes to answer is none either */
    story_exchange(&story, ASK_STREAM, PROBE_STREAM, slow);
    assert_int_equal(evidence_slowest(&story.evidence), 80 * NS_PER_MS);
    assert_int_equal(evidence_trip(&story.evidence, &story.evidence.asked[0]), 80 * NS_PER_MS);
}

/* The answer may be one to the first datagram or to the second. */
static void test_repeated_datagrams_have_no_round_trip(void **state)
{
    struct story story;
    struct reply data = {.kind = REPLY_DATA, .rtt_ns = 300 * NS_PER_MS};
    uint16_t first, second;

    story_begin(&story, STORY_PORT, true);
    first = story_ask(&story, ASK_FIRST, PROBE_UDP, 0);
    story.clock_ns += 250 * NS_PER_MS;
    second = story_ask(&story, ASK_FIRST, PROBE_UDP, 0);
    assert_true(story_answer(&story, first, data));
    assert_int_equal(evidence_trip(&story.evidence, &story.evidence.asked[0]), -1);
    assert_int_equal(evidence_trip(&story.evidence, &story.evidence.asked[1]), -1);
    assert_int_equal(evidence_slowest(&story.evidence), 0);
    assert_int_not_equal(first, second);
}

static void test_ladders(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    assert_int_equal(evidence_ladder_end(&story.evidence, ASK_LADDER), 0);
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    story_rung(&story, ASK_LADDER, 3, "10.3.0.1");
    story_ask(&story, ASK_LADDER, PROBE_TCP_SYN, 4);
    story_ask(&story, ASK_LADDER, PROBE_TCP_SYN, 4);
    assert_int_equal(evidence_ladder_end(&story.evidence, ASK_LADDER), 3);
    assert_int_equal(evidence_ladder_end(&story.evidence, ASK_REFERENCE), 0);
    assert_non_null(evidence_hop(&story.evidence, ASK_LADDER, 1));
    assert_null(evidence_hop(&story.evidence, ASK_LADDER, 2));
    assert_int_equal(evidence_tries(&story.evidence, ASK_LADDER, 4), 2);
    assert_int_equal(evidence_loop(&story.evidence), 0);
    assert_int_equal(evidence_translator(&story.evidence), 0);
}

static void test_loops(void **state)
{
    static const char *const routers[] = {"10.1.0.1", "10.2.0.1", "10.3.0.1", "10.2.0.1"};
    struct story story;

    story_begin(&story, STORY_PORT, false);
    for (uint8_t hop = 1; hop <= COUNT_OF(routers); hop++)
        story_rung(&story, ASK_LADDER, hop, routers[hop - 1]);
    assert_int_equal(evidence_loop(&story.evidence), 2);
}

/* A router that answers for the next TTL, too, only fails to count down. */
static void test_a_router_met_twice_in_a_row_is_no_loop(void **state)
{
    static const char *const routers[] = {"10.1.0.1", "10.2.0.1", "10.2.0.1"};
    struct story story;

    story_begin(&story, STORY_PORT, false);
    for (uint8_t hop = 1; hop <= COUNT_OF(routers); hop++)
        story_rung(&story, ASK_LADDER, hop, routers[hop - 1]);
    assert_int_equal(evidence_loop(&story.evidence), 0);
}

static void test_translators(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    story_rung(&story, ASK_LADDER, 2, STORY_TARGET);
    story_rung(&story, ASK_LADDER, 3, STORY_TARGET);
    assert_int_equal(evidence_translator(&story.evidence), 2);
    assert_int_equal(evidence_loop(&story.evidence), 0);
}

static void test_self(void **state)
{
    struct story story;
    struct sonde_address self = unit_address(STORY_SELF);

    story_begin(&story, STORY_PORT, false);
    assert_true(evidence_is_self(&story.evidence, &self));
    story.evidence.route.type =
        ROUTE_LOCAL; /* then the target is this machine, and its errors are the target's */
    assert_false(evidence_is_self(&story.evidence, &self));
    story.evidence.route_known = false;
    assert_false(evidence_is_self(&story.evidence, &self));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_duplicate_changes_nothing),
        cmocka_unit_test(test_an_answer_to_nothing_is_refused),
        cmocka_unit_test(test_a_stream_ends_after_it_opened),
        cmocka_unit_test(test_an_error_explains_a_refusal),
        cmocka_unit_test(test_the_route_is_kept),
        cmocka_unit_test(test_the_log_is_finite),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_distance_of_ttl),
        cmocka_unit_test(test_the_hosts_distance),
        cmocka_unit_test(test_a_routers_error_is_no_sign_of_life),
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_repeated_datagrams_have_no_round_trip),
        cmocka_unit_test(test_ladders),
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_a_router_met_twice_in_a_row_is_no_loop),
        cmocka_unit_test(test_translators),
        cmocka_unit_test(test_self),
    };

    return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
