/* SPDX-License-Identifier: MIT */
/* Writing pcapng: little-endian, times in ns, blocks that any reader of captures knows. */
#include "wire/capture/block.h"

enum {
    SECTION = 0x0a0d0d0a,
    INTERFACE = 1,
    PACKET = 6,
    ORDER = 0x1a2b3c4d,
    SNAP = CAPTURE_RECORD_MAX,
    RESOLUTION_NS = 9,     /* 10^-9 s */
    TEXT_MAX = UINT16_MAX, /* octets of an option */
};

/* Octets so far, and whether they all fitted. */
struct writer {
    uint8_t *buffer;
    size_t capacity, length, block; /* where the present block begins */
    bool full;
};

static void start(struct writer *writer, uint8_t *buffer, size_t capacity)
{
    memset(writer, 0, sizeof(*writer));
    writer->buffer = buffer;
    writer->capacity = capacity;
}

static void put(struct writer *writer, struct slice octets)
{
    size_t padding = (4 - octets.length % 4) % 4;

    if (writer->full || octets.length > writer->capacity - writer->length ||
        padding > writer->capacity - writer->length - octets.length) {
        writer->full = true;
        return;
    }
    if (octets.length)
        memcpy(writer->buffer + writer->length, octets.data, octets.length);
    memset(writer->buffer + writer->length + octets.length, 0, padding);
    writer->length += octets.length + padding;
}

static void put32(struct writer *writer, uint32_t value)
{
    uint8_t octets[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                         (uint8_t)(value >> 24)};

    put(writer, slice_of(octets, sizeof(octets)));
}

static void begin_block(struct writer *writer, uint32_t type)
{
    writer->block = writer->length;
    put32(writer, type);
    put32(writer, 0); /* its length, known at its end */
}

static void end_block(struct writer *writer)
{
    uint32_t length = (uint32_t)(writer->length - writer->block) + 4;

    put32(writer, length);
    if (!writer->full)
        memcpy(writer->buffer + writer->block + 4, writer->buffer + writer->length - 4, 4);
}

static void put_option(struct writer *writer, uint16_t code, struct slice value)
{
    value = slice_first(value, TEXT_MAX);
    put32(writer, code | (uint32_t)value.length << 16);
    put(writer, value);
}

static void put_text(struct writer *writer, uint16_t code, const char *text)
{
    if (text && *text)
        put_option(writer, code, slice_of(text, strlen(text)));
}

static void put_interface(struct writer *writer, uint16_t link)
{
    const uint8_t resolution = RESOLUTION_NS;

    begin_block(writer, INTERFACE);
    put32(writer, link);
    put32(writer, SNAP);
    put_option(writer, OPTION_INTERFACE_RESOLUTION, slice_of(&resolution, 1));
    put32(writer, OPTION_END);
    end_block(writer);
}

static size_t written(const struct writer *writer)
{
    return writer->full ? 0 : writer->length;
}

size_t capture_write_head(const uint16_t *links, size_t count, const char *application, uint8_t *buffer,
                          size_t capacity)
{
    struct writer writer;

    start(&writer, buffer, capacity);
    begin_block(&writer, SECTION);
    put32(&writer, ORDER);
    put32(&writer, 1);          /* version 1.0 */
    put32(&writer, UINT32_MAX); /* the length of the section is not known: -1 */
    put32(&writer, UINT32_MAX);
    put_text(&writer, OPTION_APPLICATION, application);
    put32(&writer, OPTION_END);
    end_block(&writer);
    for (size_t i = 0; i < count; i++)
        put_interface(&writer, links[i]);
    return written(&writer);
}

size_t capture_write_interface(uint16_t link, uint8_t *buffer, size_t capacity)
{
    struct writer writer;

    start(&writer, buffer, capacity);
    put_interface(&writer, link);
    return written(&writer);
}

size_t capture_write_frame(const struct frame *frame, uint32_t interface, const char *comment,
                           uint8_t *buffer, size_t capacity)
{
    struct writer writer;
    uint64_t time_ns = frame->time_ns > 0 ? (uint64_t)frame->time_ns : 0;
    struct slice data = slice_first(frame->data, CAPTURE_RECORD_MAX);
    const uint8_t flags[4] = {frame->direction};

    start(&writer, buffer, capacity);
    begin_block(&writer, PACKET);
    put32(&writer, interface);
    put32(&writer, (uint32_t)(time_ns >> 32));
    put32(&writer, (uint32_t)time_ns);
    put32(&writer, (uint32_t)data.length);
    put32(&writer, frame->length > data.length ? frame->length : (uint32_t)data.length);
    put(&writer, data);
    put_text(&writer, OPTION_COMMENT, comment);
    if (frame->direction != FRAME_UNKNOWN)
        put_option(&writer, OPTION_PACKET_FLAGS, slice_of(flags, sizeof(flags)));
    put32(&writer, OPTION_END);
    end_block(&writer);
    return written(&writer);
}
