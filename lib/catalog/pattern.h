/* SPDX-License-Identifier: MIT */
/* Inside the catalog: the small pattern language in which pasted lines are described. */
#ifndef SONDE_CATALOG_PATTERN_H
#define SONDE_CATALOG_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/slice.h"

#define PATTERN_LONGEST 2048 /* octets of a pasted text that are looked at */

/** A text, and the same in small letters for comparing. */
struct pattern_text {
    const char *original; /* not owned */
    size_t length;        /* at most PATTERN_LONGEST */
    char small[PATTERN_LONGEST + 1];
};

/** What the placeholders of a pattern found; -1, empty or family 0 for what is not in it. */
struct pattern_captures {
    int64_t type, code, number, port, mtu;
    struct slice host;           /* inside the original text */
    struct sonde_address sender; /* who sent the message */
};

/** Prepare a text for matching. */
void pattern_text_init(struct pattern_text *text, const char *original);

/** Empty captures. */
struct pattern_captures pattern_captures_none(void);

/**
 * Find a pattern in a text, at the leftmost place.
 * Small letters stand for letters of both cases, a blank for one or more blanks, `*` for any text, `~` for
 * the edge of a word, a backslash makes the next octet literal, `^` and `$` stand for the beginning and the
 * end of the text (blanks around it do not count). Placeholders stand for a number or an address and store
 * it: {type} {code} {number} {port} {mtu} {n} (stored nowhere) {host} {sender}.
 * @param captures filled where the pattern has placeholders, left alone when it does not match
 * @return whether it is there
 */
bool pattern_find(const char *pattern, const struct pattern_text *text, struct pattern_captures *captures);

#endif
