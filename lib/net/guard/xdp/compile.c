/* SPDX-License-Identifier: MIT */
/* A policy as the tables of the early filter: an action for each type and code of both families. */
#include "net/guard/xdp/compile.h"

#include "base/macro.h"

static struct guard_xdp_rate rate_of(const struct policy_rate *rate)
{
    uint64_t gap_ns = rate->packets ? rate->period_s * (uint64_t)NS_PER_S / rate->packets : UINT32_MAX;
    uint64_t burst = rate->burst > 0 ? rate->burst : 1;

    return (struct guard_xdp_rate){gap_ns, gap_ns * burst};
}

/* Rules beyond those that fit are left to nftables. */
static uint8_t limit_of(struct xdp_tables *tables, const struct policy_rule *rule)
{
    size_t at = 0;

    while (at < tables->limit_count && tables->limited[at] != rule)
        at++;
    if (at == GUARD_XDP_LIMITS)
        return GUARD_XDP_PASS;
    if (at == tables->limit_count) {
        tables->limited[tables->limit_count++] = rule;
        tables->limits[at] =
            (struct guard_xdp_limit){rate_of(&rule->limit.source), rate_of(&rule->limit.total)};
    }
    return (uint8_t)(GUARD_XDP_LIMIT + at);
}

static uint8_t link_of(uint8_t family, uint8_t type)
{
    uint8_t hop_limit = policy_hop_limit(family, type);

    if (hop_limit == 255)
        return GUARD_XDP_LINK_255;
    return hop_limit == 1 ? GUARD_XDP_LINK_1 : GUARD_XDP_LINK_ANY;
}

/* An exception for a source may say otherwise than the rule behind it. */
static bool depends_on_source(const struct policy *policy, const struct policy_question *question,
                              int64_t now_s)
{
    for (size_t i = 0; i < policy->rule_count; i++) {
        const struct policy_rule *rule = &policy->rules[i];

        if (rule->source.family && !policy_rule_expired(rule, now_s) &&
            policy_rule_names(rule, question->family, question->direction, question->type, question->code))
            return true;
    }
    return false;
}

static uint8_t action_of(const struct policy *policy, const struct policy_question *question, int64_t now_s,
                         struct xdp_tables *tables)
{
    struct policy_decision decision = policy_decide(policy, question, now_s);

    if (depends_on_source(policy, question, now_s))
        return GUARD_XDP_PASS;
    switch (decision.verdict) {
    case VERDICT_DROP:
        return GUARD_XDP_DROP;
    case VERDICT_LINK:
        return link_of(question->family, question->type);
    case VERDICT_LIMIT:
        return decision.rule ? limit_of(tables, decision.rule) : GUARD_XDP_PASS;
    default:
        return GUARD_XDP_PASS;
    }
}

void xdp_compile(const struct policy *policy, const char *interface, int64_t now_s, struct xdp_tables *tables)
{
    static const uint8_t families[GUARD_XDP_FAMILIES] = {[GUARD_XDP4] = 4, [GUARD_XDP6] = 6};

    for (unsigned family = 0; family < GUARD_XDP_FAMILIES; family++)
        for (unsigned pair = 0; pair < GUARD_XDP_TYPES * GUARD_XDP_CODES; pair++) {
            const struct policy_question question = {.family = families[family],
                                                     .type = (uint8_t)(pair >> 8),
                                                     .code = (uint8_t)pair,
                                                     .direction = DIRECTION_INPUT,
                                                     .interface = interface};

            tables->rows[guard_xdp_row_of(family, question.type)].actions[question.code] =
                action_of(policy, &question, now_s, tables);
        }
}
