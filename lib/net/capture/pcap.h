/* SPDX-License-Identifier: MIT */
/* A file of the packets that were sent and received. */
#ifndef SONDE_NET_CAPTURE_PCAP_H
#define SONDE_NET_CAPTURE_PCAP_H

#include <stdio.h>

#include "base/error.h"
#include "base/slice.h"

/** A capture file being written (nanosecond pcap, LINKTYPE_RAW). */
struct pcap_writer {
    FILE *file;
    int error; /* first -errno of writing, 0 if none */
};

/**
 * Create the file.
 * @return 0 or -errno, with what to do about it
 */
int pcap_writer_init(struct pcap_writer *writer, const char *path, struct sonde_error *error);

/** Write one packet, from its IP header on, stamped with the present time. */
void pcap_writer_add(struct pcap_writer *writer, struct slice packet);

/**
 * Close the file.
 * @return 0, or the first -errno of writing
 */
int pcap_writer_deinit(struct pcap_writer *writer);

#endif
