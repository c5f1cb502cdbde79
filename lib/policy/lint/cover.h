/* SPDX-License-Identifier: MIT */
/* Sets of ICMP messages, exact to the type and code, and which of them a rule takes away from later ones. */
#ifndef SONDE_POLICY_LINT_COVER_H
#define SONDE_POLICY_LINT_COVER_H

#include "policy/ruleset/model.h"

/** Types and codes of both families, a bit each. */
struct cover {
    uint64_t bits[2][256][4]; /* [family == 6][type][code / 64] */
};

/** The messages that the conditions of a rule on family, protocol, type and code let through. */
void cover_of(struct cover *cover, const struct rules *rules, const struct rules_rule *rule);

/** Only those that are in both. */
void cover_intersect(struct cover *cover, const struct cover *other);

/** Take away those of another set. @return whether there were any */
bool cover_subtract(struct cover *cover, const struct cover *other);

/** Whether a set is empty. */
bool cover_is_empty(const struct cover *cover);

/** Whether a message is in the set. */
bool cover_has(const struct cover *cover, uint8_t family, uint8_t type, uint8_t code);

/** A message of the set. @return whether there is one */
bool cover_first(const struct cover *cover, uint8_t *family, uint8_t *type, uint8_t *code);

/**
 * Whether conditions other than those on family, protocol, type and code of `general` hold whenever those of
 * some others do.
 * @param conditions of the more special rule, its own and those of the way to it
 */
bool cover_implied(const struct rules_rule *general, const struct rules_match *const *conditions,
                   size_t count);

#endif
