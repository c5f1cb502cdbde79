/* SPDX-License-Identifier: MIT */
/* The lines and exceptions of a policy file become rules. */
#ifndef SONDE_POLICY_FILE_CLAUSE_H
#define SONDE_POLICY_FILE_CLAUSE_H

#include "policy/file/tree.h"

/** Add the rules of `ipv4` or `ipv6`: a map from messages to verdicts. */
void clause_read_family(struct policy *policy, uint8_t family, const struct tree_node *map,
                        struct policy_problems *problems);

/** Add the rules of `exceptions`: a list of maps. */
void clause_read_exceptions(struct policy *policy, const struct tree_node *list,
                            struct policy_problems *problems);

/** Put the rules in the order in which they are tried, and complain about those that repeat one. */
void clause_sort(struct policy *policy, struct policy_problems *problems);

/** Complain about what would break path MTU discovery or neighbour discovery without saying that it knows.
 * @param unlisted where the file says what becomes of what it does not name */
void clause_refuse(const struct policy *policy, struct policy_place unlisted,
                   struct policy_problems *problems);

/** Words for `i-know-this-breaks`. */
#define BREAKS_PMTUD "path-mtu-discovery"
#define BREAKS_ND    "neighbour-discovery"

/** What blocking a message can break; bits. */
enum { BREAK_PMTUD = 1, BREAK_ND = 2 };

/** What blocking the messages of a rule breaks. @return bits of BREAK_* */
unsigned clause_breaks(const struct policy_rule *rule);

/** The nearest of some words, as "; did you mean 'input'?", or nothing.
 * @param words NULL ends the list
 * @param text at least 80 octets */
const char *clause_suggest(const char *typed, const char *const *words, char text[80]);

#endif
