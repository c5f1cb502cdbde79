/* SPDX-License-Identifier: MIT */
/* Conditions in nft's JSON (libnftables-json(5)): what they look at, and the values that fit. */
#include <string.h>

#include "base/json.h"
#include "base/macro.h"
#include "base/text.h"
#include "policy/ruleset/names.h"
#include "policy/ruleset/nft_read.h"

enum { DEPTH_MAX = 8, VALUES_MAX = 4096, FRAGMENT_OFFSET = 0x1fff };

/** The left side of a condition: the member that tells its kind, and the word in it. */
struct subject {
    const char *kind, *header, *word; /* NULL: any */
    enum rules_field field;
    uint8_t family;   /* of packets that have it */
    uint8_t protocol; /* of packets that have it; 0: any */
};

static const struct subject subjects[] = {
    {"payload", "icmp", "type", RULES_TYPE, 4, PROTOCOL_ICMP4},
    {"payload", "icmp", "code", RULES_CODE, 4, PROTOCOL_ICMP4},
    {"payload", "icmp", NULL, RULES_SIZE, 4, PROTOCOL_ICMP4},
    {"payload", "icmpv6", "type", RULES_TYPE, 6, PROTOCOL_ICMP6},
    {"payload", "icmpv6", "code", RULES_CODE, 6, PROTOCOL_ICMP6},
    {"payload", "icmpv6", NULL, RULES_SIZE, 6, PROTOCOL_ICMP6},
    {"payload", "ip", "protocol", RULES_PROTOCOL, 4, 0},
    {"payload", "ip", "saddr", RULES_SOURCE, 4, 0},
    {"payload", "ip", "daddr", RULES_DESTINATION, 4, 0},
    {"payload", "ip", "ttl", RULES_HOPLIMIT, 4, 0},
    {"payload", "ip", NULL, RULES_SIZE, 4, 0},
    {"payload", "ip6", "nexthdr", RULES_NEXTHDR, 6, 0},
    {"payload", "ip6", "saddr", RULES_SOURCE, 6, 0},
    {"payload", "ip6", "daddr", RULES_DESTINATION, 6, 0},
    {"payload", "ip6", "hoplimit", RULES_HOPLIMIT, 6, 0},
    {"payload", "ip6", NULL, RULES_SIZE, 6, 0},
    {"payload", "tcp", NULL, RULES_PORT, 0, 6},
    {"payload", "udp", NULL, RULES_PORT, 0, 17},
    {"payload", "udplite", NULL, RULES_PORT, 0, 136},
    {"payload", "sctp", NULL, RULES_PORT, 0, 132},
    {"payload", "dccp", NULL, RULES_PORT, 0, 33},
    {"payload", "th", NULL, RULES_PORT, 0, 0},
    {"payload", "esp", NULL, RULES_PORT, 0, 50},
    {"payload", "ah", NULL, RULES_PORT, 0, 51},
    {"payload", "comp", NULL, RULES_PORT, 0, 108},
    {"payload", "igmp", NULL, RULES_PORT, 4, 2},
    {"payload", "arp", NULL, RULES_PORT, 0, 0},
    {"payload", "ether", "type", RULES_FAMILY, 0, 0},
    {"payload", "ether", NULL, RULES_SIZE, 0, 0},
    {"meta", NULL, "l4proto", RULES_PROTOCOL, 0, 0},
    {"meta", NULL, "nfproto", RULES_FAMILY, 0, 0},
    {"meta", NULL, "protocol", RULES_FAMILY, 0, 0},
    {"meta", NULL, "iif", RULES_IIF, 0, 0},
    {"meta", NULL, "iifname", RULES_IIF, 0, 0},
    {"meta", NULL, "oif", RULES_OIF, 0, 0},
    {"meta", NULL, "oifname", RULES_OIF, 0, 0},
    {"meta", NULL, "pkttype", RULES_LOCAL, 0, 0},
    {"meta", NULL, "length", RULES_SIZE, 0, 0},
    {"meta", NULL, "skuid", RULES_SIZE, 0, 0},
    {"meta", NULL, "skgid", RULES_SIZE, 0, 0},
    {"ct", NULL, "state", RULES_STATE, 0, 0},
    {"ct", NULL, "direction", RULES_DIRECTION, 0, 0},
    {"numgen", NULL, NULL, RULES_SIZE, 0, 0},
    {"jhash", NULL, NULL, RULES_SIZE, 0, 0},
    {"tcp option", NULL, NULL, RULES_PORT, 0, 6},
    {"ip option", NULL, NULL, RULES_SIZE, 4, 0},
};

/* A named set or map of the table; objects hold it under either word. */
static const json_t *find_named(const struct nft_draft *draft, const char *name)
{
    static const char *const kinds[] = {"set", "map"};
    size_t i;
    const json_t *object;

    json_array_foreach(draft->objects, i, object)
    {
        for (size_t kind = 0; kind < COUNT_OF(kinds); kind++) {
            const json_t *set = json_object_get(object, kinds[kind]);

            if (set && strcmp(json_member(set, "name"), name) == 0 &&
                strcmp(json_member(set, "table"), draft->rules->tables[draft->table].name) == 0 &&
                strcmp(json_member(set, "family"), draft->family) == 0)
                return set;
        }
    }
    return NULL;
}

const json_t *nft_elements(const struct nft_draft *draft, const json_t *reference)
{
    const char *name = json_string_value(reference);

    return name && *name == '@' ? json_object_get(find_named(draft, name + 1), "elem") : NULL;
}

static bool is_of(const struct subject *subject, const json_t *inner)
{
    const char *word = json_member(inner, strcmp(subject->kind, "payload") == 0 ? "field" : "key");

    return (!subject->header || strcmp(json_member(inner, "protocol"), subject->header) == 0) &&
           (!subject->word || strcmp(word, subject->word) == 0);
}

static const struct subject *find_subject(const json_t *left)
{
    for (size_t i = 0; i < COUNT_OF(subjects); i++) {
        const json_t *inner = json_object_get(left, subjects[i].kind);

        if (inner && is_of(&subjects[i], inner))
            return &subjects[i];
    }
    return NULL;
}

/* A text as a number of a field. */
static bool read_word(const struct rules_match *match, const char *word, uint32_t *number)
{
    int code;

    switch (match->field) {
    case RULES_PROTOCOL:
    case RULES_NEXTHDR:
        return names_protocol(word, number);
    case RULES_TYPE:
        return names_type(match->family, word, number, &code);
    case RULES_CODE:
        return names_code(match->family, word, number);
    case RULES_STATE:
        return names_state(word, number);
    case RULES_LOCAL:
        return names_local(word, number);
    case RULES_DIRECTION:
        *number = strcmp(word, "reply") == 0;
        return true;
    case RULES_FAMILY: /* "vlan" and "arp" are no family of ours, which is what the number says */
        *number = strcmp(word, "ipv6") == 0 || strcmp(word, "ip6") == 0 ? 6 : word[0] == 'i' ? 4 : 0;
        return true;
    default:
        return names_number(word, UINT32_MAX, number);
    }
}

static bool is_address(const struct rules_match *match)
{
    return match->field == RULES_SOURCE || match->field == RULES_DESTINATION;
}

static void not_understood(struct rules_match *match, const json_t *value)
{
    char *words = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

    match->opaque = true;
    if (!match->words)
        match->words = words ? words : text_format("a condition");
    else
        free(words);
}

static bool is_interface(const struct rules_match *match)
{
    return match->field == RULES_IIF || match->field == RULES_OIF;
}

/* An interface by its number says nothing of its name. */
static bool read_integer(struct rules_match *match, const json_t *value)
{
    json_int_t integer = json_is_true(value) ? 1 : json_integer_value(value);

    if (integer < 0 || integer > UINT32_MAX || is_interface(match))
        return false;
    rules_add_range(match, (uint32_t)integer, (uint32_t)integer);
    return true;
}

static bool read_text(struct rules_match *match, const char *word)
{
    uint32_t number;

    if (is_interface(match))
        strncpy(rules_add_value(match)->name, word, RULES_IFNAME_MAX - 1);
    else if (is_address(match))
        return rules_add_prefix(match, word, -1);
    else if (read_word(match, word, &number))
        rules_add_range(match, number, number);
    else
        return false;
    return true;
}

static void read_scalar(struct rules_match *match, const json_t *value)
{
    bool number = json_is_integer(value) || json_is_boolean(value), read = false;

    if (number)
        read = read_integer(match, value);
    else if (json_is_string(value))
        read = read_text(match, json_string_value(value));
    if (!read)
        not_understood(match, value);
}

static void read_range(struct rules_match *match, const json_t *range)
{
    size_t before = match->value_count;

    read_scalar(match, json_array_get(range, 0));
    read_scalar(match, json_array_get(range, 1));
    if (match->value_count != before + 2)
        return;
    match->values[before].last = match->values[before + 1].last;
    match->values[before].high = match->values[before + 1].high;
    match->value_count--;
}

static void read_values(const struct nft_draft *draft, struct rules_match *match, const json_t *value,
                        int depth)
{
    const json_t *range = json_object_get(value, "range"), *prefix = json_object_get(value, "prefix");
    const json_t *set = json_object_get(value, "set"), *element = json_object_get(value, "elem"), *item;
    const char *word = json_string_value(value);
    size_t i;

    if (depth == DEPTH_MAX || match->value_count > VALUES_MAX) {
        not_understood(match, value);
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, item) read_values(draft, match, item, depth + 1);
    } else if (word && *word == '@') {
        free(match->set);
        match->set = text_format("%s", word + 1);
        if (nft_elements(draft, value))
            read_values(draft, match, nft_elements(draft, value), depth + 1);
    } else if (range) {
        read_range(match, range);
    } else if (prefix) {
        if (!is_address(match) || !rules_add_prefix(match, json_member(prefix, "addr"),
                                                    (int)json_integer_value(json_object_get(prefix, "len"))))
            not_understood(match, value);
    } else if (set || element) {
        read_values(draft, match, set ? set : json_object_get(element, "val"), depth + 1);
    } else {
        read_scalar(match, value);
    }
}

/* "<", ">=" and the like: the values that fit as a range. */
static void read_comparison(struct rules_match *match, const char *operation, const json_t *right)
{
    struct rules_match value = {.field = match->field, .family = match->family};
    uint32_t number;

    read_scalar(&value, right);
    if (value.value_count == 1 && !is_address(match)) {
        number = value.values[0].first;
        if (*operation == '<' && (operation[1] == '=' || number > 0))
            rules_add_range(match, 0, operation[1] == '=' ? number : number - 1);
        if (*operation == '>' && (operation[1] == '=' || number < UINT32_MAX))
            rules_add_range(match, operation[1] == '=' ? number : number + 1, UINT32_MAX);
    } else {
        not_understood(match, right);
    }
    free(value.values);
    free(value.words);
}

/* Conditions whose left side is no plain word. */
static bool read_special(struct rules_rule *rule, const json_t *left, const char *operation,
                         const json_t *right)
{
    const json_t *fib = json_object_get(left, "fib"), *masked = json_object_get(left, "&");
    const json_t *header = json_object_get(left, "exthdr"), *payload;
    struct rules_match *match;

    payload = json_object_get(json_array_get(masked, 0), "payload");
    if (fib && strcmp(json_member(fib, "result"), "oif") == 0 &&
        json_holds(json_object_get(fib, "flags"), "saddr") && json_is_boolean(right)) {
        match = rules_add_match(rule, RULES_WAY_BACK);
        rules_add_range(match, json_is_true(right), json_is_true(right));
    } else if (masked && strcmp(json_member(payload, "field"), "frag-off") == 0 &&
               json_integer_value(json_array_get(masked, 1)) == FRAGMENT_OFFSET && json_is_integer(right) &&
               json_integer_value(right) == 0) {
        match = rules_add_match(rule, RULES_FRAGMENT);
        match->family = 4;
        rules_add_range(match, 0, 0);
    } else if (header && (strcmp(json_member(header, "name"), "frag") == 0 ||
                          strcmp(json_member(header, "name"), "rt") == 0)) {
        match = rules_add_match(rule, json_member(header, "name")[0] == 'f' ? RULES_FRAGMENT : RULES_ROUTING);
        match->family = 6;
        rules_add_range(match, !json_is_false(right), !json_is_false(right));
    } else {
        return false;
    }
    match->negated = strcmp(operation, "!=") == 0;
    return true;
}

static void read_unknown(struct rules_rule *rule, const json_t *left)
{
    const json_t *masked = json_array_get(json_object_get(left, "&"), 0);
    const struct subject *subject = find_subject(masked);
    struct rules_match *match = rules_add_match(rule, RULES_OTHER);

    /* Bits of something that ICMP does not have, or that nobody asks about, can still be judged. */
    if (subject && (subject->field == RULES_PORT || subject->field == RULES_SIZE)) {
        match->field = subject->field;
        match->family = subject->family;
        match->soft = true;
        return;
    }
    not_understood(match, left);
}

static void add_protocol(struct rules_rule *rule, const struct subject *subject)
{
    struct rules_match *match;

    if (subject->protocol == 0)
        return;
    for (size_t i = 0; i < rule->match_count; i++)
        if (rule->matches[i].field == RULES_PROTOCOL && rule->matches[i].family == subject->family &&
            rule->matches[i].value_count == 1 && rule->matches[i].values[0].first == subject->protocol)
            return;
    match = rules_add_match(rule, RULES_PROTOCOL);
    match->family = subject->family;
    rules_add_range(match, subject->protocol, subject->protocol);
}

/* ct status: a translated connection is what ICMP that nobody asked for does not belong to. */
static bool read_status(struct rules_rule *rule, const json_t *left, const char *operation)
{
    if (strcmp(json_member(json_object_get(left, "ct"), "key"), "status") != 0)
        return false;
    rules_add_match(rule, RULES_COUNT)->negated = strcmp(operation, "!=") == 0;
    return true;
}

void nft_read_condition(struct nft_draft *draft, struct rules_rule *rule, const json_t *left,
                        const char *operation, const json_t *right)
{
    const json_t *fib = json_object_get(left, "fib");
    const struct subject *subject = find_subject(left);
    struct rules_match *match;

    if (read_special(rule, left, operation, right) || read_status(rule, left, operation))
        return;
    if (!subject && !(fib && strcmp(json_member(fib, "result"), "type") == 0 &&
                      json_holds(json_object_get(fib, "flags"), "daddr"))) {
        read_unknown(rule, left);
        return;
    }
    if (subject)
        add_protocol(rule, subject);
    match = rules_add_match(rule, subject ? subject->field : RULES_LOCAL);
    match->family = subject ? subject->family : 0;
    if (match->field == RULES_SIZE || match->field == RULES_PORT) {
        match->soft = true; /* what values fit does not matter */
        return;
    }
    match->negated = strcmp(operation, "!=") == 0;
    if (*operation == '<' || *operation == '>')
        read_comparison(match, operation, right);
    else
        read_values(draft, match, right, 0);
}
