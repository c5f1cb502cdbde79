/* SPDX-License-Identifier: MIT */
/* A rule of a policy in words. */
#ifndef SONDE_CMD_GUARD_POLICY_DESCRIBE_H
#define SONDE_CMD_GUARD_POLICY_DESCRIBE_H

#include "base/text.h"
#include "catalog/icmp.h"
#include "policy/policy.h"

/** The row of the catalog that a rule is about, or that of its first message. */
const struct sonde_icmp_entry *describe_row(const struct policy_rule *rule);

/** Append "3/4", "44-252", "3/5-7", or "3/" and an asterisk. */
void describe_messages(struct text *text, const struct policy_rule *rule);

/** Append "limit 10/second burst 20, 1000/second burst 2000 in all", or the name of another verdict. */
void describe_verdict(struct text *text, const struct policy_rule *rule);

/** Append "on eth1, from 192.0.2.0/24, until 2027-03-31"; nothing for a rule that holds everywhere. */
void describe_where(struct text *text, const struct policy_rule *rule);

/** Append the last day of an exception: "2027-03-31". */
void describe_expiry(struct text *text, int64_t expires_s);

#endif
