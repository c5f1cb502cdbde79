/* SPDX-License-Identifier: MIT */
/* Slow sweeps, and hosts that have dead acquaintances. */
#include "tests/unit/detect/flood/drive.h"

static void ask(struct drive *drive, const char *source, uint64_t number, unsigned times, bool answered)
{
    struct traffic_route route = traffic_route(source, "10.0.0.0"), back = traffic_route("10.0.0.0", source);

    route.destination = back.source = traffic_address("10.0.0.0", number);
    for (unsigned i = 0; i < times; i++) {
        uint16_t sequence = (uint16_t)drive->traffic.frames;

        traffic_echo(&drive->traffic, &route, false, 5, sequence, 56);
        drive->traffic.now_ns += NS_PER_MS;
        if (answered)
            traffic_echo(&drive->traffic, &back, true, 5, sequence, 56);
        if (i + 1 < times)
            drive_wait(drive, 1000);
    }
}

/* Somebody else's pings are answered, so the answers pass here. */
static void others(struct drive *drive)
{
    ask(drive, "192.0.2.77", 1, 3, true);
}

/* Each address `times` times, every so many seconds. */
static void scan(struct drive *drive, unsigned hosts, unsigned gap_s, unsigned times, unsigned alive)
{
    others(drive);
    for (unsigned i = 0; i < hosts; i++) {
        ask(drive, "192.0.2.9", i * (uint64_t)7919 % 50000, times, i * 7 % 10 < alive);
        drive_wait(drive, gap_s * 1000);
    }
}

static void each_15_seconds(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    scan(drive, 30, 15, 1, 1);
    finding = drive_find(drive, KIND_SWEEP_SLOW);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    drive_is(&finding->subject.source, "192.0.2.9");
    assert_true(drive_fact(finding, FACT_WALK) > 4.595);
    assert_true(drive_fact(finding, FACT_FAILED) >= 6);
    assert_null(drive_find(drive, KIND_SWEEP));
    drive_free(drive);
}

/* One a five minutes, each asked twice as nmap -T0 does: one finding all the time. */
static void each_5_minutes(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    scan(drive, 60, 300, 2, 1);
    watch_finish(drive->watch);
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 1);
    assert_non_null(drive_find(drive, KIND_SWEEP_SLOW));
    assert_true(drive_find(drive, KIND_SWEEP_SLOW)->packets > 100);
    drive_free(drive);
}

static void five_failures_are_few(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    scan(drive, 5, 15, 1, 0);
    watch_finish(drive->watch);
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 0);
    drive_free(drive);
}

/* A list with three dead of fifteen, for a day: each dead host counts once. */
static void dead_hosts_of_a_list(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned i = 0; i < 15 * 1440; i++) {
        ask(drive, "192.0.2.9", i % 15, 1, i % 15 >= 3);
        drive_wait(drive, 3999);
    }
    watch_finish(drive->watch);
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 0);
    drive_free(drive);
}

/* The same when the dead come first. */
static void dead_hosts_first(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    others(drive);
    for (unsigned i = 0; i < 40 * 20; i++) {
        ask(drive, "192.0.2.9", i % 40, 1, i % 40 >= 8);
        drive_wait(drive, 2000);
    }
    watch_finish(drive->watch);
    assert_int_equal(drive_count(drive, SEVERITY_ALERT), 0);
    drive_free(drive);
}

/* A person who looks for hosts that are down pings each of them for a while. */
static void somebody_waits_for_hosts(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    others(drive);
    for (unsigned i = 0; i < 12; i++) {
        ask(drive, "192.0.2.9", i * (uint64_t)31, 10, false);
        drive_wait(drive, 60000);
    }
    watch_finish(drive->watch);
    assert_null(drive_find(drive, KIND_SWEEP_SLOW));
    drive_free(drive);
}

/* What failed in the morning does not count in the evening. */
static void a_few_a_day(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    others(drive);
    for (unsigned i = 0; i < 12; i++) {
        ask(drive, "192.0.2.9", i * (uint64_t)31, 1, false);
        drive_wait(drive, 3 * 3600000);
    }
    watch_finish(drive->watch);
    assert_null(drive_find(drive, KIND_SWEEP_SLOW));
    drive_free(drive);
}

/* A dozen dead hosts within a second is a small, fast sweep. */
static void burst(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    others(drive);
    for (unsigned i = 0; i < 20; i++)
        ask(drive, "192.0.2.9", i * (uint64_t)31, 1, false);
    drive_wait(drive, 3000);
    drive_wait(drive, 1000);
    assert_non_null(drive_find(drive, KIND_SWEEP));
    assert_null(drive_find(drive, KIND_SWEEP_SLOW));
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_15_seconds),       cmocka_unit_test(each_5_minutes),
        cmocka_unit_test(five_failures_are_few), cmocka_unit_test(dead_hosts_of_a_list),
        cmocka_unit_test(dead_hosts_first),      cmocka_unit_test(somebody_waits_for_hosts),
        cmocka_unit_test(a_few_a_day),           cmocka_unit_test(burst),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
