/* SPDX-License-Identifier: MIT */
/* A book, a target and a router, and the packets that an honest network would send back. */
#ifndef SONDE_TESTS_EXCHANGE_H
#define SONDE_TESTS_EXCHANGE_H

#include "probe/packet.h"

enum { EXCHANGE_NOW = 1000, EXCHANGE_LATER = 5000, EXCHANGE_TTL = 61, EXCHANGE_TOS = 0xc0 };

/** One probe at a time and its answer. */
struct exchange {
    uint8_t family;
    struct packet_book book;
    struct sonde_address target, router;
    uint8_t sent[2048];
    size_t sent_length;
    uint16_t answer_id; /* IPv4 identification of answers */
    uint8_t answer[4096];
};

/** Start with a fixed key, fixed ports and addresses of documentation prefixes (RFC 5737, RFC 3849). */
void exchange_init(struct exchange *exchange, uint8_t family);

/** A probe to the target's port 53 (UDP) or 443 on its own flow. */
struct probe exchange_probe(const struct exchange *exchange, uint16_t id, enum probe_kind kind);

/** Build a probe at EXCHANGE_NOW + its id; the packet is also the one that answers refer to. Fails the test
 * on 0. */
struct slice exchange_send(struct exchange *exchange, const struct probe *probe);

/** Build exchange_probe(id, kind). */
struct slice exchange_send_kind(struct exchange *exchange, uint16_t id, enum probe_kind kind);

/** The transport octets of the last probe. */
struct slice exchange_transport(const struct exchange *exchange);

/** Wrap octets as an IP packet from an address to the book's source. */
struct slice exchange_wrap(struct exchange *exchange, const struct sonde_address *from, uint8_t protocol,
                           struct slice transport);

/** The target's echo reply to the last probe. */
struct slice exchange_echo(struct exchange *exchange);

/** A segment of the target to the last probe; a non-zero mss adds the option. */
struct slice exchange_segment(struct exchange *exchange, uint8_t flags, uint32_t sequence,
                              uint32_t acknowledgement, uint16_t mss);

/** A datagram of the target to the last probe. */
struct slice exchange_datagram(struct exchange *exchange, const char *data);

/** An ICMP error of some address that quotes so many octets of some packet; MTU or pointer is 1400. */
struct slice exchange_error(struct exchange *exchange, const struct sonde_address *from, uint8_t type,
                            uint8_t code, struct slice quote);

/** The last probe with its TTL used up, as far as an error would quote it. */
struct slice exchange_quote(const struct exchange *exchange, size_t octets);

/** Make the IPv4 header's and the ICMP message's checksum right again after a test has changed a packet. */
void exchange_repair(uint8_t *packet, size_t length);

/** Match a packet at EXCHANGE_LATER with unreadable memory behind it. */
int exchange_match(const struct exchange *exchange, struct slice packet, struct reply *reply);

/** Only the result of exchange_match. */
int exchange_outcome(const struct exchange *exchange, struct slice packet);

/** Fail the test unless the packet answers a probe in such a way, with every common field of the reply right.
 */
void exchange_check(const struct exchange *exchange, struct slice packet, uint16_t id, enum reply_kind kind,
                    const struct sonde_address *from);

/** Fail the test unless the packet, cut anywhere, is damaged, and with an octet changed is no answer. */
void exchange_check_damage(const struct exchange *exchange, struct slice packet);

#endif
