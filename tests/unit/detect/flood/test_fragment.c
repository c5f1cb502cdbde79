/* SPDX-License-Identifier: MIT */
/* Fragments that do not fit together; those of large pings, reordered or seen twice, do. */
#include <string.h>

#include "tests/unit/detect/flood/drive.h"

/* A part of an IPv4 echo request. */
static void part(struct drive *drive, uint16_t id, uint16_t offset, uint16_t octets, bool more)
{
    struct traffic_route route = traffic_route("10.0.0.2", "10.0.0.1");
    uint8_t body[1480] = {8};

    traffic_fragment(&drive->traffic, &route, 1, id, offset, more, (struct slice){body, octets});
    drive->traffic.now_ns += NS_PER_MS;
}

static const char *check_of(const struct drive *drive)
{
    const struct finding *finding = drive_find(drive, KIND_OVERSIZE_FRAGMENT);

    return finding ? finding->evidence.facts[FACT_CHECK].text : "";
}

static void too_long(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    part(drive, 7, 65120, 395, false); /* 20 + 65120 + 395 = 65535 */
    assert_null(drive_find(drive, KIND_OVERSIZE_FRAGMENT));
    part(drive, 8, 65120, 396, false);
    finding = drive_find(drive, KIND_OVERSIZE_FRAGMENT);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    assert_in_range((int64_t)drive_fact(finding, FACT_OBSERVED), 65536, 65536);
    assert_in_range((int64_t)drive_fact(finding, FACT_FRAGMENT_END), 65516, 65516);
    assert_int_equal(finding->sample_count, 1);
    drive_free(drive);
}

static void overlap(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    part(drive, 7, 0, 1480, true);
    part(drive, 7, 1000, 200, false);
    assert_non_null(strstr(check_of(drive), "overlaps"));
    drive_free(drive);
}

static void beyond_the_last(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    part(drive, 7, 2960, 100, false);
    part(drive, 7, 1480, 1480, true);
    part(drive, 7, 4440, 1480, true);
    assert_non_null(strstr(check_of(drive), "beyond the last"));
    drive_free(drive);
}

static void tiny(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    part(drive, 7, 0, 48, true);
    assert_null(drive_find(drive, KIND_OVERSIZE_FRAGMENT));
    part(drive, 8, 0, 40, true);
    assert_non_null(strstr(check_of(drive), "smaller"));
    drive_free(drive);
}

/* In order, backwards, shuffled, seen twice, with a part lost and the identification used again. */
static void that_fit(void **state)
{
    static const unsigned orders[][5] = {{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 0, 4, 1, 3},
                                         {4, 0, 2, 3, 1}, {0, 0, 1, 1, 4}, {0, 2, 4, 2, 4}};
    struct drive *drive = drive_new(NULL);

    (void)state;
    for (unsigned round = 0; round < 3; round++)
        for (size_t order = 0; order < COUNT_OF(orders); order++)
            for (size_t i = 0; i < 5; i++)
                part(drive, 9, (uint16_t)(1480 * orders[order][i]), orders[order][i] == 4 ? 300 : 1480,
                     orders[order][i] != 4);
    assert_string_equal(check_of(drive), "");
    drive_free(drive);
}

static void large_pings(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive->answers = 100;
    drive->traffic.mtu = 1500;
    drive_pings(drive,
                &(struct drive_stream){"10.0.0.2", "10.0.0.1", .rate = 5, .seconds = 10, .payload = 65507});
    drive->traffic.mtu = 1280;
    drive_pings(drive, &(struct drive_stream){"2001:db8::2", "2001:db8::1", .rate = 5, .seconds = 10,
                                              .payload = 65507});
    watch_finish(drive->watch);
    assert_true(drive->watch->counts->fragments > 1000);
    assert_string_equal(check_of(drive), "");
    drive_free(drive);
}

static void neighbor_in_fragments(void **state)
{
    /* a neighbour solicitation behind an atomic fragment header (RFC 6946) */
    static const char packet[] = "60000000 0020 2c ff"
                                 "fe800000000000000000000000000001 fe800000000000000000000000000002"
                                 "3a00 0000 00000001"
                                 "8700 0000 00000000 fe800000000000000000000000000002";
    struct drive *drive = drive_new(NULL);
    uint8_t buffer[128];

    (void)state;
    traffic_raw(&drive->traffic, unit_hex(packet, buffer, sizeof(buffer)));
    assert_non_null(strstr(check_of(drive), "RFC 6980"));
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_long),
        cmocka_unit_test(overlap),
        cmocka_unit_test(beyond_the_last),
        cmocka_unit_test(tiny),
        cmocka_unit_test(that_fit),
        cmocka_unit_test(large_pings),
        cmocka_unit_test(neighbor_in_fragments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
