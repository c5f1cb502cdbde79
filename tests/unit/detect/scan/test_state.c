/* SPDX-License-Identifier: MIT */
/* What is remembered of those who ask: how many, whom, in which order, and again. */
#include <stdlib.h>
#include <string.h>

#include "base/distinct.h"
#include "base/hash.h"
#include "detect/state/scan.h"
#include "tests/unit/unit.h"
#include "wire/octets.h"

static const struct hash_key key = {
    {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb, 0xd6e8feb86659fd93}};

/* An asker and what is known of it. */
struct asker {
    struct source source;
    struct scans scans;
    void *memory;
    int64_t now_ns;
};

static struct asker *asker_new(void)
{
    struct asker *asker = aligned_alloc(64, (sizeof(*asker) + 63) / 64 * 64);

    assert_non_null(asker);
    memset(asker, 0, sizeof(*asker));
    asker->memory = calloc(1, scans_size(1));
    assert_non_null(asker->memory);
    asker->source = (struct source){.tag = 0x1234567890abcdef, .family = 4};
    scans_init(&asker->scans, asker->memory, 1);
    return asker;
}

static void asker_free(struct asker *asker)
{
    free(asker->memory);
    free(asker);
}

static struct scan *scan_of(struct asker *asker)
{
    return scans_find(&asker->scans, asker->source.tag);
}

/* Ask the host of a number; returns whether it is certainly new. */
static bool ask(struct asker *asker, uint32_t host, int64_t gap_ms)
{
    struct packet packet = {.class = PACKET_ECHO_REQUEST, .family = 4, .type = 8};
    struct scan *scan = NULL;
    uint32_t now_s;

    asker->now_ns += gap_ms * 1000000;
    now_s = (uint32_t)(asker->now_ns / 1000000000);
    packet.time_ns = asker->now_ns + 1;
    octets_put32(packet.destination, host);
    if (asker->source.flags & HOST_PROMOTED)
        scan = scans_get(&asker->scans, &asker->source, now_s);
    return scans_ask(&asker->source, scan, hash_address(&key, packet.destination), &packet, now_s);
}

static void distinct_counts(void **state)
{
    for (uint64_t count = 1; count <= 1000000; count *= 10)
        for (uint64_t seed = 1; seed <= 20; seed++) {
            struct distinct distinct = {0};

            for (uint64_t i = 0; i < count; i++) {
                uint64_t words[2] = {i, seed}, hash = hash_address(&key, (const uint8_t *)words);

                distinct_add(&distinct, hash);
                assert_false(distinct_add(&distinct, hash));
            }
            assert_true(distinct.count > 0.75 * (double)count && distinct.count < 1.3 * (double)count);
        }
    (void)state;
}

static void a_target_is_new_once(void **state)
{
    struct asker *asker = asker_new();
    unsigned fresh = 0;

    (void)state;
    for (unsigned round = 0; round < 20; round++)
        for (uint32_t host = 0; host < 30; host++)
            fresh += ask(asker, 0x0a000000 + host * 77, 100);
    assert_in_range(fresh, 18, 30);
    assert_int_equal(asker->source.fresh, fresh);
    assert_int_equal(asker->source.probes, 600);
    assert_true(asker->source.flags & HOST_PROMOTED);
    assert_true(scans_distinct(scan_of(asker)) > 22 && scans_distinct(scan_of(asker)) < 38);
    asker_free(asker);
}

/* Its entry is lost to others: what it asked before does not count again on top. */
static void an_entry_is_lost(void **state)
{
    struct asker *asker = asker_new();

    (void)state;
    for (uint32_t i = 0; i < 300; i++) {
        ask(asker, 0x0a000000 + i % 20 * 77, 100);
        if (i % 50 == 49)
            memset(asker->memory, 0, scans_size(1));
    }
    assert_in_range(asker->source.fresh, 0, 20);
    asker_free(asker);
}

static void few_targets_are_no_scan(void **state)
{
    struct asker *asker = asker_new();

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        ask(asker, 0x0a000000 + i % 4, 1000);
    assert_false(asker->source.flags & HOST_PROMOTED);
    assert_int_equal(asker->source.fresh, __builtin_popcountll(asker->source.asked));
    asker_free(asker);
}

static void runs(void **state)
{
    struct asker *asker = asker_new();
    const struct scan_order *order;

    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        ask(asker, 0x0a000000 + i * 2, 10);
        if (i > 10 && i % 3 == 0)
            ask(asker, 0x0a000000 + (i - 8) * 2, 10); /* a retry */
        if (i % 20 == 19)
            ask(asker, 0xc0000201, 10); /* something else */
    }
    order = &scan_of(asker)->order;
    assert_in_range(order->best_run, 90, 100);
    assert_int_equal(order->best_way, 1);
    assert_int_equal(order->stride, 2);
    assert_int_equal(octets_get32(order->best_last), 0x0a000000 + 198);
    asker_free(asker);
}

/* Irregular steps make a run as well, as long as they go one way. */
static void runs_with_gaps(void **state)
{
    struct asker *asker = asker_new();
    uint32_t host = 0x0a000000;

    (void)state;
    for (uint32_t i = 0; i < 100; i++)
        ask(asker, host += 1 + i * 7 % 16, 10);
    assert_in_range(scan_of(asker)->order.best_run, 90, 100);
    asker_free(asker);
}

static void no_runs(void **state)
{
    for (uint32_t multiplier = 5; multiplier < 250; multiplier += 4) {
        struct asker *asker = asker_new();
        uint32_t host = 1;

        if (multiplier < 17 || multiplier > 239) { /* those walk in small steps */
            asker_free(asker);
            continue;
        }
        for (uint32_t i = 0; i < 254; i++) {
            host = (host * multiplier + 77) & 0xff;
            ask(asker, 0x0a000000 + host, 10);
        }
        assert_in_range(scan_of(asker)->order.best_run, 0, 31);
        asker_free(asker);
    }
    (void)state;
}

static void routines(void **state)
{
    struct asker *asker = asker_new();

    (void)state;
    for (unsigned i = 0; i < 50 * 9; i++) /* all the time */
        ask(asker, 0x0a000000 + i % 50 * 3, 20);
    assert_true(scan_of(asker)->routine);
    for (unsigned i = 0; i < 200; i++) /* and now something new */
        ask(asker, 0x0b000000 + i * 3, 20);
    assert_false(scan_of(asker)->routine);
    asker_free(asker);
}

static void rounds(void **state)
{
    struct asker *asker = asker_new();

    (void)state;
    for (unsigned i = 0; i < 100; i++)
        ask(asker, 0x0a000000 + i * 3, 20);
    assert_false(scan_of(asker)->routine);
    asker->now_ns += INT64_C(300000000000);
    for (unsigned i = 0; i < 100; i++)
        ask(asker, 0x0a000000 + i * 3, 20);
    assert_true(scan_of(asker)->routine);
    asker_free(asker);
}

/* Four questions to each silent host are retries; and so is one five minutes later. */
static void retries_are_no_routine(void **state)
{
    struct asker *asker = asker_new(), *slow = asker_new();

    (void)state;
    for (unsigned i = 0; i < 400; i++)
        ask(asker, 0x0a000000 + i % 100 * 3, 5);
    assert_false(scan_of(asker)->routine);
    for (unsigned i = 0; i < 400; i++)
        ask(slow, 0x0a000000 + i / 2 * 3, 300000);
    assert_false(scan_of(slow)->routine);
    asker_free(asker);
    asker_free(slow);
}

static void young_questions_do_not_settle(void **state)
{
    struct asker *asker = asker_new();
    struct scan *scan;

    (void)state;
    for (unsigned i = 0; i < 20; i++)
        ask(asker, 0x0a000000 + i * 77, 1);
    scan = scan_of(asker);
    assert_int_equal(scans_settled(&asker->source, scan, 0, 2), 6);
    assert_int_equal(scans_settled(&asker->source, scan, 0, 0), asker->source.fresh);
    assert_int_equal(scans_settled(&asker->source, scan, 1, 2), 6);
    assert_int_equal(scans_settled(&asker->source, scan, 1, 1), asker->source.fresh);
    assert_int_equal(scans_settled(&asker->source, scan, 2, 2), asker->source.fresh);
    asker_free(asker);
}

static struct hosts hosts_new(size_t sets)
{
    struct hosts hosts;
    size_t octets = (hosts_size(sets, sets) + 63) / 64 * 64;
    void *memory = aligned_alloc(64, octets);

    assert_non_null(memory);
    memset(memory, 0, octets);
    hosts_init(&hosts, memory, sets, sets, &key);
    return hosts;
}

static struct source *see(struct hosts *hosts, uint32_t host, uint32_t now_s, bool *fresh)
{
    uint8_t address[16] = {0};
    struct source *source;

    octets_put32(address, host);
    source = hosts_source(hosts, hosts_source_hash(hosts, 4, address), 4, address, now_s, fresh);
    source->packets++;
    source->last_s = now_s;
    return source;
}

static void hosts_are_known_again(void **state)
{
    struct hosts hosts = hosts_new(64);
    struct source *source;
    bool fresh;

    (void)state;
    source = see(&hosts, 0x0a000001, 5, &fresh);
    assert_true(fresh);
    assert_int_equal(octets_get32(source->address), 0x0a000001);
    assert_ptr_equal(see(&hosts, 0x0a000001, 6, &fresh), source);
    assert_false(fresh);
    assert_int_equal(source->packets, 2);
    assert_ptr_equal(hosts_find_source(&hosts, source->tag), source);
    assert_int_equal(hosts.sources_used, 1);
    free(hosts.sources);
}

/* An IPv6 sender is its /64; an IPv4 address with the same octets is somebody else. */
static void hosts_have_keys(void **state)
{
    struct hosts hosts = hosts_new(1);
    uint8_t one[16] = {0x20, 1, 0xd, 0xb8, [15] = 1}, two[16] = {0x20, 1, 0xd, 0xb8, [15] = 2};

    (void)state;
    assert_int_equal(hosts_source_hash(&hosts, 6, one), hosts_source_hash(&hosts, 6, two));
    assert_int_not_equal(hosts_target_hash(&hosts, 6, one), hosts_target_hash(&hosts, 6, two));
    assert_int_not_equal(hosts_source_hash(&hosts, 4, one), hosts_source_hash(&hosts, 6, one));
    free(hosts.sources);
}

/* A crowd of strangers does not push out somebody who asked several targets. */
static void hosts_that_matter_stay(void **state)
{
    struct hosts hosts = hosts_new(16);
    struct source *source;
    uint64_t tag;
    bool fresh;

    (void)state;
    source = see(&hosts, 0x0a000001, 0, &fresh);
    source->flags |= HOST_PROMOTED;
    tag = source->tag;
    for (uint32_t i = 0; i < 100000; i++)
        see(&hosts, 0x0b000000 + i, i / 50, &fresh);
    assert_ptr_equal(hosts_find_source(&hosts, tag), source);
    assert_true(hosts.sources_used <= 64);
    free(hosts.sources);
}

static void busiest_hosts(void **state)
{
    struct hosts hosts = hosts_new(64);
    const struct source *top[3];
    bool fresh;

    (void)state;
    for (uint32_t i = 1; i <= 20; i++)
        for (uint32_t packet = 0; packet < i; packet++)
            see(&hosts, 0x0a000000 + i, 0, &fresh);
    assert_int_equal(hosts_top_sources(&hosts, top, 3), 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(octets_get32(top[i]->address), 0x0a000000 + 20 - i);
    free(hosts.sources);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distinct_counts),
        cmocka_unit_test(a_target_is_new_once),
        cmocka_unit_test(an_entry_is_lost),
        cmocka_unit_test(few_targets_are_no_scan),
        cmocka_unit_test(runs),
        cmocka_unit_test(runs_with_gaps),
        cmocka_unit_test(no_runs),
        cmocka_unit_test(routines),
        cmocka_unit_test(rounds),
        cmocka_unit_test(retries_are_no_routine),
        cmocka_unit_test(young_questions_do_not_settle),
        cmocka_unit_test(hosts_are_known_again),
        cmocka_unit_test(hosts_have_keys),
        cmocka_unit_test(hosts_that_matter_stay),
        cmocka_unit_test(busiest_hosts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
