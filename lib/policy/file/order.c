/* SPDX-License-Identifier: MIT */
/* The order in which rules are tried: exceptions as they stand, then the narrower before the wider. */
#include <string.h>

#include "policy/file/clause.h"

/* How many codes a rule names. */
static int codes_of(const struct policy_rule *rule)
{
    return rule->code == POLICY_ANY_CODE ? 257 : rule->code_last - rule->code + 1;
}

/* Which of two rules names less; 0 when they name the same messages in the same direction. */
static int compare_messages(const struct policy_rule *a, const struct policy_rule *b)
{
    const int of_a[] = {a->type_last - a->type, codes_of(a), a->family, (int)a->direction, a->type, a->code};
    const int of_b[] = {b->type_last - b->type, codes_of(b), b->family, (int)b->direction, b->type, b->code};

    for (size_t i = 0; i < sizeof(of_a) / sizeof(of_a[0]); i++)
        if (of_a[i] != of_b[i])
            return of_a[i] < of_b[i] ? -1 : 1;
    return 0;
}

static int compare_places(const struct policy_place *a, const struct policy_place *b)
{
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->column < b->column ? -1 : a->column > b->column;
}

/* What names an interface stands before what holds on the others. */
static int compare_interfaces(const struct policy_rule *a, const struct policy_rule *b)
{
    return -strcmp(a->interface, b->interface);
}

static int compare(const void *left, const void *right)
{
    const struct policy_rule *a = left, *b = right;
    int order;

    if (a->exception != b->exception)
        return a->exception ? -1 : 1;
    if (!a->exception && (order = compare_messages(a, b)) != 0)
        return order;
    if (!a->exception && (order = compare_interfaces(a, b)) != 0)
        return order;
    if ((order = compare_places(&a->place, &b->place)) != 0)
        return order;
    return compare_messages(a, b);
}

void clause_sort(struct policy *policy, struct policy_problems *problems)
{
    if (policy->rule_count == 0)
        return;
    qsort(policy->rules, policy->rule_count, sizeof(*policy->rules), compare);
    for (size_t i = 1; i < policy->rule_count; i++) {
        const struct policy_rule *before = &policy->rules[i - 1], *rule = &policy->rules[i];

        if (!rule->exception && !before->exception && compare_messages(before, rule) == 0 &&
            compare_interfaces(before, rule) == 0)
            problem_add(problems, rule->place, "line %u says already what becomes of these messages in %s",
                        before->place.line, direction_name(rule->direction));
    }
}
