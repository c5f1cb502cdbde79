/* SPDX-License-Identifier: MIT */
/* Counters, and their past: the numbers of seconds and minutes, gaps, times near zero, hostile types. */
#include <stdlib.h>

#include "detect/history.h"
#include "tests/unit/unit.h"

static struct counts *counts;
static struct history history;

static int setup(void **state)
{
    (void)state;
    counts = calloc(1, sizeof(*counts));
    return counts ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(counts);
    return 0;
}

static void add(uint8_t family, uint8_t type, uint8_t code, unsigned packets)
{
    struct packet packet = {.family = family, .type = type, .code = code, .ip_length = 84};

    while (packets--)
        count_packet(counts, &packet);
}

static const struct history_series *series_of(uint8_t family, uint8_t type)
{
    for (size_t i = 0; i < HISTORY_SERIES; i++)
        if (history.series[i].family == family && history.series[i].type == type)
            return &history.series[i];
    return NULL;
}

static void seconds_and_minutes(void **state)
{
    (void)state;
    history_begin(&history, 600);
    for (unsigned second = 0; second < 150; second++) {
        add(4, 8, 0, second);
        history_advance(&history, counts, 601 + second);
    }
    for (unsigned back = 1; back < HISTORY_SLOTS; back++)
        assert_int_equal(history_second(&history, series_of(4, 8), back), 150 - back);
    assert_int_equal(history_second(&history, series_of(4, 8), 0), 0);
    assert_int_equal(history_second(&history, series_of(4, 8), HISTORY_SLOTS), 0);
    assert_int_equal(history_minute(&history, series_of(4, 8), 1), (60 + 119) * 30);
    assert_int_equal(history_minute(&history, series_of(4, 8), 2), 59 * 30);
    assert_int_equal(history_minute(&history, series_of(4, 8), 3), 0);
    assert_int_equal(history_steps(&history), 151);
}

static void gaps(void **state)
{
    (void)state;
    history_begin(&history, 600);
    add(4, 8, 0, 5);
    history_advance(&history, counts, 601);
    add(4, 8, 0, 7);
    history_advance(&history, counts, 611);
    assert_int_equal(history_second(&history, series_of(4, 8), 1), 0);
    assert_int_equal(history_second(&history, series_of(4, 8), 10), 7);
    assert_int_equal(history_second(&history, series_of(4, 8), 11), 5);
    history_advance(&history, counts, INT64_C(1) << 33);
    for (unsigned back = 1; back < HISTORY_SLOTS; back++)
        assert_int_equal(history_second(&history, series_of(4, 8), back), 0);
    add(4, 8, 0, 1);
    history_advance(&history, counts, (INT64_C(1) << 33) + 1);
    assert_int_equal(history_second(&history, series_of(4, 8), 1), 1);
    assert_in_range(history_steps(&history), 1, HISTORY_TIMELINE);
}

/* Captures whose clock begins at zero. */
static void near_zero(void **state)
{
    (void)state;
    history_begin(&history, 1);
    add(6, 128, 0, 3);
    history_advance(&history, counts, 2);
    assert_int_equal(history_second(&history, series_of(6, 128), 1), 3);
    for (unsigned back = 2; back < HISTORY_SLOTS; back++) {
        assert_int_equal(history_second(&history, series_of(6, 128), back), 0);
        assert_int_equal(history_minute(&history, series_of(6, 128), back), 0);
    }
}

static void backwards(void **state)
{
    (void)state;
    history_begin(&history, 600);
    add(4, 8, 0, 5);
    history_advance(&history, counts, 610);
    history_advance(&history, counts, 605);
    assert_int_equal(history.now_s, 610);
    assert_int_equal(history_second(&history, series_of(4, 8), 10), 5);
}

/* Every type and code there is: those that came first keep their series, all others share one. */
static void hostile_types(void **state)
{
    (void)state;
    history_begin(&history, 600);
    add(4, 8, 0, 1000);
    history_advance(&history, counts, 601);
    for (unsigned pair = 0; pair < 1000; pair++)
        add(4, (uint8_t)(pair >> 8), (uint8_t)pair, 1);
    add(4, 8, 0, 10);
    history_advance(&history, counts, 602);
    assert_int_equal(history_second(&history, series_of(4, 8), 1), 10);
    assert_int_equal(history.series_count, HISTORY_SERIES - 1);
    assert_non_null(series_of(255, 0));
    assert_int_equal(history_second(&history, series_of(255, 0), 1), 1000 - (HISTORY_SERIES - 2));
    assert_int_equal(counts->first_count, COUNT_FIRST);
}

static void timeline(void **state)
{
    uint64_t sum = 0;

    (void)state;
    history_begin(&history, 600);
    for (unsigned second = 0; second < 5000; second++) {
        add(4, 8, 0, 2);
        history_advance(&history, counts, 601 + second);
    }
    for (size_t step = 0; step < history_steps(&history); step++)
        sum += series_of(4, 8)->timeline[step];
    assert_int_equal(sum, 10000);
    assert_int_equal(history.step_s, 32);
}

static void breakdown(void **state)
{
    struct packet packet = {.family = 4, .type = 8, .ip_length = 84, .interface = 3, .direction = FRAME_IN};
    struct breakdown more = {.family = 6, .type = 128, .interface = 1, .tally = {10, 1000}};
    unsigned cells = 0;

    (void)state;
    count_packet(counts, &packet);
    count_packet(counts, &packet);
    count_add(counts, &more);
    packet.class = PACKET_FRAGMENT;
    count_packet(counts, &packet);
    assert_int_equal(count_cell(counts, PACKET_OUTER, 4, 8, 0)->packets, 2);
    assert_int_equal(count_cell(counts, PACKET_OUTER, 4, 8, 0)->octets, 168);
    assert_int_equal(count_cell(counts, PACKET_OUTER, 6, 128, 0)->packets, 10);
    assert_int_equal(counts->icmp, 12);
    assert_int_equal(counts->fragments, 1);
    assert_int_equal(counts->first_count, 2);
    for (size_t i = 0; i < BREAKDOWN_MAX; i++)
        cells += counts->breakdown[i].family != 0;
    assert_int_equal(cells, 2);
}

/* A stranger fills the breakdown; what finds no room is counted as such. */
static void breakdown_full(void **state)
{
    struct packet packet = {.family = 4, .ip_length = 28, .interface = 1};
    uint64_t sum = 0;

    (void)state;
    for (unsigned pair = 0; pair < COUNT_PAIRS; pair++) {
        packet.type = (uint8_t)(pair >> 8);
        packet.code = (uint8_t)pair;
        count_packet(counts, &packet);
    }
    for (size_t i = 0; i < BREAKDOWN_MAX; i++)
        sum += counts->breakdown[i].tally.packets;
    assert_int_equal(sum + counts->not_broken_down, COUNT_PAIRS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(seconds_and_minutes, setup, teardown),
        cmocka_unit_test_setup_teardown(gaps, setup, teardown),
        cmocka_unit_test_setup_teardown(near_zero, setup, teardown),
        cmocka_unit_test_setup_teardown(backwards, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_types, setup, teardown),
        cmocka_unit_test_setup_teardown(timeline, setup, teardown),
        cmocka_unit_test_setup_teardown(breakdown, setup, teardown),
        cmocka_unit_test_setup_teardown(breakdown_full, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
