/* SPDX-License-Identifier: MIT */
/* What the live screen keeps: filters, the ring of packets, the copy of the counts, a packet as a page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/macro.h"
#include "cmd/watch/screen/dissect.h"
#include "cmd/watch/screen/model.h"
#include "cmd/watch/screen/screen.h"

static struct filter filter;
static struct ring ring;
static struct model model;
static struct watch watch;
static struct counts counts;
static struct history history;

/* 192.0.2.1 > 192.0.2.2: port unreachable, about UDP 192.0.2.2 port 40000 > 198.51.100.7 port 53 */
static const uint8_t unreachable[] = {3, 3, 0,   0, 0, 0, 0,   0,  0x45, 0, 0,    32,   0, 1,  0, 0,  64, 17,
                                      0, 0, 192, 0, 2, 2, 198, 51, 100,  7, 0x9c, 0x40, 0, 53, 0, 12, 0,  0};

static struct packet make(uint8_t family, uint8_t type, uint8_t code, int64_t time_ns)
{
    struct packet packet = {.time_ns = time_ns,
                            .octets = unreachable,
                            .available = sizeof(unreachable),
                            .length = sizeof(unreachable),
                            .ip_length = sizeof(unreachable) + 20,
                            .class = packet_class_of(family, type),
                            .family = family,
                            .type = type,
                            .code = code,
                            .protocol = 1,
                            .ttl = 60,
                            .source = {192, 0, 2, 1},
                            .destination = {192, 0, 2, 2}};

    return packet;
}

static void filters_read_names_numbers_and_addresses(void **state)
{
    static const struct {
        const char *text;
        bool error, echo, echo6;
    } rows[] = {
        {"", true, true, true},
        {"echo", false, true, true},
        {"PORT-UN", true, false, false},
        {"3", true, false, false},
        {"3/3", true, false, false},
        {"3/4", false, false, false},
        {"128/0", false, false, true},
        {"8", false, true, false},
        {"192.0.2.0/24", true, true, false},
        {"198.51.100.7", true, false, false},
        {"198.51.100.8", false, false, false},
        {"300", false, false, false},
        {"3/", false, false, false},
        {"3/3x", false, false, false},
    };
    struct packet error = make(4, 3, 3, 0), echo = make(4, 8, 0, 0), echo6 = make(6, 128, 0, 0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        filter_parse(&filter, rows[i].text);
        assert_int_equal(filter_passes(&filter, &error), rows[i].error);
        assert_int_equal(filter_passes(&filter, &echo), rows[i].echo);
        assert_int_equal(filter_passes(&filter, &echo6), rows[i].echo6);
    }
    filter_by_type(&filter, 6, 128, 0);
    assert_true(filter_passes(&filter, &echo6));
    assert_false(filter_passes(&filter, &echo));
    assert_string_equal(filter.text, "v6 128/0 echo-request");
    echo.class = PACKET_FLOW;
    filter_parse(&filter, "");
    assert_false(filter_passes(&filter, &echo));
}

static void take(unsigned count, int64_t time_ns)
{
    for (unsigned i = 0; i < count; i++) {
        struct packet packet = make(4, 3, 3, time_ns);

        ring_take(&ring, &filter, &packet, 1);
    }
}

static void few_packets_are_all_kept_and_many_are_sampled(void **state)
{
    uint64_t before;

    (void)state;
    memset(&ring, 0, sizeof(ring));
    filter_parse(&filter, "");
    assert_null(ring_get(&ring, 0));
    take(300, NS_PER_S);
    assert_int_equal(ring.count, 300);
    assert_null(ring_get(&ring, 300 - RING_PACKETS));
    assert_int_equal(ring_get(&ring, 300 - RING_PACKETS + 1)->number, 300 - RING_PACKETS + 1);
    assert_null(ring_get(&ring, 301));
    assert_ptr_equal(ring_get(&ring, 300)->packet.octets, ring_get(&ring, 300)->octets);
    assert_memory_equal(ring_get(&ring, 300)->octets, unreachable, sizeof(unreachable));
    take(1000000, 3 * NS_PER_S); /* not foretold: fewer and fewer of them */
    assert_in_range(ring.count, 300 + 2 * RING_RATE, 300 + 24 * RING_RATE);
    before = ring.count;
    take(1000000, 5 * NS_PER_S);
    assert_in_range(ring.count - before, RING_RATE * 9 / 10, RING_RATE);
    assert_int_equal(ring.every, 1 + 1000000 / RING_RATE);
    take(10, 7 * NS_PER_S);
    before = ring.count;
    take(10, 9 * NS_PER_S); /* quiet again */
    assert_int_equal(ring.count - before, 10);
    take(1, 2 * NS_PER_S); /* the clock was set back */
    assert_int_equal(ring.next_ns, 3 * NS_PER_S);
}

static void add(uint8_t type, unsigned count, enum packet_layer layer)
{
    struct packet packet = make(4, type, 0, 0);

    packet.layer = (uint8_t)layer;
    while (count--)
        count_packet(&counts, &packet);
}

static void the_copy_is_sorted_and_knows_the_last_minute(void **state)
{
    uint64_t values[MODEL_SECONDS];

    (void)state;
    watch = (struct watch){.counts = &counts, .history = &history};
    history_begin(&history, 1000);
    add(8, 5, PACKET_OUTER);
    history_advance(&history, &counts, 1001);
    add(8, 7, PACKET_OUTER);
    add(0, 9, PACKET_INNER);
    history_advance(&history, &counts, 1002);
    model_refresh(&model, &watch);
    assert_int_equal(model.type_count, 2);
    assert_int_equal(model.types[0].type, 8);
    assert_int_equal(model.types[0].packets, 12);
    assert_int_equal(model.types[0].rate, 7);
    assert_int_equal(model.types[1].inner, 9);
    assert_int_equal(model_rate(&history), 16);
    model_minute(&model, &model.types[0], values, 60);
    assert_int_equal(values[59], 7);
    assert_int_equal(values[58], 5);
    assert_int_equal(values[57], 0);
    model_minute(&model, &model.types[0], values, 20); /* 999 to 1001: all but the first are there */
    assert_int_equal(values[19], 12);
    model.order = MODEL_BY_RATE;
    model_sort(&model);
    assert_int_equal(model.types[0].type, 0);
    model.order = MODEL_BY_PACKETS;
}

static void the_rarest_types_stand_back_when_there_are_too_many(void **state)
{
    (void)state;
    memset(&counts, 0, sizeof(counts));
    for (unsigned pair = 0; pair < COUNT_PAIRS; pair++)
        counts.cells[PACKET_OUTER][1][pair].packets = 1 + pair % 60000;
    model_refresh(&model, &watch);
    assert_int_equal(model.type_count, MODEL_TYPES);
    assert_int_equal(model.types_seen, COUNT_PAIRS);
    assert_int_equal(model.types[0].packets, 60000);
    assert_int_equal(model.types[MODEL_TYPES - 1].packets, 60000 - MODEL_TYPES + 1);
}

static bool page_says(const struct page *page, const char *label, const char *text)
{
    for (size_t i = 0; i < page->count; i++)
        if (strstr(page->octets.data + page->lines[i].text, text) &&
            (!label || !strcmp(page->octets.data + page->lines[i].label, label)))
            return true;
    return false;
}

static void a_packet_is_told_field_by_field(void **state)
{
    struct page page = {0};

    (void)state;
    memset(&ring, 0, sizeof(ring));
    filter_parse(&filter, "");
    take(1, NS_PER_S);
    page_begin(&page, 100);
    dissect(&page, ring_get(&ring, 1), "eth0");
    assert_true(page_says(&page, NULL, "Destination unreachable: port unreachable (ICMPv4 3/3, port-"));
    assert_true(page_says(&page, "Time", "1970-01-01 00:00:01.000000 UTC, at eth0"));
    assert_true(page_says(&page, "From", "192.0.2.1"));
    assert_true(page_says(&page, "Checksum", "wrong"));
    assert_true(page_says(&page, "To", "198.51.100.7 port 53 (dns)"));
    assert_true(page_says(&page, "Protocol", "UDP (17)"));
    assert_true(page_says(&page, "Length", "32 octets, as it claimed"));
    assert_true(page_says(&page, "Defined by", "RFC 792"));
    assert_true(page_says(&page, NULL, "0000  03 03 00 00"));
    page_deinit(&page);
}

static void numbers_are_grouped_and_shortened(void **state)
{
    static const struct {
        uint64_t number;
        const char *text;
    } rows[] = {{0, "0"},
                {999, "999"},
                {1000, "1,000"},
                {123456, "123,456"},
                {9999999, "9,999,999"},
                {12345678, "12.3 M"},
                {123456789012, "123457 M"}};
    char text[COUNT_TEXT];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(count_text(rows[i].number, text), rows[i].text);
    assert_string_equal(clock_text(86399 * NS_PER_S, text), "23:59:59");
}

static void a_cursor_stays_in_its_list_and_in_sight(void **state)
{
    struct cursor cursor = {0};

    (void)state;
    assert_true(cursor_key(&cursor, DISPLAY_END, 10));
    cursor_fit(&cursor, 20, 5);
    assert_int_equal(cursor.selected, 19);
    assert_int_equal(cursor.first, 15);
    cursor_key(&cursor, DISPLAY_PAGE_UP, 10);
    cursor_fit(&cursor, 20, 5);
    assert_int_equal(cursor.selected, 9);
    assert_int_equal(cursor.first, 9);
    cursor_fit(&cursor, 3, 5);
    assert_int_equal(cursor.selected, 2);
    assert_int_equal(cursor.first, 0);
    cursor_fit(&cursor, 0, -3);
    assert_int_equal(cursor.selected, 0);
    assert_false(cursor_key(&cursor, 'x', 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_read_names_numbers_and_addresses),
        cmocka_unit_test(few_packets_are_all_kept_and_many_are_sampled),
        cmocka_unit_test(the_copy_is_sorted_and_knows_the_last_minute),
        cmocka_unit_test(the_rarest_types_stand_back_when_there_are_too_many),
        cmocka_unit_test(a_packet_is_told_field_by_field),
        cmocka_unit_test(numbers_are_grouped_and_shortened),
        cmocka_unit_test(a_cursor_stays_in_its_list_and_in_sight),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
