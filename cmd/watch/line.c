/* SPDX-License-Identifier: MIT */
/* A packet as one line of text, fast: every part appends and returns where the next one begins. */
#include "cmd/watch/line.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "catalog/services.h"
#include "wire/icmp.h"
#include "wire/octets.h"

enum { HEADER = 8 };

static char *put_text(char *at, const char *text)
{
    while (*text)
        *at++ = *text++;
    return at;
}

static char *put_number(char *at, uint32_t number)
{
    char digits[10];
    int count = 0;

    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count)
        *at++ = digits[--count];
    return at;
}

static char *put_two(char *at, unsigned number)
{
    at[0] = (char)('0' + number / 10);
    at[1] = (char)('0' + number % 10);
    return at + 2;
}

struct line_writer *line_writer_new(void)
{
    struct line_writer *writer = calloc(1, sizeof(*writer));

    for (unsigned i = 0; writer && i < 256; i++)
        writer->octets[i][3] = (char)(put_number(writer->octets[i], i) - writer->octets[i]);
    if (writer)
        writer->second = -1;
    return writer;
}

static char *put_time(struct line_writer *writer, char *at, int64_t time_ns)
{
    int64_t second = time_ns / NS_PER_S;
    uint32_t us = (uint32_t)(time_ns % NS_PER_S / NS_PER_US);

    if (second != writer->second) {
        unsigned day = (unsigned)(second % 86400);

        put_two(put_two(put_two(writer->clock, day / 3600) + 1, day / 60 % 60) + 1, day % 60);
        writer->clock[2] = writer->clock[5] = ':';
        writer->second = second;
    }
    memcpy(at, writer->clock, sizeof(writer->clock));
    at[8] = '.';
    return put_two(put_two(put_two(at + 9, us / 10000), us / 100 % 100), us % 100);
}

static char *put_octet(const struct line_writer *writer, char *at, uint8_t octet)
{
    memcpy(at, writer->octets[octet], 4);
    return at + writer->octets[octet][3];
}

static char *put_hex(char *at, unsigned group)
{
    static const char digits[] = "0123456789abcdef";

    for (int shift = group >= 0x1000  ? 12
                     : group >= 0x100 ? 8
                     : group >= 0x10  ? 4
                                      : 0;
         shift >= 0; shift -= 4)
        *at++ = digits[group >> shift & 15];
    return at;
}

/* The longest run of zero groups, of two at least (RFC 5952 4.2). */
static int zero_run(const uint8_t *octets, int *length)
{
    int best = -1, run = 0;

    *length = 1;
    for (int i = 0; i < 8; i++) {
        run = octets[2 * i] || octets[2 * i + 1] ? 0 : run + 1;
        if (run > *length) {
            *length = run;
            best = i - run + 1;
        }
    }
    return best;
}

static char *put_address(const struct line_writer *writer, char *at, uint8_t family, const uint8_t *octets)
{
    int length, zeros;

    if (family == 4) {
        for (int i = 0; i < 4; i++) {
            at = put_octet(writer, at, octets[i]);
            *at++ = '.';
        }
        return at - 1;
    }
    zeros = zero_run(octets, &length);
    for (int i = 0; i < 8; i++) {
        if (i == zeros) {
            at = put_text(at, i == 0 ? "::" : ":");
            i += length - 1;
            continue;
        }
        at = put_hex(at, octets_get16(octets + 2 * i));
        if (i < 7)
            *at++ = ':';
    }
    return at;
}

/* ", about tcp 10.0.0.1:40000 > 192.0.2.1:443" */
static char *put_quote(const struct line_writer *writer, char *at, const struct packet *packet)
{
    struct packet_quote quote;
    const char *name;
    bool ports;

    packet_read_quote(packet, &quote);
    if (!quote.family)
        return at;
    at = put_text(at, ", about ");
    name = protocol_word(quote.protocol);
    at = name ? put_text(at, name) : put_number(put_text(at, "protocol "), quote.protocol);
    *at++ = ' ';
    at = put_address(writer, at, quote.family, quote.source);
    ports = quote.ports && quote.protocol != IPPROTO_ICMP && quote.protocol != IPPROTO_ICMPV6;
    if (ports)
        at = put_number(put_text(at, " port "), quote.source_port);
    at = put_address(writer, put_text(at, " > "), quote.family, quote.destination);
    return ports ? put_number(put_text(at, " port "), quote.destination_port) : at;
}

static bool says_mtu(const struct packet *packet)
{
    return packet->family == 6 ? packet->type == ICMP6_TOO_BIG
                               : packet->type == ICMP4_UNREACHABLE && packet->code == 4;
}

static char *put_details(const struct line_writer *writer, char *at, const struct packet *packet)
{
    bool mtu = says_mtu(packet);

    if (packet->class == PACKET_ECHO_REQUEST || packet->class == PACKET_ECHO_REPLY) {
        at = put_number(put_text(at, ", id "), octets_get16(packet->octets + 4));
        return put_number(put_text(at, ", seq "), octets_get16(packet->octets + 6));
    }
    if (mtu)
        at = put_number(put_text(at, ", mtu "), packet->family == 6 ? octets_get32(packet->octets + 4)
                                                                    : octets_get16(packet->octets + 6));
    if (packet->class == PACKET_REDIRECT && packet->family == 4)
        at = put_address(writer, put_text(at, ", to gateway "), 4, packet->octets + 4);
    if (packet->class == PACKET_NEIGHBOR && packet->available >= HEADER + 16)
        at = put_address(writer, put_text(at, ", target "), 6, packet->octets + HEADER);
    if (packet->class == PACKET_ERROR || packet->class == PACKET_REDIRECT)
        at = put_quote(writer, at, packet);
    return at;
}

static const struct sonde_icmp_entry *entry_of(struct line_writer *writer, const struct packet *packet)
{
    const struct sonde_icmp_entry **entry =
        &writer->entries[packet->family == 6][packet->type << 8 | packet->code];

    if (!*entry)
        *entry = sonde_icmp_find(packet->family, packet->type, packet->code);
    return *entry;
}

static char *put_message(struct line_writer *writer, char *at, const struct packet *packet)
{
    at = put_text(at, packet->family == 6 ? "ICMP6 " : "ICMP ");
    at = put_text(at, entry_of(writer, packet)->name);
    at = put_number(put_text(at, " ("), packet->type);
    *at++ = '/';
    at = put_number(at, packet->code);
    *at++ = ')';
    return packet->available >= HEADER ? put_details(writer, at, packet) : at;
}

size_t line_write(struct line_writer *writer, const struct packet *packet, char *line)
{
    char *at;

    if (packet->class == PACKET_FLOW)
        return 0;
    at = put_time(writer, line, packet->time_ns);
    at = put_text(at, packet->family == 6 ? " IP6 " : " IP ");
    at = put_address(writer, at, packet->family, packet->source);
    at = put_address(writer, put_text(at, " > "), packet->family, packet->destination);
    at = put_text(at, ": ");
    if (packet->class == PACKET_FRAGMENT)
        at = put_number(put_text(at, "ICMP fragment at "), packet->fragment_offset);
    else
        at = put_message(writer, at, packet);
    at = put_number(put_text(at, ", length "), packet->length);
    if (packet->layer == PACKET_INNER)
        at = put_text(at, ", in a tunnel");
    *at++ = '\n';
    return (size_t)(at - line);
}
