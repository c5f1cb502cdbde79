/* SPDX-License-Identifier: MIT */
/* What passes and should not: redirects, neighbour discovery from afar, deprecated and unassigned types. */
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "catalog/icmp.h"
#include "policy/lint/context.h"

/** A message that should not pass, asked in one shape at some hooks. */
struct danger {
    const char *id;
    uint8_t family, type, type_last;
    enum shape shape;
    unsigned hooks;       /* bits 1 << enum hook */
    const char *severity; /* another one than that of the row, or NULL */
    const char *message;
};

enum { IN = 1 << HOOK_INPUT, FORWARD = 1 << HOOK_FORWARD };

static const struct danger dangers[] = {
    {"G004", 6, 133, 137, SHAPE_PLAIN, FORWARD, NULL, "neighbour discovery is forwarded"},
    {"G004", 6, 134, 134, SHAPE_PLAIN, IN, NULL,
     "router advertisements are accepted without a look at the hop limit"},
    {"G004", 6, 133, 133, SHAPE_PLAIN, IN, "warning",
     "router solicitations are accepted without a look at the hop limit; only the kernel's own check is "
     "left"},
    {"G004", 6, 135, 136, SHAPE_PLAIN, IN, "warning",
     "neighbour discovery is accepted without a look at the hop limit; only the kernel's own check is left"},
    {"G009", 4, 5, 5, SHAPE_PLAIN, IN | FORWARD, NULL, "redirects are accepted"},
    {"G009", 6, 137, 137, SHAPE_LINK, IN, NULL, "redirects are accepted"},
    {"G010", 4, 9, 10, SHAPE_PLAIN, IN | FORWARD, NULL, "router discovery is accepted from strangers"},
};

/** Sysctls that make redirects harmless even though rules accept them. */
static bool redirects_are_off(const struct lint *lint, uint8_t family)
{
    const char *prefix = family == 6 ? "net.ipv6.conf." : "net.ipv4.conf.";
    size_t seen = 0;

    for (size_t i = 0; lint->subject->host && i < lint->subject->host->sysctl_count; i++) {
        const struct lint_sysctl *sysctl = &lint->subject->host->sysctls[i];

        if (strncmp(sysctl->name, prefix, strlen(prefix)) != 0 || !strstr(sysctl->name, ".accept_redirects"))
            continue;
        if (sysctl->value != 0)
            return false;
        seen++;
    }
    return seen > 0;
}

/* Whether a message passes because a rule about ICMP says so, on some interface. */
static bool is_accepted(const struct lint *lint, struct walk_question *question, struct walk_result *result,
                        const struct walk_hit **hit)
{
    struct lint_world worlds[LINT_WORLDS_MAX];
    size_t count = lint_worlds(lint, question->hook, worlds);

    for (size_t i = 0; i < count; i++) {
        question->in = worlds[i].in;
        question->out = worlds[i].out;
        walk(lint->rules, question, result);
        *hit = walk_decider(result);
        if (result->accepted > HOLDS_UNKNOWN && *hit && (*hit)->fate == FATE_ACCEPT &&
            (*hit)->holds > HOLDS_UNKNOWN && lint_speaks(lint, (*hit)->rule, question->family))
            return true;
    }
    return false;
}

/* Add a type to the finding of its rule, or begin one. */
static void tell(struct lint *lint, const struct danger *danger, const struct walk_question *question,
                 const struct walk_result *result, const struct walk_hit *hit)
{
    _cleanup_text_ struct text name = {0}, where = {0}, more = {0};
    struct guard_finding *finding = NULL;

    lint_add_message(&name, question->family, question->type, -1);
    lint_name(lint, &where, hit->rule, hit->chain);
    for (size_t i = 0; i < lint->findings->count; i++) {
        finding = &lint->findings->items[i];
        if (strcmp(finding->id, danger->id) == 0 && finding->rule && finding->family == question->family &&
            strcmp(finding->rule, text_get(&where)) == 0)
            break;
        finding = NULL;
    }
    if (finding) {
        text_add(&more, "%s, %s", finding->message, text_get(&name));
        if (!strstr(finding->message, text_get(&name)))
            guard_finding_set(&finding->message, "%s", text_get(&more));
        if (!danger->severity) /* the worst of them counts */
            lint_grade(finding, "error");
        return;
    }
    finding = lint_add(lint, danger->id, hit->rule, hit->chain, "%s: ICMPv%u %s", danger->message,
                       question->family, text_get(&name));
    lint_witness(lint, finding, question, result);
    if (danger->severity)
        lint_grade(finding, danger->severity);
}

static void check_dangers(struct lint *lint)
{
    for (size_t i = 0; i < COUNT_OF(dangers); i++) {
        const struct danger *danger = &dangers[i];

        for (enum hook hook = 0; hook < HOOK_COUNT; hook++) {
            for (unsigned type = danger->type; type <= danger->type_last; type++) {
                struct walk_question question = {
                    .family = danger->family, .type = (uint8_t)type, .hook = hook, .shape = danger->shape};
                struct danger graded = *danger;
                struct walk_result result;
                const struct walk_hit *hit;

                if (!(danger->hooks & 1U << hook) || !lint_cares(lint, hook) ||
                    !lint_judges(lint, danger->family) || !is_accepted(lint, &question, &result, &hit))
                    continue;
                if (strcmp(danger->id, "G009") == 0 && redirects_are_off(lint, danger->family))
                    graded.severity = "warning";
                tell(lint, &graded, &question, &result, hit);
            }
        }
    }
}

/* A limit in the rule itself or in one that stands before it and meets the same. */
static bool is_limited(const struct lint *lint, const struct walk_question *question)
{
    struct walk_question flood = *question;
    struct walk_result result;

    flood.flood = true;
    walk(lint->rules, &flood, &result);
    return walk_stops(&result);
}

/* G008: on an edge, a rule takes all of ICMP as it comes. */
static void check_all_accepted(struct lint *lint)
{
    static const enum hook hooks[] = {HOOK_INPUT, HOOK_FORWARD};

    for (uint8_t family = 4; family <= 6 && lint->subject->role == ROLE_EDGE; family += 2) {
        for (size_t i = 0; i < COUNT_OF(hooks); i++) {
            struct walk_question question = {.family = family, .type = 200, .hook = hooks[i]};
            struct walk_result result;
            const struct walk_hit *hit;
            struct guard_finding *finding;

            if (!lint_judges(lint, family) || !is_accepted(lint, &question, &result, &hit) ||
                lint_names_type(&lint->rules->items[hit->rule]) || is_limited(lint, &question) ||
                lint_has(lint, "G008", hit->rule, hit->chain))
                continue;
            finding = lint_add(lint, "G008", hit->rule, hit->chain, "%s", guard_check_find("G008")->title);
            lint_witness(lint, finding, &question, &result);
        }
    }
}

static const char *class_of(const struct sonde_icmp_entry *entry)
{
    if (entry->code >= 0 && entry->code_last < 255 && entry->code > 0)
        return NULL; /* one code of a type is a matter of G013 */
    if (entry->status == ICMP_DEPRECATED || (entry->family == 4 && entry->type >= 13 && entry->type <= 18))
        return "G011";
    if (entry->status == ICMP_UNASSIGNED || entry->status == ICMP_RESERVED)
        return "G012";
    return NULL;
}

/* G011, G012: types that nobody needs. */
static void check_useless(struct lint *lint)
{
    static const enum hook hooks[] = {HOOK_INPUT, HOOK_FORWARD};
    const struct sonde_icmp_entry *entry;

    for (uint8_t family = 4; family <= 6; family += 2) {
        for (size_t i = 0; lint_judges(lint, family) && (entry = sonde_icmp_row(family, i)) != NULL; i++) {
            const char *id = class_of(entry);
            struct danger danger = {id, .message = id ? guard_check_find(id)->title : NULL};

            danger.severity = "warning";
            for (size_t k = 0; id && entry->code <= 0 && k < COUNT_OF(hooks); k++) {
                struct walk_question question = {.family = family, .type = entry->type, .hook = hooks[k]};
                struct walk_result result;
                const struct walk_hit *hit;
                bool other_codes = sonde_icmp_find(family, entry->type, 0) != entry;

                if (lint_cares(lint, hooks[k]) && !other_codes && is_accepted(lint, &question, &result, &hit))
                    tell(lint, &danger, &question, &result, hit);
            }
        }
    }
}

/* G013: unreachable of any code, from anybody. */
static void check_codes(struct lint *lint)
{
    struct walk_question question = {.family = 4, .type = 3, .code = 200, .hook = HOOK_INPUT};
    struct walk_result result;
    const struct walk_hit *hit;
    struct guard_finding *finding;

    if (!lint_judges(lint, 4) || !is_accepted(lint, &question, &result, &hit) ||
        !lint_names_type(&lint->rules->items[hit->rule]))
        return;
    finding = lint_add(lint, "G013", hit->rule, hit->chain,
                       "all codes of destination-unreachable are accepted, also those that nobody assigned");
    lint_witness(lint, finding, &question, &result);
}

static enum icmp_advice advice_of(const struct sonde_icmp_entry *entry, enum policy_role role, enum hook hook)
{
    if (hook == HOOK_FORWARD)
        return role == ROLE_EDGE ? entry->filter.edge_in : entry->filter.transit;
    if (hook == HOOK_OUTPUT)
        return entry->filter.host_out;
    return role == ROLE_HOST ? entry->filter.host_in : entry->filter.router_self;
}

/** What becomes of a message in all shapes: on the friendliest interface, and on the strictest. */
struct treatment {
    bool stopped[SHAPE_COUNT]; /* on all interfaces */
    bool passes[SHAPE_COUNT];  /* on all interfaces */
};

/* Whether what the rules do is what the advice says, as far as one shape can tell. */
static bool differs(enum icmp_advice advice, const struct treatment *treatment, const char **how)
{
    bool anybody = treatment->passes[SHAPE_PLAIN];
    bool answer = treatment->stopped[SHAPE_ANSWER], link = treatment->stopped[SHAPE_LINK];

    switch (advice) {
    case ADVISE_ACCEPT:
    case ADVISE_LIMIT:
        *how = "stopped";
        return treatment->stopped[SHAPE_PLAIN] && answer;
    case ADVISE_STATE:
        *how = answer ? "stopped" : "accepted from anybody";
        return answer || anybody;
    case ADVISE_LINK:
        *how = link ? "stopped" : "accepted from off the link";
        return link || anybody;
    case ADVISE_DROP:
        *how = "accepted";
        return anybody;
    default:
        return false;
    }
}

static bool row_differs(const struct lint *lint, const struct sonde_icmp_entry *entry, enum hook hook,
                        const char **how)
{
    struct treatment treatment;

    for (enum shape shape = 0; shape < SHAPE_COUNT; shape++) {
        struct walk_question question = {.family = entry->family,
                                         .type = entry->type,
                                         .code = entry->code < 0 ? 0 : (uint8_t)entry->code,
                                         .hook = hook,
                                         .shape = shape};
        struct walk_result result;

        treatment.stopped[shape] = lint_ask(lint, &question, true, &result) == OUTCOME_STOPPED;
        treatment.passes[shape] = lint_ask(lint, &question, false, &result) == OUTCOME_PASSES;
    }
    return differs(advice_of(entry, lint->subject->role, hook), &treatment, how);
}

enum { ADVICE_NAMED = 8 /* rows of the catalog that a finding names */ };

/* G052: the rows of the catalog that are treated otherwise. */
static void check_advice(struct lint *lint)
{
    static const enum hook hooks[] = {HOOK_INPUT, HOOK_FORWARD};

    for (size_t k = 0; k < COUNT_OF(hooks); k++) {
        for (uint8_t family = 4; family <= 6; family += 2) {
            _cleanup_text_ struct text list = {0};
            const struct sonde_icmp_entry *entry;
            const char *how = "";
            size_t count = 0;

            for (size_t i = 0; lint_filters(lint, family, hooks[k]) && lint_cares(lint, hooks[k]) &&
                               (entry = sonde_icmp_row(family, i)) != NULL;
                 i++) {
                if (entry->status == ICMP_UNASSIGNED || !row_differs(lint, entry, hooks[k], &how))
                    continue;
                if (count++ >= ADVICE_NAMED)
                    continue;
                text_add(&list, "%s", count > 1 ? "; " : "");
                lint_add_message(&list, family, entry->type, entry->code);
                text_add(&list, " %s", how);
            }
            if (count > ADVICE_NAMED)
                text_add(&list, "; and %zu more", count - ADVICE_NAMED);
            if (count > 0)
                lint_add(lint, "G052", RULES_NONE, RULES_NONE,
                         "ICMPv%u in %s differs from the advice for %s %s: %s", family, hook_name(hooks[k]),
                         lint->subject->role == ROLE_EDGE ? "an" : "a", policy_role_name(lint->subject->role),
                         text_get(&list));
        }
    }
}

/* A rule that accepts a type by name in a hook, whatever stands in front of it; RULES_NONE: there is none. */
static uint32_t find_named(const struct lint *lint, uint8_t family, uint32_t type, enum hook hook)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];
        const struct rules_match *match = lint_match(rule, RULES_TYPE);

        if (rule->verdict != RULES_ACCEPT || !match || match->negated || match->family != family ||
            lint_hook_of(lint, rule->chain) != hook)
            continue;
        for (size_t k = 0; k < match->value_count; k++)
            if (match->values[k].first <= type && type <= match->values[k].last)
                return i;
    }
    return RULES_NONE;
}

/* G009 by intent: a rule accepts redirects, and only something in front of it keeps them away. */
static void check_meant(struct lint *lint)
{
    static const enum hook hooks[] = {HOOK_INPUT, HOOK_FORWARD};

    for (size_t i = 0; i < 2 * COUNT_OF(hooks); i++) {
        uint8_t family = i % 2 ? 6 : 4;
        struct walk_question question = {.family = family,
                                         .type = family == 6 ? 137 : 5,
                                         .hook = hooks[i / 2],
                                         .shape = family == 6 ? SHAPE_LINK : SHAPE_PLAIN};
        uint32_t rule = find_named(lint, family, question.type, question.hook);
        struct walk_result result;
        struct guard_finding *finding;

        if (rule == RULES_NONE || !lint_judges(lint, family) ||
            lint_has(lint, "G009", rule, lint->rules->items[rule].chain) ||
            lint_ask(lint, &question, false, &result) != OUTCOME_STOPPED)
            continue;
        finding = lint_add(lint, "G009", rule, RULES_NONE,
                           "a rule accepts redirects; only another one in front of it stops them");
        lint_grade(finding, "warning");
        lint_witness(lint, finding, &question, &result);
        lint_fix_delete(lint, finding, rule);
    }
}

/* Types that only make sense for transit, accepted in input alone: rules in the wrong chain. */
static void check_wrong_chain(struct lint *lint)
{
    struct walk_question question = {.family = 6, .type = 144, .hook = HOOK_INPUT};
    uint32_t rule = find_named(lint, 6, question.type, HOOK_INPUT);
    struct walk_result result;
    struct guard_finding *finding;

    if (rule == RULES_NONE || !lint_filters(lint, 6, HOOK_FORWARD) ||
        find_named(lint, 6, question.type, HOOK_FORWARD) != RULES_NONE)
        return;
    lint_ask(lint, &question, false, &result);
    finding = lint_add(lint, "G052", rule, RULES_NONE,
                       "the messages of Mobile IPv6 (144 to 147) are accepted in input and not in forward; "
                       "RFC 4890 4.3.2 asks for the reverse, this is the wrong chain");
    lint_grade(finding, "warning");
    lint_witness(lint, finding, &question, &result);
}

lint_check *const lint_accept[] = {check_dangers, check_meant,  check_all_accepted, check_useless,
                                   check_codes,   check_advice, check_wrong_chain,  NULL};
