/* SPDX-License-Identifier: MIT */
/* Rare queries, and the appliances that use them. */
#include "tests/unit/detect/flood/drive.h"

static const char asker[] = "198.51.100.9";

/* Ask so many hosts, and let them answer. */
static void ask(struct drive *drive, uint8_t type, unsigned hosts, bool answered)
{
    for (unsigned i = 0; i < hosts; i++) {
        struct sonde_address host = traffic_address("10.0.0.1", i * (uint64_t)7);
        char text[SONDE_ADDRESS_TEXT];

        sonde_address_format(&host, text);
        drive_icmp(drive, asker, text, type, 0, 7, 12);
        drive_wait(drive, 10);
        if (answered)
            drive_icmp(drive, text, asker, type + 1, 0, 7, 12);
        drive_wait(drive, 500);
    }
}

static void one_mask_is_enough(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    ask(drive, 17, 1, true);
    finding = drive_find(drive, KIND_QUERY_RECONNAISSANCE);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    drive_is(&finding->subject.source, asker);
    assert_string_equal(finding->evidence.facts[FACT_QUERIES].text, "address-mask");
    assert_int_equal(finding->sample_count, 1);
    drive_free(drive);
}

static void clocks_of_many(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    ask(drive, 13, 2, false);
    drive_wait(drive, 5000);
    assert_null(drive_find(drive, KIND_QUERY_RECONNAISSANCE));
    ask(drive, 13, 5, false);
    drive_wait(drive, 3000);
    finding = drive_find(drive, KIND_QUERY_RECONNAISSANCE);
    assert_non_null(finding);
    assert_int_equal((int64_t)drive_fact(finding, FACT_REQUESTS), 7);
    assert_int_equal(finding->packets, 7);
    drive_free(drive);
}

/* They answer, but nobody comes back for it: known at the end. */
static void clocks_of_the_living(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    ask(drive, 13, 10, true);
    watch_finish(drive->watch);
    assert_int_equal(drive_find(drive, KIND_QUERY_RECONNAISSANCE)->severity, SEVERITY_ALERT);
    assert_non_null(drive_find(drive, KIND_QUERY_RECONNAISSANCE)->evidence.facts[FACT_QUERIES].text);
    drive_free(drive);
}

static void two_kinds(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    ask(drive, 13, 1, true);
    ask(drive, 42, 1, true);
    assert_non_null(drive_find(drive, KIND_QUERY_RECONNAISSANCE));
    drive_free(drive);
}

static void node_information(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        drive_icmp(drive, "2001:db8:bad::1", "2001:db8::5", 139, 0, 7, 12);
    drive_is(&drive_find(drive, KIND_QUERY_RECONNAISSANCE)->subject.source, "2001:db8:bad::1");
    drive_free(drive);
}

/* An appliance compares the clocks of five hosts each minute, for a day. */
static void appliance(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned i = 0; i < 1440; i++) {
        ask(drive, 13, 5, true);
        drive_wait(drive, 57000);
    }
    watch_finish(drive->watch);
    assert_null(drive_find(drive, KIND_QUERY_RECONNAISSANCE));
    drive_free(drive);
}

/* Router solicitations and advertisements are none of these. */
static void router_discovery(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned i = 0; i < 10; i++)
        drive_icmp(drive, asker, "224.0.0.2", 10, 0, 0, 0);
    watch_finish(drive->watch);
    assert_null(drive_find(drive, KIND_QUERY_RECONNAISSANCE));
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_mask_is_enough),   cmocka_unit_test(clocks_of_many),
        cmocka_unit_test(clocks_of_the_living), cmocka_unit_test(two_kinds),
        cmocka_unit_test(node_information),     cmocka_unit_test(appliance),
        cmocka_unit_test(router_discovery),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
