/* SPDX-License-Identifier: MIT */
/* Inside the catalog: the rows by which pasted lines are recognised. */
#ifndef SONDE_CATALOG_PASTE_ROWS_H
#define SONDE_CATALOG_PASTE_ROWS_H

#include <stddef.h>
#include <stdint.h>

/* An ICMP message as one number; 0 is none, so that a row only names what it has. */
#define MESSAGE(type, code)  (0x10000 | (type) << 8 | (code))
#define MESSAGE_TYPE(type)   (0x20000 | (type) << 8)
#define MESSAGE_FROM_CAPTURE 0x40000

/** A pattern and what it means; the first row that matches wins. */
struct paste_meaning {
    const char *pattern;
    const char *tool;
    int32_t v4, v6;      /* MESSAGE..., or 0 */
    int error;           /* an errno, or 0; -1: the captured number */
    const char *symptom; /* a name, or NULL */
    const char *correction;
};

/** A pattern that tells the target, the sender or the family; each row that matches fills what is still
 * unknown. */
struct paste_place {
    const char *pattern;
    uint8_t protocol; /* of the port in it, or 0 */
    uint16_t port;    /* when the pattern has none but implies it */
    uint8_t family;   /* when the pattern implies it */
};

extern const struct paste_meaning paste_meanings[];
extern const size_t paste_meaning_count;
extern const struct paste_place paste_places[];
extern const size_t paste_place_count;

#endif
