/* SPDX-License-Identifier: MIT */
/* Types and codes that no current system sends, and those that look strange and are in use. */
#include "tests/unit/detect/flood/drive.h"

static void are_named(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    for (unsigned i = 0; i < 50; i++)
        drive_icmp(drive, "192.0.2.1", "10.0.0.1", 4, 0, 0, 28);
    drive_icmp(drive, "192.0.2.1", "10.0.0.1", 8, 9, 0, 28);
    drive_wait(drive, 1000);
    drive_icmp(drive, "192.0.2.1", "10.0.0.1", 4, 0, 0, 28);
    finding = drive_find(drive, KIND_DEPRECATED_TYPE);
    assert_non_null(finding);
    assert_int_equal(drive_count(drive, SEVERITY_INFO), 1);
    assert_int_equal(finding->severity, SEVERITY_INFO);
    drive_is(&finding->subject.source, "192.0.2.1");
    assert_string_equal(finding->evidence.facts[FACT_ICMP_NAME].text,
                        "source-quench, echo-request-other-code");
    assert_int_equal((int64_t)drive_fact(finding, FACT_ICMP_TYPE), 4);
    assert_int_equal(finding->packets, 52);
    drive_free(drive);
}

static void in_use(void **state)
{
    static const uint8_t types4[] = {0, 3, 5, 8, 9, 10, 11, 12, 13, 14, 40, 42, 43},
                         types6[] = {1,   2,   3,   4,   128, 129, 130, 131, 132, 133, 134, 135,
                                     136, 137, 139, 140, 143, 151, 152, 153, 155, 160, 161};
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof(types4); i++)
        drive_icmp(drive, "192.0.2.1", "10.0.0.1", types4[i], 0, 0, 28);
    for (size_t i = 0; i < sizeof(types6); i++)
        drive_icmp(drive, "fe80::1", "ff02::1", types6[i], 0, 0, 28);
    assert_null(drive_find(drive, KIND_DEPRECATED_TYPE));
    drive_free(drive);
}

/* Random types from random senders: the notes are summed up. */
static void flood(void **state)
{
    struct drive *drive = drive_new(NULL);
    size_t notes = 0;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        struct traffic_route route = traffic_route("192.0.2.1", "10.0.0.1");

        route.source = traffic_address("172.16.0.0", traffic_random(&drive->traffic, 1 << 20));
        traffic_icmp(&drive->traffic, &route, (uint8_t)(44 + i % 200), (uint8_t)i, 0, (struct slice){0});
        drive->traffic.now_ns += NS_PER_MS;
    }
    for (size_t i = 0; i < drive->watch->findings->count; i++)
        notes += drive->watch->findings->rows[i].subject.kind == KIND_DEPRECATED_TYPE;
    assert_in_range(notes, 1, FINDINGS_PER_KIND + 1);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_named),
        cmocka_unit_test(in_use),
        cmocka_unit_test(flood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
