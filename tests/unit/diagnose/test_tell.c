/* SPDX-License-Identifier: MIT */
/* What was seen, as sentences: one for each outcome of each test. */
#include <errno.h>
#include <string.h>

#include "diagnose/test.h"
#include "tests/unit/diagnose/story.h"
#include "wire/icmp.h"

/* The sentence about a test's outcome as it is read from the log. */
static void assert_told(const struct story *story, enum test test, const char *expected)
{
    struct text _cleanup_text_ sentence = {0};
    int outcome = test_row(test)->read(&story->evidence);

    assert_int_not_equal(outcome, OUTCOME_UNKNOWN);
    test_row(test)->tell(&story->evidence, outcome, &sentence);
    assert_string_equal(text_get(&sentence), expected);
}

static void test_route(void **state)
{
    static const struct {
        enum route_type type;
        const char *sentence;
    } cases[] = {
        {ROUTE_UNICAST, "This machine sends through eth0 via the gateway 10.0.0.1."},
        {ROUTE_NONE,
         "This machine's route to 192.0.2.10 is missing (the kernel says: Network is unreachable)."},
        {ROUTE_BLACKHOLE, "This machine's route to 192.0.2.10 is of type blackhole."},
        {ROUTE_PROHIBIT, "This machine's route to 192.0.2.10 is of type prohibit."},
        {ROUTE_UNREACHABLE, "This machine's route to 192.0.2.10 is of type unreachable."},
    };
    struct story story;

    story_begin(&story, STORY_PORT, false);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        story.evidence.route.type = cases[i].type;
        assert_told(&story, TEST_ROUTE, cases[i].sentence);
    }
    story_begin(&story, STORY_PORT, false);
    story.evidence.route.up = false;
    assert_told(&story, TEST_ROUTE, "Interface eth0, the way to 192.0.2.10, is down or has no carrier.");
    story.evidence.route.interface[0] = 0;
    assert_told(
        &story, TEST_ROUTE,
        "This machine's route to 192.0.2.10 leads through an interface that is down or has no carrier.");
    story_begin(&story, STORY_PORT, false);
    story.evidence.route.gateway.family = 0;
    assert_told(&story, TEST_ROUTE, "The target is on the link of eth0.");
    story.evidence.route.loopback = true;
    assert_told(&story, TEST_ROUTE, "192.0.2.10 is this machine itself.");
}

static void test_listener(void **state)
{
    static const struct {
        enum listener listener;
        const char *sentence;
    } cases[] = {
        {LISTENER_NONE, "This machine's socket table: nothing listens on port 4433."},
        {LISTENER_HERE, "This machine's socket table: a socket listens there (accept queue 3 of 128)."},
        {LISTENER_ELSEWHERE, "This machine's socket table: a socket listens on the port, but on 192.0.2.10."},
        {LISTENER_FULL, "This machine's socket table: the accept queue is full (3 of 128)."},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct reply reply = {
            .kind = REPLY_LISTENER, .listener = cases[i].listener, .queue = 3, .backlog = 128};
        struct story story;

        story_begin(&story, STORY_PORT, false);
        story_exchange(&story, ASK_LISTENER, PROBE_LISTENER, reply);
        assert_told(&story, TEST_LISTENER, cases[i].sentence);
    }
}

static void test_neighbour(void **state)
{
    struct reply failed = {.kind = REPLY_NEIGHBOUR, .neighbour = NEIGHBOUR_FAILED};
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_NEIGHBOUR, PROBE_NEIGHBOUR, failed);
    assert_told(&story, TEST_NEIGHBOUR, "The gateway 10.0.0.1 answers no ARP requests.");
    story.evidence.route.gateway.family = 0;
    assert_told(&story, TEST_NEIGHBOUR, "The target 192.0.2.10 answers no ARP requests.");
    story.evidence.subject.address = unit_address("2001:db8::10");
    assert_told(&story, TEST_NEIGHBOUR, "The target 2001:db8::10 answers no neighbour solicitations.");
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    assert_told(&story, TEST_NEIGHBOUR, "");
}

static void test_first(void **state)
{
    struct reply answer = {.kind = REPLY_SYN_ACK, .tos = STORY_TOS},
                 refusal = {.kind = REPLY_LOCAL, .error = EPERM};
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, answer);
    assert_told(&story, TEST_FIRST,
                "TCP SYN to port 4433: SYN-ACK from 192.0.2.10 after 1.00 ms (TTL 62, TOS 0x28).");
    story_begin(&story, STORY_PORT, true);
    story_silence(&story, ASK_FIRST, PROBE_UDP, 3);
    assert_told(&story, TEST_FIRST, "UDP datagram to port 4433: no answer to 3 probes.");
    story_begin(&story, STORY_PORT, true);
    story_exchange(&story, ASK_FIRST, PROBE_UDP, refusal);
    assert_told(&story, TEST_FIRST,
                "This machine refuses to send the UDP datagram (EPERM): its own firewall or policy.");
    refusal.error = ENOBUFS;
    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, refusal);
    assert_told(
        &story, TEST_FIRST,
        "This machine refuses to send the TCP SYN (the system call fails): its own firewall or policy.");
    story_begin(&story, 0, false);
    story_silence(&story, ASK_FIRST, PROBE_ECHO, 1);
    assert_told(&story, TEST_FIRST, "Echo request to the host: no answer to 1 probe.");
}

static void test_errors_in_words(void **state)
{
    struct reply error = story_error("10.1.0.1", ICMP4_UNREACHABLE, 13);
    struct story story;

    error.rtt_ns = 3070 * NS_PER_MS;
    error.ttl = -1;
    error.extension.interface = true;
    memcpy(error.extension.name, "ge-0/0/1", sizeof("ge-0/0/1"));
    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, error);
    assert_told(&story, TEST_FIRST,
                "TCP SYN to port 4433: ICMP 3/13 admin-prohibited from 10.1.0.1 interface ge-0/0/1 "
                "after 3.07 s.");
}

static void test_who_and_when(void **state)
{
    struct reply near = {.kind = REPLY_RESET, .ttl = 63},
                 late = story_error("10.1.0.1", ICMP4_UNREACHABLE, 1);
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, story_plain(REPLY_ECHO));
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, near);
    assert_told(
        &story, TEST_BY,
        "The reset comes from 2 hops away, but the host's own answers from 3: somebody else sent it.");
    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, story_error(STORY_SELF, ICMP4_UNREACHABLE, 13));
    assert_told(&story, TEST_BY, "The error comes from this machine's own address.");
    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, late);
    assert_told(&story, TEST_BY, "");
    assert_told(&story, TEST_WHEN, "The error came at once, so it is no failed address resolution.");
    late.rtt_ns = 3 * NS_PER_S;
    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, late);
    assert_told(
        &story, TEST_WHEN,
        "The error took as long as an address resolution that fails (3 s): nobody answered on the last "
        "link.");
}

static void test_controls(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, true);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, story_plain(REPLY_ECHO));
    story_exchange(&story, ASK_TCP, PROBE_TCP_SYN, story_plain(REPLY_RESET));
    story_silence(&story, ASK_UDP, PROBE_UDP, 2);
    assert_told(&story, TEST_ECHO,
                "Echo request to the host: echo reply from 192.0.2.10 after 1.00 ms (TTL 62, TOS 0x00).");
    assert_told(
        &story, TEST_TCP,
        "TCP SYN to another port (40001): TCP reset from 192.0.2.10 after 1.00 ms (TTL 62, TOS 0x00).");
    assert_told(&story, TEST_UDP, "UDP datagram to another port (40002): no answer to 2 probes.");
}

static void test_path(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, story_plain(REPLY_ECHO));
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    story_rung(&story, ASK_REFERENCE, 2, "10.2.0.1");
    assert_told(&story, TEST_PATH,
                "Probes to the port with rising TTL are answered up to hop 1 only; the host is 3 hops away.");
    story_rung(&story, ASK_LADDER, 2, "10.2.0.1");
    assert_told(&story, TEST_PATH,
                "Probes to the port with rising TTL are answered up to hop 2, the last before the host.");
    story_rung(&story, ASK_LADDER, 3, "10.1.0.1");
    assert_told(&story, TEST_PATH, "Probes with rising TTL meet the same router again at hop 1.");
    story_rung(&story, ASK_LADDER, 4, STORY_TARGET);
    assert_told(
        &story, TEST_PATH,
        "At hop 4 \"time exceeded\" comes in the target's own name: the address is translated there.");
}

static void test_path_to_a_mute_host(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_silence(&story, ASK_LADDER, PROBE_TCP_SYN, 3);
    story_rung(&story, ASK_REFERENCE, 1, "10.1.0.1");
    assert_told(
        &story, TEST_PATH,
        "Not even the first router answers probes to the port with a low TTL; other packets reach it.");
    story_begin(&story, STORY_PORT, false);
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    story_rung(&story, ASK_REFERENCE, 2, "10.2.0.1");
    assert_told(
        &story, TEST_PATH,
        "Probes to the target with rising TTL are answered up to hop 1 only; those to the address beside it "
        "go further.");
    story_begin(&story, STORY_PORT, false);
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    story_silence(&story, ASK_REFERENCE, PROBE_TCP_SYN, 3);
    assert_told(
        &story, TEST_PATH,
        "Probes to the port with rising TTL are answered up to hop 1, as far as those to the address beside "
        "the target.");
    story.evidence.route.gateway.family = 0;
    story_begin(&story, STORY_PORT, false);
    story.evidence.route.gateway.family = 0;
    assert_told(&story, TEST_PATH, "");
}

static void test_tos(void **state)
{
    struct reply control = {.kind = REPLY_RESET, .tos = STORY_TOS}, reset = {.kind = REPLY_RESET};
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_TCP, PROBE_TCP_SYN, control);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, reset);
    assert_told(
        &story, TEST_TOS,
        "The reset has TOS 0, but the host's own reset copies the TOS of the probe: a filter sent it.");
    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_TCP, PROBE_TCP_SYN, control);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, control);
    assert_told(&story, TEST_TOS,
                "The reset copies the TOS of the probe, as the reset of a closed port does.");
}

static void test_malformed(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_silence(&story, ASK_MALFORMED, PROBE_TCP_SHORT, 3);
    assert_told(&story, TEST_MALFORMED,
                "No answer to a SYN with a data offset of 4 (3 tries), as it is with a host's own refusal.");
    story_begin(&story, STORY_PORT, true);
    story_exchange(&story, ASK_MALFORMED, PROBE_UDP_LYING, story_error(STORY_TARGET, ICMP4_UNREACHABLE, 3));
    assert_told(
        &story, TEST_MALFORMED,
        "Even a datagram that claims too many octets is refused: hosts discard it, only a filter answers.");
}

static void test_further_probes(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_silence(&story, ASK_ACK, PROBE_TCP_ACK, 2);
    assert_told(&story, TEST_ACK,
                "No answer to a lone ACK to the port (2 tries): all segments are discarded.");
    story_exchange(&story, ASK_ACK, PROBE_TCP_ACK, story_plain(REPLY_RESET));
    assert_told(&story, TEST_ACK,
                "A lone ACK to the port is answered with a reset: only connection requests are discarded.");
    story_silence(&story, ASK_PROTOCOL, PROBE_PROTOCOL, 2);
    assert_told(&story, TEST_PROTOCOL,
                "Not even a packet of an unknown protocol brings an ICMP error back (2 tries).");
    story_exchange(&story, ASK_PROTOCOL, PROBE_PROTOCOL, story_error(STORY_TARGET, ICMP4_UNREACHABLE, 2));
    assert_told(&story, TEST_PROTOCOL,
                "A packet of an unknown protocol is refused with an ICMP error, so such errors get through.");
    assert_told(&story, TEST_RAW, "");
}

static void test_fragments(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_silence(&story, ASK_FRAGMENT, PROBE_TCP_SYN, 1);
    story_exchange(&story, ASK_FRAGMENT_CONTROL, PROBE_ECHO,
                   story_error(STORY_TARGET, ICMP4_TIME_EXCEEDED, 1));
    assert_told(&story, TEST_FRAGMENT,
                "A lone first fragment of the probe never reached the host, one of an echo request did.");
    story_exchange(&story, ASK_FRAGMENT, PROBE_TCP_SYN, story_error(STORY_TARGET, ICMP4_TIME_EXCEEDED, 1));
    assert_told(&story, TEST_FRAGMENT,
                "A lone first fragment of the probe reached the host: it reports the reassembly timeout.");
}

static void test_compare(void **state)
{
    struct reply echo = {.kind = REPLY_ECHO, .from = unit_address("192.0.2.11")};
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story.evidence.subject.compare = echo.from;
    story_silence(&story, ASK_COMPARE, PROBE_ECHO, 2);
    assert_told(&story, TEST_COMPARE,
                "The other host 192.0.2.11 does not answer either: what they have in common is at fault.");
    story_exchange(&story, ASK_COMPARE, PROBE_ECHO, echo);
    assert_told(&story, TEST_COMPARE, "The other host 192.0.2.11 answers.");
}

static void test_streams(void **state)
{
    static const struct {
        enum reply_kind kind;
        const char *sentence;
    } cases[] = {
        {REPLY_DATA, "A connection opens and the service answers a request."},
        {REPLY_STREAM_CLOSED, "A connection opens and the service closes it without data."},
        {REPLY_STREAM_RESET, "A connection opens and is then reset."},
        {REPLY_STREAM_SILENT, "A connection opens, the request is acknowledged, but no answer comes."},
        {REPLY_STREAM_STALLED, "A connection opens, but data are not acknowledged."},
        {REPLY_STREAM_TIMEOUT, "The next connection request gets no answer."},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct story story;

        story_begin(&story, STORY_PORT, false);
        story_exchange(&story, ASK_STREAM, PROBE_STREAM, story_plain(cases[i].kind));
        assert_told(&story, TEST_STREAM, cases[i].sentence);
    }
}

static void test_unheard_answers(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_STREAM, PROBE_STREAM, story_plain(REPLY_STREAM_TIMEOUT));
    for (int i = 0; i < 3; i++)
        story_exchange(&story, ASK_AGAIN, PROBE_TCP_SYN, story_plain(REPLY_SYN_ACK));
    assert_told(&story, TEST_STREAM,
                "Probes are answered, yet the kernel hears nothing: this machine discards the answers.");
}

static void begin_large(struct story *story)
{
    story_begin(story, STORY_PORT, false);
    story_ask(story, ASK_LARGE, PROBE_ECHO, 0);
    story->evidence.asked[0].probe.size = 1500;
}

static void test_large_packets(void **state)
{
    struct reply report = story_error("10.1.0.1", ICMP4_UNREACHABLE, 4);
    struct story story;

    begin_large(&story);
    story_answer(&story, 0, story_plain(REPLY_ECHO));
    assert_told(&story, TEST_LARGE, "Packets of 1500 octets pass unfragmented.");
    begin_large(&story);
    report.mtu = 1300;
    story_answer(&story, 0, report);
    assert_told(&story, TEST_LARGE, "A packet of 1500 octets is too big; 10.1.0.1 reports an MTU of 1300.");
    begin_large(&story);
    story_silence(&story, ASK_LARGE, PROBE_ECHO, 2);
    assert_told(&story, TEST_LARGE,
                "Packets of 1500 octets vanish without a report (3 tries); small ones are answered.");
    story_begin(&story, STORY_PORT, false);
    story.evidence.route.loopback = true;
    assert_told(&story, TEST_LARGE, "");
}

static void test_queues(void **state)
{
    struct reply near = {.kind = REPLY_ECHO}, far = {.kind = REPLY_ECHO, .rtt_ns = 200 * NS_PER_MS};
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, near);
    assert_told(&story, TEST_QUEUE, "");
    story_begin(&story, STORY_PORT, false);
    story_rung(&story, ASK_LADDER, 1, "10.1.0.1");
    story_rung(&story, ASK_LADDER, 2, "10.2.0.1");
    for (int i = 0; i < 5; i++)
        story_exchange(&story, ASK_QUEUE, PROBE_ECHO, far);
    assert_told(
        &story, TEST_QUEUE,
        "Round trips grow by 199 ms between hop 2 and hop 3; 5 of 5 packets to the host came back, after "
        "200 to 200 ms.");
}

static void test_queues_without_a_step(void **state)
{
    struct reply far = {.kind = REPLY_ECHO, .rtt_ns = 30 * NS_PER_MS},
                 rung = story_error("10.1.0.1", ICMP4_TIME_EXCEEDED, 0);
    struct story story;

    story_begin(&story, STORY_PORT, false);
    rung.rtt_ns = 15 * NS_PER_MS;
    story_answer(&story, story_ask(&story, ASK_LADDER, PROBE_TCP_SYN, 1), rung);
    for (int i = 0; i < 5; i++)
        story_exchange(&story, ASK_QUEUE, PROBE_ECHO, far);
    assert_told(
        &story, TEST_QUEUE,
        "Round trips are long, but grow from hop to hop; 5 of 5 packets to the host came back, after 30 to "
        "30 ms.");
}

static void test_repetition(void **state)
{
    struct story story;

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, story_plain(REPLY_SYN_ACK));
    story_exchange(&story, ASK_AGAIN, PROBE_TCP_SYN, story_plain(REPLY_SYN_ACK));
    assert_told(&story, TEST_AGAIN, "All connection requests meet the same.");
    story_silence(&story, ASK_AGAIN, PROBE_TCP_SYN, 1);
    assert_told(&story, TEST_AGAIN,
                "Not every connection request got an answer, as packets get lost now and then.");
    story_silence(&story, ASK_AGAIN, PROBE_TCP_SYN, 3);
    assert_told(&story, TEST_AGAIN, "Of several connection requests some are answered and some are not.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_route),
        cmocka_unit_test(test_listener),
        cmocka_unit_test(test_neighbour),
        cmocka_unit_test(test_first),
        cmocka_unit_test(test_errors_in_words),
        cmocka_unit_test(test_who_and_when),
        cmocka_unit_test(test_controls),
        cmocka_unit_test(test_path),
        cmocka_unit_test(test_path_to_a_mute_host),
        cmocka_unit_test(test_tos),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_further_probes),
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_unheard_answers),
        cmocka_unit_test(test_large_packets),
        cmocka_unit_test(test_queues),
        cmocka_unit_test(test_queues_without_a_step),
        cmocka_unit_test(test_repetition),
    };

    return cmocka_run_group_tests_name("sentences", tests, NULL, NULL);
}
