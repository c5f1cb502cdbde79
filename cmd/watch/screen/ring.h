/* SPDX-License-Identifier: MIT */
/* The last packets, kept to be looked at; when they are too many, every n-th of them. */
#ifndef SONDE_CMD_WATCH_SCREEN_RING_H
#define SONDE_CMD_WATCH_SCREEN_RING_H

#include "cmd/watch/screen/filter.h"

enum {
    RING_PACKETS = 256,
    RING_OCTETS = 256, /* kept of each, from the ICMP header on */
    RING_RATE = 500,   /* packets a second that are all kept */
};

/** A packet that outlives its frame. */
struct kept {
    uint64_t number;      /* from 1, in the order of being kept */
    struct packet packet; /* without its frame; its octets are those below */
    bool checksum_holds;
    uint8_t octets[RING_OCTETS];
};

/** The packets; zero-initialise it. */
struct ring {
    struct kept slots[RING_PACKETS];
    uint64_t count;         /* kept so far: the number of the newest */
    uint32_t every;         /* one in so many is kept at present */
    uint32_t left;          /* packets until the next one is kept */
    uint32_t fresh, passed; /* kept and seen in this second */
    int64_t next_ns;        /* when this second ends */
};

/** Take packets as they come, those that pass the filter. */
void ring_take(struct ring *ring, struct filter *filter, const struct packet *packets, size_t count);

/** The packet of a number, or NULL when it is gone. */
const struct kept *ring_get(const struct ring *ring, uint64_t number);

#endif
