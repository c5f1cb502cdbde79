/* SPDX-License-Identifier: MIT */
/* A packet as a page to read: its fields, what it quotes, what it means, its octets. */
#include "cmd/watch/screen/dissect.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/macro.h"
#include "catalog/icmp.h"
#include "catalog/services.h"
#include "detect/report.h"
#include "wire/extension.h"
#include "wire/icmp.h"
#include "wire/nd.h"
#include "wire/octets.h"
#include "wire/tcp.h"

enum { HEADER = 8, ANY = -1, DUMP_ROW = 16, DUMP_OCTETS = 128, SHORT = 64, TITLE = 256 };

/** How octets of a message are read. */
enum form { NUMBER, HEXADECIMAL, ADDRESS, SINCE_MIDNIGHT, ROUTER_FLAGS, NEIGHBOR_FLAGS };

/* Where the fields of messages are that are no quote and no option. */
static const struct shape {
    uint8_t family, type;
    int16_t code;
    uint8_t offset, octets;
    enum form form;
    const char *name, *unit;
} shapes[] = {
    {4, 0, ANY, 4, 2, NUMBER, "Identifier"},
    {4, 0, ANY, 6, 2, NUMBER, "Sequence"},
    {4, 3, 4, 6, 2, NUMBER, "MTU", " octets"},
    {4, 5, ANY, 4, 4, ADDRESS, "Gateway"},
    {4, 8, ANY, 4, 2, NUMBER, "Identifier"},
    {4, 8, ANY, 6, 2, NUMBER, "Sequence"},
    {4, 9, ANY, 4, 1, NUMBER, "Addresses"},
    {4, 9, ANY, 6, 2, NUMBER, "Lifetime", " s"},
    {4, 9, ANY, 8, 4, ADDRESS, "Router"},
    {4, 12, 0, 4, 1, NUMBER, "Pointer", ": the octet that is wrong"},
    {4, 13, ANY, 4, 2, NUMBER, "Identifier"},
    {4, 13, ANY, 6, 2, NUMBER, "Sequence"},
    {4, 13, ANY, 8, 4, SINCE_MIDNIGHT, "Sent at"},
    {4, 14, ANY, 4, 2, NUMBER, "Identifier"},
    {4, 14, ANY, 6, 2, NUMBER, "Sequence"},
    {4, 14, ANY, 8, 4, SINCE_MIDNIGHT, "Asked at"},
    {4, 14, ANY, 12, 4, SINCE_MIDNIGHT, "Received at"},
    {4, 14, ANY, 16, 4, SINCE_MIDNIGHT, "Answered at"},
    {4, 17, ANY, 4, 2, NUMBER, "Identifier"},
    {4, 18, ANY, 4, 2, NUMBER, "Identifier"},
    {4, 18, ANY, 8, 4, ADDRESS, "Netmask"},
    {4, 42, ANY, 4, 2, NUMBER, "Identifier"},
    {4, 42, ANY, 6, 1, NUMBER, "Sequence"},
    {4, 43, ANY, 4, 2, NUMBER, "Identifier"},
    {4, 43, ANY, 6, 1, NUMBER, "Sequence"},
    {6, 2, ANY, 4, 4, NUMBER, "MTU", " octets"},
    {6, 4, ANY, 4, 4, NUMBER, "Pointer", ": the octet that is wrong"},
    {6, 128, ANY, 4, 2, NUMBER, "Identifier"},
    {6, 128, ANY, 6, 2, NUMBER, "Sequence"},
    {6, 129, ANY, 4, 2, NUMBER, "Identifier"},
    {6, 129, ANY, 6, 2, NUMBER, "Sequence"},
    {6, 130, ANY, 4, 2, NUMBER, "Answer within", " ms"},
    {6, 130, ANY, 8, 16, ADDRESS, "Group"},
    {6, 131, ANY, 8, 16, ADDRESS, "Group"},
    {6, 132, ANY, 8, 16, ADDRESS, "Group"},
    {6, 134, ANY, 4, 1, NUMBER, "Hop limit", " for hosts"},
    {6, 134, ANY, 5, 1, ROUTER_FLAGS, "Flags"},
    {6, 134, ANY, 6, 2, NUMBER, "Lifetime", " s as default router"},
    {6, 134, ANY, 8, 4, NUMBER, "Reachable", " ms"},
    {6, 134, ANY, 12, 4, NUMBER, "Retransmit", " ms"},
    {6, 135, ANY, 8, 16, ADDRESS, "Target"},
    {6, 136, ANY, 4, 1, NEIGHBOR_FLAGS, "Flags"},
    {6, 136, ANY, 8, 16, ADDRESS, "Target"},
    {6, 137, ANY, 8, 16, ADDRESS, "Better hop"},
    {6, 137, ANY, 24, 16, ADDRESS, "For packets to"},
    {6, 139, ANY, 4, 2, NUMBER, "Question"},
    {6, 139, ANY, 8, 8, HEXADECIMAL, "Nonce"},
    {6, 140, ANY, 4, 2, NUMBER, "Question"},
    {6, 140, ANY, 8, 8, HEXADECIMAL, "Nonce"},
    {6, 143, ANY, 6, 2, NUMBER, "Records"},
};

static uint32_t read_number(const uint8_t *at, size_t octets)
{
    return octets == 1 ? *at : octets == 2 ? octets_get16(at) : octets_get32(at);
}

static void write_flags(char *text, size_t size, const uint8_t *at, const char *const names[8])
{
    size_t used = 0;

    snprintf(text, size, "none");
    for (unsigned bit = 0; bit < 8 && used < size; bit++)
        if (names[bit] && *at & 0x80 >> bit)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", names[bit]);
}

static void write_value(char *text, size_t size, const struct shape *shape, const uint8_t *at)
{
    static const char *const router[8] = {"managed addresses", "other configuration", "home agent"};
    static const char *const neighbor[8] = {"router", "solicited", "override"};
    struct sonde_address address = address_from(shape->octets == 4 ? 4 : 6, (uint8_t[16]){0});
    char buffer[SONDE_ADDRESS_TEXT];
    uint32_t ms;

    switch (shape->form) {
    case NUMBER:
        snprintf(text, size, "%" PRIu32 "%s", read_number(at, shape->octets), shape->unit ? shape->unit : "");
        break;
    case HEXADECIMAL:
        for (size_t i = 0; i < shape->octets && 2 * i + 2 < size; i++)
            snprintf(text + 2 * i, size - 2 * i, "%02x", at[i]);
        break;
    case ADDRESS:
        memcpy(address.bytes, at, shape->octets);
        snprintf(text, size, "%s", sonde_address_format(&address, buffer));
        break;
    case SINCE_MIDNIGHT:
        ms = octets_get32(at);
        snprintf(text, size, ms >> 31 ? "0x%08" PRIx32 ", not in UTC" : "%" PRIu32 " ms since midnight UTC",
                 ms);
        break;
    case ROUTER_FLAGS:
        write_flags(text, size, at, router);
        break;
    case NEIGHBOR_FLAGS:
        write_flags(text, size, at, neighbor);
        break;
    }
}

static void add_shapes(struct page *page, const struct packet *packet)
{
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        const struct shape *shape = &shapes[i];
        char text[SHORT];

        if (shape->family != packet->family || shape->type != packet->type ||
            (shape->code != ANY && shape->code != packet->code) ||
            packet->available < (uint32_t)shape->offset + shape->octets)
            continue;
        write_value(text, sizeof(text), shape, packet->octets + shape->offset);
        page_add_field(page, shape->name, text);
    }
}

static void add_prefixes(struct page *page, const char *label, const struct nd_prefix *prefixes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sonde_address address = address_from(6, prefixes[i].prefix);
        char buffer[SONDE_ADDRESS_TEXT];

        page_field(page, label, "%s/%u for %" PRIu32 " s", sonde_address_format(&address, buffer),
                   prefixes[i].length, prefixes[i].valid_s);
    }
}

static void add_link(struct page *page, const char *label, bool there, const uint8_t mac[6])
{
    if (there)
        page_field(page, label, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                   mac[5]);
}

/* What stands in the options of neighbor discovery. */
static void add_options(struct page *page, const struct packet *packet)
{
    struct nd_message nd;
    char buffer[SONDE_ADDRESS_TEXT];

    memset(&nd, 0, sizeof(nd));
    if (packet->family != 6 || nd_parse(slice_of(packet->octets, packet->available), &nd) == -ENOTSUP)
        return;
    add_link(page, "Source link", nd.has_source_link, nd.source_link);
    add_link(page, "Target link", nd.has_target_link, nd.target_link);
    if (nd.mtu)
        page_field(page, "MTU", "%" PRIu32 " octets", nd.mtu);
    add_prefixes(page, "Prefix", nd.prefixes, nd.prefix_count);
    add_prefixes(page, "Route", nd.routes, nd.route_count);
    for (size_t i = 0; i < nd.server_count; i++) {
        struct sonde_address address = address_from(6, nd.servers[i].address);

        page_field(page, "DNS server", "%s for %" PRIu32 " s", sonde_address_format(&address, buffer),
                   nd.servers[i].lifetime_s);
    }
    for (size_t i = 0; i < nd.domain_count; i++)
        page_add_field(page, "Search domain", nd.domains[i].name);
}

static void add_address(struct page *page, const char *label, uint8_t family, const uint8_t *octets,
                        const char *more)
{
    struct sonde_address address = address_from(family, octets);
    char buffer[SONDE_ADDRESS_TEXT];

    page_field(page, label, "%s%s", sonde_address_format(&address, buffer), more);
}

static void add_time(struct page *page, const struct packet *packet, const char *interface)
{
    time_t second = (time_t)(packet->time_ns / NS_PER_S);
    const char *direction = watch_direction_name(packet->direction);
    struct tm parts;

    if (!gmtime_r(&second, &parts))
        return;
    page_field(page, "Time", "%04d-%02d-%02d %02d:%02d:%02d.%06d UTC, %s%s%s%s", parts.tm_year + 1900,
               parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
               (int)(packet->time_ns % NS_PER_S / NS_PER_US), direction ? direction : "",
               direction ? " at " : "at ", interface, packet->layer == PACKET_INNER ? ", in a tunnel" : "");
}

/* The family of the addresses differs from that of the message when somebody mixed them up. */
static uint8_t address_family(const struct packet *packet)
{
    return packet->flags & PACKET_CROSSED ? (packet->family == 6 ? 4 : 6) : packet->family;
}

static const char *checksum_words(const struct kept *kept)
{
    if (!kept->checksum_holds)
        return "wrong: damaged under way, or made by hand";
    return kept->packet.flags & PACKET_CUT ? "unknown: the capture has not all octets" : "right";
}

static void add_envelope(struct page *page, const struct kept *kept, const char *interface)
{
    const struct packet *packet = &kept->packet;
    const uint8_t *mac = packet->mac;
    char link[32] = "";

    if (packet->mac_length)
        snprintf(link, sizeof(link), " (%02x:%02x:%02x:%02x:%02x:%02x)", mac[0], mac[1], mac[2], mac[3],
                 mac[4], mac[5]);
    add_time(page, packet, interface);
    add_address(page, "From", address_family(packet), packet->source, link);
    add_address(page, "To", address_family(packet), packet->destination, "");
    page_field(page, "Packet", "%s %u, %" PRIu32 " octets of ICMP in an IP packet of %" PRIu32,
               address_family(packet) == 6 ? "hop limit" : "time to live", packet->ttl, packet->length,
               packet->ip_length);
    if (packet->class != PACKET_FRAGMENT)
        page_add_field(page, "Checksum", checksum_words(kept));
    if (packet->flags & PACKET_CROSSED)
        page_field(page, "Odd", "a message of ICMPv%u in a packet of IPv%u", packet->family == 6 ? 6 : 4,
                   address_family(packet));
    if (packet->class == PACKET_FRAGMENT || packet->flags & PACKET_FRAGMENTED)
        page_field(page, "Fragment", "at octet %u of packet 0x%" PRIx32 "%s", packet->fragment_offset,
                   packet->ip_id, packet->flags & PACKET_LAST ? ", the last one" : "");
}

static void write_port(char *text, size_t size, uint8_t protocol, uint16_t port)
{
    const struct service *service = service_find(protocol, port);

    snprintf(text, size, " port %u%s%s%s", port, service ? " (" : "", service ? service->scheme : "",
             service ? ")" : "");
}

static void add_tcp(struct page *page, const struct packet_quote *quote)
{
    static const char *const names[8] = {NULL, NULL, NULL, "ACK", "PSH", "RST", "SYN", "FIN"};
    char flags[SHORT];

    page_field(page, "Sequence", "%" PRIu32, quote->sequence);
    if (!quote->whole)
        return;
    write_flags(flags, sizeof(flags), &quote->flags, names);
    page_add_field(page, "Flags", flags);
}

static void add_quoted_icmp(struct page *page, const struct packet_quote *quote)
{
    const struct sonde_icmp_entry *entry =
        sonde_icmp_find(quote->protocol == IPPROTO_ICMPV6 ? 6 : 4, quote->type, quote->code);

    page_field(page, "Message", "%s (%u/%u), id %u, sequence %u", entry->name, quote->type, quote->code,
               quote->id, quote->echo_sequence);
}

static void add_quote(struct page *page, const struct packet *packet)
{
    bool icmp, known;
    char source_port[SHORT] = "", destination_port[SHORT] = "";
    struct packet_quote quote;

    packet_read_quote(packet, &quote);
    if (!quote.family) {
        if (packet->class == PACKET_ERROR)
            page_add_field(page, "Quote", "none that can be read, although every error has one");
        return;
    }
    icmp = quote.protocol == IPPROTO_ICMP || quote.protocol == IPPROTO_ICMPV6;
    known = quote.ports && !icmp;
    if (known) {
        write_port(source_port, sizeof(source_port), quote.protocol, quote.source_port);
        write_port(destination_port, sizeof(destination_port), quote.protocol, quote.destination_port);
    }
    page_add_heading(page, "It is about this packet, which it quotes");
    add_address(page, "From", quote.family, quote.source, source_port);
    add_address(page, "To", quote.family, quote.destination, destination_port);
    page_field(page, "Protocol", "%s (%u)", protocol_title(quote.protocol) ?: "protocol", quote.protocol);
    page_field(page, quote.family == 6 ? "Hop limit" : "Time to live", "%u when it was quoted", quote.ttl);
    page_field(page, "Length", "%" PRIu32 " octets, as it claimed", quote.length);
    if (known && quote.protocol == IPPROTO_TCP)
        add_tcp(page, &quote);
    if (quote.ports && icmp)
        add_quoted_icmp(page, &quote);
}

/* What routers append to errors (RFC 4884): labels and interfaces. */
static void add_extension(struct page *page, const struct packet *packet)
{
    struct sonde_address source = packet_address(packet, packet->source);
    struct sonde_address destination = packet_address(packet, packet->destination);
    struct icmp_message message;
    struct extension extension;
    char buffer[SONDE_ADDRESS_TEXT];

    if (packet->class != PACKET_ERROR || packet->available < packet->length ||
        icmp_parse(packet->family, &source, &destination, slice_of(packet->octets, packet->available),
                   &message) < 0 ||
        message.extension.length == 0 || extension_parse(message.extension, &extension) < 0)
        return;
    page_add_heading(page, "What the router added");
    for (size_t i = 0; i < extension.label_count; i++)
        page_field(page, "MPLS label", "%" PRIu32 ", class %u, time to live %u", extension.labels[i].label,
                   extension.labels[i].traffic_class, extension.labels[i].ttl);
    if (extension.interface)
        page_field(page, "Interface", "%s %" PRIu32 ", address %s, MTU %" PRIu32, extension.name,
                   extension.index, sonde_address_format(&extension.address, buffer), extension.mtu);
}

static void add_meaning(struct page *page, const struct packet *packet)
{
    const struct sonde_icmp_entry *entry = sonde_icmp_find(packet->family, packet->type, packet->code);

    page_add_heading(page, "What it means");
    page_add(page, DISPLAY_PLAIN, 1, entry->says);
    page_add_field(page, "Sent by", entry->sender);
    page_add_field(page, "Why", entry->causes);
    page_add_field(page, "What to do", entry->action);
    page_add_field(page, "When filtered", entry->filter_reason);
    page_field(page, "Defined by", "%s (%s)", entry->rfc, icmp_status_name(entry->status));
}

static void add_octets(struct page *page, const struct packet *packet)
{
    size_t count = packet->available < DUMP_OCTETS ? packet->available : DUMP_OCTETS;

    page_add_heading(page, "Its octets, from the ICMP header on");
    for (size_t row = 0; row < count; row += DUMP_ROW) {
        char line[8 + 4 * DUMP_ROW + 4], *at = line + sprintf(line, "%04zx ", row), *letters;

        letters = at + 3 * DUMP_ROW + 2;
        memset(at, ' ', (size_t)(letters - at));
        for (size_t i = row; i < row + DUMP_ROW && i < count; i++) {
            uint8_t octet = packet->octets[i];

            at += sprintf(at, " %02x", octet);
            *at = ' ';
            *letters++ = octet >= ' ' && octet < 0x7f ? (char)octet : '.';
        }
        *letters = '\0';
        page_add_raw(page, line);
    }
}

void dissect(struct page *page, const struct kept *kept, const char *interface)
{
    const struct packet *packet = &kept->packet;
    const struct sonde_icmp_entry *entry = sonde_icmp_find(packet->family, packet->type, packet->code);
    char title[TITLE];

    if (packet->class == PACKET_FRAGMENT) {
        page_add_heading(page, "A later fragment of an ICMP message: its type is in the first one");
        add_envelope(page, kept, interface);
        add_octets(page, packet);
        return;
    }
    snprintf(title, sizeof(title), "%s (ICMPv%u %u/%u, %s)", entry->title, packet->family, packet->type,
             packet->code, entry->name);
    page_add_heading(page, title);
    add_envelope(page, kept, interface);
    add_shapes(page, packet);
    add_options(page, packet);
    if (packet->available > HEADER &&
        (packet->class == PACKET_ECHO_REQUEST || packet->class == PACKET_ECHO_REPLY))
        page_field(page, "Data", "%" PRIu32 " octets", packet->length - HEADER);
    add_quote(page, packet);
    add_extension(page, packet);
    add_meaning(page, packet);
    add_octets(page, packet);
}
