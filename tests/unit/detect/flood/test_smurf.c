/* SPDX-License-Identifier: MIT */
/* Requests to everybody in a victim's name, and what people do who look for their neighbours. */
#include <string.h>

#include "tests/unit/detect/flood/drive.h"

/* So many requests to a group, each answered by so many hosts of a prefix. */
static void group(struct drive *drive, const char *victim, const char *to, const char *hosts,
                  unsigned requests, unsigned gap_ms, unsigned repliers, size_t payload)
{
    for (unsigned i = 0; i < requests; i++, drive->traffic.now_ns += gap_ms * NS_PER_MS) {
        struct traffic_route route = traffic_route(victim, to), back = traffic_route(to, victim);

        if (route.destination.family == 4)
            memset(route.to_mac, 0xff, sizeof(route.to_mac));
        if (payload)
            traffic_echo(&drive->traffic, &route, false, 5, (uint16_t)i, payload);
        else
            traffic_icmp(&drive->traffic, &route, route.source.family == 6 ? 128 : 8, 0, 5U << 16 | i,
                         (struct slice){0});
        for (unsigned host = 0; host < repliers; host++) {
            back.source = traffic_address(hosts, host);
            drive->traffic.now_ns += NS_PER_US;
            traffic_echo(&drive->traffic, &back, true, 5, (uint16_t)i, 56);
        }
    }
    drive_wait(drive, 1000);
}

static void amplified(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    group(drive, "192.0.2.7", "10.0.0.255", "10.0.0.10", 20, 100, 30, 56);
    finding = drive_find(drive, KIND_SMURF);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    drive_is(&finding->subject.target, "192.0.2.7");
    assert_in_range((int64_t)drive_fact(finding, FACT_DISTINCT_SOURCES), 24, 36);
    assert_in_range((int64_t)drive_fact(finding, FACT_REQUESTS), 10, 20);
    drive_free(drive);
}

/* Hosts of today do not answer: the requests of a tool are enough. */
static void requests_of_a_tool(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    group(drive, "192.0.2.7", "10.0.0.255", "10.0.0.10", 4, 1000, 0, 0);
    assert_int_equal(drive_find(drive, KIND_SMURF)->severity, SEVERITY_ALERT);
    drive_free(drive);
}

static void from_outside(void **state)
{
    struct profile profile = {0};
    struct drive *drive;

    (void)state;
    assert_int_equal(prefixes_add(&profile.internal, "10.0.0.0/8"), 0);
    drive = drive_new(&profile);
    group(drive, "192.0.2.7", "10.0.0.255", "10.0.0.10", 4, 1000, 0, 56);
    assert_int_equal(drive_find(drive, KIND_SMURF)->severity, SEVERITY_ALERT);
    drive_free(drive);
}

static void ping_of_all_nodes(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    group(drive, "fe80::7", "ff02::1", "fe80::100", 30, 1000, 60, 56);
    group(drive, "10.0.0.7", "224.0.0.1", "10.0.0.10", 30, 1000, 60, 56);
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 0);
    drive_free(drive);
}

/* A link-local address is inside, whatever is declared. */
static void ping_of_all_nodes_by_a_neighbor(void **state)
{
    struct profile profile = {0};
    struct drive *drive;

    (void)state;
    assert_int_equal(prefixes_add(&profile.internal, "10.0.0.0/8"), 0);
    drive = drive_new(&profile);
    group(drive, "fe80::7", "ff02::1", "fe80::100", 30, 1000, 60, 56);
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 0);
    drive_free(drive);
}

static void one_ping_of_a_broadcast(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    group(drive, "10.0.0.7", "10.0.0.255", "10.0.0.10", 2, 1000, 60, 56);
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 0);
    drive_free(drive);
}

/* nmap -sn 10.0.0.0/24 comes by .0 and .255. */
static void sweep_comes_by(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive->answers = 50;
    drive_pings(drive,
                &(struct drive_stream){"10.0.1.9", "10.0.0.0", .targets = 256, .rate = 256, .seconds = 4});
    watch_finish(drive->watch);
    assert_null(drive_find(drive, KIND_SMURF));
    drive_free(drive);
}

static void replies_unasked(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    drive_pings(drive, &(struct drive_stream){"10.0.0.10", "192.0.2.7", .sources = 50, .reply = true,
                                              .rate = 500, .seconds = 5, .payload = 56});
    finding = drive_find(drive, KIND_SMURF);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    drive_is(&finding->subject.source, "");
    drive_is(&finding->subject.target, "192.0.2.7");
    drive_free(drive);
}

/* Monitoring, of which only the replies pass here: one of each host in a second. */
static void monitoring_one_way(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive_pings(drive, &(struct drive_stream){"10.0.0.10", "192.0.2.7", .sources = 200, .reply = true,
                                              .rate = 200, .seconds = 30, .payload = 56});
    assert_null(drive_find(drive, KIND_SMURF));
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amplified),
        cmocka_unit_test(requests_of_a_tool),
        cmocka_unit_test(from_outside),
        cmocka_unit_test(ping_of_all_nodes),
        cmocka_unit_test(ping_of_all_nodes_by_a_neighbor),
        cmocka_unit_test(one_ping_of_a_broadcast),
        cmocka_unit_test(sweep_comes_by),
        cmocka_unit_test(replies_unasked),
        cmocka_unit_test(monitoring_one_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
