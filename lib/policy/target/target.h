/* SPDX-License-Identifier: MIT */
/* What a policy can be compiled to: nftables, iptables, pf, JSON; each says what it cannot express. */
#ifndef SONDE_POLICY_TARGET_TARGET_H
#define SONDE_POLICY_TARGET_TARGET_H

#include "base/text.h"
#include "policy/policy.h"

/** A language of rules. */
struct policy_target {
    const char *name; /* "nft", "iptables", "pf", "json" */
    /** Append the rules. @param omissions a line for each thing that the language cannot express
     * @param now_s seconds since 1970; expired exceptions are left out */
    void (*render)(const struct policy *policy, int64_t now_s, struct text *text, struct text *omissions);
};

/** The targets in order; NULL after the last. */
const struct policy_target *policy_target_row(size_t index);

/** The target of a name, or NULL. */
const struct policy_target *policy_target_find(const char *name);

#endif
