/* SPDX-License-Identifier: MIT */
/* A packet as one line of text, fast. */
#ifndef SONDE_CMD_WATCH_LINE_H
#define SONDE_CMD_WATCH_LINE_H

#include "catalog/icmp.h"
#include "wire/packet.h"

enum { LINE_MAX_OCTETS = 512 /* no line is longer */ };

/** What makes it fast: names by type and code, numbers as digits, the present second as text. */
struct line_writer {
    const struct sonde_icmp_entry *entries[2][65536]; /* looked up so far */
    char octets[256][4];                              /* "255", its length in the last octet */
    int64_t second;                                   /* of `clock` */
    char clock[8];                                    /* "22:13:20" */
};

/** Make a writer. Returns NULL without memory; free() ends it. */
struct line_writer *line_writer_new(void);

/**
 * Write the line of an ICMP packet: time of day (UTC), addresses, name, type and code, what it says, its
 * length.
 * @param line at least LINE_MAX_OCTETS
 * @return octets written, the line end among them; 0 for a packet that is no ICMP
 */
size_t line_write(struct line_writer *writer, const struct packet *packet, char *line);

#endif
