/* SPDX-License-Identifier: MIT */
/* Classic capture files: both byte orders and units, cut at every octet, with lengths that lie. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/capture/made.h"

enum { HEADER = 24, RECORD = 16 };

#define US 0xa1b2c3d4U
#define NS 0xa1b23c4dU

static void three_records(struct made *made, bool swapped, uint32_t magic)
{
    *made = (struct made){.swapped = swapped};
    made_pcap(made, magic, 113 | 0x24000000); /* and a check sequence of two octets */
    made_record(made, 1700000000, 999999, 5, 60);
    made_record(made, UINT32_MAX, UINT32_MAX, 0, 0);
    made_record(made, 1700000001, 1, 9, 4); /* less on the wire than captured */
}

static void check_three(bool swapped, uint32_t magic, int64_t unit_ns)
{
    struct made made;
    struct found whole, found;

    three_records(&made, swapped, magic);
    made_read(slice_of(made.octets, made.length), made.length, &whole);
    assert_int_equal(whole.code, 0);
    assert_int_equal(whole.offset, made.length);
    assert_int_equal(whole.count, 3);
    assert_int_equal(whole.frames[0].time_ns, 1700000000 * NS_PER_S + 999999 * unit_ns);
    assert_int_equal(whole.frames[0].captured, 5);
    assert_int_equal(whole.frames[0].length, 60);
    assert_int_equal(whole.frames[0].link, 113);
    assert_memory_equal(whole.frames[0].octets, "\1\2\3\4\5\0\0\0", 8);
    assert_int_equal(whole.frames[1].time_ns, UINT32_MAX * NS_PER_S + UINT32_MAX * unit_ns);
    assert_int_equal(whole.frames[1].captured, 0);
    assert_int_equal(whole.frames[2].captured, 9);
    assert_int_equal(whole.frames[2].length, 9);
    for (size_t piece = 1; piece < made.length; piece++) {
        made_read(slice_of(made.octets, made.length), piece, &found);
        made_same(&whole, &found);
    }
}

static void test_orders_and_units(void **state)
{
    check_three(false, US, 1000);
    check_three(true, US, 1000);
    check_three(false, NS, 1);
    check_three(true, NS, 1);
}

/* A file cut at any octet gives the records before the cut, and says where the cut one begins. */
static void test_cut(void **state)
{
    static const size_t begins[] = {HEADER, HEADER + RECORD + 5, HEADER + 2 * RECORD + 5,
                                    HEADER + 3 * RECORD + 14};
    struct made made;
    struct found found;

    three_records(&made, false, US);
    for (size_t cut = 0; cut < made.length; cut++) {
        size_t whole = 0;

        while (cut >= begins[whole + 1])
            whole++;
        for (size_t piece = 1; piece <= 32; piece += 31) {
            made_read(slice_of(made.octets, cut), piece, &found);
            if (cut < HEADER) {
                assert_int_equal(found.code, -EBADMSG);
                assert_string_equal(found.damage, cut == 0  ? "it is empty"
                                                  : cut < 4 ? "it is neither pcap nor pcapng"
                                                            : "the file ends inside of its header");
                continue;
            }
            assert_int_equal(found.count, whole);
            assert_int_equal(found.offset, begins[whole]);
            assert_int_equal(found.code, cut == begins[whole] ? 0 : -EBADMSG);
            if (found.code < 0)
                assert_string_equal(found.damage, "the file ends inside of a record");
        }
    }
}

/* Of two records the second lies. */
static void test_lying_lengths(void **state)
{
    static const uint32_t lies[] = {(64 << 20) + 1, 0x7fffffff, 0x80000000, 0xffffffff};

    for (size_t i = 0; i < COUNT_OF(lies); i++)
        for (int swapped = 0; swapped < 2; swapped++) {
            struct made made = {.swapped = swapped != 0};
            struct found found, again;

            made_pcap(&made, US, 1);
            made_record(&made, 1, 2, 3, 3);
            made_32(&made, 1);
            made_32(&made, 2);
            made_32(&made, lies[i]);
            made_32(&made, lies[i]);
            made_read(slice_of(made.octets, made.length), made.length, &found);
            assert_int_equal(found.code, -EBADMSG);
            assert_string_equal(found.damage, "a record claims more octets than a packet can have");
            assert_int_equal(found.count, 1);
            assert_int_equal(found.offset, HEADER + RECORD + 3);
            made_read(slice_of(made.octets, made.length), 1, &again);
            made_same(&found, &again);
        }
}

static void test_damage_stays(void **state)
{
    struct capture_file file = {0};
    struct slice rest = slice_of("no capture", 10);
    struct frame frame;

    assert_int_equal(capture_file_take(&file, &rest, &frame, 1), -EBADMSG);
    assert_int_equal(capture_file_take(&file, &rest, &frame, 1), -EBADMSG);
    assert_int_equal(capture_file_finish(&file, rest), -EBADMSG);
    assert_string_equal(file.damage, "it is neither pcap nor pcapng");
    assert_int_equal(file.offset, 0);
    assert_int_equal(rest.length, 10);
}

static void test_refused(void **state)
{
    static const uint32_t magics[] = {0xa1b2cd34, 0xa1b234cd, 0xa12b3c4d, 0x1c0001ac, 0x1c0001ab};
    struct found found;

    for (size_t i = 0; i < COUNT_OF(magics); i++)
        for (int swapped = 0; swapped < 2; swapped++) {
            struct made made = {.swapped = swapped != 0};

            made_pcap(&made, magics[i], 1);
            made_read(slice_of(made.octets, made.length), 7, &found);
            assert_int_equal(found.code, -EBADMSG);
            assert_non_null(strstr(found.damage, "modified pcap format"));
        }
    {
        struct made made = {0};

        made_pcap(&made, US, 1);
        made.octets[4] = made.octets[5] = 3;
        made_read(slice_of(made.octets, made.length), 7, &found);
        assert_int_equal(found.code, -EBADMSG);
        assert_string_equal(found.damage, "it is of a version of pcap that is not known");
    }
}

/* Before version 2.4 some wrote the length on the wire first. */
static void test_interchanged(void **state)
{
    struct made made = {0};
    struct found found;

    made_pcap(&made, US, 1);
    made.octets[6] = made.octets[7] = 0;
    made_32(&made, 1);
    made_32(&made, 2);
    made_32(&made, 1500);
    made_32(&made, 4);
    made_octets(&made, "abcd", 4);
    made_record(&made, 1, 3, 5, 5);
    made_read(slice_of(made.octets, made.length), 3, &found);
    assert_int_equal(found.code, 0);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.frames[0].captured, 4);
    assert_int_equal(found.frames[0].length, 1500);
    assert_int_equal(found.frames[1].captured, 5);
}

/* A record larger than what is handed over: its beginning, and the next record is found. */
static void check_large(uint32_t captured)
{
    struct made made = {0};
    struct capture_file file = {0};
    size_t length, taken = 0;
    uint8_t *octets;
    struct slice rest;
    struct frame frames[4];

    made_pcap(&made, NS, 1);
    made_record(&made, 1, 2, 3, 3);
    made_record(&made, 1, 3, 0, captured);
    length = made.length;
    octets = calloc(1, length + captured + RECORD + 7);
    assert_non_null(octets);
    memcpy(octets, made.octets, length);
    memcpy(octets + length - 8, &captured, sizeof(captured));
    made.length = 0;
    made_record(&made, 1, 4, 7, 7);
    memcpy(octets + length + captured, made.octets, made.length);
    length += captured + made.length;
    for (size_t end = 1; end <= length; end++) {
        int count;

        end = end + 8191 < length ? end + 8191 : length;
        rest = slice_of(octets + file.offset, end - (size_t)file.offset);
        assert_true(rest.length < CAPTURE_HELD_MAX + 8192);
        while ((count = capture_file_take(&file, &rest, frames, COUNT_OF(frames))) > 0)
            for (int i = 0; i < count; i++, taken++)
                if (taken == 1) {
                    assert_int_equal(frames[i].length, captured);
                    assert_int_equal(frames[i].data.length,
                                     captured < CAPTURE_RECORD_MAX ? captured : CAPTURE_RECORD_MAX);
                }
        assert_int_equal(count, 0);
    }
    assert_int_equal(taken, 3);
    assert_int_equal(capture_file_finish(&file, rest), 0);
    free(octets);
}

static void test_large(void **state)
{
    check_large(CAPTURE_RECORD_MAX - 1);
    check_large(CAPTURE_RECORD_MAX);
    check_large(CAPTURE_RECORD_MAX + 1);
    check_large(3 * CAPTURE_RECORD_MAX + 5);
}

/* When the end of a large record is missing, the damage is where it begins. */
static void test_large_cut(void **state)
{
    struct made made = {0};
    uint8_t *octets = calloc(1, CAPTURE_HELD_MAX);
    const uint32_t captured = 1 << 20;
    struct capture_file file = {0};
    struct slice rest = slice_of(octets, CAPTURE_HELD_MAX);
    struct frame frame;

    assert_non_null(octets);
    made_pcap(&made, US, 1);
    memcpy(octets, made.octets, HEADER);
    memcpy(octets + HEADER + 8, &captured, sizeof(captured));
    assert_int_equal(capture_file_take(&file, &rest, &frame, 1), 1);
    assert_int_equal(capture_file_take(&file, &rest, &frame, 1), 0);
    assert_int_equal(rest.length, 0);
    assert_int_equal(file.offset, CAPTURE_HELD_MAX);
    assert_int_equal(capture_file_finish(&file, rest), -EBADMSG);
    assert_int_equal(file.offset, HEADER);
    free(octets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders_and_units),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_lying_lengths),
        cmocka_unit_test(test_damage_stays),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_interchanged),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_large_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
