/* SPDX-License-Identifier: MIT */
/* What nobody should block by accident: path MTU discovery, and neighbour discovery on a link. */
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "policy/file/clause.h"

/* Messages without which a network breaks in ways that are hard to find. */
static const struct critical {
    uint8_t family, type;
    int16_t code; /* POLICY_ANY_CODE: receivers ignore it (RFC 4443 3.2), senders write 0 */
    unsigned breaks;
    const char *name, *what;
} criticals[] = {
    {4, 3, 4, BREAK_PMTUD, "fragmentation-needed", "path MTU discovery (RFC 1191, RFC 2979 3.1.1)"},
    {6, 2, POLICY_ANY_CODE, BREAK_PMTUD, "packet-too-big", "path MTU discovery (RFC 8201, RFC 4890 4.3.1)"},
    {6, 133, 0, BREAK_ND, "router-solicitation", "neighbour discovery (RFC 4861, RFC 4890 4.4.1)"},
    {6, 134, 0, BREAK_ND, "router-advertisement", "neighbour discovery (RFC 4861, RFC 4890 4.4.1)"},
    {6, 135, 0, BREAK_ND, "neighbor-solicitation", "neighbour discovery (RFC 4861, RFC 4890 4.4.1)"},
    {6, 136, 0, BREAK_ND, "neighbor-advertisement", "neighbour discovery (RFC 4861, RFC 4890 4.4.1)"},
};

static bool names(const struct policy_rule *rule, const struct critical *critical)
{
    if (rule->family != critical->family || critical->type < rule->type || rule->type_last < critical->type)
        return false;
    return critical->code == POLICY_ANY_CODE || rule->code == POLICY_ANY_CODE ||
           (rule->code <= critical->code && critical->code <= rule->code_last);
}

unsigned clause_breaks(const struct policy_rule *rule)
{
    unsigned breaks = 0;

    for (size_t i = 0; i < COUNT_OF(criticals); i++)
        if (names(rule, &criticals[i]))
            breaks |= criticals[i].breaks;
    return breaks;
}

/* Whether a verdict keeps a message out. Errors answer a flow of ours; neighbour discovery is not tracked, so
 * nothing of it counts as an answer. */
static bool blocks(enum verdict verdict, unsigned breaks)
{
    if (verdict == VERDICT_DROP || verdict == VERDICT_REJECT)
        return true;
    return verdict == (breaks == BREAK_PMTUD ? VERDICT_LINK : VERDICT_ANSWER);
}

/* Whether a role needs a message in a direction. */
static bool is_needed(const struct policy *policy, enum direction direction, const struct critical *critical)
{
    if (!policy_filters(policy, direction))
        return false;
    if (critical->breaks == BREAK_PMTUD)
        return true;
    return direction_hook(direction) != HOOK_FORWARD &&
           policy_advice(policy->role, direction, critical->family, critical->type, 0) == VERDICT_LINK;
}

static const char *word_for(unsigned breaks)
{
    return breaks == BREAK_PMTUD ? BREAKS_PMTUD : BREAKS_ND;
}

static void refuse_rule(const struct policy_rule *rule, const struct critical *critical,
                        struct policy_problems *problems)
{
    problem_add(problems, rule->place,
                "%s of %s in %s breaks %s; if that is meant, write {%s: %s, i-know-this-breaks: %s}",
                verdict_name(rule->verdict), critical->name, direction_name(rule->direction), critical->what,
                direction_name(rule->direction), verdict_name(rule->verdict), word_for(critical->breaks));
}

/* What a message meets: the rules that may decide it, up to the one that always does. Returns whether none
 * does always. */
static bool meet_rules(const struct policy *policy, enum direction direction, const struct critical *critical,
                       uint8_t code, bool *refused, struct policy_problems *problems)
{
    for (size_t i = 0; i < policy->rule_count; i++) {
        const struct policy_rule *rule = &policy->rules[i];

        if (!policy_rule_names(rule, critical->family, direction, critical->type, code))
            continue;
        if (blocks(rule->verdict, critical->breaks) && !rule->override && !refused[i]) {
            refused[i] = true;
            refuse_rule(rule, critical, problems);
        }
        if (policy_rule_always(rule) && !(rule->exception && rule->expires_s != POLICY_NEVER))
            return false;
    }
    return true;
}

static void refuse_unlisted(const struct policy *policy, enum direction direction,
                            const struct critical *critical, struct policy_place place,
                            struct policy_problems *problems)
{
    enum verdict advice = policy_advice(policy->role, direction, critical->family, critical->type, 0);

    problem_add(
        problems, place,
        "no line lets %s (ICMPv%d %d/%d) pass in %s and what is unlisted is %s, which breaks %s; add below "
        "ipv%d: '%s: {%s: %s}'",
        critical->name, critical->family, critical->type, critical->code < 0 ? 0 : critical->code,
        direction_name(direction), policy->unlisted == VERDICT_DROP ? "dropped" : "rejected", critical->what,
        critical->family, critical->name, direction_name(direction), verdict_name(advice));
}

static void examine(const struct policy *policy, enum direction direction, const struct critical *critical,
                    struct policy_place unlisted, bool *refused, struct policy_problems *problems)
{
    int first = critical->code == POLICY_ANY_CODE ? 0 : critical->code;
    int last = critical->code == POLICY_ANY_CODE ? 255 : critical->code;

    for (int code = first; code <= last; code++)
        if (meet_rules(policy, direction, critical, (uint8_t)code, refused, problems) && code == first &&
            blocks(policy->unlisted, critical->breaks))
            refuse_unlisted(policy, direction, critical, unlisted, problems);
}

void clause_refuse(const struct policy *policy, struct policy_place unlisted,
                   struct policy_problems *problems)
{
    bool *refused = calloc(policy->rule_count + 1, sizeof(*refused)); /* one complaint for each rule */

    if (refused == NULL)
        abort(); /* as base/text.c: nothing sensible is left to do */
    for (size_t i = 0; i < COUNT_OF(criticals); i++)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++)
            if (is_needed(policy, (enum direction)direction, &criticals[i]))
                examine(policy, (enum direction)direction, &criticals[i], unlisted, refused, problems);
    free(refused);
}
