/* SPDX-License-Identifier: MIT */
/* A rule and all that its counters showed: what a decision is made of. */
#ifndef SONDE_POLICY_REVIEW_CASE_H
#define SONDE_POLICY_REVIEW_CASE_H

#include "catalog/icmp.h"
#include "policy/review/rate.h"
#include "policy/review/review.h"

/** A rule under review. */
struct review_case {
    const struct review_input *input;
    const struct policy_rule *rule;
    const struct sonde_icmp_entry *entry; /* of the catalog: the first type and code of the rule */
    enum verdict advised;                 /* by the catalog, for this role and direction */
    bool known;                           /* a counter of it was seen */
    int64_t passed, blocked, observed_s, last_hit_s, resets, reboots;
    int64_t blocked_today;                /* in the last 24 hours */
    struct rate_change passing, blocking; /* how the last day differs */
    struct review_advice *advice;
    struct guard_findings *findings;
};

/** Decide about a rule: fills action, because, change and confidence of its advice, and adds findings. */
void case_decide(struct review_case *one);

/** How much a verdict lets through: 3 accept, 2 limit, 1 answer-only and link-only, 0 nothing. */
int case_openness(enum verdict verdict);

/** Begin a finding about the rule of a case. @return it, as guard_findings_add */
struct guard_finding *case_find(const struct review_case *one, const char *id, const char *message);

#endif
