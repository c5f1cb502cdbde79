/* SPDX-License-Identifier: MIT */
/* Which rules a type and code may meet, and which codes and types need not be told apart. */
#include "policy/target/lineup.h"

#include <stdlib.h>
#include <string.h>

/* Whether a rule takes part in a type. */
static bool takes_part(const struct lineup_query *query, const struct policy_rule *rule, uint8_t type)
{
    return rule->family == query->family && rule->direction == query->direction && rule->type <= type &&
           type <= rule->type_last && !policy_rule_expired(rule, query->now_s);
}

void lineup_find(const struct lineup_query *query, uint8_t type, uint8_t code, struct lineup *lineup)
{
    lineup->count = 0;
    lineup->decided = false;
    for (size_t i = 0; i < query->policy->rule_count && !lineup->decided; i++) {
        const struct policy_rule *rule = &query->policy->rules[i];

        if (!takes_part(query, rule, type) ||
            !policy_rule_names(rule, query->family, query->direction, type, code))
            continue;
        lineup->rules[lineup->count++] = rule;
        lineup->decided = policy_rule_always(rule);
    }
}

bool lineup_any(const struct lineup_query *query, uint8_t type)
{
    for (size_t i = 0; i < query->policy->rule_count; i++)
        if (takes_part(query, &query->policy->rules[i], type))
            return true;
    return false;
}

bool lineup_limits(const struct lineup_query *query, uint8_t type)
{
    for (size_t i = 0; i < query->policy->rule_count; i++)
        if (query->policy->rules[i].verdict == VERDICT_LIMIT &&
            takes_part(query, &query->policy->rules[i], type))
            return true;
    return false;
}

static bool equal(const struct lineup *a, const struct lineup *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->rules, b->rules, a->count * sizeof(const struct policy_rule *)) == 0);
}

/* Room for the rules of two lineups. */
static const struct policy_rule **new_room(const struct lineup_query *query, size_t lineups)
{
    const struct policy_rule **room =
        reallocarray(NULL, lineups * (query->policy->rule_count + 1), sizeof(const struct policy_rule *));

    if (room == NULL)
        abort(); /* as base/text.c: nothing sensible is left to do */
    return room;
}

/* The codes at which a lineup can change: the ends of the ranges that rules name. */
static void find_edges(const struct lineup_query *query, uint8_t type, bool edges[257])
{
    memset(edges, 0, 257 * sizeof(bool));
    edges[0] = true;
    for (size_t i = 0; i < query->policy->rule_count; i++) {
        const struct policy_rule *rule = &query->policy->rules[i];

        if (takes_part(query, rule, type) && rule->code != POLICY_ANY_CODE)
            edges[rule->code] = edges[rule->code_last + 1] = true;
    }
}

/* The lowest code below this one that meets the same rules, or the code itself. */
static uint8_t first_like(const struct lineup_query *query, uint8_t type, int code, const bool edges[257],
                          const uint8_t *first, const struct policy_rule **room)
{
    struct lineup own = {.rules = room}, other = {.rules = room + query->policy->rule_count + 1};

    lineup_find(query, type, (uint8_t)code, &own);
    for (int before = 0; before < code; before++) {
        if (!edges[before] || first[before] != before)
            continue;
        lineup_find(query, type, (uint8_t)before, &other);
        if (equal(&own, &other))
            return (uint8_t)before;
    }
    return (uint8_t)code;
}

void lineup_sort(const struct lineup_query *query, uint8_t type, struct lineup_codes *codes)
{
    const struct policy_rule **room = new_room(query, 2);
    size_t members[256] = {0};
    bool edges[257];

    find_edges(query, type, edges);
    *codes = (struct lineup_codes){.same = true};
    for (int code = 0; code < 256; code++) {
        uint8_t first = code == 0     ? 0
                        : edges[code] ? first_like(query, type, code, edges, codes->first, room)
                                      : codes->first[code - 1];

        codes->first[code] = first;
        members[first]++;
        codes->same = codes->same && first == 0;
    }
    for (int code = 0; code < 256; code++)
        if (members[code] > members[codes->usual])
            codes->usual = (uint8_t)code;
    free(room);
}

/* Whether a verdict of a lineup means the same for two types. */
static bool means_same(const struct lineup_query *query, const struct lineup *lineup, uint8_t type,
                       uint8_t other)
{
    for (size_t i = 0; i < lineup->count; i++) {
        enum verdict verdict = lineup->rules[i]->verdict;

        if (verdict == VERDICT_REJECT &&
            policy_can_reject(query->family, type) != policy_can_reject(query->family, other))
            return false;
        if (verdict == VERDICT_LINK &&
            policy_hop_limit(query->family, type) != policy_hop_limit(query->family, other))
            return false;
    }
    return true;
}

bool lineup_same(const struct lineup_query *query, uint8_t type, uint8_t other)
{
    const struct policy_rule **room = new_room(query, 2);
    struct lineup a = {.rules = room}, b = {.rules = room + query->policy->rule_count + 1};
    struct lineup_codes codes, others;
    bool same;

    lineup_sort(query, type, &codes);
    lineup_sort(query, other, &others);
    same = codes.same && others.same;
    if (same) {
        lineup_find(query, type, 0, &a);
        lineup_find(query, other, 0, &b);
        same = equal(&a, &b) && means_same(query, &a, type, other);
    }
    free(room);
    return same;
}
