/* SPDX-License-Identifier: MIT */
/* Outcomes of the tests about answers, read from hand-made logs. */
#include "diagnose/test.h"
#include "tests/unit/diagnose/story.h"
#include "wire/icmp.h"

static int read_outcome(const struct story *story, enum test test)
{
    return test_row(test)->read(&story->evidence);
}

/* What an empty log says: nothing, except what this process may do. */
static void test_nothing_is_known_at_first(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story.evidence.route_known = false;
    for (int test = 0; test < TESTS; test++)
        assert_int_equal(read_outcome(&story, (enum test)test),
                         test == TEST_RAW ? RAW_GRANTED : OUTCOME_UNKNOWN);
    story.evidence.raw = false;
    assert_int_equal(read_outcome(&story, TEST_RAW), RAW_DENIED);
}

static void test_route(void **state)
{
    static const struct {
        enum route_type type;
        bool up;
        int outcome;
    } cases[] = {
        {ROUTE_UNICAST, true, ROUTE_IS_FINE},         {ROUTE_LOCAL, true, ROUTE_IS_FINE},
        {ROUTE_NONE, true, ROUTE_IS_MISSING},         {ROUTE_BLACKHOLE, true, ROUTE_DISCARDS},
        {ROUTE_PROHIBIT, true, ROUTE_PROHIBITS},      {ROUTE_UNREACHABLE, true, ROUTE_REFUSES},
        {ROUTE_UNICAST, false, ROUTE_INTERFACE_DOWN}, {ROUTE_NONE, false, ROUTE_INTERFACE_DOWN},
        {ROUTE_BLACKHOLE, false, ROUTE_DISCARDS},
    };
    struct story story;

    story_begin(&story, STORY_PORT, false);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        story.evidence.route.type = cases[i].type;
        story.evidence.route.up = cases[i].up;
        assert_int_equal(read_outcome(&story, TEST_ROUTE), cases[i].outcome);
    }
}

static void test_listener(void **state)
{
    static const int outcomes[] = {
        [LISTENER_NONE] = LISTENS_NOT,
        [LISTENER_HERE] = LISTENS_HERE,
        [LISTENER_ELSEWHERE] = LISTENS_ELSEWHERE,
        [LISTENER_FULL] = LISTENS_FULL,
    };

    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        struct reply reply = {.kind = REPLY_LISTENER, .listener = (enum listener)i};
        struct story story;

        story_begin(&story, STORY_PORT, false);
        story_exchange(&story, ASK_LISTENER, PROBE_LISTENER, reply);
        assert_int_equal(read_outcome(&story, TEST_LISTENER), outcomes[i]);
    }
}

static void test_neighbour(void **state)
{
    struct reply reply = {.kind = REPLY_NEIGHBOUR, .neighbour = NEIGHBOUR_PENDING};
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_NEIGHBOUR, PROBE_NEIGHBOUR, reply);
    assert_int_equal(read_outcome(&story, TEST_NEIGHBOUR), OUTCOME_UNKNOWN);
    story.clock_ns += 2 * NS_PER_S; /* two requests without an answer */
    story_exchange(&story, ASK_NEIGHBOUR, PROBE_NEIGHBOUR, reply);
    assert_int_equal(read_outcome(&story, TEST_NEIGHBOUR), NEIGHBOUR_GATEWAY_DEAD);
    story.evidence.route.gateway.family = 0;
    assert_int_equal(read_outcome(&story, TEST_NEIGHBOUR), NEIGHBOUR_TARGET_DEAD);
    reply.neighbour = NEIGHBOUR_RESOLVED;
    story_exchange(&story, ASK_NEIGHBOUR, PROBE_NEIGHBOUR, reply);
    assert_int_equal(read_outcome(&story, TEST_NEIGHBOUR), NEIGHBOUR_ANSWERS);
}

static void test_a_failed_neighbour(void **state)
{
    struct reply reply = {.kind = REPLY_NEIGHBOUR, .neighbour = NEIGHBOUR_FAILED};
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_NEIGHBOUR, PROBE_NEIGHBOUR, reply);
    assert_int_equal(read_outcome(&story, TEST_NEIGHBOUR), NEIGHBOUR_GATEWAY_DEAD);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, story_error(STORY_SELF, ICMP4_UNREACHABLE, 1));
    assert_int_equal(read_outcome(&story, TEST_NEIGHBOUR), NEIGHBOUR_GATEWAY_DEAD); /* it was us */
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    assert_int_equal(read_outcome(&story, TEST_NEIGHBOUR),
                     NEIGHBOUR_ANSWERS); /* it came through the gateway */
}

static void test_controls(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, true);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, story_plain(REPLY_ECHO));
    story_exchange(&story, ASK_UDP, PROBE_UDP, story_error(STORY_TARGET, ICMP4_UNREACHABLE, 3));
    story_silence(&story, ASK_TCP, PROBE_TCP_SYN, 2);
    assert_int_equal(read_outcome(&story, TEST_ECHO), ANSWER_REPLY);
    assert_int_equal(read_outcome(&story, TEST_UDP), ANSWER_PORT);
    assert_int_equal(read_outcome(&story, TEST_TCP), ANSWER_SILENT);
    assert_int_equal(read_outcome(&story, TEST_FIRST), OUTCOME_UNKNOWN);
}

/* For a bare host the echo request is the first probe, not a control. */
static void test_a_bare_host_has_no_echo_control(void **state)
{
    struct story story;

    story_begin(&story, 0, false);
    story_exchange(&story, ASK_FIRST, PROBE_ECHO, story_plain(REPLY_ECHO));
    assert_int_equal(read_outcome(&story, TEST_FIRST), ANSWER_REPLY);
    assert_int_equal(read_outcome(&story, TEST_ECHO), OUTCOME_UNKNOWN);
}

static void test_a_later_answer_counts_for_the_port(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_silence(&story, ASK_FIRST, PROBE_TCP_SYN, 3);
    assert_int_equal(read_outcome(&story, TEST_FIRST), ANSWER_SILENT);
    story_exchange(&story, ASK_AGAIN, PROBE_TCP_SYN, story_plain(REPLY_SYN_ACK));
    assert_int_equal(read_outcome(&story, TEST_FIRST), ANSWER_REPLY);
}

static void test_who_answers_with_an_error(void **state)
{
    static const struct {
        const char *from;
        int outcome;
    } cases[] = {{STORY_TARGET, BY_TARGET}, {"10.1.0.1", BY_ROUTER}, {STORY_SELF, BY_SELF}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct story story;

        story_begin(&story, STORY_PORT, false);
        story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, story_error(cases[i].from, ICMP4_UNREACHABLE, 13));
        assert_int_equal(read_outcome(&story, TEST_BY), cases[i].outcome);
    }
}

static void test_who_resets(void **state)
{
    static const struct {
        int16_t ttl;
        int outcome;
    } cases[] = {{62, BY_TARGET}, {63, BY_ROUTER}, {61, BY_FARTHER}, {-1, OUTCOME_UNKNOWN}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reply reset = {.kind = REPLY_RESET, .ttl = cases[i].ttl};
        struct story story;

        story_begin(&story, STORY_PORT, false);
        story_exchange(&story, ASK_ECHO, PROBE_ECHO, story_plain(REPLY_ECHO));
        story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, reset);
        assert_int_equal(read_outcome(&story, TEST_BY), cases[i].outcome);
    }
}

/* A rung that is too short to reach the host draws a reset: somebody on the way sends it. */
static void test_a_reset_on_the_way(void **state)
{
    struct reply reset = {.kind = REPLY_RESET, .ttl = -1};
    struct story story;
    uint16_t probe;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, story_plain(REPLY_ECHO));
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, reset);
    probe = story_ask(&story, ASK_LADDER, PROBE_TCP_SYN, 2);
    assert_true(story_answer(&story, probe, reset));
    assert_int_equal(read_outcome(&story, TEST_BY), BY_ROUTER);
}

static void test_when(void **state)
{
    struct reply error = story_error("10.1.0.1", ICMP4_UNREACHABLE, 1);
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, error);
    assert_int_equal(read_outcome(&story, TEST_WHEN), PROMPT);
    story_begin(&story, STORY_PORT, false);
    story_silence(&story, ASK_FIRST, PROBE_TCP_SYN, 1);
    error.rtt_ns = 3 * NS_PER_S;
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, error); /* another probe to the host was refused */
    assert_int_equal(read_outcome(&story, TEST_WHEN), LATE);
    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, story_error("10.1.0.1", ICMP4_UNREACHABLE, 13));
    assert_int_equal(read_outcome(&story, TEST_WHEN), OUTCOME_UNKNOWN);
}

static void begin_behind(struct story *story, int routers)
{
    struct reply echo = {.kind = REPLY_ECHO, .ttl = (int16_t)(64 - routers)};

    story_begin(story, STORY_PORT, false);
    story_exchange(story, ASK_ECHO, PROBE_ECHO, echo);
}

static void test_a_whole_path(void **state)
{
    struct story story;

    begin_behind(&story, 2);
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    story_ask(&story, ASK_LADDER, PROBE_TCP_SYN, 2);
    assert_int_equal(read_outcome(&story, TEST_PATH), OUTCOME_UNKNOWN);
    story_rung(&story, ASK_LADDER, 2, "10.2.0.1");
    assert_int_equal(read_outcome(&story, TEST_PATH), PATH_WHOLE);
}

/* Silence of a hop may be the hop's habit; only an answer from behind it shows where the port's path ends. */
static void test_a_short_path_needs_proof(void **state)
{
    struct story story;

    begin_behind(&story, 3);
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    story.evidence.silent[ASK_LADDER] = true;
    assert_int_equal(read_outcome(&story, TEST_PATH), OUTCOME_UNKNOWN);
    story_rung(&story, ASK_REFERENCE, 2, "10.2.0.1");
    assert_int_equal(read_outcome(&story, TEST_PATH), PATH_SHORT);
}

static void test_a_path_that_leads_nowhere(void **state)
{
    struct story story;

    begin_behind(&story, 3);
    story_silence(&story, ASK_LADDER, PROBE_TCP_SYN, 3);
    story_rung(&story, ASK_REFERENCE, 1, "10.1.0.1");
    assert_int_equal(read_outcome(&story, TEST_PATH), PATH_NOWHERE);
}

static void test_the_path_to_a_mute_host(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    story.evidence.silent[ASK_LADDER] = true;
    assert_int_equal(read_outcome(&story, TEST_PATH), OUTCOME_UNKNOWN);
    story_silence(&story, ASK_REFERENCE, PROBE_TCP_SYN, 3);
    assert_int_equal(read_outcome(&story, TEST_PATH), PATH_WHOLE); /* the neighbour's ends there, too */
    story_rung(&story, ASK_REFERENCE, 2, "10.2.0.1");
    assert_int_equal(read_outcome(&story, TEST_PATH), PATH_SHORT);
}

static void test_paths_that_loop_or_translate(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    story_rung(&story, ASK_LADDER, 2, "10.2.0.1");
    story_rung(&story, ASK_LADDER, 3, "10.1.0.1");
    assert_int_equal(read_outcome(&story, TEST_PATH), PATH_LOOPS);
    story_rung(&story, ASK_LADDER, 4, STORY_TARGET);
    assert_int_equal(read_outcome(&story, TEST_PATH), PATH_TRANSLATED);
}

static void test_on_the_link_the_path_is_whole(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story.evidence.route.gateway.family = 0;
    assert_int_equal(read_outcome(&story, TEST_PATH), PATH_WHOLE);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, story_plain(REPLY_LOCAL));
    assert_int_equal(read_outcome(&story, TEST_PATH), OUTCOME_UNKNOWN);
}

static int tos_outcome(int16_t of_control, int16_t of_reset)
{
    struct reply control = {.kind = REPLY_RESET, .tos = of_control},
                 reset = {.kind = REPLY_RESET, .tos = of_reset};
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_TCP, PROBE_TCP_SYN, control);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, reset);
    return read_outcome(&story, TEST_TOS);
}

static void test_tos(void **state)
{
    assert_int_equal(tos_outcome(STORY_TOS, STORY_TOS), TOS_COPIED);
    assert_int_equal(tos_outcome(STORY_TOS, 0), TOS_ZERO);
    assert_int_equal(tos_outcome(0, 0), OUTCOME_UNKNOWN);            /* the way clears it: nobody can tell */
    assert_int_equal(tos_outcome(0x08, 0x08), TOS_COPIED);           /* what survives is enough */
    assert_int_equal(tos_outcome(STORY_TOS, 0x80), OUTCOME_UNKNOWN); /* neither copied nor cleared */
    assert_int_equal(tos_outcome(STORY_TOS, -1), OUTCOME_UNKNOWN);   /* not visible */
}

static void test_malformed(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_silence(&story, ASK_MALFORMED, PROBE_TCP_SHORT, 2);
    assert_int_equal(read_outcome(&story, TEST_MALFORMED), MALFORMED_SILENT);
    story_exchange(&story, ASK_MALFORMED, PROBE_TCP_SHORT, story_plain(REPLY_RESET));
    assert_int_equal(read_outcome(&story, TEST_MALFORMED), MALFORMED_ANSWERED);
}

static void test_acknowledgement(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_silence(&story, ASK_ACK, PROBE_TCP_ACK, 2);
    assert_int_equal(read_outcome(&story, TEST_ACK), ACK_SILENT);
    story_exchange(&story, ASK_ACK, PROBE_TCP_ACK, story_plain(REPLY_RESET));
    assert_int_equal(read_outcome(&story, TEST_ACK), ACK_RESET);
    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_ACK, PROBE_TCP_ACK, story_error("10.1.0.1", ICMP4_UNREACHABLE, 13));
    assert_int_equal(read_outcome(&story, TEST_ACK), OUTCOME_UNKNOWN);
}

static void test_protocol(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, true);
    story_silence(&story, ASK_PROTOCOL, PROBE_PROTOCOL, 2);
    assert_int_equal(read_outcome(&story, TEST_PROTOCOL), PROTOCOL_SILENT);
    story_exchange(&story, ASK_PROTOCOL, PROBE_PROTOCOL, story_error(STORY_TARGET, ICMP4_UNREACHABLE, 2));
    assert_int_equal(read_outcome(&story, TEST_PROTOCOL), PROTOCOL_ANSWERED);
}

/* A fragment that was never reported means something only where the control's was. */
static void test_fragments(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_silence(&story, ASK_FRAGMENT, PROBE_TCP_SYN, 2);
    assert_int_equal(read_outcome(&story, TEST_FRAGMENT), OUTCOME_UNKNOWN);
    story_exchange(&story, ASK_FRAGMENT_CONTROL, PROBE_ECHO,
                   story_error(STORY_TARGET, ICMP4_TIME_EXCEEDED, 1));
    assert_int_equal(read_outcome(&story, TEST_FRAGMENT), FRAGMENT_GONE);
    story_exchange(&story, ASK_FRAGMENT, PROBE_TCP_SYN, story_error(STORY_TARGET, ICMP4_TIME_EXCEEDED, 1));
    assert_int_equal(read_outcome(&story, TEST_FRAGMENT), FRAGMENT_LINGERED);
    story_begin(&story, STORY_PORT, false); /* who answers at once does not wait for the rest */
    story_exchange(&story, ASK_FRAGMENT, PROBE_TCP_SYN, story_error("10.1.0.1", ICMP4_UNREACHABLE, 3));
    assert_int_equal(read_outcome(&story, TEST_FRAGMENT), OUTCOME_UNKNOWN);
}

static void test_compare(void **state)
{
    struct story story;
    struct reply echo = {.kind = REPLY_ECHO, .from = unit_address("192.0.2.11")};

    story_begin(&story, STORY_PORT, false);
    story.evidence.subject.compare = unit_address("192.0.2.11");
    story_exchange(&story, ASK_COMPARE, PROBE_ECHO, story_error("10.1.0.1", ICMP4_UNREACHABLE, 1));
    assert_int_equal(read_outcome(&story, TEST_COMPARE), COMPARE_FAILS);
    story_exchange(&story, ASK_COMPARE, PROBE_ECHO, echo);
    assert_int_equal(read_outcome(&story, TEST_COMPARE), COMPARE_ANSWERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_known_at_first),
        cmocka_unit_test(test_route),
        cmocka_unit_test(test_listener),
        cmocka_unit_test(test_neighbour),
        cmocka_unit_test(test_a_failed_neighbour),
        cmocka_unit_test(test_controls),
        cmocka_unit_test(test_a_bare_host_has_no_echo_control),
        cmocka_unit_test(test_a_later_answer_counts_for_the_port),
        cmocka_unit_test(test_who_answers_with_an_error),
        cmocka_unit_test(test_who_resets),
        cmocka_unit_test(test_a_reset_on_the_way),
        cmocka_unit_test(test_when),
        cmocka_unit_test(test_a_whole_path),
        cmocka_unit_test(test_a_short_path_needs_proof),
        cmocka_unit_test(test_a_path_that_leads_nowhere),
        cmocka_unit_test(test_the_path_to_a_mute_host),
        cmocka_unit_test(test_paths_that_loop_or_translate),
        cmocka_unit_test(test_on_the_link_the_path_is_whole),
        cmocka_unit_test(test_tos),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_acknowledgement),
        cmocka_unit_test(test_protocol),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_compare),
    };

    return cmocka_run_group_tests_name("outcomes about answers", tests, NULL, NULL);
}
