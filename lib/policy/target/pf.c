/* SPDX-License-Identifier: MIT */
/* The policy as rules for OpenBSD's pf (pf.conf(5)): quick rules, first match. */
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "policy/target/languages.h"

/* A file being written. */
struct anchor {
    const struct policy *policy;
    int64_t now_s;
    struct text *text, *omissions;
    bool answers, limits, hops, rejects; /* what was met that pf expresses differently or not at all */
};

/* How pf sees a direction: which way, on which interfaces, between whom. A message that is forwarded passes
 * twice, coming in and going out; it is judged where its direction shows. */
static void add_way(struct anchor *anchor, enum direction direction, const char *interface, uint8_t family)
{
    const char *outside = anchor->policy->role == ROLE_EDGE ? "$outside" : NULL;
    struct text *text = anchor->text;
    bool in = direction == DIRECTION_INPUT || direction == DIRECTION_FORWARD_IN ||
              (direction == DIRECTION_FORWARD && outside == NULL);

    text_add(text, "%s quick", in ? "in" : "out");
    if (interface[0] != '\0')
        text_add(text, " on %s", interface);
    else if (direction == DIRECTION_FORWARD_IN || direction == DIRECTION_FORWARD_OUT)
        text_add(text, " on %s", outside);
    text_add(text, " %s proto %s", family == 4 ? "inet" : "inet6", family == 4 ? "icmp" : "icmp6");
}

/* This machine as a source and as a target. Input stands before forward, so that what is left is not for it.
 */
#define SELF4   "{ (self), 224.0.0.0/4, 255.255.255.255 }"
#define SELF6   "{ (self), ff00::/8 }"
#define SENDER6 "{ (self), :: }" /* duplicate address detection has no address yet (RFC 4862 5.4) */

/* "from any to (self)". */
static void add_hosts(struct anchor *anchor, uint8_t family, enum direction direction, const char *source)
{
    const char *from = "any", *to = "any";

    if (direction == DIRECTION_INPUT)
        to = family == 4 ? SELF4 : SELF6;
    else if (direction == DIRECTION_OUTPUT)
        from = family == 4 ? "(self)" : SENDER6;
    else if (direction == DIRECTION_FORWARD_OUT || anchor->policy->role == ROLE_EDGE)
        from = "! (self)";
    text_add(anchor->text, " from %s to %s", source != NULL ? source : from, to);
}

/* "icmp-type { 3 code 4, 3 code 5 }". */
static void add_messages(struct anchor *anchor, const struct policy_rule *rule)
{
    const char *separator = "";

    text_add(anchor->text, " %s { ", rule->family == 4 ? "icmp-type" : "icmp6-type");
    for (int type = rule->type; type <= rule->type_last; type++)
        for (int code = rule->code; code <= rule->code_last; code++) {
            text_add(anchor->text, "%s%d", separator, type);
            if (code != POLICY_ANY_CODE)
                text_add(anchor->text, " code %d", code);
            separator = ", ";
        }
    text_add(anchor->text, " }");
}

/* Where a message must come from under a rule. */
static const char *source_of(const struct policy_rule *rule, char text[SONDE_ADDRESS_TEXT + 4])
{
    if (rule->source.family == 0)
        return NULL;
    sonde_address_format(&rule->source, text);
    snprintf(text + strlen(text), 5, "/%d", rule->source_length);
    return text;
}

static void add_rule(struct anchor *anchor, const struct policy_rule *rule, const char *action,
                     const char *source, const char *options)
{
    text_add(anchor->text, "%s ", action);
    add_way(anchor, rule->direction, rule->interface, rule->family);
    if (rule->direction == DIRECTION_FORWARD && anchor->policy->role == ROLE_EDGE)
        text_add(anchor->text, " ! received-on outside");
    add_hosts(anchor, rule->family, rule->direction, source);
    add_messages(anchor, rule);
    text_add(anchor->text, "%s label \"sg:%s\"\n", options, rule->id);
}

static void decide(struct anchor *anchor, const struct policy_rule *rule)
{
    const struct policy_rate *total = &rule->limit.total;
    char prefix[SONDE_ADDRESS_TEXT + 4];
    const char *source = source_of(rule, prefix);
    _cleanup_free_ char *rate = text_format(" max-pkt-rate %u/%u", total->packets, total->period_s);

    switch (rule->verdict) {
    case VERDICT_ACCEPT:
        add_rule(anchor, rule, "pass", source, " no state");
        return;
    case VERDICT_LIMIT:
        anchor->limits = true;
        add_rule(anchor, rule, "pass", source, rate);
        return;
    case VERDICT_ANSWER: /* what answers a state never comes to a rule */
        anchor->answers = true;
        break;
    case VERDICT_LINK:
        anchor->hops = true;
        add_rule(anchor, rule, "pass",
                 source != NULL || rule->family == 4 || policy_hop_limit(6, rule->type) == 255
                     ? source
                     : "{ fe80::/10, :: }",
                 " no state");
        break;
    case VERDICT_REJECT:
        anchor->rejects = true;
        break;
    default:
        break;
    }
    add_rule(anchor, rule, "block drop", source, "");
}

static void add_direction(struct anchor *anchor, uint8_t family, enum direction direction)
{
    enum verdict unlisted = anchor->policy->unlisted;

    for (size_t i = 0; i < anchor->policy->rule_count; i++) {
        const struct policy_rule *rule = &anchor->policy->rules[i];

        if (rule->family == family && rule->direction == direction &&
            !policy_rule_expired(rule, anchor->now_s))
            decide(anchor, rule);
    }
    anchor->rejects = anchor->rejects || unlisted == VERDICT_REJECT;
    text_add(anchor->text, "%s ", unlisted == VERDICT_ACCEPT ? "pass" : "block drop");
    add_way(anchor, direction, "", family);
    if (direction == DIRECTION_FORWARD && anchor->policy->role == ROLE_EDGE)
        text_add(anchor->text, " ! received-on outside");
    add_hosts(anchor, family, direction, NULL);
    text_add(anchor->text, " label \"sg:v%d.unlisted.%s\"\n", family, direction_name(direction));
}

static void add_outside(struct anchor *anchor)
{
    text_add(anchor->text, "# give the interfaces below the group `outside`: ifconfig IF group outside\n"
                           "outside = \"{");
    for (size_t i = 0; i < anchor->policy->outside_count; i++)
        text_add(anchor->text, " %s", anchor->policy->outside[i]);
    text_add(anchor->text, " }\"\n");
}

static void add_omissions(const struct anchor *anchor)
{
    struct text *omissions = anchor->omissions;

    if (anchor->limits)
        text_add(omissions, "no limit for each source: max-pkt-rate holds the limit of all sources together, "
                            "without a burst, and the first message of a flow makes a state\n");
    if (anchor->answers)
        text_add(omissions, "answer-only needs states: your other rules must pass your own traffic with keep "
                            "state (the default), then what answers it never comes to these rules\n");
    if (anchor->hops)
        text_add(omissions,
                 "no match on the hop limit: link-only holds by the source where the standard demands "
                 "one; neighbour discovery is left to the kernel, which checks it (RFC 4861 7.1)\n");
    if (anchor->rejects)
        text_add(omissions, "reject is a drop: pf does not answer ICMP\n");
    text_add(omissions, "no lease: nothing takes these rules back by itself; `pfctl -f` is atomic\n");
}

void pf_render(const struct policy *policy, int64_t now_s, struct text *text, struct text *omissions)
{
    struct anchor anchor = {.policy = policy, .now_s = now_s, .text = text, .omissions = omissions};

    text_add(text,
             "# made by `sonde guard export pf` for OpenBSD; pfctl -nf FILE checks it. Include it ahead of "
             "your other rules.\n");
    if (policy->role == ROLE_EDGE)
        add_outside(&anchor);
    for (uint8_t family = 4; family <= 6; family += 2)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++)
            if (policy_filters(policy, (enum direction)direction))
                add_direction(&anchor, family, (enum direction)direction);
    add_omissions(&anchor);
}
