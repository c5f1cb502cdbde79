/* SPDX-License-Identifier: MIT */
/* The reviewer of policies: the same questions, asked of what a policy promises. */
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "catalog/icmp.h"
#include "policy/lint/context.h"
#include "policy/matrix.h"

/** A review under way. */
struct review {
    const struct policy *policy;
    const char *file;
    struct slice text;
    int64_t now_s;
    struct guard_findings *findings;
};

static struct policy_decision decide(const struct review *review, uint8_t family, uint8_t type, uint8_t code,
                                     enum direction direction)
{
    struct policy_question question = {.family = family, .type = type, .code = code, .direction = direction};

    return policy_decide(review->policy, &question, review->now_s);
}

/* The verdict's word in the rule's line, replaced by what the catalog advises. */
static void fix(const struct review *review, struct guard_finding *finding, const struct policy_rule *rule)
{
    _cleanup_text_ struct text line = {0}, new = {0}, diff = {0};
    enum verdict advice;
    const char *old = verdict_name(rule->verdict), *found;
    struct slice now = lint_line(review->text, rule->place.line);

    if (rule->place.line == 0 || now.length == 0)
        return;
    advice = policy_advice(review->policy->role, rule->direction, rule->family, rule->type,
                           rule->code < 0 ? 0 : (uint8_t)rule->code);
    text_add_octets(&line, (const char *)now.data, now.length);
    found = strstr(text_get(&line), old);
    if (!found || strstr(found + 1, old) || advice == rule->verdict)
        return; /* more than one place, or nothing better to say */
    text_add_octets(&new, text_get(&line), (size_t)(found - text_get(&line)));
    text_add(&new, "%s%s\n", verdict_name(advice), found + strlen(old));
    lint_add_diff(&diff, review->file, review->text,
                  &(struct lint_edit){rule->place.line, true, text_get(&new)}, 1);
    guard_finding_set(&finding->fix, "%s", text_get(&diff));
}

static struct guard_finding *add(const struct review *review, const char *id, const struct policy_rule *rule,
                                 const char *message)
{
    struct guard_finding *finding = guard_findings_add(review->findings, id, "%s", message);

    if (rule && rule->place.line > 0)
        guard_finding_set(&finding->rule, "%s:%u:%u", review->file, rule->place.line, rule->place.column);
    else
        guard_finding_set(&finding->rule, "%s", review->file);
    if (rule && strcmp(id, "G045") != 0) /* whose fault is not the verdict */
        fix(review, finding, rule);
    return finding;
}

static void witness(struct guard_finding *finding, uint8_t family, uint8_t type, uint8_t code,
                    enum direction direction, enum verdict verdict)
{
    _cleanup_text_ struct text text = {0};

    finding->family = family;
    finding->type = type;
    finding->code = code;
    text_add(&text, "ICMPv%u ", family);
    lint_add_message(&text, family, type, code);
    text_add(&text, " to %s: %s", direction_name(direction), verdict_name(verdict));
    guard_finding_set(&finding->witness, "%s", text_get(&text));
}

enum {
    HOST = 1 << ROLE_HOST,
    ROUTER = 1 << ROLE_ROUTER,
    EDGE = 1 << ROLE_EDGE,
    ANYBODY = HOST | ROUTER | EDGE
};

/** A message that must pass; the directions that carry transit are asked like forward. */
static const struct {
    const char *id;
    uint8_t family, type, code;
    enum shape shape;
    bool transit;
    unsigned roles;
} needs[] = {
    {"G001", 4, 3, 4, SHAPE_ANSWER, true, ANYBODY},  {"G002", 6, 2, 0, SHAPE_ANSWER, true, ANYBODY},
    {"G003", 6, 135, 0, SHAPE_LINK, false, ANYBODY}, {"G003", 6, 136, 0, SHAPE_LINK, false, ANYBODY},
    {"G003", 6, 134, 0, SHAPE_LINK, false, HOST},    {"G003", 6, 133, 0, SHAPE_LINK, false, ROUTER},
    {"G005", 6, 130, 0, SHAPE_LINK, false, ANYBODY}, {"G005", 6, 131, 0, SHAPE_LINK, false, ANYBODY},
    {"G005", 6, 132, 0, SHAPE_LINK, false, ANYBODY}, {"G005", 6, 143, 0, SHAPE_LINK, false, ANYBODY},
    {"G006", 6, 1, 0, SHAPE_ANSWER, true, ANYBODY},  {"G006", 6, 1, 3, SHAPE_ANSWER, true, ANYBODY},
    {"G006", 6, 1, 4, SHAPE_ANSWER, true, ANYBODY},  {"G006", 6, 3, 0, SHAPE_ANSWER, true, ANYBODY},
    {"G006", 6, 4, 1, SHAPE_ANSWER, true, ANYBODY},  {"G006", 6, 4, 2, SHAPE_ANSWER, true, ANYBODY},
    {"G006", 6, 128, 0, SHAPE_PLAIN, true, ANYBODY}, {"G006", 6, 129, 0, SHAPE_ANSWER, true, ANYBODY},
};

static void check_need(const struct review *review, size_t index, enum direction direction)
{
    struct policy_decision decision =
        decide(review, needs[index].family, needs[index].type, needs[index].code, direction);
    struct guard_finding *finding;

    if (verdict_fate(decision.verdict, needs[index].shape) == FATE_ACCEPT)
        return;
    finding = add(review, needs[index].id, decision.rule, guard_check_find(needs[index].id)->title);
    witness(finding, needs[index].family, needs[index].type, needs[index].code, direction, decision.verdict);
    if (decision.rule && decision.rule->override)
        lint_grade(finding, "warning"); /* somebody has said that he knows */
}

static void check_needs(const struct review *review)
{
    for (size_t i = 0; i < COUNT_OF(needs); i++) {
        for (enum direction direction = 0; direction < DIRECTION_COUNT; direction++) {
            bool transit = direction_hook(direction) == HOOK_FORWARD;

            if (!(needs[i].roles & 1U << review->policy->role) || direction == DIRECTION_OUTPUT ||
                !policy_filters(review->policy, direction) || (transit && !needs[i].transit) ||
                (direction == DIRECTION_FORWARD && review->policy->role == ROLE_EDGE))
                continue;
            check_need(review, i, direction);
        }
    }
}

/** Messages that should not pass, by name of the check; the first that fits. */
static const struct {
    uint8_t family, type, type_last;
    const char *id;
} dangers[] = {
    {4, 5, 5, "G009"}, {6, 137, 137, "G009"}, {4, 9, 10, "G010"}, {6, 133, 136, "G004"}, {4, 13, 18, "G011"},
};

static const char *danger_of(const struct sonde_icmp_entry *row)
{
    for (size_t i = 0; i < COUNT_OF(dangers); i++)
        if (dangers[i].family == row->family && dangers[i].type <= row->type &&
            row->type <= dangers[i].type_last)
            return dangers[i].id;
    if (row->status == ICMP_DEPRECATED)
        return "G011";
    return row->status == ICMP_UNASSIGNED || row->status == ICMP_RESERVED ? "G012" : NULL;
}

/* One finding for each rule: it names ranges. */
static bool told(const struct review *review, const char *id, const struct policy_rule *rule)
{
    char place[300];

    snprintf(place, sizeof(place), "%s:%u:%u", review->file, rule ? rule->place.line : 0,
             rule ? rule->place.column : 0);
    for (size_t i = 0; i < review->findings->count; i++)
        if (strcmp(review->findings->items[i].id, id) == 0 && review->findings->items[i].rule &&
            strcmp(review->findings->items[i].rule, rule && rule->place.line ? place : review->file) == 0)
            return true;
    return false;
}

static void check_danger(const struct review *review, const struct sonde_icmp_entry *row,
                         enum direction direction)
{
    uint8_t code = row->code < 0 ? 0 : (uint8_t)row->code;
    struct policy_decision decision = decide(review, row->family, row->type, code, direction);
    const char *id = danger_of(row);
    enum shape shape = id && strcmp(id, "G009") == 0 && row->family == 6 ? SHAPE_LINK : SHAPE_PLAIN;
    struct guard_finding *finding;

    if (!id || sonde_icmp_find(row->family, row->type, code) != row ||
        (strcmp(id, "G012") == 0 && row->code >= 0) || verdict_fate(decision.verdict, shape) != FATE_ACCEPT ||
        told(review, id, decision.rule))
        return;
    finding = add(review, id, decision.rule, guard_check_find(id)->title);
    witness(finding, row->family, row->type, code, direction, decision.verdict);
}

static void check_dangers(const struct review *review)
{
    const struct sonde_icmp_entry *row;

    for (uint8_t family = 4; family <= 6; family += 2)
        for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++)
            for (enum direction direction = 0; direction < DIRECTION_COUNT; direction++)
                if (direction != DIRECTION_OUTPUT && policy_filters(review->policy, direction) &&
                    (direction != DIRECTION_FORWARD || review->policy->role != ROLE_EDGE))
                    check_danger(review, row, direction);
}

/* G007, G008. */
static void check_sweeping(const struct review *review)
{
    const struct sonde_icmp_entry *row;
    size_t passing = 0;
    struct guard_finding *finding;

    for (uint8_t family = 4; family <= 6; family += 2)
        for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++)
            passing +=
                decide(review, family, row->type, row->code < 0 ? 0 : (uint8_t)row->code, DIRECTION_INPUT)
                    .verdict < VERDICT_DROP;
    if (passing == 0)
        add(review, "G007", NULL, "nothing passes input at all");
    if (review->policy->role != ROLE_EDGE || review->policy->unlisted != VERDICT_ACCEPT)
        return;
    finding = add(review, "G008", NULL, "what no rule names is accepted from outside, without a limit");
    witness(finding, 4, 200, 0, DIRECTION_FORWARD_IN, VERDICT_ACCEPT);
}

static bool names_all_of(const struct policy_rule *general, const struct policy_rule *special)
{
    return general->family == special->family && general->direction == special->direction &&
           general->type <= special->type && special->type_last <= general->type_last &&
           (general->code == POLICY_ANY_CODE ||
            (special->code != POLICY_ANY_CODE && general->code <= special->code &&
             special->code_last <= general->code_last));
}

/* G017: exceptions come first, so one without a source or an interface hides what follows. */
static void check_shadows(const struct review *review)
{
    const struct policy *policy = review->policy;

    for (size_t i = 0; i < policy->rule_count; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct policy_rule *rule = &policy->rules[i], *earlier = &policy->rules[k];
            struct guard_finding *finding;

            if (!policy_rule_always(earlier) || policy_rule_expired(earlier, review->now_s) ||
                !names_all_of(earlier, rule) || rule->place.line == 0 || earlier->verdict == rule->verdict ||
                (!earlier->exception && earlier->place.line == 0))
                continue;
            finding = add(review, "G017", rule, "an earlier rule decides all that this one names");
            witness(finding, rule->family, rule->type, rule->code < 0 ? 0 : (uint8_t)rule->code,
                    rule->direction, earlier->verdict);
            break;
        }
    }
}

static bool is_path_mtu(const struct policy_rule *rule)
{
    if (rule->family == 6)
        return rule->type <= 2 && 2 <= rule->type_last;
    return rule->type <= 3 && 3 <= rule->type_last &&
           (rule->code == POLICY_ANY_CODE || (rule->code <= 4 && 4 <= rule->code_last));
}

/* G026, G030, G045, G044: rule by rule. */
static void check_rules(const struct review *review)
{
    for (size_t i = 0; i < review->policy->rule_count; i++) {
        const struct policy_rule *rule = &review->policy->rules[i];
        uint8_t code = rule->code < 0 ? 0 : (uint8_t)rule->code;
        struct guard_finding *finding = NULL;

        if (rule->verdict == VERDICT_LIMIT && is_path_mtu(rule) && rule->place.line > 0)
            finding = add(review, "G026", rule, guard_check_find("G026")->title);
        else if (rule->verdict == VERDICT_REJECT && rule->place.line > 0 &&
                 !policy_can_reject(rule->family, rule->type))
            finding =
                add(review, "G030", rule, "the kernel never answers such a message: reject is drop here");
        if (finding)
            witness(finding, rule->family, rule->type, code, rule->direction, rule->verdict);
    }
}

/* G045: one for each exception, which may be rules of several directions. */
static void check_exceptions(const struct review *review)
{
    for (size_t i = 0; i < review->policy->rule_count; i++) {
        const struct policy_rule *rule = &review->policy->rules[i];
        struct guard_finding *finding;

        if (!rule->exception || told(review, "G045", rule))
            continue;
        if (policy_rule_expired(rule, review->now_s))
            finding = add(review, "G045", rule, "the exception has expired");
        else if (!rule->owner || !rule->reason)
            finding = add(review, "G045", rule,
                          rule->owner ? "the exception has no reason" : "the exception has no owner");
        else if (rule->expires_s == POLICY_NEVER)
            finding = add(review, "G045", rule, "the exception has no end");
        else
            continue;
        witness(finding, rule->family, rule->type, rule->code < 0 ? 0 : (uint8_t)rule->code, rule->direction,
                rule->verdict);
    }
}

/* G050. */
static void check_pairs(const struct review *review)
{
    for (uint8_t family = 4; family <= 6; family += 2) {
        uint8_t request = family == 6 ? 128 : 8, reply = family == 6 ? 129 : 0;
        struct policy_decision asked = decide(review, family, request, 0, DIRECTION_OUTPUT);
        struct policy_decision answered = decide(review, family, reply, 0, DIRECTION_INPUT);
        struct guard_finding *finding;

        if (verdict_fate(asked.verdict, SHAPE_PLAIN) != FATE_ACCEPT ||
            verdict_fate(answered.verdict, SHAPE_ANSWER) == FATE_ACCEPT)
            continue;
        finding =
            add(review, "G050", answered.rule, "our echo requests leave, and their replies are not let in");
        witness(finding, family, reply, 0, DIRECTION_INPUT, answered.verdict);
    }
}

/* A code that stands for those of a rule: of all codes that no other rule names, one that has no name either.
 */
static uint8_t code_of(const struct policy_rule *rule)
{
    uint8_t code = 255;

    if (rule->code >= 0)
        return (uint8_t)rule->code;
    while (code > 0 && sonde_icmp_find(rule->family, rule->type, code)->code != ICMP_ANY_CODE)
        code--;
    return code;
}

/* G052. */
static void check_advice(const struct review *review)
{
    _cleanup_text_ struct text list = {0};
    size_t count = 0;

    for (size_t i = 0; i < review->policy->rule_count; i++) {
        const struct policy_rule *rule = &review->policy->rules[i];
        enum verdict advice =
            policy_advice(review->policy->role, rule->direction, rule->family, rule->type, code_of(rule));

        if (rule->exception || rule->place.line == 0 || rule->verdict == advice)
            continue;
        text_add(&list, "%sICMPv%u ", count++ ? "; " : "", rule->family);
        lint_add_message(&list, rule->family, rule->type, rule->code);
        text_add(&list, " %s %s instead of %s", direction_name(rule->direction), verdict_name(rule->verdict),
                 verdict_name(advice));
    }
    if (count == 0)
        return;
    add(review, "G052", NULL, text_get(&list));
}

void lint_policy(const struct policy *policy, const char *file, struct slice text, int64_t now_s,
                 struct guard_findings *findings)
{
    static void (*const checks[])(const struct review *review) = {
        check_needs, check_dangers, check_sweeping,   check_shadows,
        check_rules, check_pairs,   check_exceptions, check_advice,
    };
    struct review review = {policy, file, text, now_s, findings};

    for (size_t i = 0; i < COUNT_OF(checks); i++)
        checks[i](&review);
}
