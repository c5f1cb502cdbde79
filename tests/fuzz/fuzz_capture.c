/* SPDX-License-Identifier: MIT */
/* Any octets as a capture file: in pieces of any size the same frames come out as in one piece, nothing is
 * read outside, and what comes out can be written and read back. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "wire/capture/capture_file.h"

enum { FRAMES_MAX = 4096, AT_ONCE = 7 };

/* What a reading found. */
struct found {
    size_t count;
    int code;
    struct capture_file file;
    struct frame frames[FRAMES_MAX]; /* their data point into the whole input */
};

/* Where the sizes of the pieces come from. */
static size_t next_piece(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return 1 + (*seed >> 24) % (*seed & 0x10000 ? 200 : 5);
}

static void keep(struct found *found, const struct frame *frame, struct slice window, const uint8_t *whole)
{
    struct frame *kept = &found->frames[found->count++];

    CHECK(found->count <= FRAMES_MAX);
    CHECK(frame->data.data >= window.data &&
          (size_t)(frame->data.data - window.data) + frame->data.length <= window.length);
    CHECK(frame->length >= frame->data.length && frame->data.length <= CAPTURE_RECORD_MAX);
    CHECK(frame->time_ns >= 0 && frame->time_ns <= INT64_C(1) << 62);
    CHECK(frame->direction <= FRAME_OUT);
    CHECK(frame->interface < found->file.interface_count);
    CHECK(frame->link == found->file.interfaces[frame->interface].link);
    *kept = *frame;
    kept->data.data = whole + (frame->data.data - window.data);
}

/* Take all that is in a window, which is a block of memory of its own. Returns octets that were used up. */
static size_t take(struct found *found, const uint8_t *data, size_t length)
{
    uint8_t *copy = malloc(length ? length : 1);
    struct slice window = slice_of(copy, length), rest = window;
    struct frame frames[AT_ONCE];

    CHECK(copy);
    if (length)
        memcpy(copy, data, length);
    while ((found->code = capture_file_take(&found->file, &rest, frames, AT_ONCE)) > 0) {
        CHECK(found->code <= AT_ONCE);
        for (int i = 0; i < found->code; i++)
            keep(found, &frames[i], window, data);
    }
    free(copy);
    return length - rest.length;
}

/* With a seed of 0 it comes in one piece. */
static void read_all(const uint8_t *data, size_t size, uint32_t seed, struct found *found)
{
    size_t start = 0, end = seed ? 0 : size;

    found->count = 0;
    memset(&found->file, 0, sizeof(found->file));
    for (;;) {
        size_t piece = seed ? next_piece(&seed) : 0;

        start += take(found, data + start, end - start);
        CHECK(found->code < 0 || found->file.offset == start);
        if (found->code < 0 || end == size)
            break;
        end = piece < size - end ? end + piece : size;
    }
    if (found->code == 0)
        found->code = capture_file_finish(&found->file, slice_of(data + start, size - start));
    CHECK((found->code < 0) == (found->file.damage != NULL));
    CHECK(found->file.offset <= size);
}

static void check_same(const struct found *one, const struct found *other)
{
    CHECK(one->count == other->count && one->code == other->code);
    CHECK(one->file.offset == other->file.offset && one->file.damage == other->file.damage);
    CHECK(one->file.dropped == other->file.dropped);
    for (size_t i = 0; i < one->count; i++) {
        const struct frame *a = &one->frames[i], *b = &other->frames[i];

        CHECK(a->time_ns == b->time_ns && a->length == b->length && a->link == b->link);
        CHECK(a->interface == b->interface && a->direction == b->direction);
        CHECK(a->data.data == b->data.data && a->data.length == b->data.length);
    }
}

static void check_written(const struct frame *frame)
{
    static uint8_t octets[CAPTURE_RECORD_MAX + 1024];
    static struct found back;
    size_t length = capture_write_head(&frame->link, 1, "fuzz", octets, sizeof(octets));

    length += capture_write_frame(frame, 0, "comment", octets + length, sizeof(octets) - length);
    read_all(octets, length, 0, &back);
    CHECK(back.code == 0 && back.count == 1);
    CHECK(back.frames[0].time_ns == frame->time_ns && back.frames[0].length == frame->length);
    CHECK(back.frames[0].link == frame->link && back.frames[0].direction == frame->direction);
    CHECK(back.frames[0].data.length == frame->data.length);
    if (frame->data.length)
        CHECK(memcmp(back.frames[0].data.data, frame->data.data, frame->data.length) == 0);
}

/* The first octet of the input chooses the sizes of the pieces. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct found whole, pieces;
    uint32_t seed;

    if (size == 0)
        return 0;
    seed = data[0] + 1U;
    data++;
    size--;
    read_all(data, size, 0, &whole);
    read_all(data, size, seed, &pieces);
    check_same(&whole, &pieces);
    if (whole.count > 0)
        check_written(&whole.frames[seed % whole.count]);
    return 0;
}
