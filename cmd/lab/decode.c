/* SPDX-License-Identifier: MIT */
/* A captured packet as a record: what it is, and each of its fields with its octets and its meaning. */
#include "cmd/lab/decode.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "catalog/icmp.h"
#include "catalog/services.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/udp.h"

#define MEMBER(name) offsetof(struct decoded_field, name)

static const struct field row_fields[] = {
    {"header", FIELD_TEXT, MEMBER(header), .doc = "The header that the field belongs to"},
    {"offset", FIELD_INTEGER, MEMBER(offset), .doc = "Where it begins in the packet, in octets"},
    {"octets", FIELD_TEXT, MEMBER(octets), .doc = "Its octets in hexadecimal digits"},
    {"field", FIELD_TEXT, MEMBER(name), .doc = "What it is called"},
    {"value", FIELD_TEXT, MEMBER(value), .doc = "Its value"},
    {"meaning", FIELD_TEXT, MEMBER(meaning), .doc = "What the value says"},
    {0},
};

static const struct schema row_schema = {"field", "A field of a packet", sizeof(struct decoded_field),
                                         row_fields};

#undef MEMBER
#define MEMBER(name) offsetof(struct decoded_icmp, name)

static const struct field icmp_fields[] = {
    {"family", FIELD_INTEGER, MEMBER(family), .doc = "4 or 6"},
    {"type", FIELD_INTEGER, MEMBER(type), .doc = "Type"},
    {"code", FIELD_INTEGER, MEMBER(code), .doc = "Code"},
    {"name", FIELD_TEXT, MEMBER(name), .doc = "What type and code are called"},
    {"checksum", FIELD_INTEGER, MEMBER(checksum), .doc = "The checksum in the message"},
    {"checksum_right", FIELD_BOOLEAN, MEMBER(checksum_right), .doc = "Whether the checksum fits the message"},
    {"identifier", FIELD_INTEGER, MEMBER(identifier), .doc = "Identifier of an echo message"},
    {"sequence", FIELD_INTEGER, MEMBER(sequence), .doc = "Sequence number of an echo message"},
    {0},
};

static const struct schema icmp_schema = {"icmp", "The numbers of an ICMP message",
                                          sizeof(struct decoded_icmp), icmp_fields};

#undef MEMBER
#define MEMBER(name) offsetof(struct decoded, name)

static const struct field packet_fields[] = {
    {"summary", FIELD_TEXT, MEMBER(summary), .doc = "What the packet is", .style = STYLE_HEADLINE},
    {"number", FIELD_INTEGER, MEMBER(number), .doc = "Its place in the exchange", .style = STYLE_HIDDEN},
    {"time", FIELD_TIME, MEMBER(time), .doc = "When it passed the client's interface", .style = STYLE_HIDDEN},
    {"direction", FIELD_TEXT, MEMBER(direction), .doc = "sent or received, by the client",
     .style = STYLE_HIDDEN},
    {"source", FIELD_ADDRESS, MEMBER(source), .doc = "Where it comes from", .style = STYLE_HIDDEN},
    {"destination", FIELD_ADDRESS, MEMBER(destination), .doc = "Where it goes", .style = STYLE_HIDDEN},
    {"ttl", FIELD_INTEGER, MEMBER(ttl), .doc = "Time to live", .style = STYLE_HIDDEN},
    {"source_port", FIELD_INTEGER, MEMBER(source_port), .doc = "Source port of a datagram",
     .style = STYLE_HIDDEN},
    {"destination_port", FIELD_INTEGER, MEMBER(destination_port), .doc = "Destination port of a datagram",
     .style = STYLE_HIDDEN},
    {"icmp", FIELD_OBJECT, MEMBER(icmp), .doc = "The ICMP message", .of = &icmp_schema,
     .style = STYLE_HIDDEN},
    {"fields", FIELD_LIST, MEMBER(fields), .doc = "Its fields in order", .of = &row_schema,
     .style = STYLE_TABLE, .title = "Field by field"},
    {0},
};

const struct schema decode_schema = {"sonde.lab.packet/1", "A packet of the demonstration, decoded",
                                     sizeof(struct decoded), packet_fields};

/* A header under work. */
struct header {
    struct decoded *decoded;
    const uint8_t *packet; /* its first octet */
    const char *name;
    const uint8_t *data; /* the header's first octet */
};

static struct text *new_string(struct decoded *decoded)
{
    return &decoded->strings[decoded->string_count++];
}

static void add_row(const struct header *header, size_t offset, size_t length, const char *name,
                    const char *meaning, const char *format, ...) FORMAT(6, 7);

static void add_row(const struct header *header, size_t offset, size_t length, const char *name,
                    const char *meaning, const char *format, ...)
{
    struct decoded *decoded = header->decoded;
    struct text *octets = new_string(decoded), *value = new_string(decoded);
    char number[64];
    va_list arguments;

    if (decoded->fields.count == DECODE_FIELDS_MAX)
        return;
    for (size_t i = 0; i < length; i++)
        text_add(octets, "%02x", header->data[offset + i]);
    va_start(arguments, format);
    vsnprintf(number, sizeof(number), format, arguments);
    va_end(arguments);
    text_add(value, "%s", number);
    decoded->rows[decoded->fields.count++] = (struct decoded_field){
        .header = header->name,
        .offset = header->data - header->packet + (int64_t)offset,
        .octets = text_get(octets),
        .name = name,
        .value = text_get(value),
        .meaning = meaning,
    };
}

static const char *ttl_meaning(uint8_t ttl)
{
    if (ttl == 64)
        return "as the sender set it";
    return ttl == 62 ? "64, less one for each router" : "what the routers left";
}

static void add_ip(const struct header *header, const struct ip_header *ip)
{
    char source[SONDE_ADDRESS_TEXT], destination[SONDE_ADDRESS_TEXT];

    sonde_address_format(&ip->source, source);
    sonde_address_format(&ip->destination, destination);
    add_row(header, 8, 1, "time to live", ttl_meaning(ip->ttl), "%u", ip->ttl);
    add_row(header, 9, 1, "protocol", protocol_title(ip->protocol), "%u", ip->protocol);
    add_row(header, 12, 4, "source", NULL, "%s", source);
    add_row(header, 16, 4, "destination", NULL, "%s", destination);
}

static void add_udp(const struct header *header, const struct udp_header *udp, const char *source_meaning,
                    const char *destination_meaning)
{
    add_row(header, 0, 2, "source port", source_meaning, "%u", udp->source_port);
    add_row(header, 2, 2, "destination port", destination_meaning, "%u", udp->destination_port);
    add_row(header, 4, 2, "length", "octets, with this header", "%u", udp->length);
    add_row(header, 6, 2, "checksum", NULL, "0x%04x", udp->checksum);
}

static void summarize(struct decoded *decoded, const char *what)
{
    char source[SONDE_ADDRESS_TEXT], destination[SONDE_ADDRESS_TEXT];
    struct text *summary = new_string(decoded);

    sonde_address_format(&decoded->source, source);
    sonde_address_format(&decoded->destination, destination);
    text_add(summary, "Packet %d, %s: %s, %s to %s", (int)decoded->number, decoded->direction, what, source,
             destination);
    decoded->summary = text_get(summary);
}

static int decode_datagram(struct decoded *decoded, const struct header *outer, struct slice data)
{
    struct header header = {decoded, outer->packet, "UDP", data.data};
    struct udp_header udp;
    struct slice payload;

    if (udp_parse(data, &udp, &payload) < 0)
        return -EBADMSG;
    add_udp(&header, &udp, "chosen by the client's kernel", "where nothing listens");
    decoded->source_port = udp.source_port;
    decoded->destination_port = udp.destination_port;
    summarize(decoded, "a UDP datagram");
    return 0;
}

/* What the error quotes tells the client's kernel which of its sockets is meant. */
static int decode_quote(struct decoded *decoded, const struct header *outer, struct slice quote)
{
    struct header ip_header = {decoded, outer->packet, "quoted IP", quote.data};
    struct header udp_header = {decoded, outer->packet, "quoted UDP", NULL};
    struct udp_header udp;
    struct ip_header ip;
    struct slice data, payload;

    if (ip_parse(quote, &ip, &data) < 0 || ip.protocol != IPPROTO_UDP || udp_parse(data, &udp, &payload) < 0)
        return -EBADMSG;
    udp_header.data = data.data;
    add_ip(&ip_header, &ip);
    add_udp(&udp_header, &udp, "which program to tell", "the closed port");
    return 0;
}

static void add_echo(const struct header *header, const struct icmp_message *message)
{
    add_row(header, 4, 2, "identifier", "whose echo: the same in both", "0x%04x", message->id);
    add_row(header, 6, 2, "sequence", "which echo: the same in both", "%u", message->sequence);
}

static int decode_message(struct decoded *decoded, const struct header *outer, struct slice data)
{
    struct header header = {decoded, outer->packet, "ICMP", data.data};
    const struct sonde_icmp_entry *entry;
    struct icmp_message message;
    struct text *type, *code;

    if (icmp_parse(4, &decoded->source, &decoded->destination, data, &message) < 0)
        return -EBADMSG;
    entry = sonde_icmp_find(4, message.type, message.code);
    decoded->message = (struct decoded_icmp){
        .family = 4,
        .type = message.type,
        .code = message.code,
        .name = entry->name,
        .checksum = data.data[2] << 8 | data.data[3],
        .checksum_right = checksum(data) == 0,
        .identifier = message.type == ICMP4_UNREACHABLE ? INTEGER_ABSENT : message.id,
        .sequence = message.type == ICMP4_UNREACHABLE ? INTEGER_ABSENT : message.sequence,
    };
    decoded->icmp = &decoded->message;
    type = new_string(decoded);
    code = new_string(decoded);
    text_add(type, "%.*s", (int)strcspn(entry->title, ":"), entry->title);
    text_add(code, "%s",
             entry->title[strcspn(entry->title, ":")] ? strchr(entry->title, ':') + 2 : "no further detail");
    add_row(&header, 0, 1, "type", text_get(type), "%u", message.type);
    add_row(&header, 1, 1, "code", text_get(code), "%u", message.code);
    add_row(&header, 2, 2, "checksum", decoded->message.checksum_right ? "right" : "wrong", "0x%04x",
            (unsigned)decoded->message.checksum);
    summarize(decoded, entry->title);
    if (icmp_is_error(4, message.type))
        return decode_quote(decoded, outer, message.quote);
    add_echo(&header, &message);
    return 0;
}

int decode_packet(struct decoded *decoded, const struct witness_packet *packet, int64_t number)
{
    struct header header = {decoded, packet->octets, "IP", packet->octets};
    struct ip_header ip;
    struct slice data;

    if (ip_parse(slice_of(packet->octets, packet->length), &ip, &data) < 0 || ip.family != 4)
        return -EBADMSG;
    *decoded = (struct decoded){
        .number = number,
        .time = packet->when_ns,
        .direction = packet->outgoing ? "sent" : "received",
        .source = ip.source,
        .destination = ip.destination,
        .ttl = ip.ttl,
        .source_port = INTEGER_ABSENT,
        .destination_port = INTEGER_ABSENT,
    };
    decoded->fields.items = decoded->rows;
    add_ip(&header, &ip);
    if (ip.protocol == IPPROTO_UDP)
        return decode_datagram(decoded, &header, data);
    return ip.protocol == IPPROTO_ICMP ? decode_message(decoded, &header, data) : -EBADMSG;
}

void decode_deinit(struct decoded *decoded)
{
    for (size_t i = 0; i < decoded->string_count; i++)
        text_deinit(&decoded->strings[i]);
    decoded->string_count = 0;
}
