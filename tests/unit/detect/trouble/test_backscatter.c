/* SPDX-License-Identifier: MIT */
/* Backscatter: answers to packets that nobody here sent; not answers to our own. */
#include "tests/unit/detect/flood/drive.h"
#include "wire/tcp.h"

/* So many hosts answer what a host of ours did or did not send. */
static void answer(struct drive *drive, const char *ours, unsigned victims, unsigned hosts, bool sent)
{
    for (unsigned i = 0; i < hosts; i++) {
        struct traffic_route route = {.source = traffic_address(ours, victims ? i % victims : 0),
                                      .destination = traffic_address("20.1.0.1", (uint64_t)i * 300)};
        struct traffic_route back = {.source = route.destination, .destination = route.source};

        drive->traffic.unseen = !sent;
        traffic_tcp(&drive->traffic, &route, (uint16_t)(1024 + i), 80, i, TCP_SYN, 0);
        drive->traffic.unseen = false;
        drive_wait(drive, 20);
        traffic_error_along(&drive->traffic, &back, 3, 1, 0);
        drive_wait(drive, 80);
    }
}

static const struct finding *backscatter(const struct drive *drive)
{
    return drive_find(drive, KIND_SCAN_BACKSCATTER);
}

/* The capture has run for a while, and sees what ours send. */
static struct drive *begin(void)
{
    struct drive *drive = drive_new(NULL);
    struct traffic_route route = traffic_route("10.1.0.1", "192.0.2.1");

    for (unsigned i = 0; i < 10; i++) {
        traffic_udp(&drive->traffic, &route, 1000, 53, 10);
        drive_wait(drive, 1000);
    }
    return drive;
}

static void test_spoofed(void **state)
{
    struct drive *drive = begin();
    const struct finding *finding;

    answer(drive, "10.1.2.0", 250, 40, false);
    assert_null(backscatter(drive));
    answer(drive, "10.1.2.0", 250, 250, false);
    finding = backscatter(drive);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_INFO);
    assert_in_range(finding->subject.target_bits, 24, 27);
    assert_true(drive_fact(finding, FACT_OBSERVED) >= 50);
    assert_int_equal(drive_fact(finding, FACT_QUOTED_PORT), 80);
    assert_true(finding->excluded & 1U << INNOCENT_START);
    drive_free(drive);
}

static void test_own_scan(void **state)
{
    struct drive *drive = begin();

    answer(drive, "10.1.0.1", 0, 500, true);
    assert_null(backscatter(drive));
    drive_free(drive);
}

static void test_one_way_is_not_certain(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    drive_icmp(drive, "192.0.2.7", "192.0.2.8", 11, 1, 0, 0);
    drive_wait(drive, 10000);
    answer(drive, "10.1.0.1", 0, 200, false);
    finding = backscatter(drive);
    assert_non_null(finding);
    assert_true(finding->confidence < 0.5);
    assert_false(finding->excluded & 1U << INNOCENT_ONE_WAY);
    drive_free(drive);
}

static void test_replies(void **state)
{
    struct drive *drive = begin();

    for (unsigned i = 0; i < 200; i++) {
        struct traffic_route route = {.source = traffic_address("20.1.0.1", (uint64_t)i * 300),
                                      .destination = traffic_address("10.1.2.0", i)};

        traffic_echo(&drive->traffic, &route, true, (uint16_t)i, 1, 56);
        drive_wait(drive, 100);
    }
    assert_non_null(backscatter(drive));
    assert_string_equal(backscatter(drive)->evidence.facts[FACT_QUERIES].text, "answers to pings");
    drive_free(drive);
}

/* Answers to what was asked just before the capture began. */
static void test_start(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct traffic_route route = traffic_route("10.1.0.1", "192.0.2.1");

    traffic_udp(&drive->traffic, &route, 1000, 53, 10);
    for (unsigned i = 0; i < 60; i++) {
        struct traffic_route back = {.source = traffic_address("20.1.0.1", (uint64_t)i * 300),
                                     .destination = unit_address("10.1.0.1")};

        traffic_echo(&drive->traffic, &back, true, 7, (uint16_t)i, 56);
        drive_wait(drive, 5);
    }
    assert_null(backscatter(drive));
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spoofed),
        cmocka_unit_test(test_own_scan),
        cmocka_unit_test(test_one_way_is_not_certain),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
