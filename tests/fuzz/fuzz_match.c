/* SPDX-License-Identifier: MIT */
/* Any octets as a packet that comes back while probes of every kind are on their way. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "probe/packet.h"
#include "wire/checksum.h"
#include "wire/ip.h"
#include "wire/octets.h"

static const enum probe_kind kinds[] = {
    PROBE_ECHO, PROBE_TCP_SYN, PROBE_TCP_ACK, PROBE_TCP_SHORT, PROBE_UDP, PROBE_UDP_LYING, PROBE_PROTOCOL,
};

static const char *const sources[] = {"192.0.2.1", "2001:db8::1"};
static const char *const targets[] = {"198.51.100.7", "2001:db8:1::7"};

/* The same key, ports and addresses as tests/unit/exchange.c, whose answers are the corpus. */
static void fill(struct packet_book *book, const char *source, const char *target)
{
    static const struct siphash_key key = {{UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
    struct sonde_address from, to;
    uint8_t buffer[2048];

    CHECK(sonde_address_parse(source, &from) == 0 && sonde_address_parse(target, &to) == 0);
    packet_book_init(book, &key, &from);
    book->echo_id = 0x5d5d;
    for (uint16_t flow = 0; flow < PROBE_FLOWS; flow++) {
        book->tcp_ports[flow] = 40000 + flow;
        book->udp_ports[flow] = 50000 + flow;
    }
    for (uint16_t id = 0; id < 4 * COUNT_OF(kinds); id++) {
        enum probe_kind kind = kinds[id % COUNT_OF(kinds)];
        struct probe probe = {
            .id = id,
            .kind = kind,
            .destination = to,
            .port = kind == PROBE_UDP || kind == PROBE_UDP_LYING ? 53 : 443,
            .ttl = (uint8_t)(id + 1),
            .dont_fragment = true,
            .first_fragment = id / COUNT_OF(kinds) == 2,
            .size = id / COUNT_OF(kinds) == 3 ? 1400 : 0,
        };

        CHECK(packet_build(book, &probe, id, buffer, sizeof(buffer)) > 0);
    }
}

static void check_match(const struct packet_book *book, struct slice packet, bool checksummed)
{
    struct reply reply = {0};
    int result = packet_match(book, packet, checksummed, 1000, &reply);

    CHECK(result == 0 || result == -ENOENT || result == -EBADMSG);
    if (result < 0)
        return;
    CHECK(reply.probe < PROBES_MAX && book->sent[reply.probe].used);
    CHECK(reply.kind == REPLY_ECHO || reply.kind == REPLY_SYN_ACK || reply.kind == REPLY_RESET ||
          reply.kind == REPLY_DATA || reply.kind == REPLY_ICMP);
    CHECK(reply.kind == REPLY_ICMP ||
          sonde_address_equal(&reply.from, &book->sent[reply.probe].probe.destination));
    CHECK(reply.ttl >= 0 && reply.tos >= 0 && (reply.quoted_tos >= 0) == (reply.kind == REPLY_ICMP));
    CHECK(memchr(reply.extension.name, 0, sizeof(reply.extension.name)) != NULL);
}

/* The length that a header claims follows a cut only by luck, so it is made right as well. */
static void repair_length(uint8_t *packet, size_t size)
{
    if (size >= 20 && packet[0] >> 4 == 4)
        octets_put16(packet + 2, (uint16_t)size);
    if (size >= 40 && packet[0] >> 4 == 6)
        octets_put16(packet + 4, (uint16_t)(size - 40));
}

/* A random checksum is almost never right, so it is made right to let the fuzzer in. */
static void repair(uint8_t *packet, size_t size)
{
    struct ip_header ip;
    struct slice transport;
    uint8_t *icmp;

    if (ip_parse(slice_of(packet, size), &ip, &transport) < 0)
        return;
    if (ip.family == 4) {
        octets_put16(packet + 10, 0);
        octets_put16(packet + 10, checksum(slice_of(packet, (packet[0] & 0xf) * 4u)));
    }
    if (transport.length < 8 || (ip.protocol != IPPROTO_ICMP && ip.protocol != IPPROTO_ICMPV6))
        return;
    icmp = packet + (transport.data - packet);
    octets_put16(icmp + 2, 0);
    octets_put16(icmp + 2, ip.family == 4
                               ? checksum(transport)
                               : checksum_pseudo(&ip.source, &ip.destination, IPPROTO_ICMPV6, transport));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct packet_book books[2];
    uint8_t *copy = malloc(size ? size : 1);

    CHECK(copy);
    memcpy(copy, data, size);
    for (size_t i = 0; i < COUNT_OF(books); i++)
        if (books[i].default_ttl == 0)
            fill(&books[i], sources[i], targets[i]);
    for (int repaired = 0; repaired < 3; repaired++) {
        for (size_t i = 0; i < COUNT_OF(books); i++) {
            check_match(&books[i], slice_of(copy, size), true);
            check_match(&books[i], slice_of(copy, size), false);
        }
        if (repaired == 1)
            repair_length(copy, size);
        repair(copy, size);
    }
    free(copy);
    return 0;
}
