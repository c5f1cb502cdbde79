/* SPDX-License-Identifier: MIT */
/* What is known of a network before it is watched: its own prefixes, its unused ones, who may do what. */
#include "detect/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void prefix_mask(uint8_t family, uint8_t *octets, unsigned bits)
{
    for (size_t i = 0; i<address_length(family); i++, bits = bits> 8 ? bits - 8 : 0)
        if (bits < 8)
            octets[i] &= (uint8_t)(0xff00 >> bits);
}

int prefix_parse(const char *text, struct prefix *prefix)
{
    char address[SONDE_ADDRESS_TEXT] = "", *end;
    size_t length = strcspn(text, "/");
    unsigned long bits, most;

    if (length >= sizeof(address))
        return -EINVAL;
    memcpy(address, text, length);
    if (sonde_address_parse(address, &prefix->address) < 0)
        return -EINVAL;
    most = address_length(prefix->address.family) * 8;
    bits = most;
    if (text[length]) {
        bits = strtoul(text + length + 1, &end, 10);
        if (text[length + 1] < '0' || text[length + 1] > '9' || *end || bits > most)
            return -EINVAL;
    }
    prefix->bits = (uint8_t)bits;
    prefix_mask(prefix->address.family, prefix->address.bytes, (unsigned)bits);
    return 0;
}

bool prefix_holds(const struct prefix *prefix, uint8_t family, const uint8_t *octets)
{
    unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;

    if (prefix->address.family != family || memcmp(prefix->address.bytes, octets, whole) != 0)
        return false;
    return rest == 0 || ((prefix->address.bytes[whole] ^ octets[whole]) >> (8 - rest)) == 0;
}

bool prefixes_hold(const struct prefixes *prefixes, uint8_t family, const uint8_t *octets)
{
    for (size_t i = 0; i < prefixes->count; i++)
        if (prefix_holds(&prefixes->rows[i], family, octets))
            return true;
    return false;
}

int prefixes_add(struct prefixes *prefixes, const char *text)
{
    int rc;

    if (prefixes->count == PREFIXES_MAX)
        return -ENOSPC;
    rc = prefix_parse(text, &prefixes->rows[prefixes->count]);
    prefixes->count += rc == 0;
    return rc;
}
