/* SPDX-License-Identifier: MIT */
/* What was counted: packets and octets by layer, family, type and code, by interface and direction, over
 * time. */
#ifndef SONDE_DETECT_COUNT_H
#define SONDE_DETECT_COUNT_H

#include <stdbool.h>

#include "wire/packet.h"

enum {
    COUNT_PAIRS = 65536,  /* type << 8 | code */
    COUNT_FAMILIES = 2,   /* 0: IPv4, 1: IPv6 */
    BREAKDOWN_MAX = 4096, /* cells that are kept by interface and direction */
    COUNT_FIRST = 128,    /* cells whose first use is remembered, in order */
};

/** Packets and octets of IP. */
struct tally {
    uint64_t packets, octets;
};

/** A cell of the breakdown by interface and direction. */
struct breakdown {
    uint16_t interface;
    uint8_t direction, layer, family, type, code; /* family 0: free */
    struct tally tally;
};

/** A cell by its names. */
struct count_name {
    uint8_t layer, family, type, code;
};

/** All counters; zeroed memory is ready. Cells are touched only when they count. */
struct counts {
    struct tally cells[PACKET_LAYERS][COUNT_FAMILIES][COUNT_PAIRS];
    struct count_name first[COUNT_FIRST]; /* the cells that were used first: nobody has to search for them */
    uint32_t first_count;
    struct breakdown breakdown[BREAKDOWN_MAX]; /* open addressing */
    struct breakdown *last;                    /* the cell that counted last */
    uint64_t not_broken_down;                  /* packets that found no room there */
    uint64_t icmp;                             /* messages of all types, both layers */
    uint64_t packets;                          /* IP packets of any kind, of all layers */
    uint64_t frames, malformed, not_ip;        /* frames; those with a fault; those without IP */
    uint64_t fragments;                        /* later fragments of ICMP messages: they have no type */
};

/** Count an ICMP message by interface and direction, when the capture tells any of them apart. */
void count_detail(struct counts *counts, const struct packet *packet);

/**
 * Add what somebody else counted.
 * @param more a cell of the breakdown; direction and interface as there
 */
void count_add(struct counts *counts, const struct breakdown *more);

/** Remember that a cell is used for the first time, as long as there is room. */
void count_first(struct counts *counts, uint8_t layer, uint8_t family, uint8_t type, uint8_t code);

/** Count a packet of any class. */
static inline void count_packet(struct counts *counts, const struct packet *packet)
{
    struct tally *cell =
        &counts->cells[packet->layer][packet->family == 6][(unsigned)packet->type << 8 | packet->code];

    counts->packets++;
    if (packet->class >= PACKET_FRAGMENT) {
        counts->fragments += packet->class == PACKET_FRAGMENT;
        return;
    }
    counts->icmp++;
    if (cell->packets++ == 0)
        count_first(counts, packet->layer, packet->family, packet->type, packet->code);
    cell->octets += packet->ip_length;
    if (packet->direction | packet->interface)
        count_detail(counts, packet);
}

/** The counter of a pair. */
static inline const struct tally *count_cell(const struct counts *counts, enum packet_layer layer,
                                             uint8_t family, uint8_t type, uint8_t code)
{
    return &counts->cells[layer][family == 6][(unsigned)type << 8 | code];
}

#endif
