/* SPDX-License-Identifier: MIT */
/* A view of bytes that somebody else owns. */
#ifndef SONDE_BASE_SLICE_H
#define SONDE_BASE_SLICE_H

#include <stddef.h>
#include <stdint.h>

/** A view of bytes; never owns them. */
struct slice {
    const uint8_t *data;
    size_t length; /* octets */
};

/** Make a slice. */
static inline struct slice slice_of(const void *data, size_t length)
{
    return (struct slice){(const uint8_t *)data, length};
}

/** What is left after dropping the first octets; empty if there are fewer. */
static inline struct slice slice_skip(struct slice slice, size_t octets)
{
    if (octets >= slice.length)
        return (struct slice){slice.data + slice.length, 0};
    return (struct slice){slice.data + octets, slice.length - octets};
}

/** At most the first octets. */
static inline struct slice slice_first(struct slice slice, size_t octets)
{
    return (struct slice){slice.data, octets < slice.length ? octets : slice.length};
}

#endif
