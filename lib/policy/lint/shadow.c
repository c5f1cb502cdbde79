/* SPDX-License-Identifier: MIT */
/* Rules that other rules take the messages away from, and chains that no packet gets to. */
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "policy/lint/context.h"
#include "policy/lint/cover.h"
#include "policy/ruleset/import.h"

enum { CONDITIONS_MAX = 64, DEPTH_MAX = 8 };

/** What is left to a rule while earlier ones take from it. */
struct shadow {
    const struct lint *lint;
    uint32_t rule;
    const struct rules_match *conditions[CONDITIONS_MAX]; /* its own and those of the way to it */
    size_t count;
    struct cover whole, left, contrary; /* contrary: taken by a rule with another verdict */
    uint32_t taker;                     /* the first rule that takes something otherwise decided */
    bool taken;
};

static const struct rules_rule *rule_at(const struct lint *lint, uint32_t index)
{
    return &lint->rules->items[index];
}

static bool judges_rule(const struct lint *lint, const struct rules_rule *rule)
{
    return rule->verdict != RULES_CONTINUE && rule->verdict != RULES_UNKNOWN &&
           rule->verdict != RULES_TRANSLATE &&
           !lint->rules->tables[lint->rules->chains[rule->chain].table].dormant;
}

static void add_conditions(struct shadow *shadow, const struct rules_rule *rule)
{
    for (size_t i = 0; i < rule->match_count && shadow->count < CONDITIONS_MAX; i++)
        shadow->conditions[shadow->count++] = &rule->matches[i];
}

/* Verdicts that mean the same to a packet. */
static bool agree(enum rules_verdict a, enum rules_verdict b)
{
    bool stops_a = a == RULES_DROP || a == RULES_REJECT, stops_b = b == RULES_DROP || b == RULES_REJECT;

    return a == b ? a != RULES_JUMP && a != RULES_GOTO : stops_a && stops_b;
}

static void take(struct shadow *shadow, uint32_t index, const struct cover *cover)
{
    struct cover taken = *cover;
    bool contrary =
        !agree(rule_at(shadow->lint, index)->verdict, rule_at(shadow->lint, shadow->rule)->verdict);

    cover_intersect(&taken, &shadow->left);
    if (!cover_subtract(&shadow->left, cover))
        return;
    if (!shadow->taken || (contrary && cover_is_empty(&shadow->contrary)))
        shadow->taker = index;
    shadow->taken = true;
    for (size_t i = 0; contrary && i < sizeof(taken.bits) / sizeof(uint64_t); i++)
        (&shadow->contrary.bits[0][0][0])[i] |= (&taken.bits[0][0][0])[i];
}

static bool take_rule(struct shadow *shadow, uint32_t index, const struct cover *way, int depth);

/* What the chain takes to which a rule leads; behind a goto nothing comes back. */
static void take_chain(struct shadow *shadow, uint32_t index, const struct cover *cover, bool here, int depth)
{
    const struct rules_rule *rule = rule_at(shadow->lint, index);
    const struct rules_chain *chain = &shadow->lint->rules->chains[rule->to];
    bool on = depth < DEPTH_MAX;

    for (uint32_t i = chain->first; i < chain->next && on; i++)
        on = take_rule(shadow, i, cover, depth + 1);
    if (rule->verdict == RULES_GOTO && here)
        take(shadow, index, cover);
}

/* What an earlier rule takes; a limit lets some pass, and what is not understood may take nothing.
 * @return whether what follows in the same chain still gets everything that is left */
static bool take_rule(struct shadow *shadow, uint32_t index, const struct cover *way, int depth)
{
    const struct rules_rule *rule = rule_at(shadow->lint, index);
    struct cover cover;

    if (!judges_rule(shadow->lint, rule) || rule->verdict == RULES_QUEUE)
        return true;
    if (!cover_implied(rule, shadow->conditions, shadow->count))
        return rule->verdict != RULES_RETURN;
    if (rule->verdict == RULES_RETURN && way)
        return false; /* comes back to the chain of the rule in question */
    cover_of(&cover, shadow->lint->rules, rule);
    if (way)
        cover_intersect(&cover, way);
    if (rule->to != RULES_NONE)
        take_chain(shadow, index, &cover, !way, depth);
    else if (rule->verdict != RULES_JUMP && rule->verdict != RULES_GOTO)
        take(shadow, index, &cover);
    return true;
}

static void look(struct shadow *shadow)
{
    const struct rules *rules = shadow->lint->rules;
    uint32_t at = shadow->rule, caller;
    struct cover cover;

    cover_of(&shadow->whole, rules, rule_at(shadow->lint, at));
    add_conditions(shadow, rule_at(shadow->lint, at));
    for (int depth = 0; depth < DEPTH_MAX; depth++) {
        caller = lint_only_caller(shadow->lint, rule_at(shadow->lint, at)->chain);
        if (caller == RULES_NONE)
            break;
        cover_of(&cover, rules, rule_at(shadow->lint, caller));
        cover_intersect(&shadow->whole, &cover);
        add_conditions(shadow, rule_at(shadow->lint, caller));
        at = caller;
    }
    shadow->left = shadow->whole;
    at = shadow->rule;
    for (int depth = 0; depth < DEPTH_MAX && at != RULES_NONE; depth++) {
        const struct rules_rule *rule = rule_at(shadow->lint, at);

        for (uint32_t i = rules->chains[rule->chain].first; i < at; i++)
            if (rule_at(shadow->lint, i)->position != rule->position)
                take_rule(shadow, i, NULL, 0);
        at = lint_only_caller(shadow->lint, rule->chain);
    }
}

/* A message that only this rule's own element would have decided. */
static bool element_is_dead(const struct shadow *shadow, const struct rules_value *value, uint8_t family,
                            struct walk_question *question)
{
    bool had = false;

    for (uint32_t type = value->first; type <= value->last && type < 256; type++) {
        for (uint32_t code = 0; code < 256; code++) {
            if (!cover_has(&shadow->whole, family, (uint8_t)type, (uint8_t)code))
                continue;
            if (!cover_has(&shadow->contrary, family, (uint8_t)type, (uint8_t)code))
                return false;
            if (!had)
                *question = (struct walk_question){family, (uint8_t)type, (uint8_t)code};
            had = true;
        }
    }
    return had;
}

static struct guard_finding *tell(struct lint *lint, struct shadow *shadow, struct walk_question *question,
                                  const char *how)
{
    _cleanup_text_ struct text taker = {0};
    struct guard_finding *finding;
    const struct rules_rule *rule = rule_at(lint, shadow->rule);

    question->hook = lint_hook_of(lint, rule->chain);
    lint_name(lint, &taker, shadow->taker, rule_at(lint, shadow->taker)->chain);
    finding = lint_add(lint, "G017", shadow->rule, RULES_NONE, "%s by %s", how, text_get(&taker));
    lint_witness(lint, finding, question, NULL);
    guard_finding_set(&finding->witness, "ICMPv%u type %u code %u: decided by %s before it gets there",
                      question->family, question->type, question->code, text_get(&taker));
    return finding;
}

/** What became of the limbs of a rule. */
struct limbs {
    uint32_t first, next;
    uint32_t live, dead, contrary; /* contrary: dead, and otherwise decided */
};

/* Look at each limb. @param last the last that was looked at @param otherwise one that is otherwise decided
 */
static void look_at_limbs(struct lint *lint, struct limbs *limbs, struct shadow *last,
                          struct shadow *otherwise)
{
    for (uint32_t i = limbs->first; i < limbs->next; i++) {
        *last = (struct shadow){.lint = lint, .rule = i};
        look(last);
        if (cover_is_empty(&last->whole))
            continue;
        limbs->live += !cover_is_empty(&last->left);
        limbs->dead += cover_is_empty(&last->left);
        if (!cover_is_empty(&last->contrary) && cover_is_empty(&last->left) && limbs->contrary++ == 0)
            *otherwise = *last;
    }
}

static void tell_all_dead(struct lint *lint, const struct limbs *limbs, struct shadow *shadow)
{
    struct walk_question question = {.family = 4};
    struct guard_finding *finding;

    cover_first(&shadow->whole, &question.family, &question.type, &question.code);
    finding = tell(lint, shadow, &question,
                   limbs->contrary ? "never decides anything: shadowed" : "superfluous: the same is decided");
    if (limbs->contrary) {
        lint_fix_move(lint, finding, limbs->first, shadow->taker);
    } else {
        lint_fix_delete(lint, finding, limbs->first);
        lint_grade(finding, "note");
    }
}

/* A rule with several types of which one never gets to it. */
static void check_elements(struct lint *lint, const struct limbs *limbs, struct shadow *shadow)
{
    const struct rules_match *type = lint_match(rule_at(lint, limbs->first), RULES_TYPE);
    struct walk_question question = {.family = 4};

    for (size_t i = 0; type && !type->negated && type->value_count > 1 && i < type->value_count; i++) {
        if (!element_is_dead(shadow, &type->values[i], type->family, &question))
            continue;
        tell(lint, shadow, &question, "partly shadowed: one of its types is decided");
        return;
    }
}

/* All limbs of the rule are dead, or one is for a reason that matters. */
static void check_rule(struct lint *lint, uint32_t first, uint32_t next)
{
    struct shadow *last = calloc(1, sizeof(*last)), *otherwise = calloc(1, sizeof(*otherwise));
    struct limbs limbs = {.first = first, .next = next};
    struct walk_question question = {.family = 4};

    if (!last || !otherwise)
        abort();
    look_at_limbs(lint, &limbs, last, otherwise);
    if (limbs.dead > 0 && limbs.live == 0) {
        tell_all_dead(lint, &limbs, limbs.contrary ? otherwise : last);
    } else if (limbs.contrary > 0) {
        cover_first(&otherwise->whole, &question.family, &question.type, &question.code);
        tell(lint, otherwise, &question, "partly shadowed: one of its messages is decided");
    } else if (next - first == 1 && limbs.dead == 0) {
        check_elements(lint, &limbs, last);
    }
    free(last);
    free(otherwise);
}

/* G017. */
static void check_shadows(struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count;) {
        uint32_t next = i + 1;

        while (!rules_is_last_limb(lint->rules, next - 1))
            next++;
        if (judges_rule(lint, rule_at(lint, i)) && (lint_speaks(lint, i, 4) || lint_speaks(lint, i, 6)))
            check_rule(lint, i, next);
        i = next;
    }
}

/* Whether packets are asked about that meet a condition and others that do not. */
static bool is_asked_about(const struct rules_match *match)
{
    switch (match->field) {
    case RULES_FAMILY:
    case RULES_PROTOCOL:
    case RULES_NEXTHDR:
    case RULES_TYPE:
    case RULES_CODE:
    case RULES_IIF:
    case RULES_OIF:
    case RULES_STATE:
    case RULES_HOPLIMIT:
    case RULES_LIMIT:
        return true;
    case RULES_SOURCE: /* link-local or not; a rule that no packet meets is left alone below */
        return match->family != 4;
    default:
        return false;
    }
}

static bool can_be_asked(const struct rules_rule *rule)
{
    for (size_t i = 0; i < rule->match_count; i++) {
        const struct rules_match *match = &rule->matches[i];

        if (!is_asked_about(match) || match->opaque || match->soft || match->set)
            return false;
    }
    return true;
}

/** What asking a rule's own messages in all shapes has shown. */
struct asked {
    bool met;                      /* the rule's own conditions, by some packet */
    bool hit;                      /* it decided one */
    bool passes;                   /* some pass anyway */
    struct walk_question question; /* one that another rule stopped */
    struct walk_result result;
};

static void ask_here(struct lint *lint, uint32_t rule, const struct walk_question *question,
                     struct asked *asked)
{
    struct walk_result result;
    struct walk_question tracked = *question;

    tracked.tracked = true;
    if (walk_rule(lint->rules, &tracked, rule_at(lint, rule)) == HOLDS_NOT)
        return;
    asked->met = true;
    walk(lint->rules, question, &result);
    for (size_t i = 0; i < result.count && i < WALK_HITS_MAX; i++)
        asked->hit = asked->hit || result.hits[i].rule == rule;
    asked->passes = asked->passes || !walk_stops(&result);
    if (!walk_stops(&result))
        return;
    asked->question = *question;
    asked->result = result;
}

static void ask_type(struct lint *lint, uint32_t rule, uint8_t family, uint32_t type, struct asked *asked)
{
    const struct rules_match *code = lint_match(rule_at(lint, rule), RULES_CODE);
    struct lint_world worlds[LINT_WORLDS_MAX];
    enum hook hook = lint_hook_of(lint, rule_at(lint, rule)->chain);
    size_t count = lint_worlds(lint, hook, worlds);

    for (size_t i = 0; i < count; i++) {
        for (enum shape shape = 0; shape < SHAPE_COUNT; shape++) {
            struct walk_question question = {
                .family = family,
                .type = (uint8_t)type,
                .code = code && code->value_count ? (uint8_t)code->values[0].first : 0,
                .hook = hook,
                .shape = shape,
                .in = worlds[i].in,
                .out = worlds[i].out};

            ask_here(lint, rule, &question, asked);
        }
    }
}

static bool is_told(const struct lint *lint, uint32_t rule)
{
    uint32_t chain = rule_at(lint, rule)->chain;

    return lint_has(lint, "G015", rule, chain) || lint_has(lint, "G016", rule, chain) ||
           lint_has(lint, "G017", rule, chain);
}

static void ask_types(struct lint *lint, uint32_t rule, const struct rules_match *type, struct asked *asked)
{
    for (size_t i = 0; i < type->value_count && type->values[i].last < 256; i++)
        for (uint32_t value = type->values[i].first; value <= type->values[i].last; value++)
            ask_type(lint, rule, type->family, value, asked);
}

/** The finding that the next rule of its kind joins. */
struct unreached {
    size_t index;            /* of the finding; SIZE_MAX: none yet */
    uint32_t chain, decider; /* of its rules */
    bool passes;
};

static void tell_unreached(struct lint *lint, uint32_t rule, const struct asked *asked,
                           struct unreached *last)
{
    const struct walk_hit *decider = walk_decider(&asked->result);
    _cleanup_text_ struct text name = {0}, more = {0};
    struct guard_finding *finding;
    struct unreached this = {lint->findings->count, rule_at(lint, rule)->chain, decider->rule, asked->passes};

    lint_add_message(&name, asked->question.family, asked->question.type, -1);
    if (last->index != SIZE_MAX && last->chain == this.chain && last->decider == this.decider &&
        last->passes == this.passes) {
        finding = &lint->findings->items[last->index];
        text_add(&more, "%s, %s", finding->message, text_get(&name));
        guard_finding_set(&finding->message, "%s", text_get(&more));
        return;
    }
    finding = lint_add(lint, "G017", rule, RULES_NONE, "never decides anything, because it is %s: ICMPv%u %s",
                       this.passes ? "decided before" : "dropped before by its state", asked->question.family,
                       text_get(&name));
    lint_grade(finding, this.passes ? "note" : "warning");
    lint_witness(lint, finding, &asked->question, &asked->result);
    *last = this;
}

/* G017 by state: what a rule accepts is dropped before it, because conntrack knows no such message. */
static void check_unreached(struct lint *lint)
{
    struct unreached last = {.index = SIZE_MAX};

    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_rule *rule = rule_at(lint, i);
        const struct rules_match *type = lint_match(rule, RULES_TYPE);
        struct asked asked = {0};

        if (rule->verdict != RULES_ACCEPT || !type || type->negated || rule->limb || !can_be_asked(rule) ||
            !judges_rule(lint, rule) || !lint_judges(lint, type->family) || is_told(lint, i))
            continue;
        ask_types(lint, i, type, &asked);
        if (asked.met && !asked.hit && walk_decider(&asked.result))
            tell_unreached(lint, i, &asked, &last);
    }
}

/* Chains that packets get to, and jumps that come back to where they began. */
static void visit(const struct rules *rules, uint32_t chain, uint8_t *state, uint32_t *loop)
{
    state[chain] = 1;
    for (uint32_t i = rules->chains[chain].first; i < rules->chains[chain].next; i++) {
        uint32_t to = rules->items[i].to;

        if (to == RULES_NONE)
            continue;
        if (state[to] == 1)
            *loop = i;
        else if (state[to] == 0)
            visit(rules, to, state, loop);
    }
    state[chain] = 2;
}

static bool speaks_of_icmp(const struct lint *lint, uint32_t chain)
{
    for (uint32_t i = lint->rules->chains[chain].first; i < lint->rules->chains[chain].next; i++)
        if (lint_speaks(lint, i, 4) || lint_speaks(lint, i, 6))
            return true;
    return false;
}

/* G018. */
static void check_chains(struct lint *lint)
{
    const struct rules *rules = lint->rules;
    uint8_t *state = calloc(rules->chain_count + 1, 1);
    uint32_t loop = RULES_NONE;

    if (!state)
        abort();
    for (uint32_t i = 0; i < rules->chain_count; i++)
        if (*rules->chains[i].hook && state[i] == 0)
            visit(rules, i, state, &loop);
    for (uint32_t i = 0; i < rules->chain_count; i++) {
        struct guard_finding *finding;

        if (state[i] != 0 || !speaks_of_icmp(lint, i))
            continue;
        finding = lint_add(lint, "G018", RULES_NONE, i, "no packet gets to chain %s: nothing jumps to it",
                           rules->chains[i].name);
        guard_finding_set(&finding->witness, "no packet");
        visit(rules, i, state, &loop);
    }
    if (loop != RULES_NONE)
        lint_add(lint, "G018", loop, RULES_NONE,
                 "jumps go in circles; the kernel refuses such rules (too many links)");
    free(state);
}

/* G018: nft -c says nothing about a device that is not there. */
static void check_devices(struct lint *lint)
{
    const struct lint_subject *subject = lint->subject;
    size_t offset = 0;
    char name[RULES_IFNAME_MAX];
    uint32_t line;

    while (subject->here && subject->host && rules_next_device(subject->text, &offset, name, &line)) {
        struct guard_finding *finding;
        bool found = *name == '$';

        for (size_t i = 0; i < subject->host->interface_count; i++)
            found = found || strcmp(subject->host->interfaces[i].name, name) == 0;
        if (found)
            continue;
        finding = lint_add(lint, "G018", RULES_NONE, RULES_NONE,
                           "there is no interface %s on this machine: the chain sees no packet", name);
        guard_finding_set(&finding->rule, "%s:%u", subject->file, line);
    }
}

lint_check *const lint_shadow[] = {check_shadows, check_chains, check_unreached, check_devices, NULL};
