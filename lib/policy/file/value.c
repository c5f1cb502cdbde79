/* SPDX-License-Identifier: MIT */
/* Parsing of the words of a policy file. */
#include "policy/file/value.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/suggest.h"
#include "catalog/icmp.h"

enum { RATE_MAX = 10000000, WHY = 160 };

/* A decimal number up to a largest one; the text moves on behind it. */
static bool take_number(const char **text, uint32_t largest, uint32_t *number)
{
    uint64_t value = 0;
    const char *at = *text;

    while (isdigit((unsigned char)*at)) {
        value = 10 * value + (uint64_t)(*at++ - '0');
        if (value > largest)
            return false;
    }
    if (at == *text)
        return false;
    *number = (uint32_t)value;
    *text = at;
    return true;
}

static bool take(const char **text, const char *word)
{
    size_t length = strlen(word);

    if (strncmp(*text, word, length) != 0)
        return false;
    *text += length;
    return true;
}

/* "5" or "5-9". */
static bool take_range(const char **text, uint32_t *first, uint32_t *last)
{
    if (!take_number(text, 255, first))
        return false;
    *last = *first;
    return !take(text, "-") || (take_number(text, 255, last) && *last >= *first);
}

static bool parse_numbers(const char *text, struct message_range *range, char why[WHY])
{
    uint32_t first, last;

    snprintf(why, WHY, "'%.40s' is no type: write a name, 3, 44-252, 3/4 or 3/*, with numbers up to 255",
             text);
    if (!take_range(&text, &first, &last))
        return false;
    range->type = (uint8_t)first;
    range->type_last = (uint8_t)last;
    range->code = range->code_last = POLICY_ANY_CODE;
    if (*text == '\0' || strcmp(text, "/*") == 0)
        return true;
    if (!take(&text, "/") || !take_range(&text, &first, &last) || *text != '\0')
        return false;
    range->code = (int16_t)first;
    range->code_last = (int16_t)last;
    snprintf(why, WHY, "a range of types has no codes: leave the code out");
    return range->type == range->type_last;
}

/* The name that was perhaps meant. */
static const char *nearest_name(uint8_t family, const char *text)
{
    struct suggestion suggestion = {text};
    const struct sonde_icmp_entry *row;

    for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++)
        suggestion_consider(&suggestion, row->name);
    return suggestion.nearest;
}

static bool parse_name(const char *text, struct message_range *range, char why[WHY])
{
    const struct sonde_icmp_entry *row = sonde_icmp_find_name(range->family, text);
    uint8_t other = range->family == 4 ? 6 : 4;
    const char *nearest;

    if (row != NULL) {
        *range = (struct message_range){range->family, row->type, row->type_last, row->code, row->code_last};
        return true;
    }
    nearest = nearest_name(range->family, text);
    if (sonde_icmp_find_name(other, text) != NULL)
        snprintf(why, WHY, "'%.40s' is a message of ICMPv%d: it belongs below ipv%d", text, other, other);
    else if (nearest != NULL)
        snprintf(why, WHY, "ICMPv%d has no message '%.40s'; did you mean '%s'?", range->family, text,
                 nearest);
    else
        snprintf(why, WHY, "ICMPv%d has no message '%.40s'; `sonde explain %d` lists all", range->family,
                 text, range->family);
    return false;
}

bool value_messages(const char *text, struct message_range *range, char why[WHY])
{
    return isdigit((unsigned char)*text) ? parse_numbers(text, range, why) : parse_name(text, range, why);
}

/* "second", "minute" or "hour", or "s", "m" or "h" alone. */
static bool take_period(const char **text, uint32_t *period_s)
{
    static const struct {
        const char *name;
        uint32_t seconds;
    } periods[] = {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"s", 1}, {"m", 60}, {"h", 3600}};

    for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++)
        if (take(text, periods[i].name)) {
            *period_s = periods[i].seconds;
            return **text == ' ' || **text == '\0';
        }
    return false;
}

static void skip_spaces(const char **text)
{
    while (**text == ' ')
        (*text)++;
}

bool value_rate(const char *text, struct policy_rate *rate, const char **rest)
{
    if (!take_number(&text, RATE_MAX, &rate->packets) || rate->packets == 0 || !take(&text, "/") ||
        !take_period(&text, &rate->period_s))
        return false;
    rate->burst = rate->packets > 5 ? rate->packets : 5;
    skip_spaces(&text);
    if (take(&text, "burst ")) {
        skip_spaces(&text);
        if (!take_number(&text, RATE_MAX, &rate->burst) || rate->burst == 0 ||
            (*text != ' ' && *text != '\0'))
            return false;
        skip_spaces(&text);
    }
    if (rest != NULL)
        *rest = text;
    return rest != NULL || *text == '\0';
}

bool value_date(const char *text, int64_t *end_s)
{
    uint32_t year, month, day;
    struct tm date = {0}, copy;
    time_t begin;

    if (strlen(text) != 10 || !take_number(&text, 9999, &year) || !take(&text, "-") ||
        !take_number(&text, 12, &month) || !take(&text, "-") || !take_number(&text, 31, &day) ||
        *text != '\0' || year < 1970)
        return false;
    date.tm_year = (int)year - 1900;
    date.tm_mon = (int)month - 1;
    date.tm_mday = (int)day;
    copy = date;
    begin = timegm(&copy);
    if (copy.tm_mon != date.tm_mon || copy.tm_mday != date.tm_mday) /* 31 February became March */
        return false;
    *end_s = (int64_t)begin + 24 * 3600;
    return true;
}

/* The octets of an address without what is beyond its prefix. */
static struct sonde_address masked(const struct sonde_address *address, unsigned length)
{
    struct sonde_address network = {.family = address->family};

    for (size_t i = 0; i < address_length(address->family); i++) {
        unsigned bits = length > 8 * i ? length - 8 * (unsigned)i : 0;

        network.bytes[i] = bits >= 8 ? address->bytes[i] : (uint8_t)(address->bytes[i] & ~(0xff >> bits));
    }
    return network;
}

bool value_prefix(const char *text, struct sonde_address *address, uint8_t *length, char why[WHY])
{
    char copy[SONDE_ADDRESS_TEXT + 1] = "", clean[SONDE_ADDRESS_TEXT];
    const char *slash = strchr(text, '/');
    size_t octets = slash != NULL ? (size_t)(slash - text) : strlen(text);
    struct sonde_address network;
    uint32_t bits;

    snprintf(why, WHY, "'%.60s' is no address or prefix such as 192.0.2.0/24 or 2001:db8::/32", text);
    if (octets >= sizeof(copy))
        return false;
    memcpy(copy, text, octets);
    if (sonde_address_parse(copy, address) < 0)
        return false;
    bits = 8 * (uint32_t)address_length(address->family);
    if (slash != NULL) {
        slash++;
        if (!take_number(&slash, bits, &bits) || *slash != '\0')
            return false;
    }
    network = masked(address, bits);
    sonde_address_format(&network, clean);
    snprintf(why, WHY, "'%.60s' has bits beyond its prefix; did you mean %s/%u?", text, clean, bits);
    *length = (uint8_t)bits;
    return sonde_address_equal(&network, address);
}

bool value_is_interface(const char *name)
{
    size_t length = strlen(name);

    /* net/core/dev.c, dev_valid_name(); and nothing that would end a quoted word of nft or iptables, or be a
     * pattern there */
    if (length == 0 || length >= POLICY_INTERFACE_MAX || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    for (; *name != '\0'; name++)
        if (!isgraph((unsigned char)*name) || strchr("/\"\\*+!", *name) != NULL)
            return false;
    return true;
}
