/* SPDX-License-Identifier: MIT */
/* What must pass and does not: path MTU discovery, neighbour discovery, MLD, the messages of RFC 4890. */
#include <string.h>

#include "base/macro.h"
#include "catalog/icmp.h"
#include "policy/lint/context.h"

enum {
    IN = 1 << HOOK_INPUT,
    FORWARD = 1 << HOOK_FORWARD,
    OUT = 1 << HOOK_OUTPUT,
    HOST = 1 << ROLE_HOST,
    ROUTER = 1 << ROLE_ROUTER,
    EDGE = 1 << ROLE_EDGE,
    ANYBODY = HOST | ROUTER | EDGE,
};

/** A message that has to pass. */
struct need {
    const char *id;
    uint8_t family, type, code;
    enum shape shape;
    unsigned hooks, roles;
    bool every; /* stopped only if it is on all interfaces */
};

static const struct need needs[] = {
    {"G001", 4, 3, 4, SHAPE_ANSWER, IN | OUT, ANYBODY, false},
    {"G001", 4, 3, 4, SHAPE_ANSWER, FORWARD, ROUTER | EDGE, false},
    {"G002", 6, 2, 0, SHAPE_ANSWER, IN | OUT, ANYBODY, false},
    {"G002", 6, 2, 0, SHAPE_ANSWER, FORWARD, ROUTER | EDGE, false},
    {"G003", 6, 135, 0, SHAPE_LINK, IN | OUT, ANYBODY, false},
    {"G003", 6, 136, 0, SHAPE_LINK, IN | OUT, ANYBODY, false},
    {"G003", 6, 134, 0, SHAPE_LINK, IN, HOST, false},
    {"G003", 6, 133, 0, SHAPE_LINK, OUT, HOST, false},
    {"G003", 6, 133, 0, SHAPE_LINK, IN, ROUTER, false},
    {"G003", 6, 134, 0, SHAPE_LINK, OUT, ROUTER, false},
    {"G005", 6, 130, 0, SHAPE_LINK, IN, ANYBODY, false},
    {"G005", 6, 131, 0, SHAPE_LINK, IN | OUT, ANYBODY, false},
    {"G005", 6, 132, 0, SHAPE_LINK, IN | OUT, ANYBODY, false},
    {"G005", 6, 143, 0, SHAPE_LINK, IN | OUT, ANYBODY, false},
    {"G006", 6, 1, 0, SHAPE_ANSWER, IN, ANYBODY, false},
    {"G006", 6, 1, 1, SHAPE_ANSWER, IN, ANYBODY, false},
    {"G006", 6, 1, 3, SHAPE_ANSWER, IN, ANYBODY, false},
    {"G006", 6, 1, 4, SHAPE_ANSWER, IN, ANYBODY, false},
    {"G006", 6, 3, 0, SHAPE_ANSWER, IN, ANYBODY, false},
    {"G006", 6, 4, 1, SHAPE_ANSWER, IN, ANYBODY, false},
    {"G006", 6, 4, 2, SHAPE_ANSWER, IN, ANYBODY, false},
    {"G006", 6, 128, 0, SHAPE_PLAIN, IN, ANYBODY, true},
    {"G006", 6, 129, 0, SHAPE_ANSWER, IN, ANYBODY, false},
    {"G006", 6, 1, 0, SHAPE_ANSWER, FORWARD, ROUTER | EDGE, false},
    {"G006", 6, 1, 3, SHAPE_ANSWER, FORWARD, ROUTER | EDGE, false},
    {"G006", 6, 1, 4, SHAPE_ANSWER, FORWARD, ROUTER | EDGE, false},
    {"G006", 6, 3, 0, SHAPE_ANSWER, FORWARD, ROUTER | EDGE, false},
    {"G006", 6, 4, 1, SHAPE_ANSWER, FORWARD, ROUTER | EDGE, false},
    {"G006", 6, 4, 2, SHAPE_ANSWER, FORWARD, ROUTER | EDGE, false},
    {"G006", 6, 128, 0, SHAPE_PLAIN, FORWARD, ROUTER | EDGE, true},
    {"G006", 6, 129, 0, SHAPE_ANSWER, FORWARD, ROUTER | EDGE, false},
};

/** How a rule that accepts it would read. */
static const struct {
    uint8_t family, type;
    const char *nft, *xt;
} accepts[] = {
    {4, 3, "icmp type destination-unreachable icmp code frag-needed counter accept",
     "-p icmp -m icmp --icmp-type 3/4 -j ACCEPT"},
    {6, 2, "icmpv6 type packet-too-big counter accept", "-p ipv6-icmp -m icmp6 --icmpv6-type 2 -j ACCEPT"},
    {6, 1, "icmpv6 type destination-unreachable counter accept",
     "-p ipv6-icmp -m icmp6 --icmpv6-type 1 -j ACCEPT"},
    {6, 3, "icmpv6 type time-exceeded counter accept", "-p ipv6-icmp -m icmp6 --icmpv6-type 3 -j ACCEPT"},
    {6, 4, "icmpv6 type parameter-problem counter accept", "-p ipv6-icmp -m icmp6 --icmpv6-type 4 -j ACCEPT"},
    {6, 128, "icmpv6 type echo-request counter accept", "-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT"},
    {6, 129, "icmpv6 type echo-reply counter accept", "-p ipv6-icmp -m icmp6 --icmpv6-type 129 -j ACCEPT"},
    {6, 133, "icmpv6 type nd-router-solicit ip6 hoplimit 255 counter accept",
     "-p ipv6-icmp -m icmp6 --icmpv6-type 133 -m hl --hl-eq 255 -j ACCEPT"},
    {6, 134, "icmpv6 type nd-router-advert ip6 hoplimit 255 counter accept",
     "-p ipv6-icmp -m icmp6 --icmpv6-type 134 -m hl --hl-eq 255 -j ACCEPT"},
    {6, 135, "icmpv6 type nd-neighbor-solicit ip6 hoplimit 255 counter accept",
     "-p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j ACCEPT"},
    {6, 136, "icmpv6 type nd-neighbor-advert ip6 hoplimit 255 counter accept",
     "-p ipv6-icmp -m icmp6 --icmpv6-type 136 -m hl --hl-eq 255 -j ACCEPT"},
    {6, 130, "icmpv6 type mld-listener-query ip6 saddr fe80::/10 counter accept",
     "-s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 130 -j ACCEPT"},
    {6, 131, "icmpv6 type mld-listener-report ip6 saddr fe80::/10 counter accept",
     "-s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 131 -j ACCEPT"},
    {6, 132, "icmpv6 type mld-listener-done ip6 saddr fe80::/10 counter accept",
     "-s fe80::/10 -p ipv6-icmp -m icmp6 --icmpv6-type 132 -j ACCEPT"},
    {6, 143, "icmpv6 type mld2-listener-report ip6 saddr { fe80::/10, :: } counter accept",
     "-p ipv6-icmp -m icmp6 --icmpv6-type 143 -j ACCEPT"},
};

static void fix(const struct lint *lint, struct guard_finding *finding, const struct walk_question *question,
                const struct walk_result *result)
{
    for (size_t i = 0; i < COUNT_OF(accepts); i++)
        if (accepts[i].family == question->family && accepts[i].type == question->type)
            lint_fix_insert(lint, finding, walk_decider(result), accepts[i].nft, accepts[i].xt);
}

/* What decides by something that cannot be judged, in words. */
static void add_unknown(const struct lint *lint, struct text *text, const struct walk_result *result)
{
    size_t count = result->count < WALK_HITS_MAX ? result->count : WALK_HITS_MAX;

    for (size_t i = 0; i < count; i++) {
        const struct walk_hit *hit = &result->hits[i];
        const struct rules_rule *rule;

        if (hit->holds != HOLDS_UNKNOWN || hit->rule == RULES_NONE)
            continue;
        rule = &lint->rules->items[hit->rule];
        lint_name(lint, text, hit->rule, hit->chain);
        for (size_t k = 0; k < rule->match_count; k++)
            if (rule->matches[k].opaque && rule->matches[k].words)
                text_add(text, " (%s)", rule->matches[k].words);
        return;
    }
    text_add(text, "something that is not known");
}

static void cannot_judge(struct lint *lint, const struct need *need, const struct walk_question *question,
                         const struct walk_result *result)
{
    const struct walk_hit *hit = walk_decider(result);
    _cleanup_text_ struct text why = {0};
    struct guard_finding *finding;

    if (lint_has(lint, need->id, hit->rule, hit->chain))
        return;
    add_unknown(lint, &why, result);
    finding = lint_add(lint, need->id, hit->rule, hit->chain,
                       "whether this passes cannot be judged: it depends on %s", text_get(&why));
    lint_witness(lint, finding, question, result);
    lint_grade(finding, "cannot-judge");
}

/* The findings of one check at one place are one, which lists the messages. */
static void tell(struct lint *lint, const struct need *need, const struct walk_question *question,
                 const struct walk_result *result)
{
    const struct walk_hit *hit = walk_decider(result);
    _cleanup_text_ struct text name = {0}, where = {0};
    struct guard_finding *finding;

    lint_add_message(&name, need->family, need->type, need->code);
    lint_name(lint, &where, hit->rule, hit->chain);
    for (size_t i = 0; i < lint->findings->count; i++) {
        finding = &lint->findings->items[i];
        if (strcmp(finding->id, need->id) != 0 || !finding->rule || strcmp(finding->rule, text_get(&where)))
            continue;
        if (!strstr(finding->message, text_get(&name))) {
            _cleanup_text_ struct text more = {0};

            text_add(&more, "%s, %s", finding->message, text_get(&name));
            guard_finding_set(&finding->message, "%s", text_get(&more));
        }
        return;
    }
    finding = lint_add(lint, need->id, hit->rule, hit->chain, "%s: ICMPv%u %s",
                       guard_check_find(need->id)->title, need->family, text_get(&name));
    lint_witness(lint, finding, question, result);
    fix(lint, finding, question, result);
}

static void check_need(struct lint *lint, const struct need *need, enum hook hook)
{
    struct walk_question question = {
        .family = need->family, .type = need->type, .code = need->code, .hook = hook, .shape = need->shape};
    struct walk_result result;

    if (!(need->hooks & 1U << hook) || !(need->roles & 1U << lint->subject->role) ||
        !lint_filters(lint, need->family, hook))
        return;
    switch (lint_ask(lint, &question, need->every, &result)) {
    case OUTCOME_STOPPED:
        tell(lint, need, &question, &result);
        break;
    case OUTCOME_UNKNOWN:
        cannot_judge(lint, need, &question, &result);
        break;
    default:
        break;
    }
}

static void check_needs(struct lint *lint)
{
    for (size_t i = 0; i < COUNT_OF(needs); i++)
        for (enum hook hook = 0; hook < HOOK_COUNT; hook++)
            check_need(lint, &needs[i], hook);
}

/* Whether any current message passes in any shape. */
static bool passes_any(const struct lint *lint, uint8_t family, enum hook hook,
                       struct walk_question *question, struct walk_result *result)
{
    const struct sonde_icmp_entry *entry;

    for (size_t i = 0; (entry = sonde_icmp_row(family, i)) != NULL; i++) {
        for (enum shape shape = 0; shape < SHAPE_COUNT && entry->status == ICMP_CURRENT; shape++) {
            *question = (struct walk_question){.family = family,
                                               .type = entry->type,
                                               .code = entry->code < 0 ? 0 : (uint8_t)entry->code,
                                               .hook = hook,
                                               .shape = shape};
            if (lint_ask(lint, question, true, result) != OUTCOME_STOPPED)
                return true;
        }
    }
    return false;
}

/* G007: all of a family is stopped. */
static void check_all_dropped(struct lint *lint)
{
    for (uint8_t family = 4; family <= 6; family += 2) {
        for (enum hook hook = 0; hook < HOOK_COUNT; hook++) {
            struct walk_question question;
            struct walk_result result;
            struct guard_finding *finding;
            const struct walk_hit *hit;

            if (!lint_filters(lint, family, hook) || !lint_cares(lint, hook) ||
                passes_any(lint, family, hook, &question, &result))
                continue;
            hit = walk_decider(&result);
            finding = lint_add(lint, "G007", hit->rule, hit->chain, "no ICMPv%u passes %s at all", family,
                               hook_name(hook));
            lint_witness(lint, finding, &question, &result);
        }
    }
}

/* G051: a bridge passes what hosts say to each other on the link. */
static void check_bridge(struct lint *lint)
{
    static const uint8_t types[] = {135, 136, 133, 134, 130, 131, 132, 143};

    for (size_t i = 0; i < COUNT_OF(types) && lint_judges(lint, 6); i++) {
        struct walk_question question = {
            .family = 6, .type = types[i], .hook = HOOK_FORWARD, .shape = SHAPE_LINK, .bridge = true};
        struct walk_result result;
        const struct walk_hit *hit;
        struct guard_finding *finding;

        if (lint_ask(lint, &question, false, &result) != OUTCOME_STOPPED)
            continue;
        hit = walk_decider(&result);
        if (lint_has(lint, "G051", hit->rule, hit->chain))
            continue;
        finding = lint_add(lint, "G051", hit->rule, hit->chain, "%s", guard_check_find("G051")->title);
        lint_witness(lint, finding, &question, &result);
        lint_fix_insert(lint, finding, hit, "icmpv6 type { 130-136, 143 } counter accept", "");
    }
}

/* G050: a request passes, and its reply does not. */
static void check_pairs(struct lint *lint)
{
    for (uint8_t family = 4; family <= 6; family += 2) {
        uint8_t request = family == 6 ? 128 : 8, reply = family == 6 ? 129 : 0;

        for (int inward = 0; inward < 2; inward++) {
            struct walk_question ask = {.family = family, .type = request}, answer = {.family = family};
            struct walk_result asked, answered;
            struct guard_finding *finding;
            const struct walk_hit *hit;

            ask.hook = inward ? HOOK_INPUT : HOOK_OUTPUT;
            answer.hook = inward ? HOOK_OUTPUT : HOOK_INPUT;
            answer.type = reply;
            answer.shape = SHAPE_ANSWER;
            if (!lint_filters(lint, family, answer.hook) ||
                lint_ask(lint, &ask, false, &asked) != OUTCOME_PASSES ||
                lint_ask(lint, &answer, true, &answered) != OUTCOME_STOPPED)
                continue;
            hit = walk_decider(&answered);
            finding = lint_add(lint, "G050", hit->rule, hit->chain,
                               "ICMPv%u echo requests pass %s, but their replies do not pass %s", family,
                               hook_name(ask.hook), hook_name(answer.hook));
            lint_witness(lint, finding, &answer, &answered);
        }
    }
}

/* G031: the same message of both families meets a different answer. */
static void check_families(struct lint *lint)
{
    static const enum hook hooks[] = {HOOK_INPUT, HOOK_FORWARD};

    for (size_t i = 0; i < COUNT_OF(hooks); i++) {
        struct walk_question four = {.family = 4, .type = 13, .hook = hooks[i]};
        struct walk_question six = {.family = 6, .type = 139, .hook = hooks[i]};
        struct walk_result result4, result6;
        const struct walk_hit *hit4, *hit6;
        struct guard_finding *finding;

        if (!lint_filters(lint, 4, hooks[i]) || !lint_filters(lint, 6, hooks[i]) ||
            !lint_cares(lint, hooks[i]) || lint_ask(lint, &four, true, &result4) != OUTCOME_STOPPED ||
            lint_ask(lint, &six, true, &result6) != OUTCOME_STOPPED)
            continue;
        hit4 = walk_decider(&result4);
        hit6 = walk_decider(&result6);
        if (hit4->fate == hit6->fate)
            continue;
        finding =
            lint_add(lint, "G031", hit6->rule, hit6->chain, "what is not wanted is %s in IPv4 and %s in IPv6",
                     hit4->fate == FATE_REJECT ? "rejected" : "dropped",
                     hit6->fate == FATE_REJECT ? "rejected" : "dropped");
        lint_witness(lint, finding, &six, &result6);
    }
}

lint_check *const lint_reach[] = {check_needs, check_all_dropped, check_bridge,
                                  check_pairs, check_families,    NULL};
