/* SPDX-License-Identifier: MIT */
/* Probes as packets: building them, and recognising what answers them. */
#ifndef SONDE_PROBE_PACKET_H
#define SONDE_PROBE_PACKET_H

#include "base/siphash.h"
#include "probe/probe.h"

/** A probe that is on its way, with the octets a quote must repeat. */
struct packet_sent {
    bool used;
    struct probe probe;
    int64_t sent_ns;
    uint16_t source_port;
    uint16_t ip_id;
    uint32_t sequence; /* TCP */
    uint16_t length;   /* octets of the whole packet */
    uint8_t quote[PROBE_QUOTE_MAX];
};

/** Everything needed to build and match; zero-initialise, then packet_book_init. */
struct packet_book {
    struct siphash_key key;
    struct sonde_address source;
    uint16_t echo_id;
    uint16_t tcp_ports[PROBE_FLOWS], udp_ports[PROBE_FLOWS]; /* reserved by the network */
    uint8_t default_ttl;
    struct packet_sent sent[PROBES_MAX];
};

/**
 * Start a book.
 * @param key 128 random bits; cookies are siphash tags under it
 * @param source the address that probes come from
 */
void packet_book_init(struct packet_book *book, const struct siphash_key *key,
                      const struct sonde_address *source);

/**
 * Write a probe as an IP packet and remember it.
 * @param now_ns when it is sent
 * @return octets written; 0 if the kind is no packet or the capacity does not suffice
 */
size_t packet_build(struct packet_book *book, const struct probe *probe, int64_t now_ns, uint8_t *buffer,
                    size_t capacity);

/**
 * Recognise an answer. A packet counts only if it is whole, has a right checksum, and repeats what only
 * somebody who saw the probe can know: the cookie in an echo, the sequence number in a TCP answer, the quoted
 * octets in an error.
 * @param packet from the IP header on
 * @param checksummed false when this machine's network card has yet to fill TCP and UDP checksums in
 * @return 0 and a reply; -ENOENT when it answers no probe; -EBADMSG when it is damaged
 */
int packet_match(const struct packet_book *book, struct slice packet, bool checksummed, int64_t when_ns,
                 struct reply *reply);

#endif
