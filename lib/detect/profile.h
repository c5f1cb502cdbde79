/* SPDX-License-Identifier: MIT */
/* What is known of a network before it is watched: its own prefixes, its unused ones, who may do what. */
#ifndef SONDE_DETECT_PROFILE_H
#define SONDE_DETECT_PROFILE_H

#include <stdbool.h>

#include "base/address.h"

enum { PREFIXES_MAX = 64 };

/** A prefix. */
struct prefix {
    struct sonde_address address; /* host bits are 0 */
    uint8_t bits;
};

/** A list of prefixes. */
struct prefixes {
    struct prefix rows[PREFIXES_MAX];
    size_t count;
};

/** What the user said. */
struct profile {
    struct prefixes internal; /* empty: everything may be inside */
    struct prefixes dark;     /* nobody lives here */
    struct prefixes allowed;  /* sources that may scan and flood */
};

/**
 * Parse a prefix or an address.
 * @param text "10.0.0.0/8", "2001:db8::/32", "192.0.2.1"; host bits are cleared
 * @return 0 or -EINVAL
 */
int prefix_parse(const char *text, struct prefix *prefix);

/** Whether an address (its octets as in struct packet) lies in a prefix. */
bool prefix_holds(const struct prefix *prefix, uint8_t family, const uint8_t *octets);

/** Whether an address lies in one of them. */
bool prefixes_hold(const struct prefixes *prefixes, uint8_t family, const uint8_t *octets);

/**
 * Add one.
 * @return 0, -EINVAL for text that is no prefix, -ENOSPC when the list is full
 */
int prefixes_add(struct prefixes *prefixes, const char *text);

/** Clear the bits of an address behind a prefix length. */
void prefix_mask(uint8_t family, uint8_t *octets, unsigned bits);

#endif
