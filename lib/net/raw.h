/* SPDX-License-Identifier: MIT */
/* The network of a privileged process: whole packets out through raw sockets, whole packets in from the wire.
 */
#ifndef SONDE_NET_RAW_H
#define SONDE_NET_RAW_H

#include "base/error.h"
#include "net/capture/pcap.h"
#include "net/local.h"
#include "net/stream.h"
#include "probe/packet.h"

enum { RAW_PENDING_MAX = 32 };

/** Embeds its network. */
struct raw_network {
    struct network network;
    struct local local;
    struct packet_book book;
    struct sock_binding binding;
    struct stream stream;
    struct pcap_writer *pcap; /* NULL: nothing is written */
    int send_fd, capture_fd;
    int tcp_fds[PROBE_FLOWS],
        udp_fds[PROBE_FLOWS]; /* hold the source ports, so that nobody else answers there */
    struct reply pending[RAW_PENDING_MAX];
    size_t first_pending, last_pending;
};

/**
 * Open everything needed to diagnose one destination.
 * @param destination decides the family, the source address and the interface
 * @param interface, source what the user insists on; NULL and family 0 for the kernel's choice
 * @param pcap where to write packets, or NULL; must outlive the network
 * @return 0; SONDE_E_PERMISSION without CAP_NET_RAW; SONDE_E_USAGE for an unknown interface; -errno
 */
int raw_init(struct raw_network *raw, const struct sonde_address *destination, const char *interface,
             const struct sonde_address *source, struct pcap_writer *pcap, struct sonde_error *error);

/** Close everything. */
void raw_deinit(struct raw_network *raw);

#endif
