/* SPDX-License-Identifier: MIT */
/* What the readers of the two formats share: integers of either byte order, and how damage is said. */
#ifndef SONDE_WIRE_CAPTURE_RECORD_H
#define SONDE_WIRE_CAPTURE_RECORD_H

#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "wire/capture/capture_file.h"

#define MAGIC_US      0xa1b2c3d4U
#define MAGIC_NS      0xa1b23c4dU
#define MAGIC_SECTION 0x0a0d0d0aU /* reads the same in both orders */
#define MAGIC_ORDER   0x1a2b3c4dU

/** Read 16 bits as the writer's machine stored them. */
ALWAYS_INLINE uint16_t record_get16(const uint8_t *from, bool swapped)
{
    uint16_t value;

    memcpy(&value, from, sizeof(value));
    return swapped ? __builtin_bswap16(value) : value;
}

/** Read 32 bits as the writer's machine stored them. */
ALWAYS_INLINE uint32_t record_get32(const uint8_t *from, bool swapped)
{
    uint32_t value;

    memcpy(&value, from, sizeof(value));
    return swapped ? __builtin_bswap32(value) : value;
}

/** Read 64 bits as the writer's machine stored them. */
ALWAYS_INLINE uint64_t record_get64(const uint8_t *from, bool swapped)
{
    uint64_t value;

    memcpy(&value, from, sizeof(value));
    return swapped ? __builtin_bswap64(value) : value;
}

/** Note that the record at file->offset is damaged. Returns -EBADMSG. */
static inline int record_damaged(struct capture_file *file, const char *damage)
{
    file->damage = damage;
    return -EBADMSG;
}

/** Use up octets. */
static inline void record_advance(struct capture_file *file, struct slice *rest, size_t octets)
{
    *rest = slice_skip(*rest, octets);
    file->offset += octets;
}

/** Begin a record whose end may not be there yet: use up what is `held` of its octets, pass over the rest. */
static inline void record_pass(struct capture_file *file, struct slice *rest, uint64_t octets, size_t held)
{
    file->record = file->offset;
    file->skip = octets - held;
    record_advance(file, rest, held);
}

/**
 * Read the header of a classic file, whose magic was recognised.
 * @return 1; 0 when more octets are needed; -EBADMSG
 */
int pcap_begin(struct capture_file *file, struct slice *rest);

/** Take frames of a classic file, as capture_file_take says. */
int pcap_take(struct capture_file *file, struct slice *rest, struct frame *frames, size_t most);

/** Take frames of a pcapng file, as capture_file_take says. */
int pcapng_take(struct capture_file *file, struct slice *rest, struct frame *frames, size_t most);

#endif
