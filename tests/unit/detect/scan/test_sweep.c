/* SPDX-License-Identifier: MIT */
/* Sweeps, and those who ask many hosts because it is their work. */
#include <string.h>

#include "tests/unit/detect/flood/drive.h"

static const char scanner[] = "198.51.100.9";

/* An echo request to a host, as Linux ping sends it, or without a payload; it may be answered. */
static void ask(struct drive *drive, const char *source, const char *base, uint64_t number, size_t payload,
                bool answered)
{
    struct traffic_route route = traffic_route(source, base), back = traffic_route(base, source);
    uint16_t sequence = (uint16_t)drive->traffic.frames;

    route.destination = back.source = traffic_address(base, number);
    traffic_echo(&drive->traffic, &route, false, 5, sequence, payload);
    drive->traffic.now_ns += NS_PER_MS;
    if (answered)
        traffic_echo(&drive->traffic, &back, true, 5, sequence, payload);
}

/* Ask so many hosts in order; `alive` of ten answer. */
static void walk(struct drive *drive, const char *source, const char *base, unsigned hosts, unsigned alive,
                 unsigned gap_ms)
{
    for (unsigned i = 0; i < hosts; i++) {
        ask(drive, source, base, i, 56, i * 7 % 10 < alive);
        drive_wait(drive, gap_ms);
    }
}

static void in_order(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *sweep, *ordered;

    (void)state;
    walk(drive, scanner, "10.0.0.1", 200, 1, 10);
    drive_wait(drive, 3000);
    sweep = drive_find(drive, KIND_SWEEP);
    ordered = drive_find(drive, KIND_SWEEP_MONOTONIC);
    assert_non_null(sweep);
    assert_non_null(ordered);
    assert_int_equal(sweep->severity, SEVERITY_ALERT);
    assert_int_equal(ordered->incident, sweep->incident);
    drive_is(&sweep->subject.source, scanner);
    drive_is(&sweep->subject.target, "");
    assert_int_equal(sweep->packets, 200);
    assert_int_equal(sweep->sample_count, FINDING_SAMPLES);
    assert_in_range((int64_t)drive_fact(sweep, FACT_DISTINCT_TARGETS), 150, 200);
    assert_true(drive_fact(sweep, FACT_ANSWERED_RATIO) < 0.25);
    assert_true(drive_fact(sweep, FACT_OBSERVED) >= drive_fact(sweep, FACT_THRESHOLD));
    assert_string_equal(ordered->evidence.facts[FACT_PATTERN].text, "sequential");
    assert_in_range((int64_t)drive_fact(ordered, FACT_RUN), 180, 200);
    assert_int_equal((int64_t)drive_fact(ordered, FACT_STRIDE), 1);
    drive_is(&ordered->evidence.facts[FACT_LAST_TARGET].address, "10.0.0.200");
    assert_true(sweep->excluded >> INNOCENT_MONITORING & 1);
    drive_free(drive);
}

static void downwards_and_in_strides(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        ask(drive, "192.0.2.1", "10.1.0.0", 1000 - i, 56, false);
        ask(drive, "192.0.2.2", "10.2.0.0", i * (uint64_t)4, 56, false);
        drive_wait(drive, 20);
    }
    drive_wait(drive, 3000);
    for (size_t i = 0; i < drive->watch->findings->count; i++) {
        finding = &drive->watch->findings->rows[i];
        assert_string_equal(finding->evidence.facts[FACT_PATTERN].text,
                            finding->subject.source.bytes[3] == 1 ? "descending" : "strided");
        assert_int_equal((int64_t)drive_fact(finding, FACT_STRIDE),
                         finding->subject.source.bytes[3] == 1 ? 1 : 4);
    }
    assert_int_equal(drive->watch->findings->count, 4);
    drive_free(drive);
}

/* In no order: a multiplier that is odd visits each address of the /22 once. */
static void in_no_order(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    for (unsigned i = 0; i < 400; i++) {
        ask(drive, scanner, "10.0.0.0", i * 405 % 1024, 56, false);
        drive_wait(drive, 10);
    }
    drive_wait(drive, 3000);
    finding = drive_find(drive, KIND_SWEEP);
    assert_non_null(finding);
    assert_string_equal(finding->evidence.facts[FACT_PATTERN].text, "permuted");
    assert_null(drive_find(drive, KIND_SWEEP_MONOTONIC));
    drive_free(drive);
}

static void of_ipv6_hosts_and_networks(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    walk(drive, "2001:db8:bad::1", "2001:db8:1::1", 100, 0, 10);
    drive_wait(drive, 3000);
    assert_non_null(drive_find(drive, KIND_SWEEP));
    drive_is(&drive_find(drive, KIND_SWEEP)->subject.source, "2001:db8:bad::1");
    assert_int_equal(drive_find(drive, KIND_SWEEP)->subject.source_bits, 0);
    assert_non_null(drive_find(drive, KIND_SWEEP_MONOTONIC));
    drive_free(drive);
}

/* One who changes his address within the /64 with each question is one sender all the same. */
static void of_many_ipv6_sources(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;
    char source[SONDE_ADDRESS_TEXT];

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        struct sonde_address address = traffic_address("2001:db8:bad::1000", i * (uint64_t)7919);

        ask(drive, sonde_address_format(&address, source), "2001:db8:1::1", i, 56, false);
        drive_wait(drive, 10);
    }
    drive_wait(drive, 3000);
    finding = drive_find(drive, KIND_SWEEP);
    assert_non_null(finding);
    drive_is(&finding->subject.source, "2001:db8:bad::");
    assert_int_equal(finding->subject.source_bits, 64);
    drive_free(drive);
}

/* Fewer targets than the limit, in more time than the window, most of them alive: people do that. */
static void below_the_limit(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned i = 0; i < 50; i++) {
        ask(drive, scanner, "10.0.0.0", i * 37, 56, i % 10 < 7);
        drive_wait(drive, 100);
    }
    watch_finish(drive->watch);
    assert_int_equal(drive_count(drive, SEVERITY_INFO), 0);
    drive_free(drive);
}

static void allowed(void **state)
{
    struct profile profile = {0};
    struct drive *drive;

    (void)state;
    assert_int_equal(prefixes_add(&profile.allowed, scanner), 0);
    drive = drive_new(&profile);
    walk(drive, scanner, "10.0.0.1", 200, 0, 10);
    watch_finish(drive->watch);
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 0);
    drive_free(drive);
}

static void known_from_the_quiet_capture(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    watch_learn(drive->watch);
    walk(drive, scanner, "10.0.0.1", 200, 0, 10);
    drive_wait(drive, 3000);
    watch_learned(drive->watch);
    walk(drive, scanner, "10.0.4.1", 200, 0, 10);
    walk(drive, "198.51.100.10", "10.0.4.1", 200, 0, 10);
    watch_finish(drive->watch);
    drive_is(&drive_find(drive, KIND_SWEEP)->subject.source, "198.51.100.10");
    assert_int_equal(drive_count(drive, SEVERITY_ALERT), 2);
    drive_free(drive);
}

/* Rounds of a monitoring system: one of ten hosts is down and asked again. */
static void monitor(struct drive *drive, unsigned hosts, unsigned rounds, unsigned gap_ms, unsigned pause_ms,
                    unsigned alive)
{
    for (unsigned round = 0; round < rounds; round++) {
        walk(drive, "10.9.0.5", "10.0.0.1", hosts, alive, gap_ms);
        drive_wait(drive, pause_ms);
    }
}

static void monitoring_in_rounds(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    monitor(drive, 300, 12, 5, 300000, 9);
    watch_finish(drive->watch);
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 0);
    drive_free(drive);
}

static void monitoring_all_the_time(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    monitor(drive, 100, 12, 10, 0, 9);
    watch_finish(drive->watch);
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 0);
    drive_free(drive);
}

/* Only the requests pass here, also those of others. */
static void monitoring_one_way(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned i = 0; i < 100; i++)
        ask(drive, "10.9.0.6", "10.8.0.1", i % 3, 56, false);
    monitor(drive, 100, 5, 10, 60000, 0);
    watch_finish(drive->watch);
    assert_int_equal(drive_count(drive, SEVERITY_ALERT), 0);
    drive_free(drive);
}

/* Hosts from a list, of which each answers, are asked once and never again. */
static void inventory(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned part = 0; part < 4; part++) {
        char begin[] = "10.0.0.1";

        begin[5] = (char)('0' + part);
        walk(drive, scanner, begin, 50, 10, 10);
    }
    drive_wait(drive, 60000);
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 0);
    watch_finish(drive->watch);
    assert_int_equal(drive_find(drive, KIND_SWEEP)->severity, SEVERITY_WARNING);
    drive_free(drive);
}

/* So many in a row that nobody made a list of them. */
static void whole_range(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    walk(drive, scanner, "10.0.0.1", 200, 10, 10);
    drive_wait(drive, 60000);
    watch_finish(drive->watch);
    assert_int_equal(drive_find(drive, KIND_SWEEP)->severity, SEVERITY_ALERT);
    drive_free(drive);
}

/* The same with the packets of nmap: they leave no doubt. */
static void scanner_of_the_living(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        struct traffic_route route = traffic_route(scanner, "10.0.0.1");

        route.destination = traffic_address("10.0.0.1", i);
        traffic_icmp(&drive->traffic, &route, 8, 0, (i * 7919 + 13) << 16, (struct slice){0});
        drive->traffic.now_ns += 10 * NS_PER_MS;
    }
    drive_wait(drive, 10);
    assert_int_equal(drive_find(drive, KIND_SWEEP)->severity, SEVERITY_ALERT);
    assert_string_equal(drive_find(drive, KIND_SWEEP)->evidence.facts[FACT_TOOL].text, "nmap");
    drive_free(drive);
}

/* fping asks the silent ones three times more: that is no routine. */
static void with_retries(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned again = 0; again < 4; again++) {
        walk(drive, scanner, "10.0.0.1", 100, 0, 1);
        drive_wait(drive, 500);
    }
    watch_finish(drive->watch);
    assert_int_equal(drive_find(drive, KIND_SWEEP)->severity, SEVERITY_ALERT);
    assert_int_equal(drive_find(drive, KIND_SWEEP)->packets, 400);
    drive_free(drive);
}

/* Addresses are asked before they are given out, one after the other, and come to life. */
static void leases(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        struct traffic_route client = traffic_route("10.0.0.1", "10.0.9.9");

        ask(drive, "10.0.0.2", "10.0.1.1", i, 28, false);
        drive_wait(drive, 3000);
        client.source = traffic_address("10.0.1.1", i);
        traffic_udp(&drive->traffic, &client, 40000, 53, 30);
        drive_wait(drive, 20000);
    }
    watch_finish(drive->watch);
    assert_null(drive_find(drive, KIND_SWEEP_MONOTONIC));
    assert_null(drive_find(drive, KIND_SWEEP_SLOW));
    drive_free(drive);
}

/* A sweep that is over, and one a day later: two findings, and none for what lies between. */
static void again_next_day(void **state)
{
    struct drive *drive = drive_new(NULL);
    size_t sweeps = 0;

    (void)state;
    walk(drive, scanner, "10.0.0.1", 200, 0, 10);
    for (unsigned i = 0; i < 2000; i++) {
        ask(drive, scanner, "10.0.0.1", 0, 56, true);
        drive_wait(drive, 40000);
    }
    walk(drive, scanner, "10.0.8.1", 200, 0, 10);
    watch_finish(drive->watch);
    for (size_t i = 0; i < drive->watch->findings->count; i++)
        sweeps += drive->watch->findings->rows[i].subject.kind == KIND_SWEEP;
    assert_int_equal(sweeps, 2);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order),
        cmocka_unit_test(downwards_and_in_strides),
        cmocka_unit_test(in_no_order),
        cmocka_unit_test(of_ipv6_hosts_and_networks),
        cmocka_unit_test(of_many_ipv6_sources),
        cmocka_unit_test(below_the_limit),
        cmocka_unit_test(allowed),
        cmocka_unit_test(known_from_the_quiet_capture),
        cmocka_unit_test(monitoring_in_rounds),
        cmocka_unit_test(monitoring_all_the_time),
        cmocka_unit_test(monitoring_one_way),
        cmocka_unit_test(inventory),
        cmocka_unit_test(whole_range),
        cmocka_unit_test(scanner_of_the_living),
        cmocka_unit_test(with_retries),
        cmocka_unit_test(leases),
        cmocka_unit_test(again_next_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
