/* SPDX-License-Identifier: MIT */
/* Which packets the user wants to see: of a type, with a name, of an address. */
#include "cmd/watch/screen/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/icmp.h"

enum { UNKNOWN, PASSES, PASSES_NOT };

/* A number up to 255 at the beginning of a text. Returns what is behind it, or NULL. */
static const char *parse_octet(const char *text, uint8_t *octet)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || number > UINT8_MAX)
        return NULL;
    *octet = (uint8_t)number;
    return end;
}

/* "3" or "3/4" */
static bool parse_number(struct filter *filter, const char *text)
{
    const char *rest = parse_octet(text, &filter->type);

    filter->any_code = rest && !rest[0];
    if (!rest || filter->any_code)
        return rest;
    rest = rest[0] == '/' ? parse_octet(rest + 1, &filter->code) : NULL;
    return rest && !rest[0];
}

void filter_parse(struct filter *filter, const char *text)
{
    memset(filter, 0, sizeof(*filter));
    snprintf(filter->text, sizeof(filter->text), "%s", text);
    if (!text[0])
        filter->kind = FILTER_NOTHING;
    else if (parse_number(filter, text))
        filter->kind = FILTER_NUMBER;
    else if (prefix_parse(text, &filter->prefix) == 0)
        filter->kind = FILTER_ADDRESS;
    else
        filter->kind = FILTER_NAME;
}

void filter_by_type(struct filter *filter, uint8_t family, uint8_t type, uint8_t code)
{
    memset(filter, 0, sizeof(*filter));
    filter->kind = FILTER_TYPE;
    filter->family = family;
    filter->type = type;
    filter->code = code;
    snprintf(filter->text, sizeof(filter->text), "v%u %u/%u %s", family, type, code,
             sonde_icmp_find(family, type, code)->name);
}

static bool is_named(struct filter *filter, uint8_t family, uint8_t type, uint8_t code)
{
    uint8_t *named = &filter->named[family == 6][type << 8 | code];

    if (*named == UNKNOWN)
        *named = strcasestr(sonde_icmp_find(family, type, code)->name, filter->text) ? PASSES : PASSES_NOT;
    return *named == PASSES;
}

bool filter_passes_type(struct filter *filter, uint8_t family, uint8_t type, uint8_t code)
{
    switch (filter->kind) {
    case FILTER_TYPE:
        return family == filter->family && type == filter->type && code == filter->code;
    case FILTER_NUMBER:
        return type == filter->type && (filter->any_code || code == filter->code);
    case FILTER_NAME:
        return is_named(filter, family, type, code);
    default:
        return true;
    }
}

static bool is_about(const struct filter *filter, const struct packet *packet)
{
    const struct prefix *prefix = &filter->prefix;
    struct packet_quote quote;

    if (prefix_holds(prefix, packet->family, packet->source) ||
        prefix_holds(prefix, packet->family, packet->destination))
        return true;
    if (packet->class != PACKET_ERROR && packet->class != PACKET_REDIRECT)
        return false;
    packet_read_quote(packet, &quote);
    return quote.family && (prefix_holds(prefix, quote.family, quote.source) ||
                            prefix_holds(prefix, quote.family, quote.destination));
}

bool filter_passes(struct filter *filter, const struct packet *packet)
{
    if (packet->class == PACKET_FLOW)
        return false;
    if (filter->kind == FILTER_NOTHING)
        return true;
    if (filter->kind == FILTER_ADDRESS)
        return is_about(filter, packet);
    return packet->class != PACKET_FRAGMENT &&
           filter_passes_type(filter, packet->family, packet->type, packet->code);
}
