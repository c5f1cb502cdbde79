/* SPDX-License-Identifier: MIT */
/* The state machine: what it asks of a scripted network, in which order, how long it waits, when it stops. */
#include "diagnose/session.h"

#include "tests/unit/diagnose/story.h"
#include "wire/icmp.h"

enum { SENT_MAX = PROBES_MAX };

/* A network that answers each kind of probe by a rule, after a moment; and keeps a list of what was sent. */
struct scripted {
    struct network network;
    int64_t clock_ns, rtt_ns;
    const struct reply *answers; /* by probe kind; kind REPLY_KINDS: silence */
    uint32_t can;
    struct probe sent[SENT_MAX];
    struct reply pending[SENT_MAX];
    size_t sent_count, first_pending, pending_count;
};

static int scripted_send(struct network *network, const struct probe *probe)
{
    struct scripted *scripted = (struct scripted *)network;
    struct reply reply = scripted->answers[probe->kind];

    scripted->sent[scripted->sent_count++] = *probe;
    if (reply.kind == REPLY_KINDS || probe->ttl || probe->first_fragment)
        return 0;
    if (reply.kind == REPLY_LOCAL)
        return -reply.error;
    reply.probe = probe->id;
    reply.rtt_ns = probe_is_local(probe->kind) ? 0 : scripted->rtt_ns;
    reply.when_ns = scripted->clock_ns + reply.rtt_ns;
    scripted->pending[scripted->pending_count++] = reply;
    return 0;
}

static int scripted_receive(struct network *network, int64_t deadline_ns, struct reply *reply)
{
    struct scripted *scripted = (struct scripted *)network;

    if (scripted->first_pending < scripted->pending_count &&
        scripted->pending[scripted->first_pending].when_ns <= deadline_ns) {
        *reply = scripted->pending[scripted->first_pending++];
        if (reply->when_ns > scripted->clock_ns)
            scripted->clock_ns = reply->when_ns;
        return 1;
    }
    if (deadline_ns > scripted->clock_ns)
        scripted->clock_ns = deadline_ns;
    return 0;
}

static int64_t scripted_now(struct network *network)
{
    return ((struct scripted *)network)->clock_ns;
}

static bool scripted_can(const struct network *network, enum probe_kind kind)
{
    return ((const struct scripted *)network)->can >> kind & 1;
}

static struct reply of_target(enum reply_kind kind)
{
    return (struct reply){.kind = kind, .from = unit_address(STORY_TARGET), .ttl = 64, .tos = STORY_TOS};
}

/* A target on the link whose answers the caller changes: all is well, TCP is open. */
static void fill(struct reply answers[PROBE_KINDS])
{
    for (int kind = 0; kind < PROBE_KINDS; kind++)
        answers[kind] = (struct reply){.kind = REPLY_KINDS};
    answers[PROBE_ROUTE] = (struct reply){
        .kind = REPLY_ROUTE,
        .route = {.source = unit_address(STORY_SELF), .interface = "eth0", .mtu = 1500, .up = true}};
    answers[PROBE_ECHO] = of_target(REPLY_ECHO);
    answers[PROBE_TCP_SYN] = of_target(REPLY_SYN_ACK);
    answers[PROBE_STREAM] = of_target(REPLY_DATA);
}

static void run(struct diagnosis *diagnosis, struct scripted *scripted, const struct reply *answers, bool udp,
                bool deep)
{
    struct subject subject = {.address = unit_address(STORY_TARGET),
                              .port = STORY_PORT,
                              .udp = udp,
                              .control_ports = {STORY_CONTROL_TCP, STORY_CONTROL_UDP}};

    *scripted = (struct scripted){
        .network = {scripted_send, scripted_receive, scripted_now, scripted_can},
        .clock_ns = NS_PER_S,
        .rtt_ns = NS_PER_MS,
        .answers = answers,
        .can = ~0u,
    };
    diagnosis_init(diagnosis, &subject, deep, &scripted->network);
    assert_int_equal(drive(&diagnosis->machine, &scripted->network), 0);
    assert_true(diagnosis->done);
}

static const char *top(const struct diagnosis *diagnosis)
{
    size_t count;

    return cause_row(hypotheses(&count)[belief_top(&diagnosis->belief)].cause)->name;
}

static unsigned count_sent(const struct scripted *scripted, enum probe_kind kind)
{
    unsigned count = 0;

    for (size_t i = 0; i < scripted->sent_count; i++)
        count += scripted->sent[i].kind == kind;
    return count;
}

static void test_an_open_port(void **state)
{
    struct reply answers[PROBE_KINDS];
    struct diagnosis diagnosis;
    struct scripted scripted;

    fill(answers);
    run(&diagnosis, &scripted, answers, false, false);
    assert_string_equal(top(&diagnosis), "open");
    assert_int_equal(scripted.sent[0].kind, PROBE_ROUTE);
    assert_int_equal(count_sent(&scripted, PROBE_STREAM), 1);
    assert_true(scripted.clock_ns - NS_PER_S < 20 * NS_PER_MS);
}

/* Without a way nothing is sent. */
static void test_no_route_no_packet(void **state)
{
    struct reply answers[PROBE_KINDS];
    struct diagnosis diagnosis;
    struct scripted scripted;

    fill(answers);
    answers[PROBE_ROUTE].route.type = ROUTE_BLACKHOLE;
    run(&diagnosis, &scripted, answers, false, false);
    assert_string_equal(top(&diagnosis), "route-blackhole");
    assert_int_equal(scripted.sent_count, 1);
    assert_int_equal(diagnosis.evidence.packets_sent, 0);
}

static void test_silence_keeps_to_the_budget(void **state)
{
    struct reply answers[PROBE_KINDS];
    struct diagnosis diagnosis;
    struct scripted scripted;

    fill(answers);
    for (int kind = PROBE_ECHO; kind < PROBE_KINDS; kind++)
        answers[kind].kind = REPLY_KINDS;
    run(&diagnosis, &scripted, answers, false, false);
    assert_in_range(diagnosis.evidence.packets_sent, 5, PACKETS_FAST);
    assert_in_range((scripted.clock_ns - NS_PER_S) / NS_PER_MS, 3000, 3500);
}

/* The host answers a closed port at once; a malformed probe gets no answer, which takes patience. */
static void test_a_closed_port(void **state)
{
    struct reply answers[PROBE_KINDS];
    struct diagnosis diagnosis;
    struct scripted scripted;

    fill(answers);
    answers[PROBE_TCP_SYN] = of_target(REPLY_RESET);
    run(&diagnosis, &scripted, answers, false, false);
    assert_string_equal(top(&diagnosis), "port-closed");
    assert_in_range(count_sent(&scripted, PROBE_TCP_SHORT), 1, 3);
    assert_true(scripted.clock_ns - NS_PER_S < 500 * NS_PER_MS);
    assert_int_equal(scripted.sent[1].tos, STORY_TOS);
}

static void test_a_refusal_to_send_is_the_answer(void **state)
{
    struct reply answers[PROBE_KINDS];
    struct diagnosis diagnosis;
    struct scripted scripted;

    fill(answers);
    answers[PROBE_UDP] = (struct reply){.kind = REPLY_LOCAL, .error = 1};
    run(&diagnosis, &scripted, answers, true, false);
    assert_string_equal(top(&diagnosis), "firewall-drop");
    assert_true(scripted.clock_ns - NS_PER_S < 100 * NS_PER_MS);
}

static void test_what_cannot_be_asked_is_not(void **state)
{
    struct reply answers[PROBE_KINDS];
    struct diagnosis diagnosis;
    struct scripted scripted = {.network = {scripted_send, scripted_receive, scripted_now, scripted_can},
                                .clock_ns = NS_PER_S,
                                .rtt_ns = NS_PER_MS,
                                .answers = answers};
    struct subject subject = {.address = unit_address(STORY_TARGET), .port = STORY_PORT};

    fill(answers);
    answers[PROBE_TCP_SYN] = of_target(REPLY_RESET);
    scripted.can = 1u << PROBE_ROUTE | 1u << PROBE_TCP_SYN;
    diagnosis_init(&diagnosis, &subject, false, &scripted.network);
    assert_false(diagnosis_can(&diagnosis, PROBE_ECHO));
    assert_false(diagnosis.evidence.raw);
    assert_int_equal(drive(&diagnosis.machine, &scripted.network), 0);
    assert_int_equal(count_sent(&scripted, PROBE_ECHO), 0);
    assert_int_equal(count_sent(&scripted, PROBE_TCP_SHORT), 0);
    assert_string_equal(top(&diagnosis), "port-closed");
}

/* The half minute of --deep: fragments that linger, and requests spread over it. */
static void test_deep(void **state)
{
    struct reply answers[PROBE_KINDS];
    struct diagnosis diagnosis;
    struct scripted scripted;

    fill(answers);
    answers[PROBE_TCP_SYN].kind = REPLY_KINDS;
    answers[PROBE_TCP_ACK] = of_target(REPLY_RESET);
    run(&diagnosis, &scripted, answers, false, true);
    assert_in_range(diagnosis.evidence.packets_sent, PACKETS_FAST / 2, PACKETS_DEEP);
    assert_in_range((scripted.clock_ns - NS_PER_S) / NS_PER_S, 25, 40);
    assert_true(evidence_count(&diagnosis.evidence, ASK_FRAGMENT) > 0);
    assert_int_equal(evidence_count(&diagnosis.evidence, ASK_FRAGMENT),
                     evidence_count(&diagnosis.evidence, ASK_FRAGMENT_CONTROL));
    assert_true(evidence_count(&diagnosis.evidence, ASK_AGAIN) >= 6);
}

/* The other host is asked by echo and by the same request; both families must agree. */
static void test_compare(void **state)
{
    struct reply answers[PROBE_KINDS];
    struct diagnosis diagnosis;
    struct scripted scripted = {.network = {scripted_send, scripted_receive, scripted_now, scripted_can},
                                .clock_ns = NS_PER_S,
                                .rtt_ns = NS_PER_MS,
                                .answers = answers,
                                .can = ~0u};
    struct subject subject = {
        .address = unit_address(STORY_TARGET), .port = STORY_PORT, .compare = unit_address("192.0.2.11")};

    fill(answers);
    diagnosis_init(&diagnosis, &subject, false, &scripted.network);
    assert_int_equal(drive(&diagnosis.machine, &scripted.network), 0);
    assert_int_equal(evidence_count(&diagnosis.evidence, ASK_COMPARE), 2);
    subject.compare = unit_address("2001:db8::11");
    scripted.clock_ns = NS_PER_S;
    scripted.sent_count = scripted.first_pending = scripted.pending_count = 0;
    diagnosis_init(&diagnosis, &subject, false, &scripted.network);
    assert_int_equal(drive(&diagnosis.machine, &scripted.network), 0);
    assert_int_equal(evidence_count(&diagnosis.evidence, ASK_COMPARE), 0);
}

static void test_patience(void **state)
{
    struct diagnosis diagnosis = {0};
    struct story story;
    struct reply echo = {.kind = REPLY_ECHO, .rtt_ns = 100 * NS_PER_MS};
    int64_t unknown = diagnosis_patience(&diagnosis, true);

    story_begin(&story, STORY_PORT, false);
    story_exchange(&story, ASK_FIRST, PROBE_TCP_SYN, story_error("10.1.0.1", ICMP4_UNREACHABLE, 13));
    diagnosis.evidence = story.evidence;
    assert_int_equal(diagnosis_patience(&diagnosis, true),
                     unknown); /* a near router says nothing of the host */
    assert_true(diagnosis_patience(&diagnosis, false) < unknown);
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, echo);
    diagnosis.evidence = story.evidence;
    assert_true(diagnosis_patience(&diagnosis, true) > 300 * NS_PER_MS);
    echo.rtt_ns = 2 * NS_PER_S;
    story_exchange(&story, ASK_ECHO, PROBE_ECHO, echo);
    diagnosis.evidence = story.evidence;
    assert_true(diagnosis_patience(&diagnosis, true) < NS_PER_S); /* there is an end to it */
}

static void test_questions_are_complete(void **state)
{
    for (int question = 0; question < QUESTIONS; question++) {
        const struct question_row *row = question_row((enum question)question);

        assert_non_null(row->name);
        assert_non_null(row->ready);
        assert_non_null(row->send);
        assert_in_range(row->rounds, 1, 20);
        assert_in_range(row->kind, 0, PROBE_KINDS - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_open_port),
        cmocka_unit_test(test_no_route_no_packet),
        cmocka_unit_test(test_silence_keeps_to_the_budget),
        cmocka_unit_test(test_a_closed_port),
        cmocka_unit_test(test_a_refusal_to_send_is_the_answer),
        cmocka_unit_test(test_what_cannot_be_asked_is_not),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_patience),
        cmocka_unit_test(test_questions_are_complete),
    };

    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
