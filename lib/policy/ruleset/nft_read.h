/* SPDX-License-Identifier: MIT */
/* What the readers of nft's JSON share: a rule while it is read, its conditions and statements. */
#ifndef SONDE_POLICY_RULESET_NFT_READ_H
#define SONDE_POLICY_RULESET_NFT_READ_H

#include <jansson.h>

#include "policy/ruleset/model.h"

/** A rule while it is read. */
struct nft_draft {
    struct rules *rules;
    const json_t *objects; /* of the rule set */
    const char *family;    /* of the table */
    uint32_t table;
    struct rules_rule rule;       /* what all limbs have in common */
    const json_t *parts, *tuples; /* of a concatenation: one of these tuples fits */
    const json_t *key, *pairs;    /* of a verdict map */
};

/** The elements of the set or map that a text "@name" names, or NULL. */
const json_t *nft_elements(const struct nft_draft *draft, const json_t *reference);

/** Add the condition that the left side has one of the values of the right. */
void nft_read_condition(struct nft_draft *draft, struct rules_rule *rule, const json_t *left,
                        const char *operation, const json_t *right);

/** Read a statement into the draft. */
void nft_read_statement(struct nft_draft *draft, const json_t *statement);

/** A verdict: {"accept": null}, {"jump": {"target": ...}}. @return whether it is one */
bool nft_read_verdict(struct rules_rule *rule, const json_t *statement);

#endif
