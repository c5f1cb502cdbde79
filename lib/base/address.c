/* SPDX-License-Identifier: MIT */
/* An IPv4 or IPv6 address as a value. */
#include "base/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/macro.h"

SONDE_API int sonde_address_parse(const char *text, struct sonde_address *address)
{
    struct sonde_address parsed = {0};

    if (inet_pton(AF_INET, text, parsed.bytes) == 1)
        parsed.family = 4;
    else if (inet_pton(AF_INET6, text, parsed.bytes) == 1)
        parsed.family = 6;
    else
        return -EINVAL;
    *address = parsed;
    return 0;
}

SONDE_API const char *sonde_address_format(const struct sonde_address *address, char text[SONDE_ADDRESS_TEXT])
{
    if (address->family == 0)
        return memcpy(text, "-", sizeof("-"));
    return inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->bytes, text, SONDE_ADDRESS_TEXT);
}

SONDE_API bool sonde_address_equal(const struct sonde_address *a, const struct sonde_address *b)
{
    return a->family == b->family && memcmp(a->bytes, b->bytes, address_length(a->family)) == 0;
}

size_t address_length(uint8_t family)
{
    if (family == 4)
        return 4;
    return family == 6 ? 16 : 0;
}

struct sonde_address address_from(uint8_t family, const void *bytes)
{
    struct sonde_address address = {.family = family};

    memcpy(address.bytes, bytes, address_length(family));
    return address;
}

bool address_is_loopback(const struct sonde_address *address)
{
    if (address->family == 4)
        return address->bytes[0] == 127;
    return address->family == 6 && memcmp(address->bytes, &in6addr_loopback, 16) == 0;
}

bool address_is_link_local(const struct sonde_address *address)
{
    return address->family == 6 && address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
}
