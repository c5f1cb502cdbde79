/* SPDX-License-Identifier: MIT */
/* The loop: what it sends, what it tells the machine, when it stops. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "probe/drive.h"

enum { LOG_MAX = 16 };

/* A machine that sends some probes, then waits for so many answers or ticks; it notes what it was told. */
struct recorder {
    struct machine machine;
    uint16_t to_send, waits;
    uint16_t sent, told;
    struct reply replies[LOG_MAX];
    int ticks;
};

/* A network with a clock that moves by a second per wait and answers from a script. */
struct script {
    struct network network;
    int64_t clock_ns;
    const int *sends, *receives; /* results, in turn */
    size_t send_count, receive_count;
    uint16_t asked[LOG_MAX];
    int64_t deadlines[LOG_MAX];
    size_t waits;
};

static bool recorder_next_send(struct machine *machine, int64_t now_ns, struct probe *probe)
{
    struct recorder *recorder = (struct recorder *)machine;

    assert_int_equal(probe->size, 0); /* each probe starts empty */
    if (recorder->sent == recorder->to_send)
        return false;
    *probe = (struct probe){.id = recorder->sent++, .kind = PROBE_ECHO, .size = 99};
    return true;
}

static void recorder_on_reply(struct machine *machine, const struct reply *reply)
{
    struct recorder *recorder = (struct recorder *)machine;

    recorder->replies[recorder->told++] = *reply;
}

static void recorder_on_tick(struct machine *machine, int64_t now_ns)
{
    struct recorder *recorder = (struct recorder *)machine;

    recorder->ticks++;
    assert_int_equal(now_ns, recorder->ticks * NS_PER_S);
}

static int64_t recorder_next_deadline(const struct machine *machine)
{
    const struct recorder *recorder = (const struct recorder *)machine;

    return recorder->told + recorder->ticks < recorder->waits ? 42 : INT64_MAX;
}

static int script_send(struct network *network, const struct probe *probe)
{
    struct script *script = (struct script *)network;

    script->asked[script->send_count] = probe->id;
    return script->sends[script->send_count++];
}

static int script_receive(struct network *network, int64_t deadline_ns, struct reply *reply)
{
    struct script *script = (struct script *)network;
    int result = script->receives[script->receive_count++];

    script->clock_ns += NS_PER_S;
    script->deadlines[script->waits++] = deadline_ns;
    if (result > 0)
        *reply = (struct reply){.probe = 7, .kind = REPLY_ECHO};
    return result;
}

static int64_t script_now(struct network *network)
{
    return ((struct script *)network)->clock_ns;
}

static struct recorder recorder_of(uint16_t to_send, uint16_t waits)
{
    return (struct recorder){
        .machine = {recorder_next_send, recorder_on_reply, recorder_on_tick, recorder_next_deadline},
        .to_send = to_send,
        .waits = waits,
    };
}

static struct script script_of(const int *sends, const int *receives)
{
    return (struct script){
        .network = {script_send, script_receive, script_now, NULL}, .sends = sends, .receives = receives};
}

static void test_answers_and_ticks(void **state)
{
    static const int sends[] = {0, 0, 0}, receives[] = {0, 0, 1};
    struct recorder recorder = recorder_of(3, 3);
    struct script script = script_of(sends, receives);

    assert_int_equal(drive(&recorder.machine, &script.network), 0);
    assert_int_equal(script.send_count, 3);
    for (uint16_t i = 0; i < 3; i++)
        assert_int_equal(script.asked[i], i);
    assert_int_equal(script.waits, 3);
    assert_int_equal(script.deadlines[0], 42);
    assert_int_equal(recorder.ticks, 2);
    assert_int_equal(recorder.told, 1);
    assert_int_equal(recorder.replies[0].probe, 7);
    assert_int_equal(recorder.replies[0].kind, REPLY_ECHO);
}

static void test_refusal_is_told(void **state)
{
    static const int sends[] = {0, -ENETUNREACH, 0}, receives[] = {-EIO};
    struct recorder recorder = recorder_of(3, 1);
    struct script script = script_of(sends, receives);
    const struct reply *told = &recorder.replies[0];

    script.clock_ns = 5;
    assert_int_equal(drive(&recorder.machine, &script.network), 0);
    assert_int_equal(script.send_count, 3); /* one refusal does not stop the others */
    assert_int_equal(recorder.told, 1);
    assert_int_equal(told->probe, 1);
    assert_int_equal(told->kind, REPLY_LOCAL);
    assert_int_equal(told->error, ENETUNREACH);
    assert_int_equal(told->ttl, -1);
    assert_int_equal(told->tos, -1);
    assert_int_equal(told->quoted_tos, -1);
    assert_int_equal(told->when_ns, 5);
    assert_int_equal(script.waits, 0); /* and then the machine was done */
}

static void test_broken_network_ends(void **state)
{
    static const int errors[] = {-EINTR, -ENETDOWN, -EIO};

    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        static const int sends[] = {0};
        struct recorder recorder = recorder_of(1, 5);
        struct script script = script_of(sends, &errors[i]);

        assert_int_equal(drive(&recorder.machine, &script.network), errors[i]);
        assert_int_equal(recorder.told, 0);
        assert_int_equal(recorder.ticks, 0);
    }
}

static void test_nothing_to_do(void **state)
{
    struct recorder recorder = recorder_of(0, 0);
    struct script script = script_of(NULL, NULL);

    assert_int_equal(drive(&recorder.machine, &script.network), 0);
    assert_int_equal(script.waits, 0);
}

/* A step sends, takes all answers that are there, ticks if it is time, and never waits. */
static void test_step(void **state)
{
    static const int sends[] = {0}, receives[] = {1, 0, 0, 1};
    struct recorder recorder = recorder_of(1, 3);
    struct script script = script_of(sends, receives);

    script.clock_ns =
        -NS_PER_S; /* the tick is due in the second step: a wait of this script takes a second */
    recorder.machine.on_tick = recorder_on_tick;
    assert_int_equal(drive_step(&recorder.machine, &script.network), 0);
    assert_int_equal(script.send_count, 1);
    assert_int_equal(recorder.told, 1);
    assert_int_equal(recorder.ticks, 1);
    for (size_t i = 0; i < script.waits; i++)
        assert_true(script.deadlines[i] < 0);
    recorder.waits = 2;
    assert_int_equal(drive_step(&recorder.machine, &script.network), 1);
}

static void test_step_of_a_broken_network(void **state)
{
    static const int receives[] = {-ENETDOWN};
    struct recorder recorder = recorder_of(0, 1);
    struct script script = script_of(NULL, receives);

    assert_int_equal(drive_step(&recorder.machine, &script.network), -ENETDOWN);
    assert_int_equal(recorder.ticks, 0);
}

static void test_kinds(void **state)
{
    for (enum probe_kind kind = 0; kind < PROBE_KINDS; kind++) {
        assert_non_null(probe_kind_name(kind));
        assert_int_equal(probe_is_local(kind), kind < PROBE_ECHO);
        for (enum probe_kind other = 0; other < kind; other++)
            assert_string_not_equal(probe_kind_name(kind), probe_kind_name(other));
    }
    assert_string_equal(probe_kind_name(PROBE_ECHO), "echo");
    assert_string_equal(probe_kind_name(PROBE_TCP_SYN), "tcp-syn");
    assert_string_equal(probe_kind_name(PROBE_KINDS), "unknown");
    assert_false(probe_is_local(PROBE_KINDS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_and_ticks),
        cmocka_unit_test(test_refusal_is_told),
        cmocka_unit_test(test_broken_network_ends),
        cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_step),
        cmocka_unit_test(test_step_of_a_broken_network),
        cmocka_unit_test(test_kinds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
