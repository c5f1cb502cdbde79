/* SPDX-License-Identifier: MIT */
/* Verdicts of every type and code of both families, in every direction: promised by a policy, or seen. */
#ifndef SONDE_POLICY_MATRIX_H
#define SONDE_POLICY_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/policy.h"

enum { MATRIX_PAIRS = 65536 };

/** A message as it arrives; the same type and code may meet another verdict in another shape. */
enum shape {
    SHAPE_PLAIN,  /* unsolicited, from off the link */
    SHAPE_ANSWER, /* it answers a packet of ours, by its identifier or its quote */
    SHAPE_LINK,   /* from the link: hop limit 255 (MLD: 1), link-local source */
    SHAPE_COUNT,
};

/** What became of a message. */
enum fate {
    FATE_UNSEEN, /* not sent, or the kernel dropped it before any rule saw it */
    FATE_ACCEPT,
    FATE_DROP,
    FATE_REJECT,
};

/** One message in one direction. */
struct matrix_cell {
    uint8_t fate;  /* enum fate */
    uint16_t rule; /* that decided; an index of the matrix's names, 0: the chain's policy or none */
};

/** All verdicts; about 8 MiB, so on the heap. */
struct matrix {
    struct matrix_cell cells[SHAPE_COUNT][2][DIRECTION_COUNT]
                            [MATRIX_PAIRS]; /* [..][family == 6][..][type<<8|code] */
    char **rules; /* names: "inet/sonde_guard/v4.8 handle 12 \"sg:v4.8.0.input\""; [0] is "no rule" */
    size_t rule_count, rule_capacity;
};

/** A new matrix in which nothing was seen. Never NULL. */
struct matrix *matrix_new(void);

/** Free it; takes NULL. Returns NULL. */
struct matrix *matrix_free(struct matrix *matrix);

/** The index of a rule's name, which is added when it is new. */
uint16_t matrix_rule(struct matrix *matrix, const char *name);

/** The cell of a message. */
static inline struct matrix_cell *matrix_at(struct matrix *matrix, enum shape shape, uint8_t family,
                                            enum direction direction, uint8_t type, uint8_t code)
{
    return &matrix->cells[shape][family == 6][direction][type << 8 | code];
}

/** "accept", "drop", "reject", "unseen". */
const char *fate_name(enum fate fate);

/** "plain", "answer", "link". */
const char *shape_name(enum shape shape);

/** What must become of a message of a shape under a verdict (a limit lets the first one pass). */
enum fate verdict_fate(enum verdict verdict, enum shape shape);

/** Fill a matrix with what a policy promises. @param now_s seconds since 1970 */
void matrix_promise(struct matrix *matrix, const struct policy *policy, int64_t now_s);

/** The same for messages that arrive, or leave if they are ours, by an interface; NULL: one that no rule
 * names.
 */
void matrix_promise_on(struct matrix *matrix, const struct policy *policy, const char *interface,
                       int64_t now_s);

#endif
