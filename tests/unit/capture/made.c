/* SPDX-License-Identifier: MIT */
/* Capture files made octet by octet, of either byte order, and what a reader that gets them in pieces finds.
 */
#include "tests/unit/capture/made.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

void made_octets(struct made *made, const void *octets, size_t length)
{
    assert_true(length <= sizeof(made->octets) - made->length);
    if (length)
        memcpy(made->octets + made->length, octets, length);
    made->length += length;
}

void made_16(struct made *made, uint16_t value)
{
    value = made->swapped ? __builtin_bswap16(value) : value;
    made_octets(made, &value, sizeof(value));
}

void made_32(struct made *made, uint32_t value)
{
    value = made->swapped ? __builtin_bswap32(value) : value;
    made_octets(made, &value, sizeof(value));
}

void made_64(struct made *made, uint64_t value)
{
    value = made->swapped ? __builtin_bswap64(value) : value;
    made_octets(made, &value, sizeof(value));
}

static void counting(struct made *made, uint32_t count)
{
    for (uint32_t i = 1; i <= count; i++) {
        uint8_t octet = (uint8_t)i;

        made_octets(made, &octet, 1);
    }
}

static void pad(struct made *made)
{
    while (made->length % 4)
        made_octets(made, "", 1);
}

void made_pcap(struct made *made, uint32_t magic, uint32_t link)
{
    made_32(made, magic);
    made_16(made, 2);
    made_16(made, 4);
    made_32(made, 0);
    made_32(made, 0);
    made_32(made, 0);
    made_32(made, link);
}

void made_record(struct made *made, uint32_t seconds, uint32_t fraction, uint32_t captured, uint32_t length)
{
    made_32(made, seconds);
    made_32(made, fraction);
    made_32(made, captured);
    made_32(made, length);
    counting(made, captured);
}

size_t made_begin(struct made *made, uint32_t type)
{
    size_t begun = made->length;

    made_32(made, type);
    made_32(made, 0);
    return begun;
}

void made_end(struct made *made, size_t begun)
{
    size_t end;

    pad(made);
    made_32(made, (uint32_t)(made->length - begun + 4));
    end = made->length;
    made->length = begun + 4;
    made_32(made, (uint32_t)(end - begun));
    made->length = end;
}

void made_option(struct made *made, uint16_t code, const void *value, uint16_t length)
{
    made_16(made, code);
    made_16(made, length);
    made_octets(made, value, length);
    pad(made);
}

void made_section(struct made *made)
{
    size_t begun = made_begin(made, 0x0a0d0d0a);

    made_32(made, 0x1a2b3c4d);
    made_16(made, 1);
    made_16(made, 0);
    made_64(made, UINT64_MAX);
    made_option(made, 4, "a test", 6);
    made_option(made, 0, NULL, 0);
    made_end(made, begun);
}

void made_interface(struct made *made, uint16_t link, uint8_t resolution, const char *name)
{
    size_t begun = made_begin(made, 1);

    made_16(made, link);
    made_16(made, 0);
    made_32(made, 0);
    if (name)
        made_option(made, 2, name, (uint16_t)strlen(name));
    if (resolution != 6)
        made_option(made, 9, &resolution, 1);
    made_end(made, begun);
}

void made_packet(struct made *made, uint32_t interface, uint64_t ticks, uint32_t captured, uint32_t length)
{
    size_t begun = made_begin(made, 6);

    made_32(made, interface);
    made_32(made, (uint32_t)(ticks >> 32));
    made_32(made, (uint32_t)ticks);
    made_32(made, captured);
    made_32(made, length);
    counting(made, captured);
    made_end(made, begun);
}

static void keep(struct found *found, const struct frame *frame, struct slice rest)
{
    struct found_frame *kept = &found->frames[found->count++];

    assert_true(found->count <= FOUND_MAX);
    assert_true(frame->data.length <= rest.length && frame->data.data >= rest.data &&
                frame->data.data + frame->data.length <= rest.data + rest.length);
    kept->time_ns = frame->time_ns;
    kept->captured = frame->data.length;
    kept->length = frame->length;
    kept->link = frame->link;
    kept->interface = frame->interface;
    kept->direction = frame->direction;
    memcpy(kept->octets, frame->data.data,
           frame->data.length < FOUND_OCTETS ? frame->data.length : FOUND_OCTETS);
}

void made_read(struct slice file, size_t piece, struct found *found)
{
    size_t start = 0, end = 0;

    memset(found, 0, sizeof(*found));
    while (found->code == 0) {
        struct slice window = unit_guarded(slice_of(file.data + start, end - start)), rest = window;
        struct frame frames[5];

        found->code = capture_file_take(&found->file, &rest, frames, COUNT_OF(frames));
        start = end - rest.length;
        for (int i = 0; i < found->code; i++)
            keep(found, &frames[i], window);
        if (found->code > 0)
            found->code = 0;
        else if (found->code == 0 && end == file.length) {
            found->code = capture_file_finish(&found->file, rest);
            break;
        } else if (found->code == 0)
            end = end + piece < file.length ? end + piece : file.length;
        if (found->code == 0)
            assert_int_equal(found->file.offset, start);
    }
    found->offset = found->file.offset;
    found->damage = found->file.damage;
    assert_true(found->code == 0 || found->code == -EBADMSG);
    assert_int_equal(found->damage != NULL, found->code < 0);
}

void made_same(const struct found *one, const struct found *other)
{
    assert_int_equal(one->code, other->code);
    assert_int_equal(one->offset, other->offset);
    assert_ptr_equal(one->damage, other->damage);
    assert_int_equal(one->count, other->count);
    assert_memory_equal(one->frames, other->frames, sizeof(one->frames));
}
