/* SPDX-License-Identifier: MIT */
/* Finding the device to blame, by each locator. */
#include "diagnose/place.h"

#include "tests/unit/diagnose/story.h"
#include "wire/icmp.h"

#define R1 "10.1.0.1"
#define R2 "10.2.0.1"
#define R3 "10.3.0.1"

static void assert_place(struct place place, enum where where, int hop, const char *address)
{
    char text[SONDE_ADDRESS_TEXT];

    assert_int_equal(place.where, where);
    assert_int_equal(place.hop, hop);
    assert_string_equal(sonde_address_format(&place.address, text), address);
}

static struct reply echo_from_hop(int routers)
{
    return (struct reply){.kind = REPLY_ECHO, .ttl = (int16_t)(64 - routers)};
}

/* A host behind two routers that both answer. */
static void begin(struct story *story)
{
    story_begin(story, STORY_PORT, false);
    story_exchange(story, ASK_ECHO, PROBE_ECHO, echo_from_hop(2));
    story_rung(story, ASK_LADDER, 1, R1);
    story_rung(story, ASK_LADDER, 2, R2);
}

static void test_ends_of_the_world(void **state)
{
    struct story story;

    begin(&story);
    assert_place(place_of(&story.evidence, AT_NOBODY), WHERE_UNKNOWN, 0, "-");
    assert_place(place_of(&story.evidence, AT_HERE), WHERE_LOCAL, 0, STORY_SELF);
    assert_place(place_of(&story.evidence, AT_TARGET), WHERE_TARGET, 3, STORY_TARGET);
    assert_place(place_of(&story.evidence, AT_GATEWAY), WHERE_PATH, 1, STORY_GATEWAY);
    assert_int_equal(place_routers(&story.evidence), 2);
}

static void test_the_end_of_the_ladder(void **state)
{
    struct story story;

    begin(&story);
    assert_place(place_of(&story.evidence, AT_END), WHERE_PATH, 2, R2);
    assert_place(place_of(&story.evidence, AT_AFTER_END), WHERE_TARGET, 3, STORY_TARGET);
    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, echo_from_hop(3));
    story_rung(&story, ASK_LADDER, 1, R1);
    story_rung(&story, ASK_REFERENCE, 2, R2);
    assert_place(place_of(&story.evidence, AT_END), WHERE_PATH, 1, R1);
    assert_place(place_of(&story.evidence, AT_AFTER_END), WHERE_PATH, 2, R2);
}

/* Without any router that answers, the first one is the gateway. */
static void test_a_silent_path(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    assert_place(place_of(&story.evidence, AT_END), WHERE_PATH, 1, STORY_GATEWAY);
    assert_place(place_of(&story.evidence, AT_TARGET), WHERE_TARGET, 0, STORY_TARGET);
    story_ask(&story, ASK_LADDER, PROBE_TCP_SYN, 2);
    assert_int_equal(place_router(&story.evidence, 2).family, 0);
}

static void test_on_the_link_there_is_no_router(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story.evidence.route.gateway.family = 0;
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, echo_from_hop(0));
    assert_place(place_of(&story.evidence, AT_END), WHERE_TARGET, 1, STORY_TARGET);
}

static void test_who_answers(void **state)
{
    struct story story;
    struct reply error = story_error(R2, ICMP4_UNREACHABLE, 13);

    begin(&story);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, error);
    assert_place(place_of(&story.evidence, AT_ANSWERER), WHERE_PATH, 2, R2); /* the ladder knows it */
    story_begin(&story, STORY_PORT, false);
    error.ttl = 62;
    story_exchange(&story, ASK_UDP, PROBE_UDP, error);
    assert_place(place_of(&story.evidence, AT_ANSWERER), WHERE_PATH, 3, R2); /* by the TTL of its error */
    story_begin(&story, STORY_PORT, false);
    assert_place(place_of(&story.evidence, AT_ANSWERER), WHERE_PATH, 0, "-");
}

static void test_where_a_reset_comes_from(void **state)
{
    struct story story;
    struct reply reset = {.kind = REPLY_RESET, .ttl = 64};

    begin(&story);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, reset);
    assert_place(place_of(&story.evidence, AT_RESET), WHERE_PATH, 1, R1);
    begin(&story);
    reset.ttl = -1; /* an ordinary user does not see it */
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, reset);
    assert_place(place_of(&story.evidence, AT_RESET), WHERE_PATH, 2, R2);
}

static void test_loops(void **state)
{
    struct story story;

    begin(&story);
    story_rung(&story, ASK_LADDER, 3, R3);
    story_rung(&story, ASK_LADDER, 4, R2);
    assert_place(place_of(&story.evidence, AT_LOOP), WHERE_PATH, 2, R2);
    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, story_error(R3, ICMP4_TIME_EXCEEDED, 0));
    assert_place(place_of(&story.evidence, AT_LOOP), WHERE_PATH, 3, R3);
}

static void test_translators(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_rung(&story, ASK_LADDER, 1, R1);
    story_rung(&story, ASK_LADDER, 2, STORY_TARGET);
    assert_place(place_of(&story.evidence, AT_TRANSLATOR), WHERE_PATH, 2, STORY_TARGET);
    story_begin(&story, STORY_PORT, false);
    story_rung(&story, ASK_LADDER, 3, STORY_TARGET); /* the one before may be the translator as well */
    assert_place(place_of(&story.evidence, AT_TRANSLATOR), WHERE_TARGET, 0, STORY_TARGET);
}

static void test_who_reports_a_small_mtu(void **state)
{
    struct story story;

    begin(&story);
    assert_place(place_of(&story.evidence, AT_REPORTER), WHERE_PATH, 0, "-");
    story_exchange(&story, ASK_LARGE, PROBE_ECHO, story_error(R1, ICMP4_UNREACHABLE, 4));
    assert_place(place_of(&story.evidence, AT_REPORTER), WHERE_PATH, 1, R1);
}

static void test_where_large_packets_vanish(void **state)
{
    struct story story;
    struct place place;

    begin(&story);
    story_rung(&story, ASK_LARGE_LADDER, 1, R1);
    story_ask(&story, ASK_LARGE_LADDER, PROBE_ECHO, 2);
    story_ask(&story, ASK_LARGE_LADDER, PROBE_ECHO, 2);
    place = place_of(&story.evidence, AT_LARGE_END);
    assert_place(place, WHERE_PATH, 1, R1);
    assert_true(place.doubt == 0);
    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO,
                   echo_from_hop(5)); /* the ladder of large packets was not walked */
    place = place_of(&story.evidence, AT_LARGE_END);
    assert_int_equal(place.hop, 3);
    assert_true(place.doubt > 0.6 && place.doubt < 0.7);
}

static void rung_after(struct story *story, uint8_t ttl, const char *router, int64_t rtt_ns)
{
    struct reply reply = story_error(router, ICMP4_TIME_EXCEEDED, 0);
    uint16_t probe = story_ask(story, ASK_LADDER, PROBE_TCP_SYN, ttl);

    reply.rtt_ns = rtt_ns;
    assert_true(story_answer(story, probe, reply));
}

static void test_where_a_queue_stands(void **state)
{
    struct story story;
    struct reply echo = echo_from_hop(3);

    story_begin(&story, STORY_PORT, false);
    echo.rtt_ns = 200 * NS_PER_MS;
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, echo);
    rung_after(&story, 1, R1, NS_PER_MS);
    rung_after(&story, 2, R2, 199 * NS_PER_MS);
    assert_place(place_of(&story.evidence, AT_QUEUE), WHERE_PATH, 1, R1);
    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, echo);
    rung_after(&story, 1, R1, NS_PER_MS);
    rung_after(&story, 3, R3, 199 * NS_PER_MS); /* with a gap between them the middle is never far off */
    assert_place(place_of(&story.evidence, AT_QUEUE), WHERE_PATH, 2, "-");
}

static void test_equality(void **state)
{
    const struct place hop2 = {WHERE_PATH, unit_address(R2), 2, 0},
                       same_address = {WHERE_PATH, unit_address(R2), 0, 0},
                       same_hop = {WHERE_PATH, {0}, 2, 0}, other = {WHERE_PATH, unit_address(R3), 3, 0},
                       target = {WHERE_TARGET, unit_address(STORY_TARGET), 3, 0},
                       far_target = {WHERE_TARGET, {0}, 0, 0};

    assert_true(place_equal(&hop2, &same_address));
    assert_true(place_equal(&hop2, &same_hop));
    assert_false(place_equal(&hop2, &other));
    assert_false(place_equal(&other, &target));
    assert_true(place_equal(&target, &far_target));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends_of_the_world),
        cmocka_unit_test(test_the_end_of_the_ladder),
        cmocka_unit_test(test_a_silent_path),
        cmocka_unit_test(test_on_the_link_there_is_no_router),
        cmocka_unit_test(test_who_answers),
        cmocka_unit_test(test_where_a_reset_comes_from),
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_translators),
        cmocka_unit_test(test_who_reports_a_small_mtu),
        cmocka_unit_test(test_where_large_packets_vanish),
        cmocka_unit_test(test_where_a_queue_stands),
        cmocka_unit_test(test_equality),
    };

    return cmocka_run_group_tests_name("places", tests, NULL, NULL);
}
