/* SPDX-License-Identifier: MIT */
/* The chains of a slot: a verdict map on the type, a chain for each type, a second map where codes differ. */
#include <string.h>

#include "base/macro.h"
#include "policy/target/lineup.h"
#include "policy/target/nft.h"

#define TABLE "inet " GUARD_TABLE

/* Being written: what must be there first, and what refers to it. */
struct slot {
    const struct policy *policy;
    const char *name;
    int64_t now_s;
    struct text declarations, rules;
    unsigned bases; /* that lead here */
};

/* Where a chain stands: it decides, or it only looks for limits, before conntrack. */
enum stage { STAGE_MAIN, STAGE_EARLY };

/* The chains of a family in a direction, at a stage. */
struct part {
    struct slot *slot;
    struct lineup_query query;
    enum stage stage;
    const char *only;     /* "icmp code 0 ": what the rules being written ask for besides, or "" */
    struct lineup lineup; /* scratch */
};

static const char *family_word(uint8_t family)
{
    return family == 4 ? "icmp" : "icmpv6";
}

static void declare_counter(struct slot *slot, const char *id, const char *what)
{
    text_add(&slot->declarations, "add counter " TABLE " %s.%s\n", id, what);
}

static void declare_chain(struct slot *slot, const char *chain)
{
    text_add(&slot->declarations, "add chain " TABLE " %s.%s\n", slot->name, chain);
    slot->bases |= nft_base_of(chain);
}

/* A chain that both families need, and that a base chain leads to. */
static void declare_chain_once(struct slot *slot, const char *chain)
{
    if (!(slot->bases & nft_base_of(chain)))
        declare_chain(slot, chain);
}

/* Limits of these directions are held before conntrack. Where a message leaves is only known behind it, and
 * that is what tells an edge's other directions apart. */
static bool is_early(const struct policy *policy, enum direction direction)
{
    if (direction == DIRECTION_FORWARD)
        return policy->role != ROLE_EDGE;
    return direction != DIRECTION_FORWARD_OUT;
}

/* The name of the chain of a type, or of a class of its codes. */
static char *chain_of(const struct part *part, int type, int code)
{
    const char *early = part->stage == STAGE_EARLY ? ".early" : "";
    const char *direction = direction_name(part->query.direction);

    if (code < 0)
        return text_format("v%d.%d.%s%s", part->query.family, type, direction, early);
    return text_format("v%d.%d.%d.%s%s", part->query.family, type, code, direction, early);
}

/* The interface and the source that a rule asks for, each followed by a space. */
static void add_conditions(struct text *text, const struct policy_rule *rule)
{
    bool leaves = rule->direction == DIRECTION_OUTPUT || rule->direction == DIRECTION_FORWARD_OUT;
    char source[SONDE_ADDRESS_TEXT];

    if (rule->interface[0] != '\0')
        text_add(text, "%s \"%s\" ", leaves ? "oifname" : "iifname", rule->interface);
    if (rule->source.family != 0)
        text_add(text, "%s saddr %s/%d ", rule->family == 4 ? "ip" : "ip6",
                 sonde_address_format(&rule->source, source), rule->source_length);
}

/* A rule of nftables for a rule of the policy: conditions, something more to match, counter, verdict. */
static void add_rule(const struct part *part, const char *chain, const struct policy_rule *rule,
                     const char *match, const char *counter, const char *verdict)
{
    struct slot *slot = part->slot;

    text_add(&slot->rules, "add rule " TABLE " %s.%s ", slot->name, chain);
    add_conditions(&slot->rules, rule);
    text_add(&slot->rules, "%s%s", part->only, match);
    if (counter != NULL) {
        declare_counter(slot, rule->id, counter);
        text_add(&slot->rules, "counter name %s.%s ", rule->id, counter);
    }
    text_add(&slot->rules, "%s comment \"sg:%s\"\n", verdict, rule->id);
}

static const char *period_word(uint32_t period_s)
{
    return period_s == 1 ? "second" : period_s == 60 ? "minute" : "hour";
}

static void add_rate(struct text *text, const struct policy_rate *rate)
{
    text_add(text, "limit rate %u/%s burst %u packets ", rate->packets, period_word(rate->period_s),
             rate->burst);
}

/* An element must live until its bucket is full again, otherwise its end would be a gift of a burst. */
static uint64_t set_timeout_s(const struct policy_rate *rate)
{
    uint64_t refill_s = (uint64_t)rate->burst * rate->period_s / rate->packets;

    return refill_s < 5 ? 10 : 2 * refill_s < 86400 ? 2 * refill_s : 86400;
}

/* The chain that holds a rule's limit. What is within the limit of its source goes on to the limit of all;
 * everything else falls through to the end, also a source for which the set has no room. The set's name has
 * the rate in it, because an element keeps the rate that it was made with. */
static void add_limit(struct slot *slot, const struct policy_rule *rule, bool early)
{
    const struct policy_rate *rate = &rule->limit.source;
    bool output = rule->direction == DIRECTION_OUTPUT;
    _cleanup_free_ char *set =
        text_format("limit.%s.%u-%u-%u", rule->id, rate->packets, rate->period_s, rate->burst);
    struct text *rules = &slot->rules;

    text_add(&slot->declarations, "add chain " TABLE " %s.%s.limit\n", slot->name, rule->id);
    text_add(&slot->declarations,
             "add set " TABLE " %s { type %s; size %d; flags dynamic,timeout; timeout %llus; }\n", set,
             rule->family == 4 ? "ipv4_addr" : "ipv6_addr", GUARD_LIMIT_SOURCES,
             (unsigned long long)set_timeout_s(rate));
    declare_counter(slot, rule->id, "over");
    if (early && direction_hook(rule->direction) != HOOK_FORWARD)
        text_add(rules, "add rule " TABLE " %s.%s.limit %s \"lo\" accept comment \"sg:%s\"\n", slot->name,
                 rule->id, output ? "oif" : "iif", rule->id);
    text_add(rules, "add rule " TABLE " %s.%s.limit update @%s { %s %s%s ", slot->name, rule->id, set,
             rule->family == 4 ? "ip" : "ip6", output ? "daddr" : "saddr",
             rule->family == 4 ? "" : " & ffff:ffff:ffff:ffff::");
    add_rate(rules, rate);
    text_add(rules, "} ");
    add_rate(rules, &rule->limit.total);
    if (!early)
        text_add(rules, "counter name %s.accept ", rule->id);
    text_add(rules, "accept comment \"sg:%s\"\n", rule->id);
    text_add(rules, "add rule " TABLE " %s.%s.limit counter name %s.over drop comment \"sg:%s\"\n",
             slot->name, rule->id, rule->id, rule->id);
}

static void add_link(const struct part *part, const char *chain, const struct policy_rule *rule, uint8_t type)
{
    uint8_t hop_limit = policy_hop_limit(rule->family, type);
    const char *match = "ip6 saddr { ::, fe80::/10 } ";

    if (rule->family == 4)
        match = "ip ttl 255 "; /* RFC 5082: a router would have made it less */
    else if (hop_limit == 255)
        match = "ip6 hoplimit 255 "; /* RFC 4861 7.1 */
    else if (hop_limit == 1)
        match = "ip6 hoplimit 1 ip6 saddr { ::, fe80::/10 } "; /* RFC 3810 5, RFC 4286 */
    add_rule(part, chain, rule, match, "accept", "accept");
    add_rule(part, chain, rule, "", "drop", "drop");
}

/* What decides, with its counters. */
static void add_decision(const struct part *part, const char *chain, const struct policy_rule *rule,
                         uint8_t type)
{
    struct slot *slot = part->slot;
    _cleanup_free_ char *limit = NULL;

    switch (rule->verdict) {
    case VERDICT_ACCEPT:
        add_rule(part, chain, rule, "", "accept", "accept");
        return;
    case VERDICT_LIMIT:
        limit = text_format("goto %s.%s.limit", slot->name, rule->id);
        declare_counter(slot, rule->id, "accept");
        if (is_early(slot->policy, rule->direction)) /* who came this far was within it */
            add_rule(part, chain, rule, "", "accept", "accept");
        else
            add_rule(part, chain, rule, "", NULL, limit);
        return;
    case VERDICT_ANSWER:
        add_rule(part, chain, rule, "ct state established,related ", "accept", "accept");
        add_rule(part, chain, rule, "", "drop", "drop");
        return;
    case VERDICT_LINK:
        add_link(part, chain, rule, type);
        return;
    case VERDICT_REJECT:
        if (policy_can_reject(rule->family, type)) {
            add_rule(part, chain, rule, "", "reject", "reject with icmpx type admin-prohibited");
            return;
        }
        break;
    default:
        break;
    }
    add_rule(part, chain, rule, "", "drop", "drop");
}

/* What looks for limits: everything else may go on. */
static void add_gate(const struct part *part, const char *chain, const struct policy_rule *rule)
{
    struct slot *slot = part->slot;
    _cleanup_free_ char *limit = text_format("goto %s.%s.limit", slot->name, rule->id);

    add_rule(part, chain, rule, "", NULL, rule->verdict == VERDICT_LIMIT ? limit : "accept");
}

/* The rules that a class of messages meets, and where it goes when none of them decides. */
static void add_class(struct part *part, const char *chain, uint8_t type, uint8_t code)
{
    struct slot *slot = part->slot;

    lineup_find(&part->query, type, code, &part->lineup);
    for (size_t i = 0; i < part->lineup.count; i++)
        if (part->stage == STAGE_EARLY)
            add_gate(part, chain, part->lineup.rules[i]);
        else
            add_decision(part, chain, part->lineup.rules[i], type);
    if (!part->lineup.decided && part->stage == STAGE_MAIN)
        text_add(&slot->rules, "add rule " TABLE " %s.%s goto %s.v%d.unlisted.%s\n", slot->name, chain,
                 slot->name, part->query.family, direction_name(part->query.direction));
}

/* The codes of the only class besides the usual one, when they are in a row. */
struct run {
    int first, last;
};

static bool find_run(const struct lineup_codes *codes, struct run *run)
{
    *run = (struct run){-1, -1};
    for (int code = 0; code < 256; code++) {
        if (codes->first[code] == codes->usual)
            continue;
        if (run->first < 0)
            run->first = run->last = code;
        else if (codes->first[code] != codes->first[run->first] || code != run->last + 1)
            return false;
        run->last = code;
    }
    return run->first >= 0;
}

/* A single class of codes needs no map and, when one rule decides it, no chain: the usual case of a type with
 * one code. */
static bool add_run(struct part *part, const char *chain, uint8_t type, const struct lineup_codes *codes)
{
    _cleanup_text_ struct text only = {0};
    struct run run;

    if (!find_run(codes, &run))
        return false;
    lineup_find(&part->query, type, (uint8_t)run.first, &part->lineup);
    if (part->lineup.count != 1 || !part->lineup.decided)
        return false;
    text_add(&only, "%s code %d", family_word(part->query.family), run.first);
    if (run.last > run.first)
        text_add(&only, "-%d", run.last);
    text_add(&only, " ");
    part->only = text_get(&only);
    add_class(part, chain, type, (uint8_t)run.first);
    part->only = "";
    return true;
}

/* The classes of codes but the usual one: a chain for each, and a map that leads there. */
static void add_classes(struct part *part, const char *chain, uint8_t type, const struct lineup_codes *codes)
{
    struct slot *slot = part->slot;
    _cleanup_text_ struct text elements = {0};

    for (int code = 0; code < 256; code++) {
        uint8_t first = codes->first[code];
        _cleanup_free_ char *class = chain_of(part, type, first);

        if (first == codes->usual)
            continue;
        if (first == code) {
            declare_chain(slot, class);
            add_class(part, class, type, first);
        }
        text_add(&elements, "%s%d : goto %s.%s", elements.length > 0 ? ", " : "", code, slot->name, class);
    }
    if (elements.length > 0)
        text_add(&slot->rules, "add rule " TABLE " %s.%s %s code vmap { %s }\n", slot->name, chain,
                 family_word(part->query.family), elements.data);
}

/* The chain of a type. */
static void add_type(struct part *part, uint8_t type)
{
    _cleanup_free_ char *chain = chain_of(part, type, -1);
    struct lineup_codes codes;

    lineup_sort(&part->query, type, &codes);
    declare_chain(part->slot, chain);
    if (!add_run(part, chain, type, &codes))
        add_classes(part, chain, type, &codes);
    add_class(part, chain, type, codes.usual);
}

/* What is left when no rule names a message. */
static void add_unlisted(struct part *part)
{
    struct slot *slot = part->slot;
    enum verdict verdict = slot->policy->unlisted;
    _cleanup_free_ char *id =
        text_format("v%d.unlisted.%s", part->query.family, direction_name(part->query.direction));

    declare_chain(slot, id);
    if (verdict == VERDICT_REJECT) {
        declare_counter(slot, id, "reject");
        text_add(&slot->rules,
                 "add rule " TABLE " %s.%s %s counter name %s.reject reject with icmpx type admin-prohibited "
                 "comment \"sg:%s\"\n",
                 slot->name, id,
                 part->query.family == 4 ? "icmp type { 0, 8, 13-18 }" : "icmpv6 type 128-255", id, id);
    }
    declare_counter(slot, id, verdict == VERDICT_ACCEPT ? "accept" : "drop");
    text_add(&slot->rules, "add rule " TABLE " %s.%s counter name %s.%s %s comment \"sg:%s\"\n", slot->name,
             id, id, verdict == VERDICT_ACCEPT ? "accept" : "drop",
             verdict == VERDICT_ACCEPT ? "accept" : "drop", id);
}

/* Whether a part has something to say of a type. */
static bool concerns(const struct part *part, uint8_t type)
{
    return part->stage == STAGE_EARLY ? lineup_limits(&part->query, type) : lineup_any(&part->query, type);
}

/* The chains of all types. Appends elements of a verdict map to them. */
static void add_types(struct part *part, struct text *elements)
{
    int echo = part->query.family == 4 ? 8 : 128; /* has a chain of its own, for add_echo */
    int before = -1;                              /* the type whose chain is in use */

    for (int type = 0; type < 256; type++) {
        _cleanup_free_ char *chain = NULL;

        if (!concerns(part, (uint8_t)type))
            continue;
        if (before < 0 || type == echo || before == echo ||
            !lineup_same(&part->query, (uint8_t)before, (uint8_t)type)) {
            before = type;
            add_type(part, (uint8_t)type);
        }
        if (type == echo && part->stage == STAGE_MAIN)
            continue; /* add_echo leads there */
        chain = chain_of(part, before, -1);
        text_add(elements, "%s%d : goto %s.%s", elements->length > 0 ? ", " : "", type, part->slot->name,
                 chain);
    }
}

static struct part part_of(struct slot *slot, uint8_t family, enum direction direction, enum stage stage)
{
    struct part part = {
        .slot = slot, .query = {slot->policy, family, direction, slot->now_s}, .stage = stage, .only = ""};

    part.lineup.rules = reallocarray(NULL, slot->policy->rule_count + 1, sizeof(const struct policy_rule *));
    if (part.lineup.rules == NULL)
        abort(); /* as base/text.c: nothing sensible is left to do */
    return part;
}

/* Echo requests come by the thousand, from monitoring and in floods, all else comes rarely: they are spared
 * the look-up in the map, which costs more than all the rest of the way. */
static void add_echo(struct part *part)
{
    uint8_t family = part->query.family, type = family == 4 ? 8 : 128;

    if (lineup_any(&part->query, type))
        text_add(&part->slot->rules, "add rule " TABLE " %s.v%d.%s %s type %d goto %s.v%d.%d.%s\n",
                 part->slot->name, family, direction_name(part->query.direction), family_word(family), type,
                 part->slot->name, family, type, direction_name(part->query.direction));
}

/* The chain of a family in a direction, SLOT.v4.input, with its map. */
static void add_direction(struct slot *slot, uint8_t family, enum direction direction)
{
    struct part part = part_of(slot, family, direction, STAGE_MAIN);
    _cleanup_free_ char *chain = text_format("v%d.%s", family, direction_name(direction));
    _cleanup_text_ struct text elements = {0};

    declare_chain(slot, chain);
    add_unlisted(&part);
    add_types(&part, &elements);
    add_echo(&part);
    if (elements.length > 0)
        text_add(&slot->rules, "add rule " TABLE " %s.%s %s type vmap { %s }\n", slot->name, chain,
                 family_word(family), elements.data);
    text_add(&slot->rules, "add rule " TABLE " %s.%s goto %s.v%d.unlisted.%s\n", slot->name, chain,
             slot->name, family, direction_name(direction));
    free(part.lineup.rules);
}

/* The map of the types that are limited in a direction: SLOT.v4.input.early. Returns whether there are any.
 */
static bool add_early_direction(struct slot *slot, uint8_t family, enum direction direction)
{
    struct part part = part_of(slot, family, direction, STAGE_EARLY);
    _cleanup_text_ struct text elements = {0};

    add_types(&part, &elements);
    free(part.lineup.rules);
    if (elements.length == 0)
        return false;
    text_add(&slot->declarations, "add chain " TABLE " %s.v%d.%s.early\n", slot->name, family,
             direction_name(direction));
    text_add(&slot->rules, "add rule " TABLE " %s.v%d.%s.early %s type vmap { %s }\n", slot->name, family,
             direction_name(direction), family_word(family), elements.data);
    return true;
}

/* "{ "eth0", "ppp0" }" */
static void add_outside(struct text *text, const struct policy *policy)
{
    text_add(text, "{ ");
    for (size_t i = 0; i < policy->outside_count; i++)
        text_add(text, "%s\"%s\"", i > 0 ? ", " : "", policy->outside[i]);
    text_add(text, " }");
}

/* Which types are limited at all before routing; the others need not ask where they go. */
static void add_early_types(struct slot *slot, uint8_t family)
{
    static const enum direction directions[] = {DIRECTION_INPUT, DIRECTION_FORWARD, DIRECTION_FORWARD_IN};
    const char *separator = "";

    text_add(&slot->rules, "add rule " TABLE " %s.early %s type { ", slot->name, family_word(family));
    for (int type = 0; type < 256; type++) {
        bool limited = false;

        for (size_t i = 0; i < COUNT_OF(directions); i++) {
            struct lineup_query query = {slot->policy, family, directions[i], slot->now_s};

            limited =
                limited || (policy_filters(slot->policy, directions[i]) &&
                            is_early(slot->policy, directions[i]) && lineup_limits(&query, (uint8_t)type));
        }
        if (limited) {
            text_add(&slot->rules, "%s%d", separator, type);
            separator = ", ";
        }
    }
    text_add(&slot->rules, " } goto %s.v%d.early\n", slot->name, family);
}

/* Before routing: what is for this machine, what comes from outside, what else is forwarded. */
static void add_early_family(struct slot *slot, uint8_t family)
{
    const struct policy *policy = slot->policy;
    bool input = add_early_direction(slot, family, DIRECTION_INPUT);
    bool forward = policy->role == ROLE_ROUTER && add_early_direction(slot, family, DIRECTION_FORWARD);
    bool inbound = policy->role == ROLE_EDGE && add_early_direction(slot, family, DIRECTION_FORWARD_IN);
    struct text *rules = &slot->rules;

    if (!input && !forward && !inbound)
        return;
    declare_chain_once(slot, "early");
    text_add(&slot->declarations, "add chain " TABLE " %s.v%d.early\n", slot->name, family);
    add_early_types(slot, family);
    text_add(rules,
             "add rule " TABLE " %s.v%d.early fib daddr type { local, broadcast, anycast, multicast } ",
             slot->name, family);
    if (input)
        text_add(rules, "goto %s.v%d.input.early\n", slot->name, family);
    else
        text_add(rules, "accept\n");
    if (forward)
        text_add(rules, "add rule " TABLE " %s.v%d.early goto %s.v%d.forward.early\n", slot->name, family,
                 slot->name, family);
    if (inbound) {
        text_add(rules, "add rule " TABLE " %s.v%d.early iifname ", slot->name, family);
        add_outside(rules, policy);
        text_add(rules, " goto %s.v%d.forward-in.early\n", slot->name, family);
    }
}

static void add_early_output(struct slot *slot, uint8_t family)
{
    if (!add_early_direction(slot, family, DIRECTION_OUTPUT))
        return;
    declare_chain_once(slot, "early_output");
    text_add(&slot->rules, "add rule " TABLE " %s.early_output meta l4proto %s goto %s.v%d.output.early\n",
             slot->name, family == 4 ? "icmp" : "ipv6-icmp", slot->name, family);
}

static void add_early(struct slot *slot)
{
    for (uint8_t family = 4; family <= 6; family += 2) {
        add_early_family(slot, family);
        add_early_output(slot, family);
    }
}

/* From the hook of forwarded messages to the chains of the families, in one direction. */
static void add_forward(struct slot *slot, const char *match, enum direction direction)
{
    for (uint8_t family = 4; family <= 6; family += 2)
        text_add(&slot->rules, "add rule " TABLE " %s.forward meta l4proto %s %sgoto %s.v%d.%s\n", slot->name,
                 family == 4 ? "icmp" : "ipv6-icmp", match, slot->name, family, direction_name(direction));
}

/* Which way a forwarded message takes; input and output have only one each, and need no chain to ask. */
static void add_forwards(struct slot *slot)
{
    const struct policy *policy = slot->policy;
    _cleanup_text_ struct text from = {0}, to = {0};

    if (!policy_filters(policy, DIRECTION_FORWARD))
        return;
    declare_chain(slot, "forward");
    if (policy->role == ROLE_EDGE) {
        text_add(&from, "iifname ");
        add_outside(&from, policy);
        text_add(&from, " ");
        text_add(&to, "oifname ");
        add_outside(&to, policy);
        text_add(&to, " ");
        add_forward(slot, text_get(&from), DIRECTION_FORWARD_IN);
        add_forward(slot, text_get(&to), DIRECTION_FORWARD_OUT);
    }
    add_forward(slot, "", DIRECTION_FORWARD);
}

unsigned nft_add_slot(struct text *text, const struct policy *policy, const char *slot, int64_t now_s)
{
    struct slot writing = {.policy = policy, .name = slot, .now_s = now_s};

    for (size_t i = 0; i < policy->rule_count; i++)
        if (policy->rules[i].verdict == VERDICT_LIMIT && policy_filters(policy, policy->rules[i].direction) &&
            !policy_rule_expired(&policy->rules[i], now_s))
            add_limit(&writing, &policy->rules[i], is_early(policy, policy->rules[i].direction));
    for (uint8_t family = 4; family <= 6; family += 2)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++)
            if (policy_filters(policy, (enum direction)direction))
                add_direction(&writing, family, (enum direction)direction);
    add_forwards(&writing);
    add_early(&writing);
    text_add(text, "add table " TABLE "\n%s%s", text_get(&writing.declarations), text_get(&writing.rules));
    text_deinit(&writing.declarations);
    text_deinit(&writing.rules);
    return writing.bases;
}
