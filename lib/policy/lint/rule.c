/* SPDX-License-Identifier: MIT */
/* What can be seen in a rule alone: a code without a type, a contradiction, the wrong family. */
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "policy/lint/context.h"

static const struct rules_table *table_of(const struct lint *lint, const struct rules_rule *rule)
{
    return &lint->rules->tables[lint->rules->chains[rule->chain].table];
}

/* Limbs of a rule share what is wrong with it. */
static bool is_first_limb(const struct lint *lint, uint32_t index)
{
    const struct rules_rule *rule = &lint->rules->items[index];

    return index == 0 || rule[-1].chain != rule->chain || rule[-1].position != rule->position;
}

static bool judges_rule(const struct lint *lint, const struct rules_rule *rule)
{
    const char *family = table_of(lint, rule)->family;

    return (strcmp(family, "ip") != 0 || lint_judges(lint, 4)) &&
           (strcmp(family, "ip6") != 0 || lint_judges(lint, 6)) && !table_of(lint, rule)->dormant;
}

/* Whether every way into a chain names a type. */
static bool comes_by_type(const struct lint *lint, uint32_t chain)
{
    bool called = false;

    for (uint32_t i = 0; i < lint->rules->count; i++) {
        if (lint->rules->items[i].to != chain)
            continue;
        if (!lint_names_type(&lint->rules->items[i]))
            return false;
        called = true;
    }
    return called;
}

/* G014: the same number means something else with each type. */
static void check_code_alone(struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];
        const struct rules_match *code = lint_match(rule, RULES_CODE);
        struct guard_finding *finding;
        struct walk_question question;

        if (!code || code->negated || lint_names_type(rule) || !judges_rule(lint, rule) ||
            !is_first_limb(lint, i) || comes_by_type(lint, rule->chain))
            continue;
        finding = lint_add(lint, "G014", i, RULES_NONE, "%s", guard_check_find("G014")->title);
        question = (struct walk_question){.family = code->family, .type = code->family == 6 ? 1 : 3};
        question.code = code->value_count ? (uint8_t)code->values[0].first : 0;
        lint_witness(lint, finding, &question, NULL);
        if (question.code == 4 && code->family == 4)
            lint_fix_words(lint, finding, rule->line, "icmp code",
                           "icmp type destination-unreachable icmp code");
    }
}

/* Whether two conditions on the same field can hold together, as far as numbers tell. */
static bool overlap(const struct rules_match *a, const struct rules_match *b)
{
    for (size_t i = 0; i < a->value_count; i++)
        for (size_t k = 0; k < b->value_count; k++)
            if (a->values[i].first <= b->values[k].last && b->values[k].first <= a->values[i].last)
                return true;
    return false;
}

static bool covers(const struct rules_match *wide, const struct rules_match *narrow)
{
    for (size_t k = 0; k < narrow->value_count; k++) {
        bool found = false;

        for (size_t i = 0; i < wide->value_count; i++)
            found = found || (wide->values[i].first <= narrow->values[k].first &&
                              narrow->values[k].last <= wide->values[i].last);
        if (!found)
            return false;
    }
    return narrow->value_count > 0;
}

static bool is_number(enum rules_field field)
{
    switch (field) {
    case RULES_FAMILY:
    case RULES_PROTOCOL:
    case RULES_TYPE:
    case RULES_CODE:
    case RULES_STATE:
    case RULES_HOPLIMIT:
        return true;
    default:
        return false;
    }
}

static bool same_names(const struct rules_match *a, const struct rules_match *b)
{
    for (size_t i = 0; i < a->value_count; i++)
        for (size_t k = 0; k < b->value_count; k++) {
            const char *one = a->values[i].name, *other = b->values[k].name;
            size_t wild = strcspn(one, "*+"), rest = strcspn(other, "*+"), least = wild < rest ? wild : rest;

            if (strcmp(one, other) == 0 || ((one[wild] || other[rest]) && strncmp(one, other, least) == 0))
                return true;
        }
    return false;
}

static bool same_addresses(const struct rules_match *a, const struct rules_match *b)
{
    for (size_t i = 0; i < a->value_count; i++)
        for (size_t k = 0; k < b->value_count; k++) {
            const struct rules_value *one = &a->values[i], *other = &b->values[k];

            if (one->low.family == other->low.family &&
                memcmp(one->low.bytes, other->high.bytes, sizeof(one->low.bytes)) <= 0 &&
                memcmp(other->low.bytes, one->high.bytes, sizeof(one->low.bytes)) <= 0)
                return true;
        }
    return false;
}

/* Whether one of two conditions is not understood well enough. */
static bool is_vague(const struct rules_match *a, const struct rules_match *b)
{
    return a->opaque || b->opaque || a->soft || b->soft;
}

static bool exclude_numbers(const struct rules_match *a, const struct rules_match *b)
{
    if (a->negated != b->negated)
        return a->negated ? covers(a, b) : covers(b, a);
    return !a->negated && a->value_count > 0 && b->value_count > 0 && !overlap(a, b);
}

static bool are_foreign(const struct rules_match *a, const struct rules_match *b)
{
    return a->family && b->family && a->family != b->family;
}

static bool exclude_names(const struct rules_match *a, const struct rules_match *b)
{
    if (a->negated || b->negated || a->value_count == 0 || b->value_count == 0)
        return false;
    if (a->field == RULES_IIF || a->field == RULES_OIF)
        return !same_names(a, b);
    return (a->field == RULES_SOURCE || a->field == RULES_DESTINATION) && !a->set && !b->set &&
           !same_addresses(a, b);
}

static bool exclude(const struct rules_match *a, const struct rules_match *b)
{
    if (is_vague(a, b))
        return false;
    if (a->field != b->field || are_foreign(a, b))
        return are_foreign(a, b);
    return is_number(a->field) ? exclude_numbers(a, b) : exclude_names(a, b);
}

static const char *field_name(enum rules_field field)
{
    static const char *const names[] = {
        [RULES_FAMILY] = "the family",      [RULES_PROTOCOL] = "the protocol",
        [RULES_TYPE] = "the type",          [RULES_CODE] = "the code",
        [RULES_IIF] = "the interface",      [RULES_OIF] = "the interface",
        [RULES_SOURCE] = "the source",      [RULES_STATE] = "the state",
        [RULES_HOPLIMIT] = "the hop limit", [RULES_DESTINATION] = "the destination",
    };

    return (size_t)field < COUNT_OF(names) && names[field] ? names[field] : "the packet";
}

/* ICMP is of one family, also where the other one's conditions stand beside it. */
static const char *contradiction(const struct rules_rule *rule)
{
    for (size_t i = 0; i < rule->match_count; i++)
        for (size_t k = i + 1; k < rule->match_count; k++)
            if (exclude(&rule->matches[i], &rule->matches[k]))
                return field_name(rule->matches[i].field == rule->matches[k].field ? rule->matches[i].field
                                                                                   : RULES_FAMILY);
    return NULL;
}

static bool is_icmp(const struct lint *lint, uint32_t rule)
{
    return lint_speaks(lint, rule, 4) || lint_speaks(lint, rule, 6);
}

/* G015. A limb that can never be chosen is one of many; a rule none of whose limbs can is at fault. */
static void check_contradictions(struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];
        const char *field = contradiction(rule);
        struct guard_finding *finding;

        if (!field || rule->limb || !judges_rule(lint, rule) || !is_icmp(lint, i))
            continue;
        finding = lint_add(lint, "G015", i, RULES_NONE,
                           "two conditions on %s exclude each other: the rule never matches", field);
        guard_finding_set(&finding->witness, "no packet: %s cannot be both", field);
        lint_fix_delete(lint, finding, i);
    }
}

static bool wants_protocol(const struct rules_rule *rule, uint32_t protocol)
{
    for (size_t i = 0; i < rule->match_count; i++) {
        const struct rules_match *match = &rule->matches[i];

        if (match->field == RULES_PROTOCOL && !match->negated && match->value_count == 1 &&
            match->values[0].first == protocol && match->values[0].last == protocol)
            return true;
    }
    return false;
}

/* A rule in a table of one family about the ICMP of the other. */
static bool is_foreign(const struct lint *lint, const struct rules_rule *rule)
{
    const char *family = table_of(lint, rule)->family;
    const struct rules_match *nfproto = lint_match(rule, RULES_FAMILY);
    uint32_t own = 0;

    if (strcmp(family, "ip") == 0)
        own = PROTOCOL_ICMP4;
    else if (strcmp(family, "ip6") == 0)
        own = PROTOCOL_ICMP6;
    else if (nfproto && !nfproto->negated && nfproto->value_count == 1)
        own = nfproto->values[0].first == 6 ? PROTOCOL_ICMP6 : PROTOCOL_ICMP4;
    if (own == 0)
        return false;
    return wants_protocol(rule, own == PROTOCOL_ICMP4 ? PROTOCOL_ICMP6 : PROTOCOL_ICMP4) ||
           (lint_match(rule, RULES_NEXTHDR) && own == PROTOCOL_ICMP4);
}

static void tell_foreign(struct lint *lint, uint32_t index)
{
    const struct rules_rule *rule = &lint->rules->items[index];
    bool six = wants_protocol(rule, PROTOCOL_ICMP6);
    const struct rules_match *type = lint_match(rule, RULES_TYPE);
    struct guard_finding *finding;
    struct walk_question question = {.family = six ? 6 : 4};

    finding = lint_add(lint, "G016", index, RULES_NONE,
                       "%s is matched where only IPv%d passes: the rule never matches",
                       six ? "ICMPv6" : "ICMP of IPv4", six ? 4 : 6);
    question.type = type && type->value_count ? (uint8_t)type->values[0].first : six ? 128 : 8;
    lint_witness(lint, finding, &question, NULL);
    if (six)
        lint_fix_words(lint, finding, rule->line, "icmpv6 type", "icmp type");
    else
        lint_fix_words(lint, finding, rule->line, "icmp type", "icmpv6 type");
}

static bool is_only_of_ip(const struct rules_rule *rule)
{
    for (size_t i = 0; i < rule->match_count; i++)
        if (rule->matches[i].field == RULES_PROTOCOL && rule->matches[i].family == 4 &&
            !rule->matches[i].negated && !lint_match(rule, RULES_TYPE) && !lint_match(rule, RULES_CODE))
            return true;
    return false;
}

/* Whether any rule of the chain accepts ICMPv6, or what conntrack knows, of IPv6. */
static bool has_twin(const struct lint *lint, uint32_t index)
{
    const struct rules_rule *rule = &lint->rules->items[index];
    const struct rules_chain *chain = &lint->rules->chains[rule->chain];
    bool state = lint_match(rule, RULES_STATE) != NULL;

    for (uint32_t i = chain->first; i < chain->next; i++) {
        const struct rules_rule *other = &lint->rules->items[i];
        struct walk_question question = {.family = 6,
                                         .type = 128,
                                         .shape = state ? SHAPE_ANSWER : SHAPE_PLAIN,
                                         .hook = HOOK_INPUT,
                                         .tracked = true};

        if (i != index && (other->verdict == RULES_ACCEPT || other->verdict == RULES_GOTO) &&
            walk_rule(lint->rules, &question, other) != HOLDS_NOT && (state || lint_speaks(lint, i, 6)))
            return true;
    }
    return false;
}

/* "ip protocol icmp accept" and "ip protocol tcp ct state established accept" in an inet table leave IPv6
 * out; only where IPv6 is dropped for it. */
static bool loses_ipv6(const struct lint *lint, uint32_t index)
{
    const struct rules_rule *rule = &lint->rules->items[index];
    const struct rules_chain *chain = &lint->rules->chains[rule->chain];
    bool state = lint_match(rule, RULES_STATE) != NULL;
    struct walk_question question = {.family = 6, .type = 128, .shape = state ? SHAPE_ANSWER : SHAPE_PLAIN};
    struct walk_result result;

    if (strcmp(table_of(lint, rule)->family, "inet") != 0 || rule->verdict != RULES_ACCEPT ||
        !is_only_of_ip(rule) || (!state && !wants_protocol(rule, PROTOCOL_ICMP4)) || has_twin(lint, index))
        return false;
    question.hook = strcmp(chain->hook, "forward") == 0  ? HOOK_FORWARD
                    : strcmp(chain->hook, "output") == 0 ? HOOK_OUTPUT
                                                         : HOOK_INPUT;
    return lint_ask(lint, &question, false, &result) == OUTCOME_STOPPED;
}

/* G016. */
static void check_families(struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];
        struct walk_question question = {.family = 6, .type = 128, .shape = SHAPE_PLAIN};
        struct guard_finding *finding;

        if (!is_first_limb(lint, i) || table_of(lint, rule)->dormant)
            continue;
        if (is_foreign(lint, rule)) {
            tell_foreign(lint, i);
        } else if (lint_judges(lint, 6) && loses_ipv6(lint, i)) {
            finding = lint_add(lint, "G016", i, RULES_NONE,
                               "`ip protocol` is only of IPv4: the same of IPv6 is dropped");
            lint_witness(lint, finding, &question, NULL);
            lint_fix_words(lint, finding, rule->line, "ip protocol icmp", "meta l4proto { icmp, ipv6-icmp }");
        }
    }
}

static bool is_error(const struct rules_rule *rule)
{
    const struct rules_match *type = lint_match(rule, RULES_TYPE);

    if (!type || type->negated)
        return false;
    for (size_t i = 0; i < type->value_count; i++) {
        uint32_t value = type->values[i].first;

        if (type->family == 6 ? value >= 128 : value != 3 && value != 5 && value != 11 && value != 12)
            return false;
    }
    return type->value_count > 0;
}

/* G030: the kernel never answers errors; strangers who are answered without a limit can aim the answers. */
static void check_rejects(struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];
        struct guard_finding *finding;
        struct walk_question question = {.family = 4, .type = 8, .hook = HOOK_INPUT};

        if (rule->verdict != RULES_REJECT || !is_first_limb(lint, i) || !judges_rule(lint, rule) ||
            walk_rule(lint->rules, &question, rule) == HOLDS_NOT)
            if (rule->verdict != RULES_REJECT || !is_first_limb(lint, i) || !is_error(rule))
                continue;
        if (is_error(rule)) {
            finding = lint_add(lint, "G030", i, RULES_NONE,
                               "ICMP errors are rejected, which the kernel never does: they are dropped");
            question.family = lint_match(rule, RULES_TYPE)->family;
            question.type = (uint8_t)lint_match(rule, RULES_TYPE)->values[0].first;
            lint_witness(lint, finding, &question, NULL);
            lint_fix_words(lint, finding, rule->line, "reject", "drop");
        } else if (lint->subject->role == ROLE_EDGE && !lint_match(rule, RULES_LIMIT)) {
            finding = lint_add(lint, "G030", i, RULES_NONE, "strangers are answered without a limit");
            lint_witness(lint, finding, &question, NULL);
            lint_fix_words(lint, finding, rule->line, "reject",
                           "limit rate 100/second burst 100 packets reject");
        }
    }
}

/* G032: what a closed port says is said by a firewall. */
static void check_reject_codes(struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];
        struct guard_finding *finding;

        if (rule->verdict != RULES_REJECT || !is_first_limb(lint, i) || !judges_rule(lint, rule) ||
            !strstr(rule->reject, "port-unreach"))
            continue;
        finding = lint_add(lint, "G032", i, RULES_NONE, "%s", guard_check_find("G032")->title);
        if (strncmp(rule->reject, "icmpx", 5) == 0)
            lint_fix_words(lint, finding, rule->line, "reject", "reject with icmpx type admin-prohibited");
        else
            lint_fix_words(lint, finding, rule->line, "icmp-port-unreachable", "icmp-admin-prohibited");
    }
}

/* G035. */
static void check_flush(struct lint *lint)
{
    struct guard_finding *finding;

    if (!lint->rules->flushes)
        return;
    finding = lint_add(lint, "G035", RULES_NONE, RULES_NONE,
                       "`flush ruleset` deletes every table, also those of Docker, libvirt and fail2ban");
    guard_finding_set(&finding->rule, "%s:%u", lint->subject->file, lint->rules->flush_line);
    lint_fix_line(lint, finding, lint->rules->flush_line, NULL);
}

/* Whether a rule counts, or the one in front of it does nothing else. */
static bool is_counted(const struct lint *lint, uint32_t index)
{
    const struct rules_rule *rule = &lint->rules->items[index];
    uint32_t first = lint->rules->chains[rule->chain].first;

    while (index > first && lint->rules->items[index - 1].position == rule->position)
        index--;
    return rule->counter || (index > first && lint->rules->items[index - 1].counter &&
                             lint->rules->items[index - 1].verdict == RULES_CONTINUE);
}

static bool is_loopback(const struct rules_rule *rule)
{
    const struct rules_match *in = lint_match(rule, RULES_IIF), *out = lint_match(rule, RULES_OIF);
    const struct rules_match *match = in ? in : out;

    return match && !match->negated && match->value_count == 1 && strcmp(match->values[0].name, "lo") == 0;
}

static bool is_silent(const struct lint *lint, uint32_t index)
{
    enum rules_verdict verdict = lint->rules->items[index].verdict;

    if (is_loopback(&lint->rules->items[index]))
        return false;
    return (verdict == RULES_ACCEPT || verdict == RULES_DROP || verdict == RULES_REJECT) &&
           is_first_limb(lint, index) && !is_counted(lint, index) && is_icmp(lint, index) &&
           judges_rule(lint, &lint->rules->items[index]);
}

/* G037: one finding for each table. */
static void check_counters(struct lint *lint)
{
    for (uint32_t k = 0; k < lint->rules->table_count; k++) {
        uint32_t silent = 0, first = RULES_NONE;

        for (uint32_t i = 0; i < lint->rules->count; i++) {
            if (lint->rules->chains[lint->rules->items[i].chain].table != k || !is_silent(lint, i))
                continue;
            silent++;
            first = first == RULES_NONE ? i : first;
        }
        if (silent > 0)
            lint_add(lint, "G037", first, RULES_NONE, "%u rule%s about ICMP in this table ha%s no counter",
                     silent, silent == 1 ? "" : "s", silent == 1 ? "s" : "ve");
    }
}

static bool prefix_is_shared(const struct lint *lint, uint32_t index)
{
    const struct rules_rule *rule = &lint->rules->items[index];

    for (uint32_t i = 0; i < index; i++) {
        const struct rules_rule *other = &lint->rules->items[i];

        if (other->log_prefix && strcmp(other->log_prefix, rule->log_prefix) == 0 &&
            other->position != rule->position && other->chain == rule->chain)
            return true;
    }
    return false;
}

/* G038: in rules that a flood of ICMP can reach. */
static void check_logs(struct lint *lint)
{
    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];
        struct walk_question question = {.family = 4, .type = 8, .hook = HOOK_INPUT, .tracked = true};
        struct guard_finding *finding;

        if (!rule->log || !is_first_limb(lint, i) || !judges_rule(lint, rule))
            continue;
        if (strcmp(table_of(lint, rule)->family, "ip6") == 0)
            question.family = 6, question.type = 128;
        if (!rule->log_limited &&
            (walk_rule(lint->rules, &question, rule) != HOLDS_NOT || is_icmp(lint, i))) {
            finding = lint_add(lint, "G038", i, RULES_NONE, "a flood fills the log: it has no limit");
            lint_witness(lint, finding, &question, NULL);
            lint_fix_words(lint, finding, rule->line, "log ", "limit rate 3/minute burst 10 packets log ");
        } else if (rule->log_prefix && strlen(rule->log_prefix) > 127) {
            lint_add(lint, "G038", i, RULES_NONE, "the prefix of the log has more than 127 characters");
        } else if (rule->log_prefix && is_icmp(lint, i) && prefix_is_shared(lint, i)) {
            lint_add(lint, "G038", i, RULES_NONE, "another rule of the chain logs with the same prefix");
        }
    }
}

/* G039. */
static void check_linear(struct lint *lint)
{
    for (uint32_t k = 0; k < lint->rules->chain_count; k++) {
        const struct rules_chain *chain = &lint->rules->chains[k];
        uint32_t linear = 0, first = RULES_NONE;

        for (uint32_t i = chain->first; i < chain->next; i++) {
            const struct rules_rule *rule = &lint->rules->items[i];

            if (rule->limb || !lint_names_type(rule) || table_of(lint, rule)->origin != RULES_NFT)
                continue;
            linear++;
            first = first == RULES_NONE ? i : first;
        }
        if (linear >= 4)
            lint_add(lint, "G039", first, k, "%u rules of this chain decide by type, one after the other",
                     linear);
    }
}

/* G044: prefixes that nobody has. */
static void check_prefixes(struct lint *lint)
{
    static const struct {
        const char *address;
        int bits;
    } prefixes[] = {
        {"192.0.2.0", 24}, {"198.51.100.0", 24}, {"203.0.113.0", 24}, {"2001:db8::", 32}, {"3fff::", 20}};

    for (uint32_t i = 0; i < lint->rules->count; i++) {
        const struct rules_rule *rule = &lint->rules->items[i];
        const struct rules_match *source = lint_match(rule, RULES_SOURCE);

        if (!source || source->negated || rule->verdict != RULES_ACCEPT || !is_first_limb(lint, i))
            continue;
        for (size_t k = 0; k < COUNT_OF(prefixes); k++) {
            struct rules_match wide = {.field = RULES_SOURCE};

            rules_add_prefix(&wide, prefixes[k].address, prefixes[k].bits);
            if (same_addresses(&wide, source) &&
                memcmp(wide.values[0].low.bytes, source->values[0].low.bytes, 16) <= 0)
                lint_add(lint, "G044", i, RULES_NONE,
                         "%s/%d is for documentation: nobody has such an address", prefixes[k].address,
                         prefixes[k].bits);
            free(wide.values);
        }
    }
}

lint_check *const lint_rule[] = {check_code_alone,
                                 check_contradictions,
                                 check_families,
                                 check_rejects,
                                 check_reject_codes,
                                 check_flush,
                                 check_counters,
                                 check_logs,
                                 check_linear,
                                 check_prefixes,
                                 NULL};
