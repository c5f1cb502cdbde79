/* SPDX-License-Identifier: MIT */
/* More of a type than usual, after a minute in which the usual was learned. */
#include "tests/unit/detect/flood/drive.h"

/* Unreachable messages of many hosts about as many flows that nobody saw. */
static void errors(struct drive *drive, unsigned rate, unsigned seconds)
{
    for (unsigned i = 0; i < rate * seconds; i++) {
        struct traffic_route route = traffic_route("10.1.0.1", "192.0.2.1");

        route.source = traffic_address("10.1.0.0", traffic_random(&drive->traffic, 60000));
        drive->traffic.unseen = true;
        traffic_udp(&drive->traffic, &route, 5000, (uint16_t)(1 + i % 60000), 40);
        drive->traffic.unseen = false;
        traffic_error(&drive->traffic, "192.0.2.1", 3, 1, 0);
        drive->traffic.now_ns += NS_PER_S / rate;
    }
}

static const struct finding *run(struct drive *drive, unsigned usual, unsigned learning, unsigned rate,
                                 unsigned seconds)
{
    if (usual)
        errors(drive, usual, learning);
    else
        drive_pings(drive, &(struct drive_stream){"10.9.0.1", "10.9.0.2", .rate = 1, .seconds = learning});
    errors(drive, rate, seconds);
    drive_wait(drive, 1000);
    return drive_find(drive, KIND_RATE_SPIKE);
}

static void found(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    watch_free(drive->watch);
    assert_int_equal(watch_new(&(struct watch_options){.memory = (size_t)16 << 20,
                                                       .key = {{0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9,
                                                                0x94d049bb133111eb, 0xd6e8feb86659fd93}},
                                                       .kinds = 1U << KIND_RATE_SPIKE},
                               &drive->watch),
                     0);
    finding = run(drive, 20, 70, 250, 7);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_WARNING);
    assert_in_range((int64_t)drive_fact(finding, FACT_THRESHOLD), 160, 160);
    assert_in_range((int64_t)drive_fact(finding, FACT_BASELINE), 20, 20);
    assert_in_range((int64_t)drive_fact(finding, FACT_ICMP_TYPE), 3, 3);
    assert_string_equal(finding->evidence.facts[FACT_ICMP_NAME].text, "host-unreachable");
    drive_free(drive);
}

static void not_so_much(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    assert_null(run(drive, 20, 70, 150, 10));
    drive_free(drive);
}

static void too_short(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    assert_null(run(drive, 20, 70, 250, 3));
    drive_free(drive);
}

static void not_learned_yet(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    assert_null(run(drive, 0, 20, 300, 30));
    drive_free(drive);
}

/* Rounds that come every two minutes are usual after the first. */
static void comes_again(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    errors(drive, 5, 30);
    for (unsigned round = 0; round < 4; round++) {
        errors(drive, 300, 10);
        errors(drive, 5, 110);
    }
    assert_null(drive_find(drive, KIND_RATE_SPIKE));
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found),           cmocka_unit_test(not_so_much), cmocka_unit_test(too_short),
        cmocka_unit_test(not_learned_yet), cmocka_unit_test(comes_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
