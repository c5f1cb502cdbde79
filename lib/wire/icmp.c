/* SPDX-License-Identifier: MIT */
/* ICMPv4 and ICMPv6 messages: bytes to struct and back. */
#include "wire/icmp.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "wire/checksum.h"
#include "wire/octets.h"

enum {
    HEADER = 8,
    CODE_FRAGMENTATION_NEEDED = 4,
    QUOTE_PADDED = 128, /* octets that a quote has at least before an extension structure (RFC 4884 4) */
    STRUCTURE_MIN = 4,
};

/* What the second word of a message means. */
enum second { SECOND_UNUSED, SECOND_ECHO, SECOND_MTU16, SECOND_MTU32, SECOND_POINTER8, SECOND_POINTER32 };

static const struct {
    uint8_t family, type;
    int16_t code; /* -1: any */
    enum second second;
} seconds[] = {
    {4, ICMP4_ECHO_REPLY, -1, SECOND_ECHO},
    {4, ICMP4_ECHO_REQUEST, -1, SECOND_ECHO},
    {4, ICMP4_UNREACHABLE, CODE_FRAGMENTATION_NEEDED, SECOND_MTU16},
    {4, ICMP4_PARAMETER_PROBLEM, -1, SECOND_POINTER8},
    {6, ICMP6_ECHO_REPLY, -1, SECOND_ECHO},
    {6, ICMP6_ECHO_REQUEST, -1, SECOND_ECHO},
    {6, ICMP6_TOO_BIG, -1, SECOND_MTU32},
    {6, ICMP6_PARAMETER_PROBLEM, -1, SECOND_POINTER32},
};

/* The errors that may carry extensions, and where and in which unit they tell the quote's length (RFC 4884
 * 4). */
static const struct {
    uint8_t family, type, offset, unit;
} extensibles[] = {
    {4, ICMP4_UNREACHABLE, 5, 4}, {4, ICMP4_TIME_EXCEEDED, 5, 4}, {4, ICMP4_PARAMETER_PROBLEM, 5, 4},
    {6, ICMP6_UNREACHABLE, 4, 8}, {6, ICMP6_TIME_EXCEEDED, 4, 8},
};

static enum second second_of(const struct icmp_message *message)
{
    for (size_t i = 0; i < COUNT_OF(seconds); i++)
        if (seconds[i].family == message->family && seconds[i].type == message->type &&
            (seconds[i].code < 0 || seconds[i].code == message->code))
            return seconds[i].second;
    return SECOND_UNUSED;
}

bool icmp_is_error(uint8_t family, uint8_t type)
{
    if (family == 6)
        return type < 128;
    return type == ICMP4_UNREACHABLE || type == ICMP4_SOURCE_QUENCH || type == ICMP4_REDIRECT ||
           type == ICMP4_TIME_EXCEEDED || type == ICMP4_PARAMETER_PROBLEM;
}

static void read_second(struct icmp_message *message, const uint8_t *at)
{
    switch (second_of(message)) {
    case SECOND_ECHO:
        message->id = octets_get16(at);
        message->sequence = octets_get16(at + 2);
        break;
    case SECOND_MTU16:
        message->mtu = octets_get16(at + 2);
        break;
    case SECOND_MTU32:
        message->mtu = octets_get32(at);
        break;
    case SECOND_POINTER8:
        message->pointer = at[0];
        break;
    case SECOND_POINTER32:
        message->pointer = octets_get32(at);
        break;
    case SECOND_UNUSED:
        break;
    }
}

/* Senders from before RFC 4884 put a structure behind 128 octets without saying so; only its version and a
 * right checksum tell it from a longer quote (RFC 4884 5.5). */
static bool is_unannounced(struct slice structure)
{
    return structure.length > STRUCTURE_MIN && structure.data[0] >> 4 == 2 &&
           octets_get16(structure.data + 2) != 0 && checksum(structure) == 0;
}

static void split_body(struct icmp_message *message, const uint8_t *header)
{
    size_t quoted = 0;
    bool extensible = false;

    message->quote = message->body;
    for (size_t i = 0; i < COUNT_OF(extensibles); i++)
        if (extensibles[i].family == message->family && extensibles[i].type == message->type) {
            extensible = true;
            quoted = (size_t)header[extensibles[i].offset] * extensibles[i].unit;
        }
    if (!extensible)
        return;
    if (quoted == 0 && is_unannounced(slice_skip(message->body, QUOTE_PADDED)))
        quoted = QUOTE_PADDED;
    if (quoted == 0 || quoted > message->body.length)
        return;
    message->quote = slice_first(message->body, quoted);
    message->extension = slice_skip(message->body, quoted);
}

int icmp_parse(uint8_t family, const struct sonde_address *source, const struct sonde_address *destination,
               struct slice data, struct icmp_message *message)
{
    uint16_t sum;

    if (data.length < HEADER)
        return -EBADMSG;
    sum = family == 4 ? checksum(data) : checksum_pseudo(source, destination, IPPROTO_ICMPV6, data);
    if (sum != 0)
        return -EBADMSG;
    *message = (struct icmp_message){
        .family = family, .type = data.data[0], .code = data.data[1], .body = slice_skip(data, HEADER)};
    read_second(message, data.data + 4);
    if (icmp_is_error(family, message->type))
        split_body(message, data.data);
    return 0;
}

static void write_second(const struct icmp_message *message, uint8_t *at)
{
    memset(at, 0, 4);
    switch (second_of(message)) {
    case SECOND_ECHO:
        octets_put16(at, message->id);
        octets_put16(at + 2, message->sequence);
        break;
    case SECOND_MTU16:
        octets_put16(at + 2, (uint16_t)message->mtu);
        break;
    case SECOND_MTU32:
        octets_put32(at, message->mtu);
        break;
    case SECOND_POINTER8:
        at[0] = (uint8_t)message->pointer;
        break;
    case SECOND_POINTER32:
        octets_put32(at, message->pointer);
        break;
    case SECOND_UNUSED:
        break;
    }
}

size_t icmp_build(const struct icmp_message *message, const struct sonde_address *source,
                  const struct sonde_address *destination, uint8_t *buffer, size_t capacity)
{
    size_t length = HEADER + message->body.length;
    struct slice written = slice_of(buffer, length);
    uint16_t sum;

    if (length > capacity)
        return 0;
    if (message->body.length)
        memmove(buffer + HEADER, message->body.data, message->body.length);
    buffer[0] = message->type;
    buffer[1] = message->code;
    octets_put16(buffer + 2, 0);
    write_second(message, buffer + 4);
    sum = message->family == 4 ? checksum(written)
                               : checksum_pseudo(source, destination, IPPROTO_ICMPV6, written);
    octets_put16(buffer + 2, sum);
    return length;
}
