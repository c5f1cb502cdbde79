/* SPDX-License-Identifier: MIT */
/* Where two matrices disagree, as few groups of types and codes as can be read aloud. */
#ifndef SONDE_POLICY_DIFFERENCE_H
#define SONDE_POLICY_DIFFERENCE_H

#include "base/record.h"
#include "policy/matrix.h"

/** Messages of one shape, family and direction that share what both matrices say of them. */
struct difference {
    uint8_t family;
    enum direction direction;
    enum shape shape;
    uint8_t type, type_last; /* more than one type only with all of their codes */
    uint8_t code, code_last;
    enum fate before, after;
    uint16_t rule; /* of `after`, an index of its names */
    size_t pairs;
};

/** Fill a matrix with what happens without any rule: everything passes. */
void matrix_accept(struct matrix *matrix);

/** How many messages of a direction were sent, of both families, and reached no rule. */
size_t matrix_unseen(struct matrix *matrix, enum direction direction);

enum { DIFFERENCE_TEXT_MAX = 32 };

/** Write types and codes: "3/4", "3/5-15", "44-252". @return text */
const char *difference_text(const struct difference *difference, char text[DIFFERENCE_TEXT_MAX]);

/** The fields of a record that say which messages it is about: members family, messages, type, type_last,
 * code, code_last and name. */
#define DIFFERENCE_FIELDS(record)                                                                            \
    {"family", FIELD_INTEGER, offsetof(record, family), .doc = "4 or 6", .title = "IPv"},                    \
        {"messages", FIELD_TEXT, offsetof(record, messages), .doc = "Types and codes, as text",              \
         .title = "Type/code"},                                                                              \
        {"type", FIELD_INTEGER, offsetof(record, type), .doc = "ICMP type, the first of a group",            \
         .style = STYLE_HIDDEN},                                                                             \
        {"type_last", FIELD_INTEGER, offsetof(record, type_last), .doc = "ICMP type, the last of a group",   \
         .style = STYLE_HIDDEN},                                                                             \
        {"code", FIELD_INTEGER, offsetof(record, code), .doc = "ICMP code, the first of a group",            \
         .style = STYLE_HIDDEN},                                                                             \
        {"code_last", FIELD_INTEGER, offsetof(record, code_last), .doc = "ICMP code, the last of a group",   \
         .style = STYLE_HIDDEN},                                                                             \
    {                                                                                                        \
        "name", FIELD_TEXT, offsetof(record, name), .doc = "Of the first message"                            \
    }

/** Takes a difference. */
typedef void difference_listener(void *context, const struct difference *difference);

/**
 * Whether what was seen keeps a promise. Where nothing is promised or nothing was sent, nothing is broken;
 * and a reject that the kernel never answers (policy_can_reject) is a drop.
 */
bool difference_kept(uint8_t family, uint8_t type, enum fate promised, enum fate seen);

/**
 * Find where two matrices disagree (difference_kept), in order of direction, family, shape, type and code.
 * @param directions bits 1 << enum direction
 * @return the number of messages on which they do
 */
size_t difference_find(struct matrix *before, struct matrix *after, unsigned directions,
                       difference_listener *listener, void *context);

#endif
