/* SPDX-License-Identifier: MIT */
/* What is written as pcapng is what any reader should find: golden octets, and the way back. */
#include "tests/unit/unit.h"

#include <string.h>

#include "tests/unit/capture/made.h"

static const uint16_t links[] = {1, 101};

static const uint8_t golden_head[] = {
    0x0a, 0x0d, 0x0d, 0x0a, 0x2c, 0,    0,    0,    0x4d, 0x3c, 0x2b, 0x1a, 1,    0, 0, 0, /* section */
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* length unknown */
    4,    0,    5,    0,    's',  'o',  'n',  'd',  'e',  0,    0,    0,    0,    0, 0, 0,
    0x2c, 0,    0,    0,                                                                   /* application */
    1,    0,    0,    0,    0x20, 0,    0,    0,    1,    0,    0,    0,    0,    0, 4, 0, /* Ethernet */
    9,    0,    1,    0,    9,    0,    0,    0,    0,    0,    0,    0,    0x20, 0, 0, 0, /* in ns */
};

static const uint8_t golden_frame[] = {
    6,    0,    0,    0,    0x38, 0,    0,    0,    0, 0, 0, 0, /* packet of the first interface */
    0xfe, 0x9c, 0x97, 0x17, 0x15, 0xcd, 0x85, 0x3d, 3, 0, 0, 0, 60, 0, 0, 0, 'a', 'b', 'c',  0, 1, 0,
    2,    0,    'h',  'i',  0,    0,    2,    0,    4, 0, 1, 0, 0,  0, 0, 0, 0,   0,   0x38, 0, 0, 0,
};

static const struct frame sample = {
    .time_ns = 1700000000123456789,
    .data = {(const uint8_t *)"abc", 3},
    .length = 60,
    .direction = FRAME_IN,
};

static void test_golden(void **state)
{
    uint8_t buffer[128];

    assert_int_equal(capture_write_head(links, 1, "sonde", buffer, sizeof(buffer)), sizeof(golden_head));
    assert_memory_equal(buffer, golden_head, sizeof(golden_head));
    assert_int_equal(capture_write_frame(&sample, 0, "hi", buffer, sizeof(buffer)), sizeof(golden_frame));
    assert_memory_equal(buffer, golden_frame, sizeof(golden_frame));
}

/* Any size of frame and of comment comes back. */
static void test_back(void **state)
{
    uint8_t buffer[512];
    static struct found found;
    char comment[8] = "";

    for (size_t size = 0; size <= 7; size++)
        for (uint8_t direction = FRAME_UNKNOWN; direction <= FRAME_OUT; direction++) {
            struct frame frame = {.time_ns = INT64_C(1) << 62,
                                  .data = {(const uint8_t *)"abcdefgh", size},
                                  .length = 3,
                                  .direction = direction};
            size_t length = capture_write_head(links, 2, NULL, buffer, sizeof(buffer));

            memset(comment, 'c', size);
            comment[size] = '\0';
            length += capture_write_frame(&frame, 1, comment, buffer + length, sizeof(buffer) - length);
            length += capture_write_interface(113, buffer + length, sizeof(buffer) - length);
            length += capture_write_frame(&frame, 2, NULL, buffer + length, sizeof(buffer) - length);
            made_read(slice_of(buffer, length), 5, &found);
            assert_int_equal(found.code, 0);
            assert_int_equal(found.count, 2);
            for (size_t i = 0; i < 2; i++) {
                assert_int_equal(found.frames[i].time_ns, frame.time_ns);
                assert_int_equal(found.frames[i].captured, size);
                assert_int_equal(found.frames[i].length, size > 3 ? size : 3);
                assert_int_equal(found.frames[i].direction, direction);
                assert_memory_equal(found.frames[i].octets, "abcdefgh", size);
            }
            assert_int_equal(found.frames[0].link, 101);
            assert_int_equal(found.frames[1].link, 113);
        }
}

static void test_capacity(void **state)
{
    uint8_t buffer[256];
    size_t head = capture_write_head(links, 2, "sonde", buffer, sizeof(buffer));
    size_t frame = capture_write_frame(&sample, 0, "comment", buffer, sizeof(buffer));
    size_t interface = capture_write_interface(1, buffer, sizeof(buffer));

    for (size_t capacity = 0; capacity < sizeof(buffer); capacity++) {
        uint8_t *place = (uint8_t *)unit_guarded(slice_of(buffer, capacity)).data;

        assert_int_equal(capture_write_head(links, 2, "sonde", place, capacity), capacity < head ? 0 : head);
        assert_int_equal(capture_write_frame(&sample, 0, "comment", place, capacity),
                         capacity < frame ? 0 : frame);
        assert_int_equal(capture_write_interface(1, place, capacity), capacity < interface ? 0 : interface);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_back),
        cmocka_unit_test(test_capacity),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
