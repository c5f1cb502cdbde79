/* SPDX-License-Identifier: MIT */
/* Capture files as a stream of octets: classic pcap and pcapng, both byte orders, and the way back. */
#ifndef SONDE_WIRE_CAPTURE_CAPTURE_FILE_H
#define SONDE_WIRE_CAPTURE_CAPTURE_FILE_H

#include <stdbool.h>

#include "wire/frame.h"

enum {
    CAPTURE_INTERFACES_MAX = 64, /* interfaces of one pcapng section that are told apart */
    CAPTURE_NUMBERS_MAX = 1024,  /* interfaces of one section, those that share the place of another too */
    CAPTURE_RECORD_MAX = 256 * 1024,            /* what a frame has beyond is cut from its data */
    CAPTURE_HELD_MAX = CAPTURE_RECORD_MAX + 64, /* octets that a caller must be able to hand over at once */
    CAPTURE_PLAUSIBLE_MAX = 64 << 20,           /* a record that claims more is damage */
};

enum capture_format { CAPTURE_UNKNOWN, CAPTURE_PCAP, CAPTURE_PCAPNG };

/** What is known of an interface of a capture file. */
struct capture_interface {
    uint16_t link;
    uint64_t units;   /* per second */
    uint64_t factor;  /* ns in a unit; 0: units are finer than ns, or do not divide them */
    int64_t offset_s; /* if_tsoffset */
    uint32_t snap;    /* 0: unlimited */
    uint64_t dropped; /* isb_ifdrop, the latest */
    char name[32];    /* if_name, printable ASCII, or empty */
};

/** A reader; zero-initialise it. Its members are for the reader only, but for those marked. */
struct capture_file {
    enum capture_format format; /* readable */
    bool swapped;               /* readable: the other byte order than this machine's */
    uint64_t offset;            /* readable: octets of the file before the rest that was handed over */
    uint64_t skip;              /* octets to pass over before the next record */
    uint64_t record;            /* where the record begins whose end is passed over */
    const char *damage;         /* readable: what is wrong at `offset`, after -EBADMSG */
    uint64_t dropped;           /* readable: packets that the capturing side says it lost (isb_ifdrop) */
    struct capture_interface interfaces[CAPTURE_INTERFACES_MAX]; /* readable */
    size_t interface_count;                                      /* readable */
    bool interchanged;                   /* a pcap file older than 2.4: its two lengths may be interchanged */
    size_t number_count;                 /* interfaces of this section so far */
    uint8_t places[CAPTURE_NUMBERS_MAX]; /* by an interface's number in the section: its place above */
    int64_t last_ns;                     /* for frames without a time, or with one that cannot be */
};

/**
 * Take frames from the front of what was read from a file so far. Times are from 0 to 2^62; frames of one
 * call are of one section, so that file->interfaces describes them.
 * @param rest the octets that are there; moved behind what was used up
 * @param frames filled; their data points into `rest`
 * @param most how many frames at most, from 1
 * @return frames taken; 0 when more octets are needed (or the file ends here); -EBADMSG when the file is no
 * capture or is damaged at file->offset: nothing behind it can be read
 */
int capture_file_take(struct capture_file *file, struct slice *rest, struct frame *frames, size_t most);

/**
 * Say what a file that ends here is: called with what is left when there are no more octets.
 * @return 0, or -EBADMSG when it ends inside of a record or is no capture at all; file->damage says so
 */
int capture_file_finish(struct capture_file *file, struct slice rest);

/**
 * Write the first blocks of a pcapng file: section and one interface for each link type that is named.
 * @param links LINKTYPE numbers; frames name them by their place in this list
 * @return octets written, 0 when the capacity does not suffice
 */
size_t capture_write_head(const uint16_t *links, size_t count, const char *application, uint8_t *buffer,
                          size_t capacity);

/**
 * Write an enhanced packet block with nanoseconds.
 * @param interface place of the frame's link type in the list of the head
 * @param comment text for people about this packet, or NULL
 * @return octets written, 0 when the capacity does not suffice
 */
size_t capture_write_frame(const struct frame *frame, uint32_t interface, const char *comment,
                           uint8_t *buffer, size_t capacity);

/** Write an interface description block for one more link type. Returns octets written, 0 when the capacity
 * does not suffice. */
size_t capture_write_interface(uint16_t link, uint8_t *buffer, size_t capacity);

#endif
