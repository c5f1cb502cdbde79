/* SPDX-License-Identifier: MIT */
/* Routing trouble: no route and loops are found, traceroutes, sweeps and hosts that are off are not. */
#include "tests/unit/detect/flood/drive.h"
#include "wire/tcp.h"

#define CLIENT "10.0.0.9"
#define ROUTER "10.0.0.254"

/* Ping one host of a prefix; a router says why not. */
static void ping(struct drive *drive, const char *client, const char *base, unsigned host, const char *router,
                 uint8_t type, uint8_t code)
{
    struct traffic_route route = traffic_route(client, base);

    route.destination = traffic_address(base, host);
    traffic_echo(&drive->traffic, &route, false, 7, (uint16_t)drive->traffic.frames, 56);
    traffic_error(&drive->traffic, router, type, code, 0);
    drive_wait(drive, 1000);
}

static const struct finding *trouble(const struct drive *drive)
{
    return drive_find(drive, KIND_ROUTING_TROUBLE);
}

static void test_no_route(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    for (unsigned i = 0; i < 4; i++)
        ping(drive, CLIENT, "198.51.100.1", i % 2, ROUTER, 3, 0);
    assert_null(trouble(drive));
    ping(drive, CLIENT, "198.51.100.1", 0, ROUTER, 3, 0);
    finding = trouble(drive);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_WARNING);
    drive_is(&finding->subject.source, ROUTER);
    drive_is(&finding->subject.target, "198.51.100.0");
    assert_int_equal(finding->subject.target_bits, 24);
    assert_string_equal(finding->evidence.facts[FACT_CHECK].text, "no route, report " ROUTER);
    assert_int_equal(drive_fact(finding, FACT_OBSERVED), 5);
    assert_int_equal(drive_fact(finding, FACT_REPORTERS), 1);
    drive_free(drive);
}

static void test_six(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (unsigned i = 0; i < 6; i++)
        ping(drive, "2001:db8::9", "2001:db8:7::1", i % 3, "2001:db8::fe", 1, 0);
    assert_non_null(trouble(drive));
    assert_int_equal(trouble(drive)->subject.target_bits, 64);
    drive_free(drive);
}

/* One client that pings one host learns nothing about the prefix. */
static void test_one_target(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (unsigned i = 0; i < 50; i++)
        ping(drive, CLIENT, "198.51.100.1", 0, ROUTER, 3, 0);
    assert_null(trouble(drive));
    drive_free(drive);
}

static void test_hosts_that_are_off(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (unsigned i = 0; i < 50; i++) {
        struct traffic_route route = traffic_route(CLIENT, "198.51.100.99"),
                             back = traffic_route("198.51.100.99", CLIENT);

        traffic_echo(&drive->traffic, &route, false, 8, (uint16_t)i, 56);
        traffic_echo(&drive->traffic, &back, true, 8, (uint16_t)i, 56);
        ping(drive, CLIENT, "198.51.100.1", i % 3, ROUTER, 3, 1);
    }
    assert_null(trouble(drive));
    drive_free(drive);
}

static void test_sweep(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (unsigned i = 0; i < 250; i++)
        ping(drive, CLIENT, "198.51.100.1", i, ROUTER, 3, 1);
    assert_null(trouble(drive));
    drive_free(drive);
}

/* Seen at the client: whole packets leave, and the same two routers say that they died of age. */
static void test_loop(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    for (unsigned i = 0; i < 10; i++)
        ping(drive, CLIENT, "198.51.100.1", i % 2, i % 3 ? "10.9.0.1" : "10.9.0.2", 11, 0);
    finding = trouble(drive);
    assert_non_null(finding);
    assert_string_equal(finding->evidence.facts[FACT_CHECK].text,
                        "routing loop: packets expire at 10.9.0.1, 10.9.0.2");
    drive_free(drive);
}

/* Seen within: the same packet comes by again and again. */
static void test_loop_within(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (unsigned i = 0; i < 10; i++) {
        struct traffic_route route = traffic_route(CLIENT, i % 2 ? "198.51.100.1" : "198.51.100.2");

        for (route.ttl = 63; route.ttl > 2; route.ttl -= 2)
            traffic_echo(&drive->traffic, &route, false, 7, (uint16_t)i, 56);
        traffic_error(&drive->traffic, "10.9.0.1", 11, 0, 0);
        drive_wait(drive, 1000);
    }
    assert_non_null(trouble(drive));
    drive_free(drive);
}

/* mtr over a single router to two hosts, one of which is off. */
static void test_traceroute(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (uint16_t i = 0; i < 100; i++) {
        struct traffic_route route = traffic_route(CLIENT, i % 2 ? "198.51.100.1" : "198.51.100.2");

        route.ttl = 1;
        traffic_echo(&drive->traffic, &route, false, 7, (uint16_t)(2 * i), 36);
        traffic_error(&drive->traffic, "10.9.0.1", 11, 0, 0);
        route.ttl = 2;
        traffic_echo(&drive->traffic, &route, false, 7, (uint16_t)(2 * i + 1), 36);
        drive_wait(drive, 500);
    }
    assert_null(trouble(drive));
    drive_free(drive);
}

/* A router that lost its uplink is one trouble, not one for each prefix. */
static void test_uplink(void **state)
{
    struct drive *drive = drive_new(NULL);
    unsigned findings = 0;

    for (unsigned i = 0; i < 400; i++) {
        struct traffic_route route = {.source = traffic_address("10.0.0.1", i / 40 + i % 2 * 100),
                                      .destination = traffic_address("198.51.0.1", i % 20 * 256 + i % 3)};

        traffic_tcp(&drive->traffic, &route, (uint16_t)(40000 + i), 443, 1, TCP_SYN, 0);
        traffic_error(&drive->traffic, ROUTER, 3, 0, 0);
        drive_wait(drive, 50);
    }
    for (size_t i = 0; i < drive->watch->findings->count; i++)
        findings += drive->watch->findings->rows[i].subject.kind == KIND_ROUTING_TROUBLE;
    assert_int_equal(findings, 4);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_route),    cmocka_unit_test(test_six),
        cmocka_unit_test(test_one_target),  cmocka_unit_test(test_hosts_that_are_off),
        cmocka_unit_test(test_sweep),       cmocka_unit_test(test_loop),
        cmocka_unit_test(test_loop_within), cmocka_unit_test(test_traceroute),
        cmocka_unit_test(test_uplink),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
