/* SPDX-License-Identifier: MIT */
/* The reviewer: all checks in their order, the role that rules look like, and the order of what is said. */
#include "policy/lint/lint.h"

#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "policy/lint/context.h"

static void run(struct lint *lint, lint_check *const *checks)
{
    for (; *checks; checks++)
        (*checks)(lint);
}

void lint_rules(const struct lint_subject *subject, struct guard_findings *findings)
{
    lint_check *const *const all[] = {lint_reach,  lint_accept, lint_rule,
                                      lint_shadow, lint_limit,  lint_state};
    struct lint lint;

    lint_begin(&lint, subject, findings);
    for (size_t i = 0; i < COUNT_OF(all); i++)
        run(&lint, all[i]);
}

void lint_machine(const struct lint_subject *subject, struct guard_findings *findings)
{
    struct lint lint;

    lint_begin(&lint, subject, findings);
    run(&lint, lint_host_checks);
}

/* Rules in forward that let something new pass, or a policy that lets it with rules in front of it. */
static bool forwards(const struct rules *rules)
{
    for (size_t i = 0; i < rules->chain_count; i++) {
        const struct rules_chain *chain = &rules->chains[i];

        if (strcmp(chain->hook, "forward") == 0 && chain->rules > 0 && !chain->drops &&
            strcmp(rules->tables[chain->table].name, "mangle") != 0 &&
            strcmp(rules->tables[chain->table].family, "bridge") != 0)
            return true;
    }
    return lint_serves(rules, HOOK_FORWARD, false);
}

static bool translates(const struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        if (rules->items[i].verdict == RULES_TRANSLATE)
            return true;
    return false;
}

/* Frontends fill the forward chain of a host, too; then only the sysctl tells. */
static bool is_of_frontend(const struct rules *rules)
{
    for (size_t i = 0; i < rules->chain_count; i++)
        if (strncmp(rules->chains[i].name, "ufw", 3) == 0 ||
            strcmp(rules->tables[rules->chains[i].table].name, "firewalld") == 0)
            return true;
    return false;
}

enum policy_role lint_guess_role(const struct rules *rules, const struct lint_host *host, const char **why)
{
    if (host && !host->forwards4 && !host->forwards6) {
        *why = "this machine does not forward";
        return ROLE_HOST;
    }
    if (!host && is_of_frontend(rules)) {
        *why = "ufw and firewalld are for hosts unless told otherwise";
        return ROLE_HOST;
    }
    if (translates(rules) && (host || forwards(rules))) {
        *why = "rules translate addresses";
        return ROLE_EDGE;
    }
    if (host || forwards(rules)) {
        *why = host ? "this machine forwards" : "there are rules in forward";
        return ROLE_ROUTER;
    }
    *why = "no rule is in forward";
    return ROLE_HOST;
}

static int rank(const char *severity)
{
    static const char *const order[] = {"error", "warning", "cannot-judge", "note"};

    for (size_t i = 0; i < COUNT_OF(order); i++)
        if (strcmp(order[i], severity) == 0)
            return (int)i;
    return COUNT_OF(order);
}

static bool comes_before(const struct guard_finding *a, const struct guard_finding *b)
{
    int difference = rank(a->severity) - rank(b->severity);

    return difference != 0 ? difference < 0 : strcmp(a->id, b->id) < 0;
}

/* Insertion, so that equals stay in the order in which they were found. */
void lint_sort(struct guard_findings *findings)
{
    for (size_t i = 1; i < findings->count; i++) {
        struct guard_finding finding = findings->items[i];
        size_t at = i;

        for (; at > 0 && comes_before(&finding, &findings->items[at - 1]); at--)
            findings->items[at] = findings->items[at - 1];
        findings->items[at] = finding;
    }
}
