/* SPDX-License-Identifier: MIT */
/* Bursts of unreachable messages: many at once, or far more than before; not what innocents cause. */
#include "tests/unit/detect/flood/drive.h"
#include "wire/tcp.h"

#define SERVER "198.51.100.7"

/* Clients of a service get so many errors a second. */
static void refuse(struct drive *drive, uint16_t source_port, uint16_t port, unsigned rate, unsigned seconds)
{
    int64_t begin_ns = drive->traffic.now_ns;

    for (unsigned i = 0; i < rate * seconds; i++) {
        struct traffic_route route = {.source = traffic_address("10.0.0.1", i % 30),
                                      .destination = unit_address(SERVER)};

        drive->traffic.now_ns = begin_ns + (int64_t)i * NS_PER_S / rate;
        traffic_udp(&drive->traffic, &route, source_port, port, 30);
        traffic_error(&drive->traffic, SERVER, 3, 3, 0);
    }
    drive->traffic.now_ns = begin_ns + seconds * NS_PER_S;
}

static void test_many(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    refuse(drive, 40000, 1812, 45, 10);
    assert_null(drive_find(drive, KIND_UNREACHABLE_BURST));
    refuse(drive, 40000, 1812, 60, 5);
    finding = drive_find(drive, KIND_UNREACHABLE_BURST);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_WARNING);
    drive_is(&finding->subject.target, SERVER);
    assert_true(drive_fact(finding, FACT_OBSERVED) >= 50);
    assert_int_equal(drive_fact(finding, FACT_QUOTED_PORT), 1812);
    assert_in_range((unsigned)drive_fact(finding, FACT_CLIENTS), 27, 33);
    drive_free(drive);
}

static void test_rise(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    for (int i = 0; i < 30; i++) {
        refuse(drive, 40000, 1812, 1, 1);
        drive_wait(drive, 9000);
    }
    assert_null(drive_find(drive, KIND_UNREACHABLE_BURST));
    refuse(drive, 40000, 1812, 15, 12);
    finding = drive_find(drive, KIND_UNREACHABLE_BURST);
    assert_non_null(finding);
    assert_true(finding->excluded & 1U << INNOCENT_OWN_BASELINE);
    assert_true(drive_fact(finding, FACT_BASELINE) < 1.5);
    drive_free(drive);
}

static void test_usual(void **state)
{
    struct drive *drive = drive_new(NULL);

    watch_learn(drive->watch);
    refuse(drive, 40000, 1812, 20, 300);
    watch_learned(drive->watch);
    refuse(drive, 40000, 1812, 25, 60);
    assert_null(drive_find(drive, KIND_UNREACHABLE_BURST));
    drive_free(drive);
}

/* A router reports many services: it is the one to name. */
static void test_reporter(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    for (unsigned i = 0; i < 1000; i++) {
        struct traffic_route route = {.source = traffic_address("10.0.0.1", i % 100),
                                      .destination = traffic_address("198.51.100.1", i * 7 % 200)};

        traffic_tcp(&drive->traffic, &route, (uint16_t)(40000 + i), 443, 1, TCP_SYN, 0);
        traffic_error(&drive->traffic, "10.0.0.254", 3, 10, 0);
        drive_wait(drive, 10);
    }
    finding = drive_find(drive, KIND_UNREACHABLE_BURST);
    assert_non_null(finding);
    drive_is(&finding->subject.source, "10.0.0.254");
    drive_is(&finding->subject.target, "");
    drive_free(drive);
}

static void test_innocents(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    refuse(drive, 53, 40000, 200, 3); /* late answers of a resolver */
    assert_null(drive_find(drive, KIND_UNREACHABLE_BURST));
    drive_wait(drive, 100000);
    refuse(drive, 40000, 9999, 60, 2); /* a program restarts */
    finding = drive_find(drive, KIND_UNREACHABLE_BURST);
    assert_true(!finding || finding->severity == SEVERITY_INFO);
    refuse(drive, 40000, 9999, 80, 5); /* and does not come back */
    finding = drive_find(drive, KIND_UNREACHABLE_BURST);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_WARNING);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many),     cmocka_unit_test(test_rise),      cmocka_unit_test(test_usual),
        cmocka_unit_test(test_reporter), cmocka_unit_test(test_innocents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
