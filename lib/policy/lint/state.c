/* SPDX-License-Identifier: MIT */
/* Fragments, connection tracking and translation: where types are not seen and errors not recognised. */
#include <string.h>

#include "base/macro.h"
#include "policy/lint/context.h"

enum { PRIORITY_DEFRAGMENT = -400, PROTOCOL_GRE = 47, PROTOCOL_ESP = 50, PROTOCOL_AH = 51 };

static const struct rules_chain *chain_of(const struct lint *lint, uint32_t rule)
{
    return &lint->rules->chains[lint->rules->items[rule].chain];
}

static const struct rules_table *table_of(const struct lint *lint, uint32_t rule)
{
    return &lint->rules->tables[chain_of(lint, rule)->table];
}

static bool sees_fragments(const struct lint *lint, uint32_t rule)
{
    const struct rules_chain *chain = chain_of(lint, rule);

    if (strcmp(table_of(lint, rule)->family, "netdev") == 0)
        return true;
    return *chain->hook && chain->priority <= PRIORITY_DEFRAGMENT &&
           (strcmp(chain->hook, "prerouting") == 0 || strcmp(chain->hook, "output") == 0);
}

/* Whether a rule looks at the offset of fragments before this one does. */
static bool handles_fragments(const struct lint *lint, uint32_t index)
{
    for (uint32_t i = chain_of(lint, index)->first; i < index; i++)
        if (lint_match(&lint->rules->items[i], RULES_FRAGMENT))
            return true;
    return false;
}

/* G027. */
static void check_fragments(struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];
        const struct rules_match *type = lint_match(rule, RULES_TYPE);
        struct guard_finding *finding;

        if (!type || !sees_fragments(lint, i) || rule->verdict == RULES_CONTINUE ||
            !lint_judges(lint, type->family) || handles_fragments(lint, i) ||
            lint_has(lint, "G027", i, rule->chain))
            continue;
        finding =
            lint_add(lint, "G027", i, RULES_NONE,
                     "fragments pass here before they are put together; all but the first carry no type");
        finding->family = type->family;
        if (type->value_count)
            finding->type = type->values[0].first;
        guard_finding_set(&finding->witness,
                          "the second fragment of a large ICMPv%u message: this rule never matches it",
                          type->family);
    }
}

static const struct rules_match *state_with(const struct rules_rule *rule, uint32_t state)
{
    const struct rules_match *match = lint_match(rule, RULES_STATE);

    for (size_t i = 0; match && !match->negated && i < match->value_count; i++)
        if (match->values[i].first & state)
            return match;
    return NULL;
}

static uint32_t find_related(const struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++)
        if (lint->rules->items[i].verdict == RULES_ACCEPT &&
            state_with(&lint->rules->items[i], RULES_RELATED))
            return i;
    return RULES_NONE;
}

/* G028: what was not tracked has no relation. */
static void check_untracked(struct lint *lint)
{
    uint32_t related = find_related(lint);

    for (uint32_t i = 0; i < lint->rules->count && related != RULES_NONE; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];
        struct guard_finding *finding;

        if (!rule->notrack)
            continue;
        finding = lint_add(lint, "G028", i, RULES_NONE,
                           "errors about packets that are not tracked do not match `related`");
        guard_finding_set(&finding->witness, "ICMPv4 3/4 about an untracked packet: state %s",
                          lint_match(rule, RULES_PORT) ? "invalid" : "untracked");
        return;
    }
}

/* A sign of tunnels, whose errors conntrack cannot relate: their protocols, or their interfaces. */
static bool has_tunnels(const struct lint *lint)
{
    static const char *const names[] = {"gre", "ipsec", "vti", "xfrm", "wg", "tun", "sit", "ip6tnl"};

    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_match *match = lint_match(&lint->rules->items[i], RULES_PROTOCOL);

        for (size_t k = 0; match && k < match->value_count; k++)
            if (match->values[k].first == PROTOCOL_GRE || match->values[k].first == PROTOCOL_ESP ||
                match->values[k].first == PROTOCOL_AH)
                return true;
    }
    for (size_t i = 0; i < lint->name_count; i++)
        for (size_t k = 0; k < COUNT_OF(names); k++)
            if (strncmp(lint->names[i], names[k], strlen(names[k])) == 0)
                return true;
    return false;
}

/* G029: an unsolicited 3/4 is invalid to conntrack; would a later rule have taken it? */
static void check_invalid(struct lint *lint)
{
    for (enum hook hook = HOOK_INPUT; hook <= HOOK_FORWARD; hook++) {
        struct walk_question question = {.family = 4, .type = 3, .code = 4, .hook = hook};
        struct walk_result result;
        const struct walk_hit *hit;
        struct guard_finding *finding;

        if (!lint_judges(lint, 4) || !lint_filters(lint, 4, hook) || !lint_cares(lint, hook) ||
            lint_ask(lint, &question, false, &result) != OUTCOME_STOPPED)
            continue;
        hit = walk_decider(&result);
        if (hit->rule == RULES_NONE || !state_with(&lint->rules->items[hit->rule], RULES_INVALID))
            continue;
        finding = lint_add(lint, "G029", hit->rule, hit->chain, "%s", guard_check_find("G029")->title);
        lint_witness(lint, finding, &question, &result);
        if (has_tunnels(lint))
            lint_fix_insert(lint, finding, hit,
                            "icmp type destination-unreachable icmp code frag-needed counter accept",
                            "-p icmp -m icmp --icmp-type 3/4 -j ACCEPT");
        else
            lint_grade(finding, "note");
    }
}

static uint32_t find_translation(const struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++)
        if (lint->rules->items[i].verdict == RULES_TRANSLATE)
            return i;
    return RULES_NONE;
}

/* G041: behind a translation, errors reach the inside only through the mapping that conntrack knows. */
static void check_translation(struct lint *lint)
{
    static const uint8_t errors[][2] = {{3, 1}, {3, 3}, {11, 0}};
    uint32_t nat = find_translation(lint);

    for (size_t i = 0; nat != RULES_NONE && i < COUNT_OF(errors); i++) {
        struct walk_question question = {.family = 4,
                                         .type = errors[i][0],
                                         .code = errors[i][1],
                                         .hook = HOOK_FORWARD,
                                         .shape = SHAPE_ANSWER};
        struct walk_result result;
        const struct walk_hit *hit;
        struct guard_finding *finding;

        if (!lint_judges(lint, 4) || lint_ask(lint, &question, false, &result) != OUTCOME_STOPPED)
            continue;
        hit = walk_decider(&result);
        if (lint_has(lint, "G041", hit->rule, hit->chain))
            continue;
        finding = lint_add(lint, "G041", hit->rule, hit->chain, "%s", guard_check_find("G041")->title);
        lint_witness(lint, finding, &question, &result);
        lint_fix_insert(lint, finding, hit, "ct state related counter accept",
                        "-m conntrack --ctstate RELATED -j ACCEPT");
    }
}

/* G042. */
static void check_balance(struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];
        struct guard_finding *finding;

        if (!rule->balances || lint_has(lint, "G042", i, rule->chain))
            continue;
        finding = lint_add(lint, "G042", i, RULES_NONE, "%s", guard_check_find("G042")->title);
        guard_finding_set(
            &finding->witness,
            "ICMPv4 3/4 from a router on the way: its node is chosen by another address than the flow's");
    }
}

lint_check *const lint_state[] = {check_fragments,   check_untracked, check_invalid,
                                  check_translation, check_balance,   NULL};
