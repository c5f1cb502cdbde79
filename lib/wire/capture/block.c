/* SPDX-License-Identifier: MIT */
/* Options of pcapng blocks, and the interfaces that they describe. */
#include "wire/capture/block.h"

enum {
    OPTION_HEADER = 4,
    INTERFACE_FIXED = 8, /* link type, reserved, snap length */
    SHIFT_MAX = 63,      /* 2^-63 s is the finest unit that a number of 64 bits can count in */
    TEN_MAX = 19,        /* and 10^-19 s */
    FRACTION_BITS = 32,  /* what is kept of a fraction of a second in units of 2^-n s: finer than ns */
};

#define RESOLUTION_BINARY 0x80U
#define OFFSET_MOST       (INT64_C(1) << 32) /* seconds; no clock is further off */

bool block_option(struct slice *rest, bool swapped, struct option *option)
{
    size_t length, padded;

    if (rest->length < OPTION_HEADER)
        return false;
    option->code = record_get16(rest->data, swapped);
    length = record_get16(rest->data + 2, swapped);
    padded = (length + 3) & ~(size_t)3;
    if (option->code == OPTION_END || length > rest->length - OPTION_HEADER)
        return false;
    option->value = slice_of(rest->data + OPTION_HEADER, length);
    *rest = slice_skip(*rest, OPTION_HEADER + padded);
    return true;
}

/* Returns false for units that a time cannot be told in. */
static bool set_resolution(struct capture_interface *interface, uint8_t resolution)
{
    unsigned int exponent = resolution & ~RESOLUTION_BINARY;

    if (exponent > (resolution & RESOLUTION_BINARY ? SHIFT_MAX : TEN_MAX))
        return false;
    interface->units = 1;
    if (resolution & RESOLUTION_BINARY)
        interface->units <<= exponent;
    else
        for (unsigned int i = 0; i < exponent; i++)
            interface->units *= 10;
    interface->factor = NS_PER_S % interface->units ? 0 : NS_PER_S / interface->units;
    return true;
}

static void set_name(struct capture_interface *interface, struct slice name)
{
    size_t length = slice_first(name, sizeof(interface->name) - 1).length;

    for (size_t i = 0; i < length; i++)
        interface->name[i] = (char)(name.data[i] >= ' ' && name.data[i] <= '~' ? name.data[i] : '?');
    interface->name[length] = '\0';
}

static void set_offset(struct capture_interface *interface, uint64_t octets)
{
    int64_t offset = (int64_t)octets;

    interface->offset_s = offset > OFFSET_MOST ? OFFSET_MOST : offset < -OFFSET_MOST ? -OFFSET_MOST : offset;
}

/* Returns false for units that a time cannot be told in. */
static bool set_options(struct capture_interface *interface, struct slice options, bool swapped)
{
    struct option option;

    while (block_option(&options, swapped, &option)) {
        if (option.code == OPTION_INTERFACE_NAME)
            set_name(interface, option.value);
        else if (option.code == OPTION_INTERFACE_OFFSET && option.value.length == sizeof(int64_t))
            set_offset(interface, record_get64(option.value.data, swapped));
        else if (option.code == OPTION_INTERFACE_RESOLUTION && option.value.length == 1 &&
                 !set_resolution(interface, option.value.data[0]))
            return false;
    }
    return true;
}

/* One that has no place of its own shares that of its like, and its name is no more told.
 * Returns the place, or CAPTURE_INTERFACES_MAX. */
static size_t share_place(struct capture_file *file, const struct capture_interface *interface)
{
    for (size_t i = CAPTURE_INTERFACES_MAX; i-- > 0;) {
        struct capture_interface *other = &file->interfaces[i];

        if (other->link != interface->link || other->units != interface->units ||
            other->offset_s != interface->offset_s)
            continue;
        other->name[0] = '\0';
        return i;
    }
    return CAPTURE_INTERFACES_MAX;
}

int block_interface(struct capture_file *file, const struct block *block)
{
    struct capture_interface interface = {.units = NS_PER_S / NS_PER_US, .factor = NS_PER_US};
    size_t place = file->interface_count;

    if (block->body.length < INTERFACE_FIXED)
        return record_damaged(file, "a block is too short for what it should hold");
    interface.link = record_get16(block->body.data, file->swapped);
    interface.snap = record_get32(block->body.data + 4, file->swapped);
    if (!set_options(&interface, slice_skip(block->body, INTERFACE_FIXED), file->swapped))
        return record_damaged(file, "an interface has a clock that is too fine to be told");
    if (place == CAPTURE_INTERFACES_MAX)
        place = share_place(file, &interface);
    else
        file->interfaces[file->interface_count++] = interface;
    if (place == CAPTURE_INTERFACES_MAX || file->number_count == CAPTURE_NUMBERS_MAX)
        return record_damaged(file, "a section has more interfaces than can be told apart");
    file->places[file->number_count++] = (uint8_t)place;
    return 0;
}

bool block_time_fine(const struct capture_interface *interface, uint64_t ticks, uint64_t *time_ns)
{
    uint64_t fraction = ticks % interface->units, part, whole;
    int bits = __builtin_ctzll(interface->units);

    if (interface->units % NS_PER_S == 0) { /* a power of ten beyond ns */
        *time_ns = ticks / (interface->units / NS_PER_S);
        return true;
    }
    if (bits > FRACTION_BITS)
        fraction >>= bits - FRACTION_BITS;
    else
        fraction <<= FRACTION_BITS - bits;
    part = (fraction * NS_PER_S) >> FRACTION_BITS;
    return !__builtin_mul_overflow(ticks / interface->units, (uint64_t)NS_PER_S, &whole) &&
           !__builtin_add_overflow(whole, part, time_ns);
}
