/* SPDX-License-Identifier: MIT */
/* What the readers of iptables-save share: the words of a line, and the rule while it is read. */
#ifndef SONDE_POLICY_RULESET_XT_READ_H
#define SONDE_POLICY_RULESET_XT_READ_H

#include "policy/ruleset/model.h"

enum { XT_WORDS_MAX = 128 };

/** A line, taken apart; its words point into `text`. */
struct xt_line {
    char *words[XT_WORDS_MAX];
    size_t count, next; /* the next word to be read */
    uint8_t family;     /* of the tool */
    bool negated;       /* a "!" stood in front of the option */
    bool target;        /* -j was read: options are the target's */
};

/** The next word, or "" behind the last. */
const char *xt_next(struct xt_line *line);

/** Read an option (with its values) into the rule. */
void xt_read_option(struct rules_rule *rule, struct xt_line *line, const char *option);

#endif
