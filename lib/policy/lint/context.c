/* SPDX-License-Identifier: MIT */
/* What the checks of the reviewer share: which packets are asked about, and how findings name things. */
#include "policy/lint/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "catalog/icmp.h"

enum { CALL_DEPTH_MAX = 8, FORWARD_NAMES = 7 /* pairs of them are asked about */ };

static bool speaks_itself(const struct rules_rule *rule, uint8_t family);

static void add_name(struct lint *lint, const char *name)
{
    char plain[RULES_IFNAME_MAX];
    size_t length;

    snprintf(plain, sizeof(plain), "%s", name);
    length = strlen(plain);
    if (length > 1 && (plain[length - 1] == '*' || plain[length - 1] == '+'))
        plain[length - 1] = '0'; /* "eth*" is asked about as eth0 */
    if (length == 0 || strcmp(plain, "+") == 0 || strcmp(plain, "*") == 0 || strcmp(plain, "lo") == 0 ||
        lint->name_count == LINT_NAMES_MAX)
        return;
    for (size_t i = 0; i < lint->name_count; i++)
        if (strcmp(lint->names[i], plain) == 0)
            return;
    memcpy(lint->names[lint->name_count++], plain, sizeof(plain));
}

static void add_names_of(struct lint *lint, const struct rules_rule *rule)
{
    for (size_t i = 0; i < rule->match_count; i++) {
        const struct rules_match *match = &rule->matches[i];

        if (match->field != RULES_IIF && match->field != RULES_OIF)
            continue;
        for (size_t k = 0; k < match->value_count; k++)
            add_name(lint, match->values[k].name);
    }
}

/* Whether a rule is for interfaces that no rule names. */
static bool is_for_others(const struct rules *rules, const struct rules_rule *rule, enum hook hook)
{
    struct walk_question question = {.hook = hook};

    for (size_t i = 0; i < rule->match_count; i++)
        if ((rule->matches[i].field == RULES_IIF || rule->matches[i].field == RULES_OIF) &&
            walk_match(rules, &question, &rule->matches[i]) == HOLDS_NOT)
            return false;
    return true;
}

/* A rule that meets what conntrack does not know yet. */
static bool is_fresh(const struct rules_rule *rule)
{
    const struct rules_match *state = lint_match(rule, RULES_STATE);
    bool fresh = !state || state->negated;

    for (size_t i = 0; state && i < state->value_count; i++)
        fresh = fresh || (state->values[i].first & RULES_NEW);
    return fresh;
}

static bool chain_serves(const struct rules *rules, uint32_t chain, enum hook hook, bool strangers, int depth)
{
    for (uint32_t i = rules->chains[chain].first; i < rules->chains[chain].next; i++) {
        const struct rules_rule *rule = &rules->items[i];

        if (speaks_itself(rule, 4) || speaks_itself(rule, 6) ||
            (strangers ? !is_for_others(rules, rule, hook) : !is_fresh(rule)))
            continue;
        if (rule->verdict == RULES_ACCEPT || (rule->to != RULES_NONE && depth < CALL_DEPTH_MAX &&
                                              chain_serves(rules, rule->to, hook, strangers, depth + 1)))
            return true;
    }
    return false;
}

bool lint_serves(const struct rules *rules, enum hook hook, bool strangers)
{
    bool filtered = false;

    for (uint32_t i = 0; i < rules->chain_count; i++) {
        const struct rules_chain *chain = &rules->chains[i];

        if (strcmp(chain->hook, hook_name(hook)) != 0 || strcmp(chain->type, "nat") == 0 ||
            (!chain->drops && chain->rules == 0) || strcmp(rules->tables[chain->table].family, "bridge") == 0)
            continue;
        filtered = filtered || chain->drops;
        if (chain_serves(rules, i, hook, strangers, 0))
            return true;
    }
    return strangers && !filtered;
}

/* The interfaces of the machine, or those that rules name; rules that name two or more are taken to name all
 * there are. */
void lint_begin(struct lint *lint, const struct lint_subject *subject, struct guard_findings *findings)
{
    *lint = (struct lint){.subject = subject, .rules = subject->rules, .findings = findings};
    for (size_t i = 0; subject->host && !subject->file && i < subject->host->interface_count; i++)
        if (subject->host->interfaces[i].up && !subject->host->interfaces[i].loopback)
            add_name(lint, subject->host->interfaces[i].name);
    if (lint->name_count > 0)
        return;
    for (size_t i = 0; i < subject->rules->count; i++)
        add_names_of(lint, &subject->rules->items[i]);
    for (enum hook hook = 0; hook < HOOK_COUNT; hook++)
        lint->others[hook] = lint->name_count < 2 && lint_serves(subject->rules, hook, true);
}

size_t lint_worlds(const struct lint *lint, enum hook hook, struct lint_world worlds[LINT_WORLDS_MAX])
{
    const char *names[LINT_NAMES_MAX + 1];
    size_t count = 0, total = 0;

    for (size_t i = 0; i < lint->name_count; i++)
        names[count++] = lint->names[i];
    if (lint->others[hook] || count == 0)
        names[count++] = NULL;
    if (hook == HOOK_FORWARD && count > FORWARD_NAMES)
        count = FORWARD_NAMES;
    for (size_t i = 0; i < count; i++) {
        if (hook == HOOK_INPUT)
            worlds[total++] = (struct lint_world){names[i], NULL};
        if (hook == HOOK_OUTPUT)
            worlds[total++] = (struct lint_world){NULL, names[i]};
        for (size_t k = 0; hook == HOOK_FORWARD && k < count; k++)
            if (k != i || count == 1)
                worlds[total++] = (struct lint_world){names[i], names[k]};
    }
    return total;
}

static enum lint_outcome outcome_of(const struct walk_result *result)
{
    if (walk_passes(result))
        return OUTCOME_PASSES;
    if (walk_stops(result))
        return OUTCOME_STOPPED;
    return walk_is_unknown(result) ? OUTCOME_UNKNOWN : OUTCOME_PARTLY;
}

enum lint_outcome lint_ask(const struct lint *lint, struct walk_question *question, bool every,
                           struct walk_result *result)
{
    struct lint_world worlds[LINT_WORLDS_MAX];
    size_t count = lint_worlds(lint, question->hook, worlds);
    enum lint_outcome chosen = every ? OUTCOME_STOPPED : OUTCOME_PASSES;
    struct walk_question best = *question;

    for (size_t i = 0; i < count; i++) {
        struct walk_question here = *question;
        struct walk_result answer;
        enum lint_outcome outcome;

        here.in = worlds[i].in;
        here.out = worlds[i].out;
        walk(lint->rules, &here, &answer);
        outcome = outcome_of(&answer);
        if (i > 0 && (every ? outcome >= chosen : outcome <= chosen))
            continue;
        chosen = outcome;
        *result = answer;
        best = here;
    }
    *question = best;
    return chosen;
}

bool lint_judges(const struct lint *lint, uint8_t family)
{
    return lint->subject->family == 0 || lint->subject->family == family;
}

bool lint_filters(const struct lint *lint, uint8_t family, enum hook hook)
{
    struct walk_question question = {.family = family, .type = family == 6 ? 128 : 8, .hook = hook};
    struct walk_result result;

    if (!lint_judges(lint, family))
        return false;
    walk(lint->rules, &question, &result);
    return result.filtered;
}

bool lint_cares(const struct lint *lint, enum hook hook)
{
    return hook != HOOK_FORWARD || lint->subject->role != ROLE_HOST;
}

const struct rules_match *lint_match(const struct rules_rule *rule, enum rules_field field)
{
    for (size_t i = 0; i < rule->match_count; i++)
        if (rule->matches[i].field == field)
            return &rule->matches[i];
    return NULL;
}

bool lint_names_type(const struct rules_rule *rule)
{
    return lint_match(rule, RULES_TYPE) != NULL;
}

static bool is_about(const struct rules_match *match, uint8_t family)
{
    uint32_t protocol = family == 6 ? PROTOCOL_ICMP6 : PROTOCOL_ICMP4;

    if ((match->field == RULES_TYPE || match->field == RULES_CODE) && match->family == family)
        return true;
    if ((match->field != RULES_PROTOCOL && match->field != RULES_NEXTHDR) || match->negated)
        return false;
    for (size_t i = 0; i < match->value_count; i++)
        if (match->values[i].first == protocol && match->values[i].last == protocol)
            return true;
    return false;
}

static bool speaks_itself(const struct rules_rule *rule, uint8_t family)
{
    for (size_t i = 0; i < rule->match_count; i++)
        if (is_about(&rule->matches[i], family))
            return true;
    return false;
}

/* All ways into a chain are about ICMP. */
static bool chain_speaks(const struct lint *lint, uint32_t chain, uint8_t family, int depth)
{
    bool called = false;

    if (depth == CALL_DEPTH_MAX || *lint->rules->chains[chain].hook != '\0')
        return false;
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];

        if (rule->to != chain)
            continue;
        called = true;
        if (!speaks_itself(rule, family) && !chain_speaks(lint, rule->chain, family, depth + 1))
            return false;
    }
    return called;
}

bool lint_speaks(const struct lint *lint, uint32_t rule, uint8_t family)
{
    if (rule == RULES_NONE)
        return false;
    return speaks_itself(&lint->rules->items[rule], family) ||
           chain_speaks(lint, lint->rules->items[rule].chain, family, 0);
}

uint32_t lint_only_caller(const struct lint *lint, uint32_t chain)
{
    uint32_t found = RULES_NONE;

    for (uint32_t i = 0; i < lint->rules->count; i++) {
        if (lint->rules->items[i].to != chain)
            continue;
        if (found != RULES_NONE)
            return RULES_NONE;
        found = i;
    }
    return *lint->rules->chains[chain].hook ? RULES_NONE : found;
}

enum hook lint_hook_of(const struct lint *lint, uint32_t chain)
{
    for (int depth = 0; depth < CALL_DEPTH_MAX; depth++) {
        const char *hook = lint->rules->chains[chain].hook;
        uint32_t caller = lint_only_caller(lint, chain);

        if (strcmp(hook, "forward") == 0)
            return HOOK_FORWARD;
        if (strcmp(hook, "output") == 0 || strcmp(hook, "postrouting") == 0)
            return HOOK_OUTPUT;
        if (*hook || caller == RULES_NONE)
            break;
        chain = lint->rules->items[caller].chain;
    }
    return HOOK_INPUT;
}

void lint_name(const struct lint *lint, struct text *text, uint32_t rule, uint32_t chain)
{
    const struct rules_chain *this = &lint->rules->chains[chain];
    const struct rules_table *table = &lint->rules->tables[this->table];
    const struct rules_rule *item = rule == RULES_NONE ? NULL : &lint->rules->items[rule];
    uint32_t line = item ? item->line : this->line;

    if (lint->subject->file)
        text_add(text, "%s:", lint->subject->file);
    if (lint->subject->file && line > 0)
        text_add(text, "%u:", line);
    text_add(text, "%s%s%s %s %s", lint->subject->file ? " " : "",
             table->origin == RULES_IPTABLES_LEGACY ? "legacy " : "", table->family, table->name, this->name);
    if (!item)
        text_add(text, *this->hook ? " policy" : "");
    else if (item->handle > 0 && !lint->subject->file)
        text_add(text, " handle %lld", (long long)item->handle);
    else
        text_add(text, " rule %u", item->position + 1);
}

struct guard_finding *lint_add(struct lint *lint, const char *id, uint32_t rule, uint32_t chain,
                               const char *message, ...)
{
    _cleanup_text_ struct text name = {0};
    struct guard_finding *finding;
    char *words = NULL;
    va_list list;

    va_start(list, message);
    if (vasprintf(&words, message, list) < 0)
        abort();
    va_end(list);
    finding = guard_findings_add(lint->findings, id, "%s", words);
    free(words);
    if (chain == RULES_NONE && rule != RULES_NONE)
        chain = lint->rules->items[rule].chain;
    if (chain != RULES_NONE) {
        lint_name(lint, &name, rule, chain);
        guard_finding_set(&finding->rule, "%s", text_get(&name));
    } else if (lint->subject->file) {
        guard_finding_set(&finding->rule, "%s", lint->subject->file);
    }
    return finding;
}

void lint_add_message(struct text *text, uint8_t family, uint8_t type, int code)
{
    const struct sonde_icmp_entry *entry = sonde_icmp_find(family, type, code < 0 ? 0 : (uint8_t)code);

    if (code < 0)
        text_add(text, "%u", type);
    else
        text_add(text, "%u/%d", type, code);
    if (code >= 0 || entry->code < 0 || entry->code_last == 0)
        text_add(text, " (%s)", entry->name);
}

static void add_way(struct text *text, const struct walk_question *question)
{
    static const char *const shapes[] = {[SHAPE_PLAIN] = "that nobody asked for",
                                         [SHAPE_ANSWER] = "that belongs to a packet of ours",
                                         [SHAPE_LINK] = "from the link"};

    text_add(text, " %s, to %s", shapes[question->shape],
             question->bridge ? "the bridge" : hook_name(question->hook));
    if (question->in)
        text_add(text, ", in by %s", question->in);
    if (question->out)
        text_add(text, ", out by %s", question->out);
    if (question->flood)
        text_add(text, ", beyond the limits");
}

void lint_witness(const struct lint *lint, struct guard_finding *finding,
                  const struct walk_question *question, const struct walk_result *result)
{
    static const char *const words[] = {[FATE_UNSEEN] = "not seen",
                                        [FATE_ACCEPT] = "accepted",
                                        [FATE_DROP] = "dropped",
                                        [FATE_REJECT] = "rejected"};
    const struct walk_hit *hit = result ? walk_decider(result) : NULL;
    _cleanup_text_ struct text text = {0};

    finding->family = question->family;
    finding->type = question->type;
    finding->code = question->code;
    text_add(&text, "ICMPv%u ", question->family);
    lint_add_message(&text, question->family, question->type, question->code);
    add_way(&text, question);
    if (hit) {
        text_add(&text, ": %s by ", words[hit->fate]);
        lint_name(lint, &text, hit->rule, hit->chain);
    }
    guard_finding_set(&finding->witness, "%s", text_get(&text));
}

void lint_grade(struct guard_finding *finding, const char *severity)
{
    guard_finding_set(&finding->severity, "%s", severity);
}

bool lint_has(const struct lint *lint, const char *id, uint32_t rule, uint32_t chain)
{
    _cleanup_text_ struct text name = {0};

    lint_name(lint, &name, rule, chain);
    for (size_t i = 0; i < lint->findings->count; i++) {
        const struct guard_finding *finding = &lint->findings->items[i];

        if (strcmp(finding->id, id) == 0 && finding->rule && strcmp(finding->rule, text_get(&name)) == 0)
            return true;
    }
    return false;
}
