/* SPDX-License-Identifier: MIT */
/* Changing packets under way as routers and translators do, with their checksums mended. */
#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "tests/sim/network/internal.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/octets.h"

enum { HEADER4 = 20, HEADER6 = 40, FRAGMENT_HEADER = 8, DSCP_MASK = 0xfc, SUM4_AT = 10 };

/* Where the checksum stands in the transport header. */
static const struct {
    uint8_t protocol, at;
    bool optional; /* zero: there is none */
} sums[] = {{IPPROTO_TCP, 16, false}, {IPPROTO_UDP, 6, true}, {IPPROTO_ICMPV6, 2, false}};

bool sim_parse(const struct sim_packet *packet, struct ip_header *ip, struct slice *payload)
{
    return ip_parse(slice_of(packet->octets, packet->length), ip, payload) == 0;
}

void sim_build(struct sim_packet *packet, const struct ip_header *ip, struct slice payload)
{
    packet->fragmented = false;
    packet->length = ip_build(ip, payload, packet->octets, sizeof(packet->octets));
    if (packet->length == 0)
        abort();
}

static bool is_version4(const uint8_t *octets)
{
    return octets[0] >> 4 == 4;
}

static void mend_header(uint8_t *octets)
{
    octets_put16(octets + SUM4_AT, 0);
    octets_put16(octets + SUM4_AT, checksum(slice_of(octets, HEADER4)));
}

void sim_set_ttl(struct sim_packet *packet, uint8_t ttl)
{
    if (is_version4(packet->octets)) {
        packet->octets[8] = ttl;
        mend_header(packet->octets);
    } else {
        packet->octets[7] = ttl;
    }
}

void sim_bleach(struct sim_packet *packet)
{
    uint8_t *octets = packet->octets;

    if (is_version4(octets)) {
        octets[1] &= (uint8_t)~DSCP_MASK;
        mend_header(octets);
    } else {
        uint32_t first = octets_get32(octets);

        octets_put32(octets, first & ~((uint32_t)DSCP_MASK << 20));
    }
}

static uint32_t sum_words(const uint8_t *octets, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < length; i += 2)
        sum += octets_get16(octets + i);
    return sum;
}

/* RFC 1624: the new checksum from the old one and what changed. */
static void mend_transport(uint8_t *sum, bool optional, uint32_t removed, uint32_t added)
{
    uint32_t value = octets_get16(sum);

    if (value == 0 && optional)
        return;
    value = (uint16_t)~value;
    while (removed >> 16)
        removed = (removed & 0xffff) + (removed >> 16);
    value += (uint16_t)~removed + added;
    while (value >> 16)
        value = (value & 0xffff) + (value >> 16);
    octets_put16(sum, (uint16_t)~value);
}

static void mend_pseudo(uint8_t *octets, size_t length, uint32_t removed, uint32_t added)
{
    bool version4 = is_version4(octets);
    uint8_t protocol = version4 ? octets[9] : octets[6];
    size_t header = version4 ? HEADER4 : HEADER6;

    if (!version4 && protocol == IPPROTO_FRAGMENT && length >= HEADER6 + FRAGMENT_HEADER) {
        protocol = octets[HEADER6];
        header += FRAGMENT_HEADER;
    }
    for (size_t i = 0; i < COUNT_OF(sums); i++)
        if (sums[i].protocol == protocol && header + sums[i].at + 2 <= length)
            mend_transport(octets + header + sums[i].at, sums[i].optional, removed, added);
}

void sim_replace_address(uint8_t *octets, size_t length, bool destination,
                         const struct sonde_address *address)
{
    bool version4 = is_version4(octets);
    size_t size = address_length(address->family);
    size_t at = (version4 ? 12 : 8) + (destination ? size : 0);
    uint32_t removed = sum_words(octets + at, size), added = sum_words(address->bytes, size);

    memcpy(octets + at, address->bytes, size);
    if (version4)
        mend_header(octets);
    mend_pseudo(octets, length, removed, added);
}

bool sim_is_icmp_error(const struct ip_header *ip, struct slice payload)
{
    uint8_t protocol = ip->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;

    return ip->protocol == protocol && payload.length && icmp_is_error(ip->family, payload.data[0]);
}
