/* SPDX-License-Identifier: MIT */
/* An IPv4 or IPv6 address as a value. */
#ifndef SONDE_BASE_ADDRESS_H
#define SONDE_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SONDE_ADDRESS_TEXT 46 /* octets of the longest text form with its terminating zero */

/** An address; family 0 means "none". */
struct sonde_address {
    uint8_t family;    /* 4, 6 or 0 */
    uint8_t bytes[16]; /* network order; an IPv4 address uses the first four */
};

/**
 * Parse the text form of an address.
 * @param text "192.0.2.1" or "2001:db8::1", without brackets or zone
 * @param address filled on success
 * @return 0, or -EINVAL when the text is no address
 */
int sonde_address_parse(const char *text, struct sonde_address *address);

/**
 * Write the text form (RFC 5952 for IPv6).
 * @param address the address; family 0 gives "-"
 * @param text at least SONDE_ADDRESS_TEXT octets
 * @return text
 */
const char *sonde_address_format(const struct sonde_address *address, char text[SONDE_ADDRESS_TEXT]);

/**
 * Compare two addresses.
 * @return whether family and octets are the same
 */
bool sonde_address_equal(const struct sonde_address *a, const struct sonde_address *b);

/** Octets of an address of this family: 4 or 16. */
size_t address_length(uint8_t family);

/** Make an address of a family (4 or 6) from its octets in network order. */
struct sonde_address address_from(uint8_t family, const void *bytes);

/** Whether an address is 127.0.0.0/8 or ::1 (RFC 6890). */
bool address_is_loopback(const struct sonde_address *address);

/** Whether an address is IPv6 link-local (RFC 4291 2.5.6). */
bool address_is_link_local(const struct sonde_address *address);

#endif
