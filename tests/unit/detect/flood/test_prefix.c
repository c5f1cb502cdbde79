/* SPDX-License-Identifier: MIT */
/* Floods spread over a prefix; sweeps and monitoring of a prefix are none. */
#include "tests/unit/detect/flood/drive.h"

static void over_a_net(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    drive_pings(drive, &(struct drive_stream){"11.0.0.0", "10.0.5.0", .sources = 1 << 20, .targets = 256,
                                              .rate = 12000, .seconds = 4});
    watch_finish(drive->watch);
    finding = drive_find(drive, KIND_PREFIX_FLOOD);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    drive_is(&finding->subject.target, "10.0.5.0");
    assert_int_equal(finding->subject.target_bits, 24);
    assert_in_range((int64_t)drive_fact(finding, FACT_DISTINCT_TARGETS), 200, 310);
    assert_null(drive_find(drive, KIND_ECHO_FLOOD));
    drive_free(drive);
}

static void over_an_area(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    drive_pings(drive, &(struct drive_stream){"11.0.0.0", "10.7.0.0", .sources = 1 << 20, .targets = 1 << 16,
                                              .rate = 12000, .seconds = 4});
    watch_finish(drive->watch);
    finding = drive_find(drive, KIND_PREFIX_FLOOD);
    assert_non_null(finding);
    assert_int_equal(finding->subject.target_bits, 16);
    drive_free(drive);
}

static void below(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive_pings(drive, &(struct drive_stream){"11.0.0.0", "10.0.5.0", .sources = 1 << 20, .targets = 256,
                                              .rate = 900, .seconds = 10});
    watch_finish(drive->watch);
    assert_null(drive_find(drive, KIND_PREFIX_FLOOD));
    drive_free(drive);
}

/* masscan of a /16 is a sweep. */
static void a_sweep(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive_pings(drive, &(struct drive_stream){"198.51.100.9", "10.7.0.0", .targets = 1 << 16, .rate = 8000,
                                              .seconds = 8});
    watch_finish(drive->watch);
    assert_null(drive_find(drive, KIND_PREFIX_FLOOD));
    drive_free(drive);
}

/* A monitoring system asks 2000 hosts a second, all of them answer. */
static void monitoring(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive->answers = 98;
    drive_pings(drive, &(struct drive_stream){"10.9.0.9", "10.7.0.0", .targets = 4000, .rate = 2000,
                                              .seconds = 30, .payload = 56});
    watch_finish(drive->watch);
    assert_null(drive_find(drive, KIND_PREFIX_FLOOD));
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_a_net), cmocka_unit_test(over_an_area), cmocka_unit_test(below),
        cmocka_unit_test(a_sweep),    cmocka_unit_test(monitoring),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
