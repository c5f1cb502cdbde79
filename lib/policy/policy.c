/* SPDX-License-Identifier: MIT */
/* The policy read aloud: which rule names a message, and what the catalog would advise. */
#include "policy/policy.h"

#include <string.h>

#include "base/list.h"
#include "base/macro.h"
#include "catalog/icmp.h"

const char *policy_role_name(enum policy_role role)
{
    static const char *const names[ROLE_COUNT] = {
        [ROLE_HOST] = "host",
        [ROLE_ROUTER] = "router",
        [ROLE_EDGE] = "edge",
    };

    return names[role];
}

bool policy_filters(const struct policy *policy, enum direction direction)
{
    switch (direction) {
    case DIRECTION_INPUT:
    case DIRECTION_OUTPUT:
        return true;
    case DIRECTION_FORWARD:
        return policy->role != ROLE_HOST;
    default:
        return policy->role == ROLE_EDGE;
    }
}

bool policy_can_reject(uint8_t family, uint8_t type)
{
    /* Types that Linux' icmp_send answers: it never answers errors (RFC 1122 3.2.2), nor numbers it does not
     * know. ICMPv6 tells the two apart by the number (RFC 4443 2.4). */
    if (family == 6)
        return type >= 128;
    return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

uint8_t policy_hop_limit(uint8_t family, uint8_t type)
{
    return family == 4 ? 255 : sonde_icmp_find(family, type, 0)->hop_limit;
}

bool policy_rule_names(const struct policy_rule *rule, uint8_t family, enum direction direction, uint8_t type,
                       uint8_t code)
{
    return rule->family == family && rule->direction == direction && rule->type <= type &&
           type <= rule->type_last &&
           (rule->code == POLICY_ANY_CODE || (rule->code <= code && code <= rule->code_last));
}

bool policy_rule_expired(const struct policy_rule *rule, int64_t now_s)
{
    return rule->exception && rule->expires_s != POLICY_NEVER && rule->expires_s <= now_s;
}

bool policy_rule_always(const struct policy_rule *rule)
{
    return rule->interface[0] == '\0' && rule->source.family == 0;
}

/* Whether the first bits of two addresses are the same. */
static bool within(const struct sonde_address *address, const struct sonde_address *prefix, uint8_t length)
{
    size_t octets = length / 8, bits = length % 8;

    if (address->family != prefix->family || memcmp(address->bytes, prefix->bytes, octets) != 0)
        return false;
    return bits == 0 || (address->bytes[octets] ^ prefix->bytes[octets]) >> (8 - bits) == 0;
}

/* Whether the place and the source of a message are those that a rule is for. */
static bool is_for(const struct policy_rule *rule, const struct policy_question *question)
{
    if (rule->interface[0] != '\0' &&
        (question->interface == NULL || strcmp(rule->interface, question->interface) != 0))
        return false;
    return rule->source.family == 0 || within(&question->source, &rule->source, rule->source_length);
}

struct policy_decision policy_decide(const struct policy *policy, const struct policy_question *question,
                                     int64_t now_s)
{
    if (!policy_filters(policy, question->direction))
        return (struct policy_decision){VERDICT_ACCEPT, NULL};
    for (size_t i = 0; i < policy->rule_count; i++) {
        const struct policy_rule *rule = &policy->rules[i];

        if (policy_rule_names(rule, question->family, question->direction, question->type, question->code) &&
            is_for(rule, question) && !policy_rule_expired(rule, now_s))
            return (struct policy_decision){rule->verdict, rule};
    }
    return (struct policy_decision){policy->unlisted, NULL};
}

/* The place of the catalog that a role has in a direction. */
static enum icmp_advice advice_of(const struct icmp_filtering *filter, enum policy_role role,
                                  enum direction direction)
{
    switch (direction) {
    case DIRECTION_INPUT:
        return role == ROLE_HOST ? filter->host_in : filter->router_self;
    case DIRECTION_OUTPUT: /* a router says on its links what hosts only hear: queries, advertisements */
        return role != ROLE_HOST && filter->router_self == ADVISE_LINK ? ADVISE_LINK : filter->host_out;
    case DIRECTION_FORWARD_IN:
        return filter->edge_in;
    case DIRECTION_FORWARD_OUT:
        return filter->edge_out;
    default:
        return filter->transit;
    }
}

enum verdict policy_advice(enum policy_role role, enum direction direction, uint8_t family, uint8_t type,
                           uint8_t code)
{
    static const enum verdict verdict_of[] = {
        [ADVISE_ACCEPT] = VERDICT_ACCEPT, [ADVISE_LIMIT] = VERDICT_LIMIT, [ADVISE_STATE] = VERDICT_ANSWER,
        [ADVISE_LINK] = VERDICT_LINK,     [ADVISE_DROP] = VERDICT_DROP,   [ADVISE_POLICY] = VERDICT_DROP,
    };

    return verdict_of[advice_of(&sonde_icmp_find(family, type, code)->filter, role, direction)];
}

void policy_add_rule(struct policy *policy, const struct policy_rule *rule)
{
    policy->rules =
        list_grown(policy->rules, policy->rule_count, &policy->rule_capacity, sizeof(*policy->rules));
    policy->rules[policy->rule_count++] = *rule;
}

void policy_deinit(struct policy *policy)
{
    for (size_t i = 0; i < policy->rule_count; i++) {
        free(policy->rules[i].id);
        free(policy->rules[i].owner);
        free(policy->rules[i].reason);
    }
    free(policy->rules);
    free(policy->outside);
    *policy = (struct policy){0};
}
