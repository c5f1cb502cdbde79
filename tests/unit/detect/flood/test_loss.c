/* SPDX-License-Identifier: MIT */
/* Pings that were answered and are not any more. */
#include <string.h>

#include "tests/unit/detect/flood/drive.h"

static const struct drive_stream stream = {"10.0.0.2", "10.0.0.1", .rate = 1, .seconds = 1, .payload = 56};

static void ping(struct drive *drive, unsigned count, unsigned answers)
{
    struct drive_stream each = stream;

    each.seconds = count;
    drive->answers = answers;
    drive_pings(drive, &each);
}

static void dies(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    ping(drive, 20, 100);
    ping(drive, 5, 0);
    assert_null(drive_find(drive, KIND_ECHO_LOSS));
    ping(drive, 3, 0);
    finding = drive_find(drive, KIND_ECHO_LOSS);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_WARNING);
    drive_is(&finding->subject.source, "10.0.0.2");
    drive_is(&finding->subject.target, "10.0.0.1");
    assert_in_range((int64_t)drive_fact(finding, FACT_OBSERVED), 5, 7);
    drive_free(drive);
}

static void loses_some(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    ping(drive, 10, 100);
    for (unsigned i = 0; i < 40; i++) {
        ping(drive, 2, 100);
        ping(drive, 1, 0);
    }
    finding = drive_find(drive, KIND_ECHO_LOSS);
    assert_non_null(finding);
    assert_non_null(strstr(finding->evidence.facts[FACT_MEASURE].text, "percent"));
    drive_free(drive);
}

static void loses_few(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        ping(drive, 8, 100);
        ping(drive, 1, 0);
    }
    assert_null(drive_find(drive, KIND_ECHO_LOSS));
    drive_free(drive);
}

static void never_lived(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    ping(drive, 100, 0);
    assert_null(drive_find(drive, KIND_ECHO_LOSS));
    drive_free(drive);
}

/* ping -i 0.02 over 300 ms: always many on the way. */
static void long_way(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct traffic_route route = traffic_route("10.0.0.2", "10.0.0.1"),
                         back = traffic_route("10.0.0.1", "10.0.0.2");

    (void)state;
    for (unsigned i = 0; i < 600; i++, drive->traffic.now_ns += 20 * NS_PER_MS) {
        traffic_echo(&drive->traffic, &route, false, 1, (uint16_t)i, 56);
        if (i >= 15)
            traffic_echo(&drive->traffic, &back, true, 1, (uint16_t)(i - 15), 56);
    }
    assert_null(drive_find(drive, KIND_ECHO_LOSS));
    drive_free(drive);
}

/* A crowd of made-up senders does not hide the replies. */
static void in_a_crowd(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        ping(drive, 1, 100);
        drive->answers = 0;
        drive_pings(drive, &(struct drive_stream){"11.0.0.0", "12.0.0.0", .sources = 1 << 20,
                                                  .targets = 1 << 20, .rate = 20000, .seconds = 1});
    }
    assert_null(drive_find(drive, KIND_ECHO_LOSS));
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dies),        cmocka_unit_test(loses_some), cmocka_unit_test(loses_few),
        cmocka_unit_test(never_lived), cmocka_unit_test(long_way),   cmocka_unit_test(in_a_crowd),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
