/* SPDX-License-Identifier: MIT */
/* The network of an ordinary user: ping sockets, UDP sockets and connections, with the kernel's error queue.
 */
#ifndef SONDE_NET_SOCKETS_H
#define SONDE_NET_SOCKETS_H

#include <poll.h>

#include "base/error.h"
#include "base/siphash.h"
#include "net/local.h"
#include "net/stream.h"

enum {
    SOCKETS_PENDING_MAX = 64,
    SOCKETS_MARK_MAX = 32, /* octets */
    SOCKETS_CHANNELS_MAX =
        48, /* datagram sockets: one per flow and destination, one per probe with a payload */
};

/** A datagram socket and what it is for. */
struct sockets_channel {
    int fd;
    bool echo;    /* the ping socket: not connected, for all destinations */
    bool service; /* it serves one probe, whose payload is the caller's */
    uint16_t probe;
    enum probe_flow flow;
    struct sonde_address destination;
    uint16_t port;
};

/** A datagram that is on its way. */
struct sockets_sent {
    bool used, answered;
    size_t channel;
    struct probe probe; /* without its payload, which is the caller's */
    int64_t sent_ns;
    size_t mark_length;
    uint8_t mark[SOCKETS_MARK_MAX]; /* what its payload begins with: our cookie, or a payload of the caller */
};

/** Embeds its network. */
struct sockets_network {
    struct network network;
    struct local local;
    struct sock_binding binding;
    struct siphash_key key;
    uint16_t salt; /* of echo sequence numbers */
    struct sockets_channel channels[SOCKETS_CHANNELS_MAX];
    size_t channel_count;
    struct sockets_sent sent[PROBES_MAX];
    struct stream streams[PROBES_MAX]; /* by id of the probe */
    struct reply pending[SOCKETS_PENDING_MAX];
    size_t first_pending, last_pending;
};

/**
 * Open the network. It asks PROBE_UDP, PROBE_TCP_SYN, PROBE_STREAM, the local questions, and PROBE_ECHO
 * unless net.ipv4.ping_group_range forbids ping sockets (icmp(7)). TTL and TOS of a TCP answer are not
 * visible to it, and the quote of an error neither, but for what identifies the probe.
 * @param destination decides the family
 * @param interface, source what the user insists on; NULL and family 0 for the kernel's choice
 * @return 0; SONDE_E_USAGE for an unknown interface; -EADDRNOTAVAIL for a source that is not this
 * machine's; -errno
 */
int sockets_init(struct sockets_network *sockets, const struct sonde_address *destination,
                 const char *interface, const struct sonde_address *source, struct sonde_error *error);

/** Close everything; connections that still stand are reset. */
void sockets_deinit(struct sockets_network *sockets);

/**
 * What to wait for when several networks take turns.
 * @param fds, max filled with at most as many entries
 * @return how many were filled
 */
size_t sockets_fds(const struct sockets_network *sockets, struct pollfd *fds, size_t max);

#endif
