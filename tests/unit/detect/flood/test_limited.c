/* SPDX-License-Identifier: MIT */
/* Hosts that answer so many questions a second and no more. */
#include "tests/unit/detect/flood/drive.h"

static void echoes(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    drive->answers = 20;
    drive_pings(drive,
                &(struct drive_stream){"10.0.0.2", "10.0.0.1", .rate = 100, .seconds = 9, .payload = 56});
    finding = drive_find(drive, KIND_RATE_LIMITED);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_INFO);
    drive_is(&finding->subject.source, "10.0.0.1");
    assert_in_range((int64_t)drive_fact(finding, FACT_RATE), 20, 20);
    assert_null(drive_find(drive, KIND_ECHO_LOSS));
    drive_free(drive);
}

static void not_asked_enough(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive->answers = 60;
    drive_pings(drive,
                &(struct drive_stream){"10.0.0.2", "10.0.0.1", .rate = 100, .seconds = 9, .payload = 56});
    assert_null(drive_find(drive, KIND_RATE_LIMITED));
    drive_free(drive);
}

/* mtr: most of its questions are meant for routers on the way. */
static void traceroute(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned round = 0; round < 30; round++)
        for (unsigned ttl = 1; ttl <= 8; ttl++) {
            struct traffic_route route = traffic_route("10.0.0.2", "192.0.2.1");
            struct traffic_route back = traffic_route("192.0.2.1", "10.0.0.2");

            route.ttl = (uint8_t)ttl;
            traffic_echo(&drive->traffic, &route, false, 3, (uint16_t)(round * 8 + ttl), 36);
            drive->traffic.now_ns += 125 * NS_PER_MS;
            if (ttl == 8)
                traffic_echo(&drive->traffic, &back, true, 3, (uint16_t)(round * 8 + ttl), 36);
        }
    watch_finish(drive->watch);
    assert_null(drive_find(drive, KIND_RATE_LIMITED));
    assert_null(drive_find(drive, KIND_ECHO_LOSS));
    drive_free(drive);
}

/* Linux answers UDP to closed ports once a second. */
static void port_unreachable(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct traffic_route route = traffic_route("10.0.0.2", "10.0.0.1");
    const struct finding *finding;

    (void)state;
    for (unsigned i = 0; i < 400; i++, drive->traffic.now_ns += 40 * NS_PER_MS) {
        traffic_udp(&drive->traffic, &route, 4000, (uint16_t)(i + 1), 10);
        if (i % 25 == 0)
            traffic_error(&drive->traffic, "10.0.0.1", 3, 3, 0);
    }
    watch_finish(drive->watch);
    finding = drive_find(drive, KIND_RATE_LIMITED);
    assert_non_null(finding);
    drive_is(&finding->subject.source, "10.0.0.1");
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(echoes),
        cmocka_unit_test(not_asked_enough),
        cmocka_unit_test(traceroute),
        cmocka_unit_test(port_unreachable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
