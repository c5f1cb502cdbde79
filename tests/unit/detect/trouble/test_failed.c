/* SPDX-License-Identifier: MIT */
/* Connections that fail: found at the threshold and not below, and never of scans, traceroutes or late
 * answers.
 */
#include <stdio.h>

#include "tests/unit/detect/flood/drive.h"
#include "wire/tcp.h"

#define SERVER "198.51.100.7"

/* One client asks a UDP port, which is closed. */
static void refuse_udp(struct drive *drive, const char *client, const char *server, uint16_t source_port,
                       uint16_t port)
{
    struct traffic_route route = traffic_route(client, server);
    bool six = route.source.family == 6;

    traffic_udp(&drive->traffic, &route, source_port, port, 30);
    drive_wait(drive, 1);
    traffic_error(&drive->traffic, server, six ? 1 : 3, six ? 4 : 3, 0);
}

static size_t failures(const struct drive *drive)
{
    return drive_find(drive, KIND_FAILED_CONNECTIONS) != NULL;
}

static void test_five_errors(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    for (uint16_t i = 0; i < 4; i++) {
        refuse_udp(drive, "10.0.0.9", SERVER, (uint16_t)(40000 + i), 514);
        drive_wait(drive, 10000);
    }
    assert_int_equal(failures(drive), 0);
    refuse_udp(drive, "10.0.0.9", SERVER, 40009, 514);
    finding = drive_find(drive, KIND_FAILED_CONNECTIONS);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_WARNING);
    assert_int_equal(finding->packets, 5);
    drive_is(&finding->subject.source, "");
    drive_is(&finding->subject.target, SERVER);
    drive_is(&finding->evidence.facts[FACT_QUOTED_TARGET].address, SERVER);
    assert_int_equal(drive_fact(finding, FACT_OBSERVED), 5);
    assert_int_equal(drive_fact(finding, FACT_THRESHOLD), 5);
    assert_int_equal(drive_fact(finding, FACT_CLIENTS), 1);
    assert_int_equal(drive_fact(finding, FACT_QUOTED_PORT), 514);
    assert_string_equal(finding->evidence.facts[FACT_SERVICE].text, "syslog");
    assert_string_equal(finding->evidence.facts[FACT_QUOTED_PROTOCOL].text, "udp");
    drive_free(drive);
}

static void test_errors_too_far_apart(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (uint16_t i = 0; i < 30; i++) {
        refuse_udp(drive, "10.0.0.9", SERVER, (uint16_t)(40000 + i), 514);
        drive_wait(drive, 16000);
    }
    assert_int_equal(failures(drive), 0);
    drive_free(drive);
}

static void test_three_clients_and_a_filter(void **state)
{
    struct drive *drive = drive_new(NULL);
    const char *const clients[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
    const struct finding *finding;

    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        struct traffic_route route = traffic_route(clients[i], SERVER);

        assert_int_equal(failures(drive), 0);
        traffic_tcp(&drive->traffic, &route, 40000, 5432, 1, TCP_SYN, 0);
        traffic_error(&drive->traffic, "10.0.0.254", 3, 13, 0);
        drive_wait(drive, 5000);
    }
    finding = drive_find(drive, KIND_FAILED_CONNECTIONS);
    assert_non_null(finding);
    assert_int_equal(drive_fact(finding, FACT_CLIENTS), 3);
    assert_string_equal(finding->evidence.facts[FACT_QUOTED_PROTOCOL].text, "tcp");
    drive_free(drive);
}

static void test_six(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (uint16_t i = 0; i < 5; i++)
        refuse_udp(drive, "2001:db8::9", "2001:db8::53", (uint16_t)(40000 + i), 53);
    assert_int_equal(failures(drive), 1);
    drive_free(drive);
}

static void test_port_scan(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (int times = 0; times < 3; times++)
        for (uint16_t port = 1; port < 1000; port++) {
            refuse_udp(drive, "203.0.113.9", SERVER, 50000, port);
            drive_wait(drive, 10);
        }
    assert_int_equal(failures(drive), 0);
    assert_null(drive_find(drive, KIND_UNREACHABLE_BURST));
    drive_free(drive);
}

static void test_traceroute(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (int round = 0; round < 10; round++)
        for (uint8_t ttl = 1; ttl < 6; ttl++) {
            struct traffic_route route = traffic_route("10.0.0.9", SERVER);

            route.ttl = ttl;
            traffic_udp(&drive->traffic, &route, 50000, 53, 32);
            traffic_error(&drive->traffic, SERVER, 3, 3, 0);
            drive_wait(drive, 500);
        }
    assert_int_equal(failures(drive), 0);
    drive_free(drive);
}

static void test_late_answers(void **state)
{
    struct drive *drive = drive_new(NULL);

    for (uint16_t i = 0; i < 100; i++) {
        refuse_udp(drive, "10.0.0.53", "10.0.0.9", 53, 40000);
        drive_wait(drive, 100);
    }
    assert_int_equal(failures(drive), 0);
    drive_free(drive);
}

/* Peers of a program that ended: each tries once. */
static void test_peers(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    for (uint16_t i = 0; i < 200; i++) {
        char peer[32];

        (void)snprintf(peer, sizeof(peer), "20.1.%u.9", i);
        refuse_udp(drive, peer, "10.0.0.9", 6881, 51413);
        drive_wait(drive, 200);
    }
    finding = drive_find(drive, KIND_FAILED_CONNECTIONS);
    assert_true(!finding || finding->severity == SEVERITY_INFO);
    drive_free(drive);
}

/* An error about a packet that was not sent, although this place sees what its sender sends. */
static void test_forged(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct traffic_route other = traffic_route("10.0.0.9", "192.0.2.1");

    traffic_udp(&drive->traffic, &other, 1, 2, 0);
    drive_wait(drive, 10000);
    traffic_udp(&drive->traffic, &other, 1, 2, 0);
    for (uint16_t i = 0; i < 10; i++) {
        drive->traffic.unseen = true;
        traffic_udp(&drive->traffic, &(struct traffic_route){other.source, unit_address(SERVER)},
                    (uint16_t)(40000 + i), 514, 30);
        drive->traffic.unseen = false;
        traffic_error(&drive->traffic, SERVER, 3, 3, 0);
    }
    assert_int_equal(failures(drive), 0);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_five_errors),
        cmocka_unit_test(test_errors_too_far_apart),
        cmocka_unit_test(test_three_clients_and_a_filter),
        cmocka_unit_test(test_six),
        cmocka_unit_test(test_port_scan),
        cmocka_unit_test(test_traceroute),
        cmocka_unit_test(test_late_answers),
        cmocka_unit_test(test_peers),
        cmocka_unit_test(test_forged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
