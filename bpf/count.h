/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the counting program and its reader share: where in their common memory each count stands. */
#ifndef SONDE_BPF_COUNT_H
#define SONDE_BPF_COUNT_H

enum count_direction { COUNT_IN, COUNT_OUT, COUNT_DIRECTIONS };

enum count_family { COUNT_ICMP4, COUNT_ICMP6, COUNT_FAMILIES };

enum {
    COUNT_TYPES = 256,
    COUNT_CODES = 256,
    COUNT_COMMON_TYPES = 64,
    COUNT_COMMON_CODES = 16,
    COUNT_COMMON = COUNT_COMMON_TYPES * COUNT_COMMON_CODES,
    COUNT_ROWS = COUNT_DIRECTIONS * COUNT_FAMILIES * COUNT_TYPES,
};

/** Messages of one type and code. */
struct count_cell {
    unsigned long long packets;
    unsigned long long octets; /* of their IP packets */
};

/** Every frame, by what became of it. */
struct count_tally {
    unsigned long long frames;
    unsigned long long octets;    /* of the frames */
    unsigned long long icmp;      /* counted by type and code */
    unsigned long long fragments; /* of ICMP, but not the first: no type to be seen */
    unsigned long long malformed; /* a header that is cut, or lies */
    unsigned long long other;     /* anything but ICMP */
};

/** What one processor alone counts, in cache lines of its own, so that processors never wait for each other.
 */
struct count_processor {
    _Alignas(64) struct count_tally tallies[COUNT_DIRECTIONS];
    unsigned char rare[COUNT_ROWS]; /* whether it added to that row */
    struct count_cell common[COUNT_DIRECTIONS][COUNT_FAMILIES][COUNT_COMMON];
};

/** The codes of one type that are not common; of all processors, and therefore added to atomically. */
struct count_row {
    struct count_cell codes[COUNT_CODES];
};

/** The row of a type. */
static inline unsigned int count_row_of(unsigned int direction, unsigned int family, unsigned int type)
{
    return (direction * COUNT_FAMILIES + family) * COUNT_TYPES + type;
}

/**
 * The common cell of a type and code: of types 0 to 31 and 128 to 159, which are all that hosts and routers
 * send today but extended echo (RFC 8335).
 * @return the number of the cell, or COUNT_COMMON: it is not common
 */
static inline unsigned int count_common_of(unsigned int type, unsigned int code)
{
    unsigned int slot = (type & 0x1f) | (type & 0x80) >> 2;

    if ((type & 0x60) || code >= COUNT_COMMON_CODES)
        return COUNT_COMMON;
    return slot * COUNT_COMMON_CODES + code;
}

#endif
