/* SPDX-License-Identifier: MIT */
/* The format of Wireshark: blocks of sections, each with its byte order and its interfaces
 * (draft-ietf-opsawg-pcapng). */
#include "wire/capture/block.h"

enum {
    BLOCK_SECTION = MAGIC_SECTION,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET_OLD = 2,
    BLOCK_PACKET_SIMPLE = 3,
    BLOCK_STATISTICS = 5,
    BLOCK_PACKET = 6,
};

enum {
    LENGTH = 4,            /* octets of a length */
    BLOCK_HEADER = 8,      /* type and length */
    BLOCK_LEAST = 12,      /* header, and the length again */
    SECTION_FIXED = 16,    /* order, version, length of the section */
    STATISTICS_FIXED = 12, /* interface, time */
    PACKET_FIXED = 20,     /* interface, time, lengths */
    SIMPLE_FIXED = 4,      /* length */
    OPTIONS_LEAST = 8,     /* an option that says something */
    VERSION_MAJOR = 1,
    DROPS_UNKNOWN = 0xffff,
    DIRECTION = 3, /* the bits of epb_flags; they count as enum frame_direction does */
};

static const char too_short[] = "a block is too short for what it should hold";

static int section_block(struct capture_file *file, const struct block *block)
{
    if (block->body.length < SECTION_FIXED)
        return record_damaged(file, too_short);
    if (record_get16(block->body.data + 4, file->swapped) != VERSION_MAJOR)
        return record_damaged(file, "a section is of a version of pcapng that is not known");
    file->interface_count = 0;
    file->number_count = 0;
    return 0;
}

static int statistics_block(struct capture_file *file, const struct block *block)
{
    struct slice options = slice_skip(block->body, STATISTICS_FIXED);
    struct capture_interface *interface;
    struct option option;
    uint32_t number;

    if (block->body.length < STATISTICS_FIXED)
        return record_damaged(file, too_short);
    number = record_get32(block->body.data, file->swapped);
    if (number >= file->number_count)
        return 0;
    interface = &file->interfaces[file->places[number]];
    while (block_option(&options, file->swapped, &option)) {
        uint64_t dropped;

        if (option.code != OPTION_STATISTICS_DROPPED || option.value.length != sizeof(dropped))
            continue;
        /* it counts from the beginning of the capture, so a later block replaces an earlier one */
        dropped = record_get64(option.value.data, file->swapped);
        if (dropped > interface->dropped && dropped <= INT64_MAX) {
            file->dropped += dropped - interface->dropped;
            interface->dropped = dropped;
        }
    }
    return 0;
}

/* What the packet blocks have in common. */
struct packet {
    uint32_t number; /* of the interface */
    uint64_t ticks;
    uint32_t captured, length;
    size_t fixed; /* octets before the frame */
};

static uint8_t direction(const struct block *block, size_t behind, bool swapped)
{
    struct slice options = slice_skip(block->body, behind);
    struct option option;

    while (options.length && block_option(&options, swapped, &option)) {
        uint32_t bits;

        if (option.code != OPTION_PACKET_FLAGS || option.value.length != sizeof(bits))
            continue;
        bits = record_get32(option.value.data, swapped) & DIRECTION;
        return bits == FRAME_IN || bits == FRAME_OUT ? (uint8_t)bits : FRAME_UNKNOWN;
    }
    return FRAME_UNKNOWN;
}

/* Hand over a packet of a block. Returns 1, or -EBADMSG. */
ALWAYS_INLINE int hand_over(struct capture_file *file, const struct block *block, const struct packet *packet,
                            struct frame *frame, bool swapped)
{
    size_t padded = ((size_t)packet->captured + 3) & ~(size_t)3;
    const struct capture_interface *interface;
    uint8_t place;

    if (packet->number >= file->number_count)
        return record_damaged(file, "a packet names an interface that the file does not describe");
    if (packet->captured > block->room - packet->fixed)
        return record_damaged(file, "a packet claims more octets than its block has");
    place = file->places[packet->number];
    interface = &file->interfaces[place];
    *frame = (struct frame){
        .time_ns = block_time(interface, packet->ticks, file->last_ns),
        .data = {block->body.data + packet->fixed,
                 packet->captured < CAPTURE_RECORD_MAX ? packet->captured : CAPTURE_RECORD_MAX},
        .length = packet->length > packet->captured ? packet->length : packet->captured,
        .link = interface->link,
        .interface = place,
    };
    if (packet->fixed + padded + OPTIONS_LEAST <= block->body.length)
        frame->direction = direction(block, packet->fixed + padded, swapped);
    file->last_ns = frame->time_ns;
    return 1;
}

ALWAYS_INLINE int packet_block(struct capture_file *file, const struct block *block, struct frame *frame,
                               bool swapped)
{
    const uint8_t *at = block->body.data;
    struct packet packet = {.fixed = PACKET_FIXED};

    if (block->body.length < PACKET_FIXED)
        return record_damaged(file, too_short);
    packet.number = record_get32(at, swapped);
    packet.ticks = (uint64_t)record_get32(at + 4, swapped) << 32 | record_get32(at + 8, swapped);
    packet.captured = record_get32(at + 12, swapped);
    packet.length = record_get32(at + 16, swapped);
    return hand_over(file, block, &packet, frame, swapped);
}

static int packet_block_old(struct capture_file *file, const struct block *block, struct frame *frame)
{
    const uint8_t *at = block->body.data;
    struct packet packet = {.fixed = PACKET_FIXED};
    uint16_t drops;
    int code;

    if (block->body.length < PACKET_FIXED)
        return record_damaged(file, too_short);
    packet.number = record_get16(at, file->swapped);
    drops = record_get16(at + 2, file->swapped);
    packet.ticks = (uint64_t)record_get32(at + 4, file->swapped) << 32 | record_get32(at + 8, file->swapped);
    packet.captured = record_get32(at + 12, file->swapped);
    packet.length = record_get32(at + 16, file->swapped);
    code = hand_over(file, block, &packet, frame, file->swapped);
    if (code > 0 && drops != DROPS_UNKNOWN)
        file->dropped += drops;
    return code;
}

/* It has no time, and what was captured follows from the lengths of the block and of the interface. */
static int packet_block_simple(struct capture_file *file, const struct block *block, struct frame *frame)
{
    struct packet packet = {.fixed = SIMPLE_FIXED};
    int64_t time_ns = file->last_ns;
    uint32_t snap;
    int code;

    if (block->body.length < SIMPLE_FIXED)
        return record_damaged(file, too_short);
    packet.length = packet.captured = record_get32(block->body.data, file->swapped);
    snap = file->number_count ? file->interfaces[file->places[0]].snap : 0;
    if (snap > 0 && snap < packet.captured)
        packet.captured = snap;
    if (packet.captured > block->room - SIMPLE_FIXED)
        packet.captured = (uint32_t)(block->room - SIMPLE_FIXED);
    code = hand_over(file, block, &packet, frame, file->swapped);
    if (code > 0) {
        frame->time_ns = file->last_ns = time_ns;
        frame->direction = FRAME_UNKNOWN; /* what is behind the frame are no options */
    }
    return code;
}

/* Blocks that carry no packet, and unknown ones. Returns 0 or -EBADMSG. */
static int other_block(struct capture_file *file, const struct block *block)
{
    switch (block->type) {
    case BLOCK_SECTION:
        return section_block(file, block);
    case BLOCK_INTERFACE:
        return block_interface(file, block);
    case BLOCK_STATISTICS:
        return statistics_block(file, block);
    default:
        return 0;
    }
}

/* Returns 1 with a frame, 0 without one, or -EBADMSG. */
static int rare_block(struct capture_file *file, const struct block *block, struct frame *frame)
{
    switch (block->type) {
    case BLOCK_PACKET_OLD:
        return packet_block_old(file, block, frame);
    case BLOCK_PACKET_SIMPLE:
        return packet_block_simple(file, block, frame);
    default:
        return other_block(file, block);
    }
}

/* The byte order of a section stands in its first block, before anything else can be read. */
static int section_order(struct capture_file *file, struct slice rest)
{
    uint32_t order = record_get32(rest.data + BLOCK_HEADER, false);

    if (order != MAGIC_ORDER && __builtin_bswap32(order) != MAGIC_ORDER)
        return record_damaged(file, "the byte order of a section cannot be recognised");
    file->swapped = order != MAGIC_ORDER;
    return 0;
}

/* Find the block at the front. Returns 1, 0 when more octets are needed, or -EBADMSG. */
ALWAYS_INLINE int find_block(struct capture_file *file, struct slice rest, struct block *block, bool swapped)
{
    uint32_t length;

    if (rest.length < BLOCK_LEAST)
        return 0;
    length = record_get32(rest.data + 4, swapped);
    if (length < BLOCK_LEAST || length % 4)
        return record_damaged(file, "a block has a length that cannot be");
    if (length > CAPTURE_PLAUSIBLE_MAX)
        return record_damaged(file, "a block claims more octets than it can have");
    block->length = length;
    block->room = length - BLOCK_LEAST;
    block->held = length < CAPTURE_HELD_MAX ? length : CAPTURE_HELD_MAX;
    if (rest.length < block->held)
        return 0;
    if (block->held == length && record_get32(rest.data + length - LENGTH, swapped) != length)
        return record_damaged(file, "the two lengths of a block differ");
    block->type = record_get32(rest.data, swapped);
    block->body.data = rest.data + BLOCK_HEADER;
    block->body.length = block->held == length ? block->room : block->held - BLOCK_HEADER;
    return 1;
}

/* Packets in a row, for one byte order. Stops before the first block of another kind. */
ALWAYS_INLINE int take_packets(struct capture_file *file, struct slice *rest, struct frame *frames,
                               size_t most, bool swapped)
{
    struct block block;
    size_t count = 0;
    int code = 1;

    while (count < most && file->skip == 0) {
        if (rest->length < BLOCK_LEAST || record_get32(rest->data, swapped) != BLOCK_PACKET)
            break;
        code = find_block(file, *rest, &block, swapped);
        if (code > 0)
            code = packet_block(file, &block, &frames[count], swapped);
        if (code <= 0)
            break;
        count++;
        record_pass(file, rest, block.length, block.held);
    }
    return count ? (int)count : code < 0 ? code : 0;
}

/* One block that is no enhanced packet. Returns 1 with a frame; 0 and `used` when it was used up; 0 without
 * when more octets are needed; or -EBADMSG. */
static int take_other(struct capture_file *file, struct slice *rest, struct frame *frame, bool *used)
{
    struct block block;
    int code;

    *used = false;
    if (rest->length < BLOCK_LEAST)
        return 0;
    if (record_get32(rest->data, false) == MAGIC_SECTION && (code = section_order(file, *rest)) < 0)
        return code;
    code = find_block(file, *rest, &block, file->swapped);
    if (code <= 0)
        return code;
    code = rare_block(file, &block, frame);
    if (code < 0)
        return code;
    record_pass(file, rest, block.length, block.held);
    *used = true;
    return code;
}

int pcapng_take(struct capture_file *file, struct slice *rest, struct frame *frames, size_t most)
{
    bool used = true;

    while (used && file->skip == 0) {
        int code = file->swapped ? take_packets(file, rest, frames, most, true)
                                 : take_packets(file, rest, frames, most, false);

        if (code == 0)
            code = take_other(file, rest, frames, &used);
        if (code != 0)
            return code;
    }
    return 0;
}
