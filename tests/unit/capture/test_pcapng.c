/* SPDX-License-Identifier: MIT */
/* pcapng files: sections, interfaces, clocks, each kind of packet block, and blocks that lie. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/capture/made.h"

enum {
    SIMPLE = 3,
    OLD = 2,
    STATISTICS = 5,
    PACKET = 6,
    FLAGS = 2,   /* option of packets */
    OFFSET = 14, /* option of interfaces */
    DROPPED = 5, /* option of statistics */
    UNKNOWN = 0x0badf00d,
};

static struct found whole, found; /* too large for the stack of a careful person */

static const struct found *read_made(const struct made *made)
{
    struct slice file = slice_of(made->octets, made->length);

    made_read(file, file.length, &whole);
    for (size_t piece = 1; piece < 40; piece++) {
        made_read(file, piece, &found);
        made_same(&whole, &found);
    }
    return &whole;
}

static void with_flags(struct made *made, uint32_t flags)
{
    size_t begun = made_begin(made, PACKET);
    struct made value = {.swapped = made->swapped};

    made_32(&value, flags);
    made_32(made, 0);
    made_64(made, 0);
    made_32(made, 3);
    made_32(made, 3);
    made_octets(made, "abc", 4);
    made_option(made, 1, "a comment", 9);
    made_option(made, FLAGS, value.octets, 4);
    made_option(made, 0, NULL, 0);
    made_end(made, begun);
}

static void statistics(struct made *made, uint32_t interface, uint64_t dropped)
{
    size_t begun = made_begin(made, STATISTICS);
    struct made value = {.swapped = made->swapped};

    made_64(&value, dropped);
    made_32(made, interface);
    made_64(made, 0);
    made_option(made, DROPPED, value.octets, 8);
    made_end(made, begun);
}

static void old_packet(struct made *made, uint16_t interface, uint16_t drops, uint64_t ticks)
{
    size_t begun = made_begin(made, OLD);

    made_16(made, interface);
    made_16(made, drops);
    made_32(made, (uint32_t)(ticks >> 32));
    made_32(made, (uint32_t)ticks);
    made_32(made, 4);
    made_32(made, 40);
    made_octets(made, "abcd", 4);
    made_end(made, begun);
}

static void simple_packet(struct made *made, uint32_t length, size_t octets)
{
    size_t begun = made_begin(made, SIMPLE);

    made_32(made, length);
    for (size_t i = 0; i < octets; i++)
        made_octets(made, "s", 1);
    made_end(made, begun);
}

/* Two sections of different byte order, with unknown blocks, all kinds of packets and mixed link types. */
static void everything(struct made *made, bool swapped)
{
    size_t begun;

    *made = (struct made){.swapped = swapped};
    made_section(made);
    made_interface(made, 1, 9, "eth0");
    made_interface(made, 101, 6, NULL);
    made_packet(made, 0, 1700000000123456789, 7, 1500);
    begun = made_begin(made, UNKNOWN);
    made_octets(made, "whatever it says", 16);
    made_end(made, begun);
    made_packet(made, 1, 1700000000000001, 4, 4);
    simple_packet(made, 6, 6);
    old_packet(made, 1, 3, 1700000000000002);
    statistics(made, 0, 10);
    statistics(made, 0, 15);
    statistics(made, 1, 7);
    with_flags(made, 1);
    with_flags(made, 0xfffffffe);
    with_flags(made, 3);
    made->swapped = !swapped;
    made_section(made);
    made_interface(made, 113, 6, "any");
    made_packet(made, 0, 1700000001000000, 2, 2);
    statistics(made, 0, 100);
}

static void check_everything(bool swapped)
{
    static struct made made;
    const struct found *got;

    everything(&made, swapped);
    got = read_made(&made);
    assert_int_equal(got->code, 0);
    assert_int_equal(got->count, 8);
    assert_int_equal(got->file.dropped, 15 + 7 + 3 + 100);
    assert_int_equal(got->frames[0].time_ns, 1700000000123456789);
    assert_int_equal(got->frames[0].captured, 7);
    assert_int_equal(got->frames[0].length, 1500);
    assert_int_equal(got->frames[0].link, 1);
    assert_memory_equal(got->frames[0].octets, "\1\2\3\4\5\6\7\0", 8);
    assert_int_equal(got->frames[1].time_ns, 1700000000000001000);
    assert_int_equal(got->frames[1].link, 101);
    assert_int_equal(got->frames[1].interface, 1);
    assert_int_equal(got->frames[2].time_ns, 1700000000000001000); /* it has none of its own */
    assert_int_equal(got->frames[2].captured, 6);
    assert_int_equal(got->frames[2].link, 1);
    assert_int_equal(got->frames[3].time_ns, 1700000000000002000);
    assert_int_equal(got->frames[3].length, 40);
    assert_memory_equal(got->frames[3].octets, "abcd", 4);
    assert_int_equal(got->frames[4].direction, FRAME_IN);
    assert_int_equal(got->frames[5].direction, FRAME_OUT);
    assert_int_equal(got->frames[6].direction, FRAME_UNKNOWN);
    assert_int_equal(got->frames[7].link, 113);
    assert_int_equal(got->frames[7].interface, 0);
    assert_int_equal(got->file.interface_count, 1);
    assert_string_equal(got->file.interfaces[0].name, "any");
}

static void test_everything(void **state)
{
    check_everything(false);
    check_everything(true);
}

/* Each octet changed to each of a few values, and each cut: nothing outside is read, no frame is made up from
 * outside, in pieces the same is found. */
static void test_any_damage(void **state)
{
    static struct made made;
    static const uint8_t values[] = {0, 1, 3, 0x7f, 0x80, 0xff};

    everything(&made, false);
    for (size_t i = 0; i < made.length; i++) {
        uint8_t was = made.octets[i];

        for (size_t v = 0; v < COUNT_OF(values); v++) {
            made.octets[i] = values[v];
            made_read(slice_of(made.octets, made.length), made.length, &whole);
            made_read(slice_of(made.octets, made.length), 13, &found);
            made_same(&whole, &found);
        }
        made.octets[i] = was;
        made_read(slice_of(made.octets, i), made.length, &whole);
        made_read(slice_of(made.octets, i), 13, &found);
        made_same(&whole, &found);
        assert_true(whole.offset <= i);
    }
}

static const struct {
    uint8_t resolution;
    uint64_t ticks;
    int64_t time_ns;
} clocks[] = {
    {0, 1700000000, 1700000000 * NS_PER_S},
    {3, 1700000000123, 1700000000123 * NS_PER_MS},
    {6, 1700000000123456, 1700000000123456 * NS_PER_US},
    {9, 1700000000123456789, 1700000000123456789},
    {10, 17000000001234567899U, 1700000000123456789},
    {12, 1700123456789, 1700123456},
    {19, 15000000000000000000U, 1500000000},
    {0x80, 1700000000, 1700000000 * NS_PER_S},
    {0x81, 3, 1500000000},
    {0x89, 513, 1001953125},
    {0x8a, 1025, 1000976562},
    {0xa0, (UINT64_C(1700000000) << 32) + (UINT64_C(1) << 31), 1700000000 * NS_PER_S + 500000000},
    {0xa4, (UINT64_C(7) << 36) + 1, 7 * NS_PER_S},
    {0xbf, UINT64_C(1) << 62, 500000000},
    {0xbf, UINT64_MAX, 1999999999},
    /* a time that cannot be is the last one: here none */
    {0, UINT64_MAX, 0},
    {6, UINT64_MAX, 0},
    {9, UINT64_MAX, 0},
    {9, INT64_MAX, 0},
    {0x8a, UINT64_MAX, 0},
};

static void test_clocks(void **state)
{
    for (size_t i = 0; i < COUNT_OF(clocks); i++) {
        struct made made = {0};
        const struct found *got;

        print_message("# row %zu\n", i);
        made_section(&made);
        made_interface(&made, 1, clocks[i].resolution, NULL);
        made_packet(&made, 0, clocks[i].ticks, 1, 1);
        got = read_made(&made);
        assert_int_equal(got->count, 1);
        assert_int_equal(got->frames[0].time_ns, clocks[i].time_ns);
    }
}

static void test_too_fine(void **state)
{
    static const uint8_t resolutions[] = {20, 0x7f, 0xc0, 0xff};

    for (size_t i = 0; i < COUNT_OF(resolutions); i++) {
        struct made made = {0};

        made_section(&made);
        made_interface(&made, 1, resolutions[i], NULL);
        assert_int_equal(read_made(&made)->code, -EBADMSG);
        assert_string_equal(whole.damage, "an interface has a clock that is too fine to be told");
    }
}

static int64_t time_with_offset(int64_t offset, uint64_t ticks)
{
    struct made made = {.swapped = true}, value = {.swapped = true};
    size_t begun;

    made_64(&value, (uint64_t)offset);
    made_section(&made);
    begun = made_begin(&made, 1);
    made_32(&made, 1);
    made_32(&made, 0);
    made_option(&made, OFFSET, value.octets, 8);
    made_end(&made, begun);
    made_packet(&made, 0, ticks, 1, 1);
    assert_int_equal(read_made(&made)->count, 1);
    return whole.frames[0].time_ns;
}

static void test_offset(void **state)
{
    assert_int_equal(time_with_offset(1700000000, 5), 1700000000 * NS_PER_S + 5000);
    assert_int_equal(time_with_offset(-10, 10000005), 5000);
    assert_int_equal(time_with_offset(-10, 5), 0);
    assert_int_equal(time_with_offset(INT64_MIN, 5), 0);
    assert_int_equal(time_with_offset(INT64_MAX, UINT64_MAX), 0);
}

/* Blocks that follow an honest section, interface and packet. */
static const struct {
    uint32_t type, length;
    uint32_t words[8];
    size_t count;
    uint32_t last;
    const char *damage;
} lies[] = {
    {PACKET, 8, {0}, 1, 8, "a block has a length that cannot be"},
    {PACKET, 0, {0}, 1, 0, "a block has a length that cannot be"},
    {PACKET, 34, {0}, 6, 34, "a block has a length that cannot be"},
    {PACKET, 0xfffffffc, {0}, 5, 0, "a block claims more octets than it can have"},
    {PACKET, (64 << 20) + 4, {0}, 5, 0, "a block claims more octets than it can have"},
    {UNKNOWN, (64 << 20) + 4, {0}, 5, 0, "a block claims more octets than it can have"},
    {PACKET, 32, {0}, 5, 28, "the two lengths of a block differ"},
    {PACKET, 28, {0}, 4, 28, "a block is too short for what it should hold"},
    {OLD, 28, {0}, 4, 28, "a block is too short for what it should hold"},
    {SIMPLE, 12, {0}, 0, 12, "a block is too short for what it should hold"},
    {STATISTICS, 20, {0}, 2, 20, "a block is too short for what it should hold"},
    {1, 16, {0}, 1, 16, "a block is too short for what it should hold"},
    {PACKET, 36, {0, 0, 0, 5, 5}, 6, 36, "a packet claims more octets than its block has"},
    {PACKET, 36, {0, 0, 0, 0xffffffff, 4}, 6, 36, "a packet claims more octets than its block has"},
    {PACKET, 36, {0, 0, 0, 0x80000000, 4}, 6, 36, "a packet claims more octets than its block has"},
    {OLD, 36, {0, 0, 0, 5, 5}, 6, 36, "a packet claims more octets than its block has"},
    {PACKET, 36, {1, 0, 0, 4, 4}, 6, 36, "a packet names an interface that the file does not describe"},
    {PACKET,
     36,
     {0xffffffff, 0, 0, 4, 4},
     6,
     36,
     "a packet names an interface that the file does not describe"},
    {0x0a0d0d0a, 28, {0x1a2b3c4e, 1}, 4, 28, "the byte order of a section cannot be recognised"},
    {0x0a0d0d0a, 28, {0x1a2b3c4d, 2}, 4, 28, "a section is of a version of pcapng that is not known"},
    {0x0a0d0d0a, 20, {0x1a2b3c4d, 1}, 2, 20, "a block is too short for what it should hold"},
};

static void test_lies(void **state)
{
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        struct made made = {0};
        size_t begins;

        print_message("# row %zu\n", i);
        made_section(&made);
        made_interface(&made, 1, 6, NULL);
        made_packet(&made, 0, 1, 2, 2);
        begins = made.length;
        made_32(&made, lies[i].type);
        made_32(&made, lies[i].length);
        for (size_t word = 0; word < lies[i].count; word++)
            made_32(&made, lies[i].words[word]);
        made_32(&made, lies[i].last);
        assert_int_equal(read_made(&made)->code, -EBADMSG);
        assert_string_equal(whole.damage, lies[i].damage);
        assert_int_equal(whole.offset, begins);
        assert_int_equal(whole.count, 1);
    }
}

/* A simple packet is as long as it says, as the interface allows, and as its block has room for. */
static void test_simple(void **state)
{
    struct made made = {0};

    made_section(&made);
    made_interface(&made, 1, 6, NULL);
    memcpy(made.octets + made.length - 8, &(uint32_t){5}, 4); /* snap length */
    simple_packet(&made, 3, 3);
    simple_packet(&made, 1500, 5);
    simple_packet(&made, 4, 2);
    assert_int_equal(read_made(&made)->code, 0);
    assert_int_equal(whole.count, 3);
    assert_int_equal(whole.frames[0].captured, 3);
    assert_int_equal(whole.frames[1].captured, 5);
    assert_int_equal(whole.frames[1].length, 1500);
    assert_int_equal(whole.frames[2].captured, 4);
    made.length = 0;
    made_section(&made);
    simple_packet(&made, 3, 3);
    assert_int_equal(read_made(&made)->code, -EBADMSG);
}

static void test_name(void **state)
{
    struct made made = {0};

    made_section(&made);
    made_interface(&made, 1, 6, "a\nb\x1b[31m\xc3\xa4 of more than thirty-two octets");
    assert_int_equal(read_made(&made)->code, 0);
    assert_string_equal(whole.file.interfaces[0].name, "a?b?[31m?? of more than thirty-");
}

static const struct found *read_interfaces(uint32_t count, uint16_t last_link)
{
    static uint8_t octets[64 * 1024];
    static struct made made;
    size_t length;

    made = (struct made){0};
    made_section(&made);
    memcpy(octets, made.octets, length = made.length);
    for (uint32_t i = 0; i < count; i++) {
        made.length = 0;
        made_interface(&made, i + 1 < count ? (i % 2 ? 101 : 1) : last_link, 6, "eth");
        memcpy(octets + length, made.octets, made.length);
        length += made.length;
    }
    made.length = 0;
    made_packet(&made, count - 1, 1, 2, 2);
    memcpy(octets + length, made.octets, made.length);
    made_read(slice_of(octets, length + made.length), 4096, &whole);
    return &whole;
}

/* Beyond the last place an interface shares that of its like, whose name is no more told. */
static void test_many_interfaces(void **state)
{
    assert_int_equal(read_interfaces(CAPTURE_INTERFACES_MAX, 113)->frames[0].link, 113);
    assert_int_equal(whole.frames[0].interface, CAPTURE_INTERFACES_MAX - 1);
    assert_string_equal(whole.file.interfaces[CAPTURE_INTERFACES_MAX - 1].name, "eth");
    assert_int_equal(read_interfaces(CAPTURE_NUMBERS_MAX, 101)->frames[0].link, 101);
    assert_int_equal(whole.code, 0);
    assert_string_equal(whole.file.interfaces[whole.frames[0].interface].name, "");
    assert_int_equal(read_interfaces(CAPTURE_INTERFACES_MAX + 1, 113)->code, -EBADMSG);
    assert_int_equal(read_interfaces(CAPTURE_NUMBERS_MAX + 1, 101)->code, -EBADMSG);
    assert_string_equal(whole.damage, "a section has more interfaces than can be told apart");
}

/* A block larger than what can be held is passed over; a packet in such a one is handed over. */
static void check_large(uint32_t type, size_t frames)
{
    struct made made = {0};
    const uint32_t length = 2 * CAPTURE_HELD_MAX, captured = length - 32;
    uint8_t *octets = calloc(1, MADE_MAX + length);
    struct capture_file file = {0};
    size_t begins, total, taken = 0;
    struct slice rest;
    struct frame frame;

    assert_non_null(octets);
    made_section(&made);
    made_interface(&made, 1, 6, NULL);
    begins = made.length;
    made_packet(&made, 0, 1, 2, 2);
    memcpy(octets, made.octets, begins);
    memcpy(octets + begins + length, made.octets + begins, made.length - begins);
    memcpy(octets + begins, &type, 4);
    memcpy(octets + begins + 4, &length, 4);
    memcpy(octets + begins + 20, &captured, 4);
    total = made.length + length;
    for (size_t end = 1000; end <= total + 1000; end += 1000) {
        rest = slice_of(octets + file.offset, (end < total ? end : total) - (size_t)file.offset);
        assert_true(rest.length < CAPTURE_HELD_MAX + 1000);
        for (; capture_file_take(&file, &rest, &frame, 1) == 1; taken++)
            assert_int_equal(frame.data.length, taken == 0 && frames == 2 ? (size_t)CAPTURE_RECORD_MAX : 2);
    }
    assert_int_equal(capture_file_finish(&file, rest), 0);
    assert_int_equal(taken, frames);
    free(octets);
}

static void test_large(void **state)
{
    check_large(PACKET, 2);
    check_large(UNKNOWN, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything),      cmocka_unit_test(test_any_damage),
        cmocka_unit_test(test_clocks),          cmocka_unit_test(test_too_fine),
        cmocka_unit_test(test_offset),          cmocka_unit_test(test_lies),
        cmocka_unit_test(test_simple),          cmocka_unit_test(test_name),
        cmocka_unit_test(test_many_interfaces), cmocka_unit_test(test_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
