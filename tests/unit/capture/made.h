/* SPDX-License-Identifier: MIT */
/* Capture files made octet by octet, of either byte order, and what a reader that gets them in pieces finds.
 */
#ifndef SONDE_TESTS_UNIT_MADE_H
#define SONDE_TESTS_UNIT_MADE_H

#include "wire/capture/capture_file.h"

enum { MADE_MAX = 4096, FOUND_MAX = 64, FOUND_OCTETS = 8 };

/** A file being made; zero-initialise it, but for the byte order. */
struct made {
    bool swapped; /* the other byte order than this machine's */
    size_t length;
    uint8_t octets[MADE_MAX];
};

/** What a reader found. */
struct found {
    int code; /* 0 at a proper end */
    uint64_t offset;
    const char *damage;
    size_t count;
    struct found_frame {
        int64_t time_ns;
        size_t captured;
        uint32_t length;
        uint16_t link, interface;
        uint8_t direction;
        uint8_t octets[FOUND_OCTETS]; /* the first ones */
    } frames[FOUND_MAX];
    struct capture_file file;
};

/** Add 16 bits. */
void made_16(struct made *made, uint16_t value);

/** Add 32 bits. */
void made_32(struct made *made, uint32_t value);

/** Add 64 bits. */
void made_64(struct made *made, uint64_t value);

/** Add octets as they are, without padding. */
void made_octets(struct made *made, const void *octets, size_t length);

/** Add the header of a classic file. */
void made_pcap(struct made *made, uint32_t magic, uint32_t link);

/** Add a record of a classic file; its octets are 1, 2, 3... */
void made_record(struct made *made, uint32_t seconds, uint32_t fraction, uint32_t captured, uint32_t length);

/** Begin a block of pcapng. Returns where; for made_end. */
size_t made_begin(struct made *made, uint32_t type);

/** End a block: padding and both lengths. */
void made_end(struct made *made, size_t begun);

/** Add an option with its padding. */
void made_option(struct made *made, uint16_t code, const void *value, uint16_t length);

/** Add a section header block. */
void made_section(struct made *made);

/** Add an interface description block with a resolution; 6 is the default and is not written. */
void made_interface(struct made *made, uint16_t link, uint8_t resolution, const char *name);

/** Add an enhanced packet block; its octets are 1, 2, 3... */
void made_packet(struct made *made, uint32_t interface, uint64_t ticks, uint32_t captured, uint32_t length);

/**
 * Read a file that comes in pieces, each time with nothing readable behind what is there.
 * @param piece octets that come at once
 */
void made_read(struct slice file, size_t piece, struct found *found);

/** Whether two readings found the same; fails the test if not. */
void made_same(const struct found *one, const struct found *other);

#endif
