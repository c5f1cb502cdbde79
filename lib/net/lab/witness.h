/* SPDX-License-Identifier: MIT */
/* A short exchange with a target, and every packet of it as it passed the client's interface. */
#ifndef SONDE_NET_LAB_WITNESS_H
#define SONDE_NET_LAB_WITNESS_H

#include <stdbool.h>

#include "base/address.h"
#include "base/error.h"

enum { WITNESS_PACKETS_MAX = 8, WITNESS_PACKET_MAX = 2048 };

/** One packet. */
struct witness_packet {
    int64_t when_ns; /* since 1970-01-01 UTC, by the kernel's time stamp */
    bool outgoing;
    size_t length;                      /* octets */
    uint8_t octets[WITNESS_PACKET_MAX]; /* from the IP header on */
};

/** What was seen. */
struct witness {
    struct witness_packet packets[WITNESS_PACKETS_MAX];
    size_t count;
    int refusal; /* the positive errno that the program was told, 0: none */
};

/**
 * Send a UDP datagram and then an echo request from a lab's client to an IPv4 address, and record the
 * packets.
 * @param witness filled with at least the two packets sent; each waits two seconds for its answer
 * @return 0, or -errno with its context
 */
int witness_exchange(const char *instance, const struct sonde_address *target, uint16_t port,
                     struct witness *witness, struct sonde_error *error);

#endif
