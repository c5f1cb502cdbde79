/* SPDX-License-Identifier: MIT */
/* Limits that do not do what they are for. */
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "policy/lint/context.h"

enum { QUICK_PPS = 50, LOW_PPS = 10, SUBNET6 = 64, BURST_DEFAULT = 5, DEPTH_MAX = 8 };

static bool is_first_limb(const struct lint *lint, uint32_t index)
{
    const struct rules_rule *rule = &lint->rules->items[index];

    return index == 0 || rule[-1].chain != rule->chain || rule[-1].position != rule->position;
}

/* Whether a chain decides anything; those that only log do not. */
static bool decides(const struct lint *lint, uint32_t chain, int depth)
{
    for (uint32_t i = lint->rules->chains[chain].first; i < lint->rules->chains[chain].next; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];

        if (rule->verdict == RULES_ACCEPT || rule->verdict == RULES_DROP || rule->verdict == RULES_REJECT ||
            (rule->to != RULES_NONE && depth < DEPTH_MAX && decides(lint, rule->to, depth + 1)))
            return true;
    }
    return false;
}

/* The limit of a rule that decides about packets, not only about log lines. */
static const struct rules_match *limit_of(const struct lint *lint, uint32_t index)
{
    const struct rules_rule *rule = &lint->rules->items[index];

    if (rule->verdict == RULES_CONTINUE || rule->verdict == RULES_UNKNOWN || rule->log ||
        (rule->verdict == RULES_RETURN && !decides(lint, rule->chain, 0)) ||
        (rule->to != RULES_NONE && !decides(lint, rule->to, 0)) ||
        lint->rules->tables[lint->rules->chains[rule->chain].table].dormant || !is_first_limb(lint, index))
        return NULL;
    return lint_match(rule, RULES_LIMIT);
}

static uint8_t echo(uint8_t family)
{
    return family == 6 ? 128 : 8;
}

/* Whether packets get to a chain, as far as the rules on the way to it tell. */
static bool is_reached(const struct lint *lint, uint32_t chain, const struct walk_question *question,
                       int depth)
{
    if (*lint->rules->chains[chain].hook)
        return true;
    for (uint32_t i = 0; i < lint->rules->count && depth < DEPTH_MAX; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];

        if (rule->to == chain && walk_rule(lint->rules, question, rule) > HOLDS_UNKNOWN &&
            is_reached(lint, rule->chain, question, depth + 1))
            return true;
    }
    return false;
}

/* Whether the rule would meet an echo request, of a shape, beyond or within its limit. */
static bool meets(const struct lint *lint, uint32_t index, struct walk_question *question)
{
    const struct rules_rule *rule = &lint->rules->items[index];
    const struct rules_match *limit = lint_match(rule, RULES_LIMIT);

    question->tracked = true;
    question->flood = limit && limit->negated;
    return walk_rule(lint->rules, question, rule) > HOLDS_UNKNOWN &&
           is_reached(lint, rule->chain, question, 0);
}

/* The same of an echo request of a family, wherever it goes. @param question set to one that it meets */
static bool meets_echo(const struct lint *lint, uint32_t index, uint8_t family,
                       struct walk_question *question)
{
    for (enum hook hook = HOOK_INPUT; hook <= HOOK_FORWARD; hook++) {
        struct lint_world worlds[LINT_WORLDS_MAX];
        size_t count = lint_worlds(lint, hook, worlds);

        for (size_t i = 0; i < count; i++) {
            *question = (struct walk_question){.family = family,
                                               .type = echo(family),
                                               .hook = hook,
                                               .in = worlds[i].in,
                                               .out = worlds[i].out};
            if (meets(lint, index, question))
                return true;
        }
    }
    return false;
}

static bool is_hit(const struct walk_result *result, uint32_t rule)
{
    size_t count = result->count < WALK_HITS_MAX ? result->count : WALK_HITS_MAX;

    for (size_t i = 0; i < count; i++)
        if (result->hits[i].rule == rule)
            return true;
    return false;
}

/* The rule that accepts what is established, when that stops the flood of a ping from getting to the limit.
 */
static const struct walk_hit *overtaker(const struct lint *lint, uint32_t index,
                                        struct walk_question *question, struct walk_result *result)
{
    struct walk_question fresh = *question;
    struct walk_result first;
    const struct walk_hit *hit;

    fresh.shape = SHAPE_PLAIN;
    question->shape = SHAPE_ANSWER; /* an echo request after the first of its ping */
    walk(lint->rules, &fresh, &first);
    walk(lint->rules, question, result);
    hit = walk_decider(result);
    if (!is_hit(&first, index) || is_hit(result, index) || !hit || hit->rule == RULES_NONE ||
        hit->fate != FATE_ACCEPT || !lint_match(&lint->rules->items[hit->rule], RULES_STATE))
        return NULL;
    return hit;
}

static bool find_world(const struct lint *lint, uint32_t index, struct walk_question *question)
{
    struct lint_world worlds[LINT_WORLDS_MAX];
    size_t count = lint_worlds(lint, question->hook, worlds);

    for (size_t i = 0; i < count; i++) {
        struct walk_result result;

        question->in = worlds[i].in;
        question->out = worlds[i].out;
        if (!meets(lint, index, question))
            continue;
        walk(lint->rules, question, &result);
        if (is_hit(&result, index))
            return true;
    }
    return false;
}

/* G019. */
static void check_order(struct lint *lint)
{
    static const enum hook hooks[] = {HOOK_INPUT, HOOK_FORWARD};

    for (uint32_t i = 0; i < lint->rules->count; i++) {
        for (size_t k = 0; limit_of(lint, i) && k < 2 * COUNT_OF(hooks); k++) {
            uint8_t family = k % 2 ? 6 : 4;
            struct walk_question question = {.family = family, .type = echo(family), .hook = hooks[k / 2]};
            struct walk_result result;
            const struct walk_hit *hit;
            struct guard_finding *finding;

            if (!lint_judges(lint, family) || !find_world(lint, i, &question) ||
                (hit = overtaker(lint, i, &question, &result)) == NULL ||
                lint_has(lint, "G019", i, lint->rules->items[i].chain))
                continue;
            finding = lint_add(lint, "G019", i, RULES_NONE, "%s", guard_check_find("G019")->title);
            lint_witness(lint, finding, &question, &result);
            if (hit->chain == lint->rules->items[i].chain)
                lint_fix_move(lint, finding, i, hit->rule);
        }
    }
}

/* Whether another limit of the kind (one for all, or one for each source) meets the same packets. */
static bool has_companion(const struct lint *lint, uint32_t index, uint8_t family, bool keyed)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_match *limit = limit_of(lint, i);
        struct walk_question question;

        if (i != index && limit && limit->limit.keyed == keyed && meets_echo(lint, i, family, &question))
            return true;
    }
    return false;
}

/* G020: one bucket for everybody, and none for each. */
static void check_shared(struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_match *limit = limit_of(lint, i);

        for (uint8_t family = 4; limit && !limit->limit.keyed && family <= 6; family += 2) {
            struct walk_question question;
            struct guard_finding *finding;

            if (!lint_judges(lint, family) || !meets_echo(lint, i, family, &question) ||
                lint->rules->items[i].verdict == RULES_REJECT || has_companion(lint, i, family, true) ||
                lint_has(lint, "G020", i, lint->rules->items[i].chain))
                continue;
            finding = lint_add(lint, "G020", i, RULES_NONE, "%s", guard_check_find("G020")->title);
            question.flood = true;
            lint_witness(lint, finding, &question, NULL);
        }
    }
}

/* G021: "over" drops only what has an element; when the set is full, nobody new gets one. */
static void check_full(struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_match *limit = limit_of(lint, i);
        struct guard_finding *finding;
        uint8_t family;

        if (!limit || !limit->limit.keyed || !limit->negated || limit->limit.hashlimit)
            continue;
        family = limit->limit.family == 6 ? 6 : 4;
        if (!lint_judges(lint, family) || has_companion(lint, i, family, false))
            continue;
        finding = lint_add(lint, "G021", i, RULES_NONE,
                           "when set %s is full (%lld sources), new sources are not limited at all",
                           limit->limit.set ? limit->limit.set : "?",
                           (long long)(limit->limit.size ? limit->limit.size : 65535));
        guard_finding_set(&finding->witness, "an echo request from source %lld: not limited",
                          (long long)(limit->limit.size ? limit->limit.size : 65535) + 1);
        finding->family = family;
        finding->type = echo(family);
    }
}

/* G022, G023, G025: how the set of a limit is kept. */
static void check_sets(struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_match *match = limit_of(lint, i);
        const struct rules_limit *limit = match ? &match->limit : NULL;
        struct guard_finding *finding;
        char old[96], new[96];

        if (!limit || !limit->keyed)
            continue;
        if (limit->add && limit->timeout_s > 0) {
            finding = lint_add(lint, "G022", i, RULES_NONE,
                               "after %lld s the element ends during the attack, and its burst returns",
                               (long long)limit->timeout_s);
            snprintf(old, sizeof(old), "add @%.60s", limit->set ? limit->set : "");
            snprintf(new, sizeof(new), "update @%.60s", limit->set ? limit->set : "");
            lint_fix_words(lint, finding, lint->rules->items[i].line, old, new);
        }
        if (limit->timeout_s == 0 && !limit->hashlimit)
            lint_add(lint, "G023", i, RULES_NONE, "set %s has no timeout: it only ever fills",
                     limit->set ? limit->set : "?");
        if (limit->family == 6 && limit->bits > SUBNET6) {
            finding = lint_add(lint, "G025", i, RULES_NONE, "each IPv6 address (/%u) has a bucket of its own",
                               limit->bits);
            lint_fix_words(lint, finding, lint->rules->items[i].line, "ip6 saddr",
                           "ip6 saddr & ffff:ffff:ffff:ffff::");
        }
    }
}

/* G024: five packets are less than a tenth of a second of a quick rate; a bucket that takes longer to fill
 * than its element lives is full again too early. */
static void check_bursts(struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_match *match = limit_of(lint, i);
        const struct rules_limit *limit = match ? &match->limit : NULL;
        struct walk_question question;

        if (!limit || limit->per_second <= 0 ||
            !(lint_speaks(lint, i, 4) || lint_speaks(lint, i, 6) || meets_echo(lint, i, 4, &question) ||
              meets_echo(lint, i, 6, &question)))
            continue;
        if (limit->burst <= BURST_DEFAULT && limit->per_second >= QUICK_PPS)
            lint_add(
                lint, "G024", i, RULES_NONE,
                "a burst of %u is left to the default: of %.0f packets a second, six at once are too many",
                limit->burst, limit->per_second);
        else if (limit->keyed && limit->timeout_s > 0 &&
                 limit->burst / limit->per_second > (double)limit->timeout_s)
            lint_add(lint, "G024", i, RULES_NONE,
                     "a burst of %u needs %.0f s to come back, but the element ends after %lld s",
                     limit->burst, limit->burst / limit->per_second, (long long)limit->timeout_s);
    }
}

/* The rule whose limit a message of a flood meets, or RULES_NONE. */
static uint32_t find_limit(const struct lint *lint, const struct walk_question *question)
{
    struct walk_question copy = *question;

    for (uint32_t i = 0; i < lint->rules->count; i++)
        if (limit_of(lint, i) && meets(lint, i, &copy) && lint_speaks(lint, i, question->family))
            return i;
    return RULES_NONE;
}

/* Whether an error passes, but not beyond a limit. */
static bool is_limited(const struct lint *lint, struct walk_question *question, struct walk_result *result)
{
    if (!lint_judges(lint, question->family) || !lint_cares(lint, question->hook) ||
        lint_ask(lint, question, false, result) != OUTCOME_PASSES)
        return false;
    question->flood = true;
    return lint_ask(lint, question, false, result) == OUTCOME_STOPPED;
}

/* G026, and G001 where next to nothing is left: errors of path MTU discovery beyond a limit. */
static void check_error(struct lint *lint, uint8_t family, enum hook hook)
{
    struct walk_question question = {
        .family = family, .type = family == 6 ? 2 : 3, .code = family == 6 ? 0 : 4, .hook = hook};
    struct walk_result result;
    struct guard_finding *finding;
    uint32_t rule;

    question.shape = SHAPE_ANSWER;
    if (!is_limited(lint, &question, &result) || (rule = find_limit(lint, &question)) == RULES_NONE)
        return;
    finding = lint_add(lint, "G026", rule, RULES_NONE, "%s", guard_check_find("G026")->title);
    lint_witness(lint, finding, &question, &result);
    if (family == 6 || lint_match(&lint->rules->items[rule], RULES_LIMIT)->limit.per_second >= LOW_PPS)
        return;
    finding = lint_add(lint, "G001", rule, RULES_NONE,
                       "IPv4 fragmentation-needed (3/4) is limited to less than %d a second", LOW_PPS);
    lint_witness(lint, finding, &question, &result);
}

static void check_errors(struct lint *lint)
{
    for (enum hook hook = HOOK_INPUT; hook <= HOOK_FORWARD; hook++) {
        check_error(lint, 4, hook);
        check_error(lint, 6, hook);
    }
}

lint_check *const lint_limit[] = {check_order,  check_shared, check_full, check_sets,
                                  check_bursts, check_errors, NULL};
