/* SPDX-License-Identifier: MIT */
/* Blocks of pcapng files: their options, what they say of interfaces, and the time of their packets. */
#ifndef SONDE_WIRE_CAPTURE_BLOCK_H
#define SONDE_WIRE_CAPTURE_BLOCK_H

#include "wire/capture/record.h"

enum {
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_APPLICATION = 4,
    OPTION_INTERFACE_NAME = 2,
    OPTION_INTERFACE_RESOLUTION = 9,
    OPTION_INTERFACE_OFFSET = 14,
    OPTION_STATISTICS_DROPPED = 5,
    OPTION_PACKET_FLAGS = 2,
};

/** A block whose first octets are there. */
struct block {
    uint32_t type;
    uint32_t length;   /* octets of the whole block, a multiple of 4 */
    size_t room;       /* octets between its two lengths */
    size_t held;       /* octets of the block that are there: all, or CAPTURE_HELD_MAX */
    struct slice body; /* what is there of the room */
};

/** An option of a block. */
struct option {
    uint16_t code;
    struct slice value;
};

/**
 * Take the next option.
 * @param rest moved behind it
 * @return whether there is one; an option that is longer than the rest ends them
 */
bool block_option(struct slice *rest, bool swapped, struct option *option);

/**
 * Read an interface description block.
 * @return 0, or -EBADMSG
 */
int block_interface(struct capture_file *file, const struct block *block);

/**
 * The part of a time that units finer than ns make, or such that do not divide a second evenly.
 * @return false when it does not fit
 */
bool block_time_fine(const struct capture_interface *interface, uint64_t ticks, uint64_t *time_ns);

/** The time of a packet, or `last_ns` when there cannot be such a time. */
ALWAYS_INLINE int64_t block_time(const struct capture_interface *interface, uint64_t ticks, int64_t last_ns)
{
    const int64_t most = INT64_C(1) << 62;
    uint64_t ns = 0;
    int64_t time_ns;
    bool fits = interface->factor ? !__builtin_mul_overflow(ticks, interface->factor, &ns)
                                  : block_time_fine(interface, ticks, &ns);

    if (!fits || __builtin_add_overflow(ns, interface->offset_s * NS_PER_S, &time_ns) || time_ns < 0 ||
        time_ns > most)
        return last_ns;
    return time_ns;
}

#endif
