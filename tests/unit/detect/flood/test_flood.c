/* SPDX-License-Identifier: MIT */
/* Floods at one host: found at the threshold, not below; and ping -f is none. */
#include "tests/unit/detect/flood/drive.h"

static void at_the_threshold(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    drive_pings(drive, &(struct drive_stream){"198.51.100.9", "10.0.0.1", .rate = 1001, .seconds = 6});
    drive_wait(drive, 1000);
    finding = drive_find(drive, KIND_ECHO_FLOOD);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    drive_is(&finding->subject.source, "198.51.100.9");
    drive_is(&finding->subject.target, "10.0.0.1");
    assert_in_range((int64_t)drive_fact(finding, FACT_OBSERVED), 1001, 1001);
    assert_in_range((int64_t)drive_fact(finding, FACT_THRESHOLD), 1000, 1000);
    assert_in_range((int64_t)drive_fact(finding, FACT_DISTINCT_SOURCES), 1, 1);
    assert_in_range((int64_t)finding->packets, 5000, 6100);
    assert_true(finding->excluded & 1U << INNOCENT_PING_FLOOD);
    assert_non_null(finding->evidence.facts[FACT_MEASURE].text);
    drive_free(drive);
}

static void below_the_threshold(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive_pings(drive, &(struct drive_stream){"198.51.100.9", "10.0.0.1", .rate = 990, .seconds = 30});
    watch_finish(drive->watch);
    assert_null(drive_find(drive, KIND_ECHO_FLOOD));
    drive_free(drive);
}

static void strong_ones_fast(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive_pings(drive, &(struct drive_stream){"198.51.100.9", "10.0.0.1", .rate = 10000, .seconds = 2});
    drive_wait(drive, 1);
    assert_non_null(drive_find(drive, KIND_ECHO_FLOOD));
    assert_int_equal(drive_find(drive, KIND_ECHO_FLOOD)->first_ns, drive->traffic.now_ns);
    drive_free(drive);
}

static void from_made_up_sources(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    drive->answers = 100;
    drive_pings(drive, &(struct drive_stream){"11.0.0.0", "10.0.0.1", .sources = 1 << 22, .rate = 20000,
                                              .seconds = 3});
    watch_finish(drive->watch);
    finding = drive_find(drive, KIND_ECHO_FLOOD);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    drive_is(&finding->subject.source, "");
    assert_in_range((int64_t)drive_fact(finding, FACT_DISTINCT_SOURCES), 40000, 80000);
    assert_null(drive_find(drive, KIND_PREFIX_FLOOD));
    drive_free(drive);
}

static void in_a_short_capture(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive_pings(drive, &(struct drive_stream){"198.51.100.9", "2001:db8::1", .rate = 1});
    drive_pings(drive, &(struct drive_stream){"2001:db8:9::9", "2001:db8::1", .rate = 1500, .seconds = 3});
    watch_finish(drive->watch);
    assert_non_null(drive_find(drive, KIND_ECHO_FLOOD));
    drive_free(drive);
}

static void above_the_usual(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    drive_pings(drive, &(struct drive_stream){"198.51.100.9", "10.0.0.1", .rate = 400, .seconds = 40});
    drive_pings(drive, &(struct drive_stream){"198.51.100.9", "10.0.0.1", .rate = 3000, .seconds = 10});
    assert_null(drive_find(drive, KIND_ECHO_FLOOD));
    drive_pings(drive, &(struct drive_stream){"198.51.100.9", "10.0.0.1", .rate = 400, .seconds = 40});
    drive_pings(drive, &(struct drive_stream){"198.51.100.9", "10.0.0.1", .rate = 3500, .seconds = 7});
    finding = drive_find(drive, KIND_ECHO_FLOOD);
    assert_non_null(finding);
    assert_in_range((int64_t)drive_fact(finding, FACT_THRESHOLD), 3200, 3200);
    assert_in_range((int64_t)drive_fact(finding, FACT_BASELINE), 400, 400);
    assert_true(finding->excluded & 1U << INNOCENT_OWN_BASELINE);
    drive_free(drive);
}

/* As ping -f of iputils: its payload, its identifier, an answer to nearly each. */
static void of_ping(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    drive->answers = 99;
    drive_pings(drive,
                &(struct drive_stream){"10.0.0.2", "10.0.0.1", .rate = 5000, .seconds = 8, .payload = 56});
    watch_finish(drive->watch);
    finding = drive_find(drive, KIND_ECHO_FLOOD);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_INFO);
    assert_false(finding->excluded & 1U << INNOCENT_PING_FLOOD);
    assert_int_equal(drive_count(drive, SEVERITY_WARNING), 0);
    drive_free(drive);
}

/* hping3 --flood at a host that answers everything. */
static void answered_but_no_ping(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive->answers = 100;
    drive_pings(drive, &(struct drive_stream){"10.0.0.2", "10.0.0.1", .rate = 5000, .seconds = 4});
    watch_finish(drive->watch);
    assert_int_equal(drive_find(drive, KIND_ECHO_FLOOD)->severity, SEVERITY_ALERT);
    drive_free(drive);
}

/* ping does not go on at this pace when nobody answers. */
static void ping_unanswered(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive->answers = 60;
    drive_pings(drive,
                &(struct drive_stream){"10.0.0.2", "10.0.0.1", .rate = 5000, .seconds = 4, .payload = 56});
    watch_finish(drive->watch);
    assert_int_equal(drive_find(drive, KIND_ECHO_FLOOD)->severity, SEVERITY_ALERT);
    drive_free(drive);
}

static void ping_from_outside(void **state)
{
    struct profile profile = {0};
    struct drive *drive;

    (void)state;
    assert_int_equal(prefixes_add(&profile.internal, "10.0.0.0/8"), 0);
    drive = drive_new(&profile);
    drive->answers = 100;
    drive_pings(drive,
                &(struct drive_stream){"192.0.2.2", "10.0.0.1", .rate = 5000, .seconds = 4, .payload = 56});
    watch_finish(drive->watch);
    assert_int_equal(drive_find(drive, KIND_ECHO_FLOOD)->severity, SEVERITY_ALERT);
    drive_free(drive);
}

static void by_the_allowed(void **state)
{
    struct profile profile = {0};
    struct drive *drive;

    (void)state;
    assert_int_equal(prefixes_add(&profile.allowed, "10.0.0.2"), 0);
    drive = drive_new(&profile);
    drive->answers = 100;
    drive_pings(drive, &(struct drive_stream){"10.0.0.2", "10.0.0.1", .rate = 5000, .seconds = 8});
    watch_finish(drive->watch);
    assert_null(drive_find(drive, KIND_ECHO_FLOOD));
    drive_free(drive);
}

/* Only the answers to a ping -f pass here. */
static void one_way(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive_pings(drive, &(struct drive_stream){"10.0.0.2", "10.0.0.1", .reply = true, .rate = 5000,
                                              .seconds = 8, .payload = 56});
    watch_finish(drive->watch);
    assert_int_equal(drive_count(drive, SEVERITY_ALERT), 0);
    drive_free(drive);
}

static void of_other_messages(void **state)
{
    struct drive *drive = drive_new(NULL);
    const struct finding *finding;

    (void)state;
    for (unsigned i = 0; i < 12000; i++, drive->traffic.now_ns += 500 * NS_PER_US)
        drive_icmp(drive, "198.51.100.9", "10.0.0.1", 17, 0, 1U << 16 | (i & 0xffff), 4);
    watch_finish(drive->watch);
    finding = drive_find(drive, KIND_RATE_SPIKE);
    assert_non_null(finding);
    assert_int_equal(finding->severity, SEVERITY_ALERT);
    drive_is(&finding->subject.target, "10.0.0.1");
    assert_in_range((int64_t)drive_fact(finding, FACT_ICMP_TYPE), 17, 17);
    assert_null(drive_find(drive, KIND_ECHO_FLOOD));
    drive_free(drive);
}

/* A large ping is answered in many fragments: the one who asks is not flooded. */
static void answers_in_fragments(void **state)
{
    struct drive *drive = drive_new(NULL);

    (void)state;
    drive->answers = 100;
    drive->traffic.mtu = 1500;
    drive_pings(drive,
                &(struct drive_stream){"10.0.0.2", "10.0.0.1", .rate = 400, .seconds = 8, .payload = 7000});
    watch_finish(drive->watch);
    assert_int_equal(drive_count(drive, SEVERITY_ALERT), 0);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_the_threshold),
        cmocka_unit_test(below_the_threshold),
        cmocka_unit_test(strong_ones_fast),
        cmocka_unit_test(from_made_up_sources),
        cmocka_unit_test(in_a_short_capture),
        cmocka_unit_test(above_the_usual),
        cmocka_unit_test(of_ping),
        cmocka_unit_test(answered_but_no_ping),
        cmocka_unit_test(ping_unanswered),
        cmocka_unit_test(ping_from_outside),
        cmocka_unit_test(by_the_allowed),
        cmocka_unit_test(one_way),
        cmocka_unit_test(of_other_messages),
        cmocka_unit_test(answers_in_fragments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
