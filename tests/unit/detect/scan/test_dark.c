/* SPDX-License-Identifier: MIT */
/* Traffic to where nobody lives. */
#include "tests/unit/detect/flood/drive.h"
#include "wire/tcp.h"

static const char sender[] = "198.51.100.9";

static struct drive *dark_drive(void)
{
    struct profile profile = {0};

    assert_int_equal(prefixes_add(&profile.dark, "10.66.0.0/16"), 0);
    assert_int_equal(prefixes_add(&profile.internal, "10.0.0.0/8"), 0);
    return drive_new(&profile);
}

static void ping(struct drive *drive, const char *target)
{
    drive_icmp(drive, sender, target, 8, 0, 1, 16);
    drive_wait(drive, 100);
}

static void one_is_a_note(void **state)
{
    struct drive *drive = dark_drive();
    const struct finding *finding;

    (void)state;
    for (unsigned i = 0; i < 10; i++)
        ping(drive, "10.66.0.1");
    finding = drive_find(drive, KIND_DARK_SPACE_PROBE);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_INFO);
    drive_is(&finding->subject.source, sender);
    drive_is(&finding->subject.target, "10.66.0.1");
    assert_int_equal(drive_count(drive, SEVERITY_INFO), 1);
    drive_free(drive);
}

static void three_are_an_attack(void **state)
{
    struct drive *drive = dark_drive();
    const struct finding *last;

    (void)state;
    ping(drive, "10.66.0.1");
    ping(drive, "10.66.7.1");
    assert_int_equal(drive_count(drive, SEVERITY_ALERT), 0);
    ping(drive, "10.66.9.1");
    ping(drive, "10.66.9.2");
    assert_int_equal(drive_count(drive, SEVERITY_ALERT), 1);
    last = &drive->watch->findings->rows[drive->watch->findings->count - 1];
    drive_is(&last->subject.source, sender);
    drive_is(&last->subject.target, "");
    drive_is(&last->evidence.facts[FACT_FIRST_TARGET].address, "10.66.0.1");
    assert_int_equal(last->packets, 4);
    assert_int_equal(last->sample_count, 4);
    drive_free(drive);
}

static void other_protocols(void **state)
{
    struct drive *drive = dark_drive();

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct traffic_route route = traffic_route(sender, "10.66.0.1");

        route.destination = traffic_address("10.66.0.1", i);
        traffic_tcp(&drive->traffic, &route, 40000, 22, 1, TCP_SYN, 0);
    }
    assert_int_equal(drive_count(drive, SEVERITY_ALERT), 1);
    drive_free(drive);
}

/* Answers to forged packets, errors, and packets of a DHCP server. */
static void no_probes(void **state)
{
    struct drive *drive = dark_drive();
    struct traffic_route offer = traffic_route("10.0.0.2", "10.0.0.77");

    (void)state;
    traffic_udp(&drive->traffic, &offer, 67, 68, 300);
    for (unsigned i = 0; i < 20; i++) {
        struct traffic_route route = traffic_route("192.0.2.80", "10.66.0.1"),
                             lease = traffic_route("10.0.0.2", "10.66.0.1");

        route.destination = lease.destination = traffic_address("10.66.0.1", i);
        traffic_tcp(&drive->traffic, &route, 80, 40000, 1, TCP_SYN | TCP_ACK, 0);
        traffic_tcp(&drive->traffic, &route, 80, 40000, 1, TCP_RST, 0);
        traffic_udp(&drive->traffic, &route, 53, 40000, 60);
        traffic_echo(&drive->traffic, &route, true, 5, 1, 56);
        traffic_error(&drive->traffic, "192.0.2.1", 3, 1, 0);
        traffic_echo(&drive->traffic, &lease, false, 5, 1, 20);
        drive_wait(drive, 20000);
    }
    assert_null(drive_find(drive, KIND_DARK_SPACE_PROBE));
    drive_free(drive);
}

/* Inside addresses that were silent in the quiet capture; the living are no dark space. */
static void learned(void **state)
{
    struct drive *drive = dark_drive();

    (void)state;
    watch_learn(drive->watch);
    for (unsigned i = 0; i < 20; i++) {
        struct traffic_route route = traffic_route("10.1.0.1", "192.0.2.5");

        route.source = traffic_address("10.1.0.1", i);
        traffic_udp(&drive->traffic, &route, 40000, 53, 30);
        drive_wait(drive, 1000);
    }
    watch_learned(drive->watch);
    for (unsigned i = 0; i < 20; i++) {
        struct traffic_route route = traffic_route("10.1.0.1", "10.1.0.1");

        route.destination = traffic_address("10.1.0.1", i);
        traffic_echo(&drive->traffic, &route, false, 5, 1, 56);
    }
    assert_null(drive_find(drive, KIND_DARK_SPACE_PROBE));
    ping(drive, "10.1.9.1");
    ping(drive, "10.1.9.2");
    ping(drive, "10.1.9.3");
    ping(drive, "192.0.2.3");
    assert_int_equal(drive_count(drive, SEVERITY_ALERT), 1);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_is_a_note),   cmocka_unit_test(three_are_an_attack),
        cmocka_unit_test(other_protocols), cmocka_unit_test(no_probes),
        cmocka_unit_test(learned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
