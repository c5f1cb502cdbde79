/* SPDX-License-Identifier: MIT */
/* The best network this process may use for a destination, and turns for several of them. */
#ifndef SONDE_NET_EDGE_H
#define SONDE_NET_EDGE_H

#include "net/raw.h"
#include "net/sockets.h"
#include "net/why.h"
#include "probe/drive.h"

/** A network of either kind. */
struct edge {
    struct network *network; /* the one in use */
    bool privileged;
    union {
        struct raw_network raw;
        struct sockets_network sockets;
    };
};

/** One machine on its edge. */
struct turn {
    struct machine *machine;
    struct edge *edge;
    int64_t started_ns; /* 0: not yet */
    bool done;
};

/**
 * Open the network: whole packets if this process may, sockets otherwise.
 * @param pcap where packets are written, or NULL
 * @return 0 or the error of the last attempt
 */
int edge_init(struct edge *edge, const struct sonde_address *destination,
              const struct sonde_why_options *options, struct pcap_writer *pcap, struct sonde_error *error);

/** Close it. */
void edge_deinit(struct edge *edge);

/**
 * Run several machines side by side until all are done.
 * @return 0 or -errno (-EINTR: interrupted)
 */
int edge_drive_all(struct turn *turns, size_t count);

/**
 * Whether an interface exists.
 * @return 0, or SONDE_E_USAGE with a sentence that lists those that do
 */
int edge_check_interface(const char *name, struct sonde_error *error);

#endif
