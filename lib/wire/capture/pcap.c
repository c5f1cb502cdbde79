/* SPDX-License-Identifier: MIT */
/* The classic format of libpcap: a header, then records of 16 octets and a frame each. */
#include "wire/capture/record.h"

enum {
    FILE_HEADER = 24,
    RECORD_HEADER = 16,
    SOON = 1024, /* octets ahead that are fetched into the cache: records are too uneven for the machine to
                    guess */
    VERSION_MAJOR = 2,
    VERSION_MINOR_PLAIN = 4, /* older ones were written with the two lengths in either order */
};

/* The upper half of the link type says how long the check sequence at the end of frames is. */
#define LINK_MASK 0xffffU

int pcap_begin(struct capture_file *file, struct slice *rest)
{
    const uint8_t *header = rest->data;
    struct capture_interface *interface = &file->interfaces[0];

    if (rest->length < FILE_HEADER)
        return 0;
    if (record_get16(header + 4, file->swapped) != VERSION_MAJOR)
        return record_damaged(file, "it is of a version of pcap that is not known");
    file->interchanged = record_get16(header + 6, file->swapped) < VERSION_MINOR_PLAIN;
    interface->units = record_get32(header, file->swapped) == MAGIC_NS ? NS_PER_S : NS_PER_S / 1000;
    interface->factor = (uint64_t)NS_PER_S / interface->units;
    interface->snap = record_get32(header + 16, file->swapped);
    interface->link = (uint16_t)(record_get32(header + 20, file->swapped) & LINK_MASK);
    file->interface_count = 1;
    file->format = CAPTURE_PCAP;
    record_advance(file, rest, FILE_HEADER);
    return 1;
}

/* The hot loop: records that are there as a whole and have nothing odd. It is compiled for each byte order.
 */
ALWAYS_INLINE size_t take_plain(const struct capture_interface *interface, struct slice *rest,
                                struct frame *frames, size_t most, bool swapped)
{
    const uint8_t *at = rest->data, *end = at + rest->length;
    const uint64_t factor = interface->factor;
    const uint16_t link = interface->link;
    size_t count = 0;

    while (count < most && end - at >= RECORD_HEADER) {
        uint32_t captured = record_get32(at + 8, swapped), length = record_get32(at + 12, swapped);
        size_t there = (size_t)(end - at) - RECORD_HEADER;

        if (captured > there || captured > CAPTURE_RECORD_MAX)
            break;
        __builtin_prefetch((const void *)((uintptr_t)at + SOON)); /* perhaps behind the end */
        frames[count++] = (struct frame){
            .time_ns = (int64_t)(record_get32(at, swapped) * (uint64_t)NS_PER_S +
                                 record_get32(at + 4, swapped) * factor),
            .data = {at + RECORD_HEADER, captured},
            .length = length > captured ? length : captured,
            .link = link,
        };
        at += RECORD_HEADER + captured;
    }
    *rest = (struct slice){at, (size_t)(end - at)};
    return count;
}

/* One record of any kind: larger than what is handed over, of an old file, damaged. Returns as the caller. */
static int take_odd(struct capture_file *file, struct slice *rest, struct frame *frame)
{
    const uint8_t *at = rest->data;
    uint32_t captured, length;
    size_t held;

    if (rest->length < RECORD_HEADER)
        return 0;
    captured = record_get32(at + 8, file->swapped);
    length = record_get32(at + 12, file->swapped);
    if (file->interchanged && length < captured) {
        uint32_t other = captured;

        captured = length;
        length = other;
    }
    if (captured > CAPTURE_PLAUSIBLE_MAX)
        return record_damaged(file, "a record claims more octets than a packet can have");
    held = captured < CAPTURE_RECORD_MAX ? captured : CAPTURE_RECORD_MAX;
    if (rest->length < RECORD_HEADER + held)
        return 0;
    *frame = (struct frame){
        .time_ns = (int64_t)(record_get32(at, file->swapped) * (uint64_t)NS_PER_S +
                             record_get32(at + 4, file->swapped) * file->interfaces[0].factor),
        .data = {at + RECORD_HEADER, held},
        .length = length > captured ? length : captured,
        .link = file->interfaces[0].link,
    };
    record_pass(file, rest, (uint64_t)RECORD_HEADER + captured, RECORD_HEADER + held);
    return 1;
}

int pcap_take(struct capture_file *file, struct slice *rest, struct frame *frames, size_t most)
{
    const struct capture_interface *interface = &file->interfaces[0];
    size_t before = rest->length, count;

    if (file->interchanged)
        return take_odd(file, rest, frames);
    count = file->swapped ? take_plain(interface, rest, frames, most, true)
                          : take_plain(interface, rest, frames, most, false);
    file->offset += before - rest->length;
    return count ? (int)count : take_odd(file, rest, frames);
}
