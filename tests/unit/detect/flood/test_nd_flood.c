/* SPDX-License-Identifier: MIT */
/* Neighbours sought that nobody is, advertisements of ever new routers; boot storms and reboots are neither.
 */
#include "tests/unit/detect/flood/drive.h"

/* A router seeks so many neighbours; of 100 of them some answer, or nobody is heard. */
static void seek(struct drive *drive, unsigned targets, unsigned each, unsigned answers)
{
    struct traffic_route route = traffic_route("fe80::1", "ff02::1"),
                         back = traffic_route("fe80::1", "fe80::1");

    for (unsigned i = 0; i < targets * each; i++, drive->traffic.now_ns += 5 * NS_PER_MS) {
        struct sonde_address target = traffic_address("2001:db8::1000", i % targets);

        traffic_solicit(&drive->traffic, &route, &target);
        back.source = target;
        if (i % 100 < answers)
            traffic_advertise(&drive->traffic, &back, 0x60, &target);
    }
    drive_wait(drive, 1000);
}

static void nobody_there(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    seek(drive, 600, 1, 10);
    finding = drive_find(drive, KIND_ND_FLOOD);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    drive_is(&finding->subject.source, "fe80::1");
    drive_is(&finding->subject.target, "2001:db8::");
    assert_int_equal(finding->subject.target_bits, 64);
    assert_true(drive_fact(finding, FACT_OBSERVED) > 200);
    assert_true(finding->excluded & 1U << INNOCENT_BOOT);
    drive_free(drive);
}

static void below(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    seek(drive, 150, 1, 10);
    assert_null(drive_find(drive, KIND_ND_FLOOD));
    drive_free(drive);
}

/* Advertisements do not pass here; but who must ask three times got no answer. */
static void asked_again(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    seek(drive, 400, 3, 0);
    assert_int_equal(drive_find(drive, KIND_ND_FLOOD)->severity, SEVERITY_ALERT);
    drive_free(drive);
}

/* A router that reboots asks for everybody, once, and their answers pass elsewhere. */
static void reboot_one_way(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    seek(drive, 600, 1, 0);
    assert_int_equal(drive_count(drive, SEVERITY_ALERT), 0);
    drive_free(drive);
}

static void reboot(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    seek(drive, 3000, 1, 95);
    assert_null(drive_find(drive, KIND_ND_FLOOD));
    drive_free(drive);
}

static void boot_storm(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct traffic_route nobody = traffic_route("::", "ff02::1"), route = traffic_route("fe80::2", "ff02::2");

    (void)state;
    for (unsigned i = 0; i < 1500; i++, drive->traffic.now_ns += 4 * NS_PER_MS) {
        struct sonde_address own = traffic_address("fe80::1:0", i % 500);
        struct sonde_address router = traffic_address("fe80::1", 0);

        traffic_solicit(&drive->traffic, &nobody, &own);
        route.source = own;
        traffic_solicit_router(&drive->traffic, &route, NULL);
        traffic_solicit(&drive->traffic, &route, &router);
    }
    watch_finish(drive->watch);
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 0);
    drive_free(drive);
}

/* flood_router26 of THC-IPv6. */
static void routers_in_masses(void **state)
{
    static const struct traffic_router says = {.hop_limit = 64, .lifetime_s = 1800};
    struct drive *drive = drive_new(NULL);
    struct traffic_route route = traffic_route("fe80::1", "ff02::1");
    const struct finding *finding;

    (void)state;
    for (unsigned i = 0; i < 400; i++, drive->traffic.now_ns += 2 * NS_PER_MS) {
        route.source = traffic_address("fe80::100", traffic_random(&drive->traffic, 100000));
        traffic_router(&drive->traffic, &route, &says, NULL);
    }
    watch_finish(drive->watch);
    finding = drive_find(drive, KIND_ND_FLOOD);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    assert_in_range((int64_t)drive_fact(finding, FACT_DISTINCT_SOURCES), 300, 500);
    drive_free(drive);
}

/* flood_advertise6 of THC-IPv6. */
static void claims_in_masses(void **state)
{
    struct drive *drive = drive_new(NULL);
    struct traffic_route route = traffic_route("fe80::1", "ff02::1");

    (void)state;
    for (unsigned i = 0; i < 4000; i++, drive->traffic.now_ns += NS_PER_MS) {
        route.source = traffic_address("fe80::100", traffic_random(&drive->traffic, 100000));
        traffic_advertise(&drive->traffic, &route, 0x20, &route.source);
    }
    watch_finish(drive->watch);
    assert_int_equal(drive_find(drive, KIND_ND_FLOOD)->severity, SEVERITY_ALERT);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_there),
        cmocka_unit_test(below),
        cmocka_unit_test(asked_again),
        cmocka_unit_test(reboot_one_way),
        cmocka_unit_test(reboot),
        cmocka_unit_test(boot_storm),
        cmocka_unit_test(routers_in_masses),
        cmocka_unit_test(claims_in_masses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
