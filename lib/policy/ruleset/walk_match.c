/* SPDX-License-Identifier: MIT */
/* Whether the condition of a rule holds for an ICMP message in question. */
#include <string.h>

#include "base/macro.h"
#include "catalog/icmp.h"
#include "policy/ruleset/walk.h"

enum {
    TYPE_REDIRECT4 = 5,
    TYPE_MLD_QUERY = 130,
    TYPE_MLD_DONE = 132,
    TYPE_ROUTER_SOLICITATION = 133,
    TYPE_NEIGHBOR_ADVERTISEMENT = 136,
    TYPE_MLD2_REPORT = 143,
    TYPE_MULTICAST_ROUTER = 151, /* advertisement; 152 is the solicitation */
    HOPLIMIT_FAR = 57,           /* of a packet that has passed some routers */
};

static bool is_mld(const struct walk_question *question)
{
    return question->family == 6 && ((question->type >= TYPE_MLD_QUERY && question->type <= TYPE_MLD_DONE) ||
                                     question->type == TYPE_MLD2_REPORT);
}

static bool is_error(uint8_t family, uint8_t type)
{
    return family == 6 ? type < 128
                       : type == 3 || type == 4 || type == TYPE_REDIRECT4 || type == 11 || type == 12;
}

static bool is_request(uint8_t family, uint8_t type)
{
    return family == 6 ? type == 128 || type == 139 : type == 8 || type == 13 || type == 15 || type == 17;
}

static bool is_reply(uint8_t family, uint8_t type)
{
    return family == 6 ? type == 129 || type == 140 : type == 0 || type == 14 || type == 16 || type == 18;
}

/* What nf_conntrack_icmpv6_error leaves alone; measured on Linux 6.18 with every type. */
static bool is_left_alone(const struct walk_question *question)
{
    uint8_t type = question->type;

    return question->family == 6 &&
           (is_mld(question) || (type >= TYPE_ROUTER_SOLICITATION && type <= TYPE_NEIGHBOR_ADVERTISEMENT) ||
            type == TYPE_MULTICAST_ROUTER || type == TYPE_MULTICAST_ROUTER + 1);
}

uint32_t walk_state(const struct walk_question *question)
{
    uint8_t family = question->family, type = question->type;
    bool answers =
        question->shape == SHAPE_ANSWER || (question->hook == HOOK_OUTPUT && !is_request(family, type));

    if (!question->tracked || is_left_alone(question))
        return RULES_UNTRACKED;
    if (is_request(family, type))
        return question->shape == SHAPE_ANSWER ? RULES_ESTABLISHED : RULES_NEW;
    if (answers && is_reply(family, type))
        return RULES_ESTABLISHED;
    if (answers && is_error(family, type))
        return RULES_RELATED;
    return RULES_INVALID;
}

uint32_t walk_hoplimit(const struct walk_question *question)
{
    uint8_t link = question->family == 6 ? sonde_icmp_find(6, question->type, question->code)->hop_limit : 0;

    if (link != 0 && (question->shape == SHAPE_LINK || question->hook == HOOK_OUTPUT))
        return link; /* 1 of MLD (RFC 3810 5), 255 of neighbour discovery */
    if (question->shape == SHAPE_LINK)
        return 255;
    return question->hook == HOOK_OUTPUT ? 64 : HOPLIMIT_FAR;
}

static enum holds truth_of(bool holds)
{
    return holds ? HOLDS_ALWAYS : HOLDS_NOT;
}

static enum holds not(enum holds holds) {
    return holds == HOLDS_ALWAYS ? HOLDS_NOT
           : holds == HOLDS_NOT  ? HOLDS_ALWAYS
                                 : holds;
}

static enum holds among(const struct rules_match *match, uint32_t number)
{
    for (size_t i = 0; i < match->value_count; i++)
        if (number >= match->values[i].first && number <= match->values[i].last)
            return HOLDS_ALWAYS;
    return HOLDS_NOT;
}

static enum holds on_interface(const struct rules_match *match, const char *interface)
{
    for (size_t i = 0; i < match->value_count; i++) {
        const char *name = match->values[i].name;
        size_t length = strlen(name);

        if (length > 0 && (name[length - 1] == '*' || name[length - 1] == '+')) {
            if (length == 1 || (interface && strncmp(interface, name, length - 1) == 0))
                return HOLDS_ALWAYS;
        } else if (interface && strcmp(interface, name) == 0) {
            return HOLDS_ALWAYS;
        }
    }
    return HOLDS_NOT;
}

static bool is_within(const struct sonde_address *address, const struct rules_value *value)
{
    size_t length = address_length(address->family);

    return value->low.family == address->family && memcmp(value->low.bytes, address->bytes, length) <= 0 &&
           memcmp(address->bytes, value->high.bytes, length) <= 0;
}

/* A stranger's address is in no list but that of all addresses; a link-local one is in fe80::/10. */
static enum holds from(const struct rules_match *match, const struct walk_question *question)
{
    static const struct sonde_address unspecified = {6, {0}};
    static const struct sonde_address local = {6,
                                               {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0xff, 0xfe, 0, 0, 1}};
    static const struct sonde_address stranger6 = {
        6, {0x2a, 0x0f, 0xff, 0xfe, 0xca, 0xfe, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7}};
    static const struct sonde_address stranger4 = {4, {151, 217, 119, 7}};
    const struct sonde_address *address = question->family == 4           ? &stranger4
                                          : question->shape == SHAPE_LINK ? &local
                                                                          : &stranger6;
    enum holds result = HOLDS_NOT;

    for (size_t i = 0; i < match->value_count; i++) {
        if (is_within(address, &match->values[i]))
            return HOLDS_ALWAYS;
        /* A solicitation may come from :: (duplicate address detection, RFC 4862 5.4.2). */
        if (question->shape == SHAPE_LINK && is_within(&unspecified, &match->values[i]))
            result = HOLDS_SOMETIMES;
    }
    return result;
}

static bool is_everything(const struct rules_value *value)
{
    for (size_t i = 0; i < address_length(value->low.family); i++)
        if (value->low.bytes[i] != 0 || value->high.bytes[i] != 0xff)
            return false;
    return value->low.family != 0;
}

static bool is_multicast(const struct sonde_address *address)
{
    return address->family == 6 ? address->bytes[0] == 0xff : address->bytes[0] >= 224;
}

/* To one of our addresses, or through us to anybody; what comes from the link may go to many. */
static enum holds to(const struct rules_match *match, const struct walk_question *question)
{
    enum holds result = HOLDS_NOT;

    for (size_t i = 0; i < match->value_count; i++) {
        if (is_everything(&match->values[i]))
            return HOLDS_ALWAYS;
        if (!is_multicast(&match->values[i].low) || question->shape == SHAPE_LINK)
            result = HOLDS_SOMETIMES;
    }
    return result;
}

static enum holds of_kind(const struct rules_match *match, const struct walk_question *question)
{
    uint32_t kinds = 0;

    for (size_t i = 0; i < match->value_count; i++)
        kinds |= match->values[i].first;
    if (question->shape == SHAPE_LINK && (kinds & RULES_TO_MANY))
        return kinds & RULES_TO_US ? HOLDS_ALWAYS : HOLDS_SOMETIMES;
    if (question->shape == SHAPE_LINK && (kinds & RULES_TO_US))
        return HOLDS_SOMETIMES;
    return truth_of((kinds & (question->hook == HOOK_INPUT ? RULES_TO_US : RULES_TO_OTHERS)) != 0);
}

static enum holds in_state(const struct rules_match *match, const struct walk_question *question)
{
    uint32_t states = 0;

    for (size_t i = 0; i < match->value_count; i++)
        states |= match->values[i].first;
    if ((states & walk_state(question)) == 0 && match->soft)
        return HOLDS_SOMETIMES;
    return truth_of((states & walk_state(question)) != 0);
}

static uint32_t protocol_of(const struct walk_question *question)
{
    return question->family == 6 ? PROTOCOL_ICMP6 : PROTOCOL_ICMP4;
}

static enum holds by_number(const struct walk_question *question, const struct rules_match *match)
{
    switch (match->field) {
    case RULES_FAMILY:
        return among(match, question->family);
    case RULES_PROTOCOL:
        return among(match, protocol_of(question));
    case RULES_NEXTHDR: /* MLD stands behind a hop-by-hop header (RFC 3810 5) */
        return among(match, is_mld(question) ? 0 : protocol_of(question));
    case RULES_TYPE:
        return among(match, question->type);
    case RULES_CODE:
        return among(match, question->code);
    case RULES_HOPLIMIT:
        return among(match, walk_hoplimit(question));
    case RULES_FRAGMENT:
    case RULES_ROUTING:
        return among(match, 0);
    case RULES_WAY_BACK:
        return among(match, 1);
    default:
        return among(match, question->shape == SHAPE_ANSWER && !is_request(question->family, question->type));
    }
}

static enum holds plain(const struct walk_question *question, const struct rules_match *match)
{
    switch (match->field) {
    case RULES_IIF:
        return question->hook == HOOK_OUTPUT ? HOLDS_NOT : on_interface(match, question->in);
    case RULES_OIF:
        return question->hook == HOOK_INPUT ? HOLDS_NOT : on_interface(match, question->out);
    case RULES_SOURCE:
        return question->hook == HOOK_OUTPUT ? to(match, question) : from(match, question);
    case RULES_DESTINATION:
        return to(match, question);
    case RULES_STATE:
        return in_state(match, question);
    case RULES_LOCAL:
        return of_kind(match, question);
    case RULES_LIMIT:
        return truth_of(!question->flood);
    case RULES_PORT:
    case RULES_COUNT:
        return HOLDS_NOT;
    case RULES_SIZE:
        return HOLDS_SOMETIMES;
    case RULES_OTHER:
        return HOLDS_UNKNOWN;
    default:
        return by_number(question, match);
    }
}

/* The type and code of a message are of a protocol: those of ICMPv6 are not in a packet of ICMP. */
static bool has_it(const struct walk_question *question, const struct rules_match *match)
{
    return match->family == 0 || match->family == question->family;
}

enum holds walk_match(const struct rules *rules, const struct walk_question *question,
                      const struct rules_match *match)
{
    enum holds holds;

    (void)rules;
    if (!has_it(question, match))
        return HOLDS_NOT;
    if (match->opaque)
        return HOLDS_UNKNOWN;
    if (match->field == RULES_LIMIT && match->limit.keyed && match->limit.family != 0 &&
        match->limit.family != question->family)
        return HOLDS_NOT; /* there is no such address to make a key of */
    holds = plain(question, match);
    if (match->field == RULES_PORT)
        return HOLDS_NOT;
    return match->negated ? not(holds) : holds;
}

static bool sees(const char *family, const struct walk_question *question)
{
    if (strcmp(family, "ip") == 0)
        return question->family == 4;
    if (strcmp(family, "ip6") == 0)
        return question->family == 6;
    return strcmp(family, "arp") != 0;
}

enum holds walk_rule(const struct rules *rules, const struct walk_question *question,
                     const struct rules_rule *rule)
{
    const struct rules_table *table = &rules->tables[rules->chains[rule->chain].table];
    enum holds result = HOLDS_ALWAYS;

    if (!sees(table->family, question))
        return HOLDS_NOT;
    for (size_t i = 0; i < rule->match_count && result != HOLDS_NOT; i++) {
        enum holds holds = walk_match(rules, question, &rule->matches[i]);

        result = holds < result ? holds : result;
    }
    return result;
}
