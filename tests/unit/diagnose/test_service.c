/* SPDX-License-Identifier: MIT */
/* Outcomes of the tests about use, read from hand-made logs: the connection, sizes, queues, repetition. */
#include "diagnose/test.h"
#include "tests/unit/diagnose/story.h"
#include "wire/icmp.h"

#define NEAR_NS (1 * NS_PER_MS)
#define FAR_NS  (200 * NS_PER_MS)

static int read_outcome(const struct story *story, enum test test)
{
    return test_row(test)->read(&story->evidence);
}

static void test_streams(void **state)
{
    static const struct {
        enum reply_kind kind;
        int outcome;
    } cases[] = {
        {REPLY_STREAM_OPEN, OUTCOME_UNKNOWN},      {REPLY_DATA, STREAM_REPLY},
        {REPLY_STREAM_CLOSED, STREAM_CLOSED},      {REPLY_STREAM_RESET, STREAM_RESET},
        {REPLY_STREAM_SILENT, STREAM_SILENT},      {REPLY_STREAM_STALLED, STREAM_STALLED},
        {REPLY_STREAM_TIMEOUT, STREAM_NOT_OPENED}, {REPLY_RESET, STREAM_NOT_OPENED},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct story story;

        story_begin(&story, STORY_PORT, false);
        story_exchange(&story, ASK_STREAM, PROBE_STREAM, story_plain(cases[i].kind));
        assert_int_equal(read_outcome(&story, TEST_STREAM), cases[i].outcome);
    }
}

/* The connection that came about tells more than the one that loss kept from it. */
static void test_the_last_stream_counts(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_STREAM, PROBE_STREAM, story_plain(REPLY_STREAM_TIMEOUT));
    story_exchange(&story, ASK_STREAM, PROBE_STREAM, story_plain(REPLY_DATA));
    assert_int_equal(read_outcome(&story, TEST_STREAM), STREAM_REPLY);
}

/* Requests made by hand get answers, the kernel's connection does not: this machine discards them. */
static void test_the_kernel_does_not_hear(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_STREAM, PROBE_STREAM, story_plain(REPLY_STREAM_TIMEOUT));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(read_outcome(&story, TEST_STREAM), STREAM_NOT_OPENED);
        story_exchange(&story, ASK_AGAIN, PROBE_TCP_SYN, story_plain(REPLY_SYN_ACK));
    }
    assert_int_equal(read_outcome(&story, TEST_STREAM), STREAM_UNHEARD);
    story.evidence.raw = false; /* then it is the kernel that makes them all */
    assert_int_equal(read_outcome(&story, TEST_STREAM), STREAM_NOT_OPENED);
}

/* The kernel repeats a request after a second, so the first one met silence. */
static void test_a_late_opening_is_a_lost_request(void **state)
{
    struct reply open = {.kind = REPLY_STREAM_OPEN, .rtt_ns = NS_PER_S};
    struct story story;
    uint16_t probe;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, story_plain(REPLY_SYN_ACK));
    probe = story_ask(&story, ASK_STREAM, PROBE_STREAM, 0);
    story_answer(&story, probe, open);
    story_answer(&story, probe, story_plain(REPLY_DATA));
    assert_int_equal(read_outcome(&story, TEST_AGAIN), AGAIN_FEW);
    assert_int_equal(read_outcome(&story, TEST_STREAM), STREAM_REPLY);
}

static uint16_t ask_large(struct story *story)
{
    uint16_t probe = story_ask(story, ASK_LARGE, PROBE_ECHO, 0);

    story->evidence.asked[story->evidence.asked_count - 1].probe.size = 1500;
    return probe;
}

static void test_large_packets(void **state)
{
    struct reply refusal = {.kind = REPLY_LOCAL, .mtu = 1300};
    struct story story;

    story_begin(&story, STORY_PORT, false);
    assert_int_equal(large_size(&story.evidence), 0);
    story_answer(&story, ask_large(&story), story_plain(REPLY_ECHO));
    assert_int_equal(read_outcome(&story, TEST_LARGE), LARGE_PASSES);
    assert_int_equal(large_size(&story.evidence), 1500);
    story_begin(&story, STORY_PORT, false);
    story_answer(&story, ask_large(&story), story_error("10.1.0.1", ICMP4_UNREACHABLE, 4));
    assert_int_equal(read_outcome(&story, TEST_LARGE), LARGE_REPORTED);
    story_begin(&story, STORY_PORT, false);
    story_answer(&story, ask_large(&story), refusal); /* the kernel knows a smaller MTU already */
    assert_int_equal(read_outcome(&story, TEST_LARGE), LARGE_REPORTED);
    story_begin(&story, STORY_PORT, false);
    story_silence(&story, ASK_LARGE, PROBE_ECHO, 3);
    assert_int_equal(read_outcome(&story, TEST_LARGE), LARGE_LOST);
    story.evidence.route.loopback = true;
    assert_int_equal(read_outcome(&story, TEST_LARGE), LARGE_PASSES);
}

static void test_the_span_of_large_packets(void **state)
{
    struct reply echo = {.kind = REPLY_ECHO, .ttl = 60};
    struct large_span span;
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, echo);
    span = large_span(&story.evidence);
    assert_int_equal(span.passes, 0);
    assert_int_equal(span.lost, 5);
    story_rung(&story, ASK_LARGE_LADDER, 2, "10.2.0.1");
    story_ask(&story, ASK_LARGE_LADDER, PROBE_ECHO, 4);
    assert_int_equal(large_span(&story.evidence).lost, 5); /* one loss may be chance */
    story_ask(&story, ASK_LARGE_LADDER, PROBE_ECHO, 4);
    span = large_span(&story.evidence);
    assert_int_equal(span.passes, 2);
    assert_int_equal(span.lost, 4);
}

static struct reply after(enum reply_kind kind, int64_t rtt_ns)
{
    return (struct reply){.kind = kind, .rtt_ns = rtt_ns};
}

static void rung_after(struct story *story, uint8_t ttl, int64_t rtt_ns)
{
    struct reply reply = story_error("10.1.0.1", ICMP4_TIME_EXCEEDED, 0);
    uint16_t probe = story_ask(story, ASK_LADDER, PROBE_TCP_SYN, ttl);

    reply.from.bytes[3] = ttl;
    reply.rtt_ns = rtt_ns;
    assert_true(story_answer(story, probe, reply));
}

/* A host behind two routers, 200 ms away, the delay of which begins behind a hop. */
static void begin_far(struct story *story, uint8_t step)
{
    story_begin(story, STORY_PORT, false);
    story_exchange(story, ASK_FIRST, PROBE_TCP_SYN, after(REPLY_SYN_ACK, FAR_NS));
    story_exchange(story, ASK_ECHO, PROBE_ECHO, after(REPLY_ECHO, FAR_NS));
    for (uint8_t ttl = 1; ttl <= 2; ttl++)
        rung_after(story, ttl, ttl <= step ? NEAR_NS : FAR_NS - NEAR_NS);
}

/* Some packets of a train come back with growing delay, the others do not. */
static void send_train(struct story *story, int answered, int lost, int64_t growth_ns)
{
    for (int i = 0; i < answered; i++)
        story_exchange(story, ASK_QUEUE, PROBE_ECHO, after(REPLY_ECHO, FAR_NS + i * growth_ns));
    for (int i = 0; i < lost; i++)
        story_ask(story, ASK_QUEUE, PROBE_ECHO, 0);
    story->evidence.now_ns += NS_PER_S;
}

static void test_no_delay_no_queue(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, after(REPLY_ECHO, NEAR_NS));
    assert_int_equal(read_outcome(&story, TEST_QUEUE), QUEUE_FLAT);
}

/* Address resolution or a busy machine may delay the first packet: the shortest trip counts. */
static void test_one_slow_answer_is_no_queue(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, after(REPLY_SYN_ACK, FAR_NS));
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, after(REPLY_ECHO, NEAR_NS));
    assert_int_equal(read_outcome(&story, TEST_QUEUE), QUEUE_FLAT);
}

static void test_delay_needs_a_train(void **state)
{
    struct story story;

    begin_far(&story, 1);
    assert_int_equal(read_outcome(&story, TEST_QUEUE), OUTCOME_UNKNOWN);
}

static void test_a_long_link(void **state)
{
    struct story story;

    begin_far(&story, 1);
    send_train(&story, 5, 0, 0);
    assert_int_equal(read_outcome(&story, TEST_QUEUE), QUEUE_STEADY);
    assert_true(queue_stands(&story.evidence));
}

static void test_a_full_queue(void **state)
{
    struct story story;
    struct queue_traffic traffic;

    begin_far(&story, 1);
    send_train(&story, 2, 3, NS_PER_MS);
    assert_int_equal(read_outcome(&story, TEST_QUEUE), QUEUE_LOSSY);
    assert_int_equal(queue_step(&story.evidence).before, 1);
    assert_int_equal(queue_step(&story.evidence).after, 2);
    traffic = queue_traffic(&story.evidence);
    assert_int_equal(traffic.train, 5);
    assert_int_equal(traffic.sent, 7);
    assert_int_equal(traffic.lost, 3);
    assert_int_equal(traffic.least_ns, FAR_NS);
}

static void test_one_loss_is_not_enough(void **state)
{
    struct story story;

    begin_far(&story, 1);
    send_train(&story, 4, 1, 0);
    assert_int_equal(read_outcome(&story, TEST_QUEUE), QUEUE_UNSTEADY);
    begin_far(&story, 1);
    send_train(&story, 5, 0, 20 * NS_PER_MS);
    assert_int_equal(read_outcome(&story, TEST_QUEUE), QUEUE_UNSTEADY);
}

/* Delay that grows from hop to hop is distance, however much gets lost. */
static void test_delay_without_a_step(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, after(REPLY_ECHO, FAR_NS));
    rung_after(&story, 1, FAR_NS / 3);
    rung_after(&story, 2, 2 * FAR_NS / 3);
    send_train(&story, 2, 3, 0);
    assert_int_equal(read_outcome(&story, TEST_QUEUE), QUEUE_STEADY);
}

/* A router that is slow to answer delays only its own answers. */
static void test_a_slow_router_is_no_step(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, after(REPLY_ECHO, 30 * NS_PER_MS));
    rung_after(&story, 1, FAR_NS);
    rung_after(&story, 2, 29 * NS_PER_MS);
    assert_true(queue_step(&story.evidence).height_ns <= 30 * NS_PER_MS);
    assert_int_equal(queue_step(&story.evidence).before, 0);
}

/* Silence to a kind of probe that the host never answers is its habit; errors may be limited. */
static void test_what_counts_as_loss(void **state)
{
    struct story story;

    begin_far(&story, 1);
    story_silence(&story, ASK_TCP, PROBE_TCP_SYN, 3);
    story_exchange(&story, ASK_UDP, PROBE_UDP, story_error(STORY_TARGET, ICMP4_UNREACHABLE, 3));
    story_silence(&story, ASK_UDP, PROBE_UDP, 3);
    assert_int_equal(queue_traffic(&story.evidence).sent, 2);
    assert_int_equal(queue_traffic(&story.evidence).lost, 0);
    story_ask(&story, ASK_ECHO, PROBE_ECHO, 0);
    assert_int_equal(queue_traffic(&story.evidence).lost, 0); /* it may still come */
    story.evidence.now_ns += NS_PER_S;
    assert_int_equal(queue_traffic(&story.evidence).lost, 1);
}

static void requests(struct story *story, int answered, int silent)
{
    story_begin(story, STORY_PORT, false);
    for (int i = 0; i < answered; i++)
        story_exchange(story, i ? ASK_AGAIN : ASK_FIRST, PROBE_TCP_SYN, story_plain(REPLY_SYN_ACK));
    for (int i = 0; i < silent; i++)
        story_ask(story, ASK_AGAIN, PROBE_TCP_SYN, 0);
    story->evidence.now_ns += NS_PER_S;
}

static void test_connection_requests(void **state)
{
    struct story story;

    requests(&story, 1, 0);
    assert_int_equal(read_outcome(&story, TEST_AGAIN), OUTCOME_UNKNOWN);
    requests(&story, 2, 0);
    assert_int_equal(read_outcome(&story, TEST_AGAIN), AGAIN_SAME);
    requests(&story, 1, 1);
    assert_int_equal(read_outcome(&story, TEST_AGAIN), AGAIN_FEW);
    requests(&story, 4, 3);
    assert_int_equal(read_outcome(&story, TEST_AGAIN), AGAIN_FEW);
    requests(&story, 1, 4);
    assert_int_equal(read_outcome(&story, TEST_AGAIN), AGAIN_MIXED);
    requests(&story, 0, 2);
    assert_int_equal(read_outcome(&story, TEST_AGAIN), OUTCOME_UNKNOWN);
    story.evidence.silent[ASK_AGAIN] = true;
    assert_int_equal(read_outcome(&story, TEST_AGAIN), AGAIN_SAME);
}

/* Where all kinds of packets get lost alike, it is the way that loses them. */
static void test_general_loss_is_no_limit(void **state)
{
    struct story story;

    requests(&story, 1, 4);
    for (int i = 0; i < 4; i++)
        story_exchange(&story, ASK_QUEUE, PROBE_ECHO, story_plain(REPLY_ECHO));
    assert_int_equal(read_outcome(&story, TEST_AGAIN), AGAIN_MIXED);
    for (int i = 0; i < 6; i++)
        story_ask(&story, ASK_QUEUE, PROBE_ECHO, 0);
    story.evidence.now_ns += NS_PER_S;
    assert_int_equal(read_outcome(&story, TEST_AGAIN), AGAIN_FEW);
}

static void test_datagrams_are_no_connection_requests(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, true);
    story_exchange(&story, ASK_FIRST, PROBE_UDP, story_plain(REPLY_DATA));
    story_ask(&story, ASK_FIRST, PROBE_UDP, 0);
    story.evidence.now_ns += NS_PER_S;
    assert_int_equal(read_outcome(&story, TEST_AGAIN), OUTCOME_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_the_last_stream_counts),
        cmocka_unit_test(test_the_kernel_does_not_hear),
        cmocka_unit_test(test_a_late_opening_is_a_lost_request),
        cmocka_unit_test(test_large_packets),
        cmocka_unit_test(test_the_span_of_large_packets),
        cmocka_unit_test(test_no_delay_no_queue),
        cmocka_unit_test(test_one_slow_answer_is_no_queue),
        cmocka_unit_test(test_delay_needs_a_train),
        cmocka_unit_test(test_a_long_link),
        cmocka_unit_test(test_a_full_queue),
        cmocka_unit_test(test_one_loss_is_not_enough),
        cmocka_unit_test(test_delay_without_a_step),
        cmocka_unit_test(test_a_slow_router_is_no_step),
        cmocka_unit_test(test_what_counts_as_loss),
        cmocka_unit_test(test_connection_requests),
        cmocka_unit_test(test_general_loss_is_no_limit),
        cmocka_unit_test(test_datagrams_are_no_connection_requests),
    };

    return cmocka_run_group_tests_name("outcomes about use", tests, NULL, NULL);
}
