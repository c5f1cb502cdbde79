/* SPDX-License-Identifier: MIT */
/* The way of an ICMP message through the base chains of a rule set, following jumps. */
#include "policy/ruleset/walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/macro.h"

enum {
    JUMP_DEPTH_MAX = 16, /* NFT_JUMP_STACK_SIZE of the kernel */
    STEPS_MAX = 200000,  /* rules looked at, so that what jumps in circles ends */
    CHAINS_MAX = 128,    /* base chains on the way */
};

/** The way of one message. */
struct way {
    const struct rules *rules;
    struct walk_question question;
    struct walk_result *result;
    enum holds accepted; /* by a rule of this base chain */
    long steps;
};

static enum holds both(enum holds a, enum holds b)
{
    return a < b ? a : b;
}

static enum holds either(enum holds a, enum holds b)
{
    return a > b ? a : b;
}

static enum holds rest_of(enum holds here, enum holds holds)
{
    if (holds == HOLDS_ALWAYS)
        return HOLDS_NOT;
    return holds == HOLDS_NOT ? here : both(here, holds);
}

static void note(struct way *way, uint32_t rule, uint32_t chain, enum fate fate, enum holds holds)
{
    struct walk_result *result = way->result;

    if (holds == HOLDS_NOT)
        return;
    if (result->count < WALK_HITS_MAX)
        result->hits[result->count] = (struct walk_hit){rule, chain, fate, holds};
    result->count++;
    if (fate == FATE_ACCEPT)
        way->accepted = either(way->accepted, holds);
    else
        result->stopped = either(result->stopped, holds);
}

static enum holds walk_chain(struct way *way, uint32_t chain, enum holds entry, int depth);

/* A verdict that ends the way through this table; what a program in user space says of queued packets, and
 * what an unknown target does, nobody can tell. */
static void decide(struct way *way, uint32_t index, enum holds here)
{
    const struct rules_rule *rule = &way->rules->items[index];

    switch (rule->verdict) {
    case RULES_DROP:
        note(way, index, rule->chain, FATE_DROP, here);
        break;
    case RULES_REJECT:
        note(way, index, rule->chain, FATE_REJECT, here);
        break;
    case RULES_QUEUE:
    case RULES_UNKNOWN:
        note(way, index, rule->chain, FATE_DROP, both(here, HOLDS_UNKNOWN));
        note(way, index, rule->chain, FATE_ACCEPT, both(here, HOLDS_UNKNOWN));
        break;
    default:
        note(way, index, rule->chain, FATE_ACCEPT, here);
    }
}

/* One rule: how many of the packets go on to the next. */
static enum holds step(struct way *way, uint32_t index, enum holds here, enum holds *returned, int depth)
{
    const struct rules_rule *rule = &way->rules->items[index];
    enum holds holds = walk_rule(way->rules, &way->question, rule), some = both(here, holds), back;

    if (some == HOLDS_NOT || rule->verdict == RULES_CONTINUE)
        return here;
    switch (rule->verdict) {
    case RULES_JUMP:
    case RULES_GOTO:
        back = rule->to == RULES_NONE ? some : walk_chain(way, rule->to, some, depth + 1);
        if (rule->verdict == RULES_JUMP)
            return back == some ? here : either(rest_of(here, holds), back);
        *returned = either(*returned, back);
        break;
    case RULES_RETURN:
        *returned = either(*returned, some);
        break;
    case RULES_UNKNOWN:
        decide(way, index, some);
        return both(here, HOLDS_UNKNOWN);
    default:
        decide(way, index, some);
    }
    return rest_of(here, holds);
}

/* How many of the packets that enter a chain come out of it undecided. */
static enum holds walk_chain(struct way *way, uint32_t chain, enum holds entry, int depth)
{
    const struct rules_chain *this = &way->rules->chains[chain];
    enum holds here = entry, returned = HOLDS_NOT;

    if (depth == JUMP_DEPTH_MAX)
        return HOLDS_NOT; /* the kernel does not load such rules */
    for (uint32_t i = this->first; i < this->next && here != HOLDS_NOT; i++) {
        if (++way->steps > STEPS_MAX) {
            note(way, i, chain, FATE_DROP, HOLDS_UNKNOWN);
            return HOLDS_UNKNOWN;
        }
        here = step(way, i, here, &returned, depth);
    }
    return either(here, returned);
}

/* A base chain; how many of the packets it accepts. */
static enum holds walk_base(struct way *way, uint32_t chain, enum holds entry)
{
    enum holds rest;

    way->accepted = HOLDS_NOT;
    way->result->filtered = true;
    rest = walk_chain(way, chain, entry, 0);
    note(way, RULES_NONE, chain, way->rules->chains[chain].drops ? FATE_DROP : FATE_ACCEPT, rest);
    return way->accepted;
}

static const char *const ways[HOOK_COUNT][5] = {
    [HOOK_INPUT] = {"ingress", "prerouting", "input"},
    [HOOK_FORWARD] = {"ingress", "prerouting", "forward", "postrouting"},
    [HOOK_OUTPUT] = {"output", "postrouting", "egress"},
};

/* The place of a hook on the way, or -1. Translation looks only at the first packet of a connection, and
 * never drops what a filter would have to answer for. */
static int place_of(const struct way *way, const struct rules_chain *chain)
{
    const struct rules_table *table = &way->rules->tables[chain->table];
    bool bridge = strcmp(table->family, "bridge") == 0;

    if (*chain->hook == '\0' || table->dormant || strcmp(chain->type, "nat") == 0 ||
        strcmp(table->family, "arp") == 0 || bridge != way->question.bridge)
        return -1;
    if (strcmp(table->family, way->question.family == 6 ? "ip" : "ip6") == 0)
        return -1;
    for (int place = 0; place < 5 && ways[way->question.hook][place]; place++)
        if (strcmp(ways[way->question.hook][place], chain->hook) == 0)
            return place;
    return -1;
}

/* The base chains of the way, in the order in which a packet meets them. */
static size_t order(const struct way *way, uint32_t chains[CHAINS_MAX])
{
    size_t count = 0;

    for (uint32_t i = 0; i < way->rules->chain_count && count < CHAINS_MAX; i++) {
        const struct rules_chain *chain = &way->rules->chains[i];
        int place = place_of(way, chain);
        size_t at = count;

        if (place < 0)
            continue;
        for (; at > 0; at--) {
            const struct rules_chain *before = &way->rules->chains[chains[at - 1]];
            int other = place_of(way, before);

            if (other < place || (other == place && before->priority <= chain->priority))
                break;
            chains[at] = chains[at - 1];
        }
        chains[at] = i;
        count++;
    }
    return count;
}

/* Whether a rule in front of connection tracking (priority -200) takes the packet away from it. */
static bool is_untracked(const struct way *way)
{
    const char *hook = way->question.hook == HOOK_OUTPUT ? "output" : "prerouting";

    for (uint32_t i = 0; i < way->rules->count; i++) {
        const struct rules_rule *rule = &way->rules->items[i];
        const struct rules_chain *chain = &way->rules->chains[rule->chain];

        if (rule->notrack && strcmp(chain->hook, hook) == 0 &&
            walk_rule(way->rules, &way->question, rule) == HOLDS_ALWAYS)
            return true;
    }
    return false;
}

void walk(const struct rules *rules, const struct walk_question *question, struct walk_result *result)
{
    struct way way = {.rules = rules, .question = *question, .result = result};
    uint32_t chains[CHAINS_MAX];
    size_t count;
    enum holds passed = HOLDS_ALWAYS;

    *result = (struct walk_result){0};
    way.question.tracked = true;
    way.question.tracked = !is_untracked(&way);
    count = order(&way, chains);
    for (size_t i = 0; i < count && passed != HOLDS_NOT; i++)
        passed = walk_base(&way, chains[i], passed);
    result->accepted = passed;
}

const struct walk_hit *walk_decider(const struct walk_result *result)
{
    size_t count = result->count < WALK_HITS_MAX ? result->count : WALK_HITS_MAX;
    bool stops = walk_stops(result);
    const struct walk_hit *best = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct walk_hit *hit = &result->hits[i];
        bool same = best && (hit->fate == FATE_ACCEPT) == (best->fate == FATE_ACCEPT);

        if (stops && hit->fate == FATE_ACCEPT)
            continue; /* a chain let it pass, and a later one did not */
        if (!best || hit->holds > best->holds ||
            (hit->holds == best->holds && (same ? stops || hit->rule != RULES_NONE || best->rule == RULES_NONE
                                                : hit->fate != FATE_ACCEPT)))
            best = hit;
    }
    return best;
}

bool walk_stops(const struct walk_result *result)
{
    return result->accepted == HOLDS_NOT && result->stopped != HOLDS_NOT;
}

bool walk_passes(const struct walk_result *result)
{
    return result->stopped == HOLDS_NOT;
}

bool walk_is_unknown(const struct walk_result *result)
{
    return (result->accepted == HOLDS_UNKNOWN && result->stopped != HOLDS_NOT) ||
           (result->stopped == HOLDS_UNKNOWN && result->accepted != HOLDS_NOT);
}
