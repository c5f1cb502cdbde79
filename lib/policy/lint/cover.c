/* SPDX-License-Identifier: MIT */
/* Sets of ICMP messages, exact to the type and code, and which conditions follow from others. */
#include "policy/lint/cover.h"

#include <string.h>

#include "base/macro.h"

static bool is_number_in(const struct rules_match *match, uint32_t number)
{
    bool found = false;

    for (size_t i = 0; i < match->value_count && !found; i++)
        found = number >= match->values[i].first && number <= match->values[i].last;
    return found != match->negated;
}

static bool admits_family(const struct rules *rules, const struct rules_rule *rule, uint8_t family)
{
    const char *table = rules->tables[rules->chains[rule->chain].table].family;

    return !(strcmp(table, "ip") == 0 && family == 6) && !(strcmp(table, "ip6") == 0 && family == 4) &&
           strcmp(table, "arp") != 0;
}

static void keep_only(const struct rules_match *match, bool allowed[256])
{
    for (uint32_t i = 0; i < 256 && !match->opaque; i++)
        allowed[i] = allowed[i] && is_number_in(match, i);
}

/* Whether a condition keeps all messages of a family away. */
static bool excludes(const struct rules_match *match, uint8_t family)
{
    if (match->family && match->family != family)
        return true;
    switch (match->field) {
    case RULES_FAMILY:
        return !is_number_in(match, family);
    case RULES_PROTOCOL:
    case RULES_NEXTHDR:
        return !match->opaque && !is_number_in(match, family == 6 ? PROTOCOL_ICMP6 : PROTOCOL_ICMP4);
    case RULES_PORT:
        return true; /* no ICMP at all */
    default:
        return false;
    }
}

/* A condition that sets of messages can express narrows the types or the codes. */
static void narrow(const struct rules_match *match, uint8_t family, bool types[256], bool codes[256])
{
    if (excludes(match, family))
        memset(types, 0, 256);
    else if (match->field == RULES_TYPE)
        keep_only(match, types);
    else if (match->field == RULES_CODE)
        keep_only(match, codes);
}

void cover_of(struct cover *cover, const struct rules *rules, const struct rules_rule *rule)
{
    memset(cover, 0, sizeof(*cover));
    for (int six = 0; six < 2; six++) {
        bool types[256], codes[256];
        uint64_t row[4] = {0};

        memset(types, admits_family(rules, rule, six ? 6 : 4), sizeof(types));
        memset(codes, 1, sizeof(codes));
        for (size_t i = 0; i < rule->match_count; i++)
            narrow(&rule->matches[i], six ? 6 : 4, types, codes);
        for (size_t code = 0; code < 256; code++)
            row[code / 64] |= (uint64_t)codes[code] << code % 64;
        for (size_t type = 0; type < 256; type++)
            if (types[type])
                memcpy(cover->bits[six][type], row, sizeof(row));
    }
}

void cover_intersect(struct cover *cover, const struct cover *other)
{
    uint64_t *bits = &cover->bits[0][0][0];
    const uint64_t *mask = &other->bits[0][0][0];

    for (size_t i = 0; i < sizeof(cover->bits) / sizeof(*bits); i++)
        bits[i] &= mask[i];
}

bool cover_subtract(struct cover *cover, const struct cover *other)
{
    uint64_t *bits = &cover->bits[0][0][0], common = 0;
    const uint64_t *mask = &other->bits[0][0][0];

    for (size_t i = 0; i < sizeof(cover->bits) / sizeof(*bits); i++) {
        common |= bits[i] & mask[i];
        bits[i] &= ~mask[i];
    }
    return common != 0;
}

bool cover_is_empty(const struct cover *cover)
{
    uint8_t family, type, code;

    return !cover_first(cover, &family, &type, &code);
}

bool cover_has(const struct cover *cover, uint8_t family, uint8_t type, uint8_t code)
{
    return cover->bits[family == 6][type][code / 64] >> code % 64 & 1;
}

bool cover_first(const struct cover *cover, uint8_t *family, uint8_t *type, uint8_t *code)
{
    for (size_t i = 0; i < 2 * 256 * 4; i++) {
        uint64_t bits = (&cover->bits[0][0][0])[i];

        if (bits == 0)
            continue;
        *family = i / 1024 ? 6 : 4;
        *type = (uint8_t)(i % 1024 / 4);
        *code = (uint8_t)(i % 4 * 64 + (size_t)__builtin_ctzll(bits));
        return true;
    }
    return false;
}

static bool is_message_field(enum rules_field field)
{
    switch (field) {
    case RULES_FAMILY:
    case RULES_PROTOCOL:
    case RULES_NEXTHDR:
    case RULES_TYPE:
    case RULES_CODE:
    case RULES_PORT:
        return true;
    default:
        return false;
    }
}

static bool value_in(const struct rules_value *narrow, const struct rules_match *wide)
{
    for (size_t i = 0; i < wide->value_count; i++) {
        const struct rules_value *value = &wide->values[i];
        size_t length = strlen(value->name);

        if (wide->field == RULES_IIF || wide->field == RULES_OIF) {
            if (strcmp(value->name, narrow->name) == 0 ||
                (length > 0 && strchr("*+", value->name[length - 1]) &&
                 strncmp(value->name, narrow->name, length - 1) == 0))
                return true;
        } else if (wide->field == RULES_SOURCE || wide->field == RULES_DESTINATION) {
            if (value->low.family == narrow->low.family &&
                memcmp(value->low.bytes, narrow->low.bytes, 16) <= 0 &&
                memcmp(narrow->high.bytes, value->high.bytes, 16) <= 0)
                return true;
        } else if (value->first <= narrow->first && narrow->last <= value->last) {
            return true;
        }
    }
    return false;
}

/* Whether one condition holds whenever the other does. */
static bool follows(const struct rules_match *general, const struct rules_match *special)
{
    const struct rules_match *wide = general, *narrow = special;

    if (general->field != special->field || general->negated != special->negated || general->opaque ||
        special->opaque || general->soft || special->soft || general->field == RULES_LIMIT ||
        general->field == RULES_COUNT || general->field == RULES_OTHER || general->set || special->set)
        return false;
    if (general->negated) { /* to be outside of more is to be outside of less */
        wide = special;
        narrow = general;
    }
    for (size_t i = 0; i < narrow->value_count; i++)
        if (!value_in(&narrow->values[i], wide))
            return false;
    return narrow->value_count > 0;
}

bool cover_implied(const struct rules_rule *general, const struct rules_match *const *conditions,
                   size_t count)
{
    for (size_t i = 0; i < general->match_count; i++) {
        bool found = is_message_field(general->matches[i].field) && !general->matches[i].opaque;

        for (size_t k = 0; k < count && !found; k++)
            found = follows(&general->matches[i], conditions[k]);
        if (!found)
            return false;
    }
    return true;
}
