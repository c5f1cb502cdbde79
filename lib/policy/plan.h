/* SPDX-License-Identifier: MIT */
/* What a change of rules would change: verdicts, not text; and what it would have done to traffic. */
#ifndef SONDE_POLICY_PLAN_H
#define SONDE_POLICY_PLAN_H

#include "base/record.h"
#include "policy/difference.h"

/** A change: the record sonde.guard.change/1. Strings belong to the plan, the matrix or the catalog. */
struct plan_change {
    char messages_text[DIFFERENCE_TEXT_MAX];
    const char *messages; /* "3/4", "3/5-15", "44-252" */
    int64_t family, type, type_last, code, code_last, pairs, tier;
    const char *name, *direction, *from, *to, *rule;
    bool refused; /* a message of tier 1 that passes now would not */
    int64_t packets, flows,
        sources; /* of the traffic whose fate changes; INTEGER_ABSENT: none was looked at */
};

extern const struct schema plan_change_schema;

/** A message of recorded traffic. */
struct plan_message {
    uint8_t family, type, code;
    enum direction direction;
    enum shape shape;
    uint64_t packets;            /* of a count: many */
    struct sonde_address source; /* family 0: not known */
    uint64_t flow;               /* the same for packets of one flow; 0: not known */
};

struct plan_seen;

/** A plan; zero-initialise. */
struct plan {
    struct plan_change *changes;
    size_t count, capacity, refused;
    struct matrix *now, *then;
    uint16_t (*index)[DIRECTION_COUNT][MATRIX_PAIRS]; /* [family == 6]: change + 1 */
    struct plan_seen *seen;
    int64_t messages, changed,
        dropped; /* of traffic: looked at; with another fate; of these no longer passing */
};

/**
 * Compare what is with what would be.
 * @param now, then must outlive the plan
 * @param directions bits 1 << enum direction
 * @param role whose advice says what must not be dropped
 */
void plan_make(struct plan *plan, struct matrix *now, struct matrix *then, unsigned directions,
               enum policy_role role);

/** Count a message of recorded traffic under the change that it would have met. */
void plan_count(struct plan *plan, const struct plan_message *message);

/** Free everything; the plan is empty afterwards. */
void plan_deinit(struct plan *plan);

/** What a matrix says of a message in all its shapes: "accept", "answer-only", "link-only", "drop", "reject"
 * or "unseen". */
const char *plan_word(struct matrix *matrix, uint8_t family, enum direction direction, uint8_t type,
                      uint8_t code);

#endif
