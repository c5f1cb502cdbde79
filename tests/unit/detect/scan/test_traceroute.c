/* SPDX-License-Identifier: MIT */
/* Traceroutes are named, and what they cause is explained. */
#include "tests/unit/detect/flood/drive.h"

#include "detect/scan/traceroute.h"

static const char source[] = "10.0.0.5", target[] = "192.0.2.99";

/* Probes with rising TTLs; so many routers answer. Port 0: echo requests. */
static void trace(struct drive *drive, uint16_t port, unsigned hops, bool errors)
{
    for (unsigned i = 0; i < hops; i++) {
        struct traffic_route route = traffic_route(source, target);
        struct sonde_address router = traffic_address("10.7.0.1", i);
        char text[SONDE_ADDRESS_TEXT];

        route.ttl = (uint8_t)(i + 1);
        if (port)
            traffic_udp(&drive->traffic, &route, 50000, (uint16_t)(port + i), 32);
        else
            traffic_echo(&drive->traffic, &route, false, 9, (uint16_t)i, 56);
        drive->traffic.now_ns += NS_PER_MS;
        if (errors)
            traffic_error(&drive->traffic, sonde_address_format(&router, text), 11, 0, 0);
        drive_wait(drive, 10);
    }
}

static void is_named(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    trace(drive, 33434, 8, true);
    finding = drive_find(drive, KIND_TRACEROUTE);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_INFO);
    drive_is(&finding->subject.source, source);
    drive_is(&finding->subject.target, target);
    assert_int_equal((int64_t)drive_fact(finding, FACT_HOPS), 8);
    assert_string_equal(finding->evidence.facts[FACT_QUOTED_PROTOCOL].text, "udp");
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 0);
    drive_free(drive);
}

static void without_answers(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    trace(drive, 0, 3, false);
    assert_null(drive_find(drive, KIND_TRACEROUTE));
    trace(drive, 0, 12, false);
    assert_non_null(drive_find(drive, KIND_TRACEROUTE));
    drive_free(drive);
}

/* mtr for two hours. */
static void is_one_for_hours(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned i = 0; i < 7200; i++) {
        trace(drive, 0, 6, true);
        drive_wait(drive, 900);
    }
    assert_int_equal(drive_count(drive, SEVERITY_INFO), 1);
    assert_int_equal(drive_find(drive, KIND_TRACEROUTE)->packets, 7200 * 12);
    drive_free(drive);
}

/* Two routers send the same packet to each other. */
static void a_loop_is_none(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        struct traffic_route route = traffic_route(source, target);

        traffic_echo(&drive->traffic, &route, false, 9, (uint16_t)i, 56);
        traffic_error(&drive->traffic, i % 2 ? "10.7.0.1" : "10.7.0.2", 11, 0, 0);
        drive_wait(drive, 1000);
    }
    assert_null(drive_find(drive, KIND_TRACEROUTE));
    drive_free(drive);
}

static void explains(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct packet packet = {.family = 4, .class = PACKET_ERROR, .type = 11};
    struct packet_quote quote = {
        .family = 4, .protocol = 17, .ports = true, .destination_port = 33440, .ttl = 1};
    struct sighting sighting = {.packet = &packet};

    (void)state;
    assert_false(traceroute_explains(drive->watch, &sighting));
    sighting.quote = &quote;
    assert_true(traceroute_explains(drive->watch, &sighting));
    quote = (struct packet_quote){
        .family = 4, .protocol = 1, .ttl = 1, .source = {10, 0, 0, 5}, .destination = {192, 0, 2, 99}};
    sighting.quote_source = hash_address(&drive->watch->options.key, quote.source);
    sighting.quote_target = hash_address(&drive->watch->options.key, quote.destination);
    assert_false(traceroute_explains(drive->watch, &sighting));
    trace(drive, 0, 5, true);
    assert_true(traceroute_explains(drive->watch, &sighting));
    drive_wait(drive, 600000);
    assert_false(traceroute_explains(drive->watch, &sighting));
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_named),         cmocka_unit_test(without_answers),
        cmocka_unit_test(is_one_for_hours), cmocka_unit_test(a_loop_is_none),
        cmocka_unit_test(explains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
