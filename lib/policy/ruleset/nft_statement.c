/* SPDX-License-Identifier: MIT */
/* Statements in nft's JSON (libnftables-json(5)): verdicts, limits, sets that learn, logs. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/macro.h"
#include "base/text.h"
#include "policy/ruleset/nft_read.h"

enum { BURST_DEFAULT = 5, METER_SIZE = 65535 };

static const struct {
    const char *word;
    enum rules_verdict verdict;
} verdicts[] = {
    {"accept", RULES_ACCEPT},      {"drop", RULES_DROP},         {"reject", RULES_REJECT},
    {"return", RULES_RETURN},      {"queue", RULES_QUEUE},       {"dnat", RULES_TRANSLATE},
    {"redirect", RULES_TRANSLATE}, {"snat", RULES_TRANSLATE},    {"masquerade", RULES_TRANSLATE},
    {"tproxy", RULES_TRANSLATE},   {"continue", RULES_CONTINUE}, {"fwd", RULES_DROP},
    {"synproxy", RULES_CONTINUE},
};

static void read_reject(struct rules_rule *rule, const json_t *reject)
{
    const char *type = json_member(reject, "type"), *code = json_member(reject, "expr");

    if (*type == '\0')
        snprintf(rule->reject, sizeof(rule->reject), "icmpx port-unreachable"); /* nft's default */
    else if (strcmp(type, "tcp reset") == 0)
        snprintf(rule->reject, sizeof(rule->reject), "tcp reset");
    else
        snprintf(rule->reject, sizeof(rule->reject), "%s %s", type, code);
}

/* Which node gets a packet is a matter of chance or of its addresses. */
static bool balances(const json_t *translation)
{
    const json_t *key = json_object_get(json_object_get(json_object_get(translation, "addr"), "map"), "key");

    return json_object_get(key, "numgen") || json_object_get(key, "jhash");
}

bool nft_read_verdict(struct rules_rule *rule, const json_t *statement)
{
    const json_t *jump = json_object_get(statement, "jump"), *go = json_object_get(statement, "goto");

    if (jump || go) {
        rule->verdict = jump ? RULES_JUMP : RULES_GOTO;
        rule->target = text_format("%s", json_member(jump ? jump : go, "target"));
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
        const json_t *inner = json_object_get(statement, verdicts[i].word);

        if (!inner)
            continue;
        rule->verdict = verdicts[i].verdict;
        if (rule->verdict == RULES_REJECT)
            read_reject(rule, inner);
        rule->balances = rule->balances || balances(inner);
        return true;
    }
    return false;
}

static double seconds_of(const char *per)
{
    static const struct {
        const char *word;
        double seconds;
    } units[] = {{"minute", 60}, {"hour", 3600}, {"day", 86400}, {"week", 604800}};

    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (strcmp(units[i].word, per) == 0)
            return units[i].seconds;
    return 1;
}

/* A limit by its name is an object of its own. */
static const json_t *resolve_limit(const struct nft_draft *draft, const json_t *limit)
{
    size_t i;
    const json_t *object;

    if (!json_is_string(limit))
        return limit;
    json_array_foreach(draft->objects, i, object)
    {
        const json_t *named = json_object_get(object, "limit");

        if (named && strcmp(json_member(named, "name"), json_string_value(limit)) == 0 &&
            strcmp(json_member(named, "table"), draft->rules->tables[draft->table].name) == 0)
            return named;
    }
    return limit;
}

static struct rules_match *read_limit(struct nft_draft *draft, const json_t *statement)
{
    const json_t *limit = resolve_limit(draft, statement), *burst = json_object_get(limit, "burst");
    struct rules_match *match = rules_add_match(&draft->rule, RULES_LIMIT);

    match->negated = json_is_true(json_object_get(limit, "inv"));
    if (!json_is_object(limit)) {
        match->opaque = true;
        return match;
    }
    if (!json_object_get(limit, "rate_unit") || strcmp(json_member(limit, "rate_unit"), "packets") == 0)
        match->limit.per_second = (double)json_integer_value(json_object_get(limit, "rate")) /
                                  seconds_of(json_member(limit, "per"));
    match->limit.burst = burst ? (uint32_t)json_integer_value(burst) : BURST_DEFAULT;
    return match;
}

/* The bits of a source address that make a bucket of its own; 0 when the key is something else. */
static void read_key(struct rules_limit *limit, const json_t *key)
{
    const json_t *masked = json_object_get(key, "&"), *parts = json_object_get(key, "concat"), *part;
    const json_t *payload = json_object_get(masked ? json_array_get(masked, 0) : key, "payload");
    struct sonde_address mask;
    size_t i;

    json_array_foreach(parts, i, part) read_key(limit, part);
    if (strcmp(json_member(payload, "field"), "saddr") != 0)
        return;
    limit->family = strcmp(json_member(payload, "protocol"), "ip6") == 0 ? 6 : 4;
    limit->bits = (uint8_t)(8 * address_length(limit->family));
    if (masked && json_is_string(json_array_get(masked, 1)) &&
        sonde_address_parse(json_string_value(json_array_get(masked, 1)), &mask) == 0) {
        limit->bits = 0;
        for (size_t bit = 0; bit < 8 * address_length(mask.family); bit++)
            limit->bits += mask.bytes[bit / 8] >> (7 - bit % 8) & 1;
    }
}

static void learn_set(struct nft_draft *draft, const char *name, const json_t *meter)
{
    struct rules_set *set = NULL;

    for (size_t i = 0; i < draft->rules->set_count; i++)
        if (draft->rules->sets[i].table == draft->table && strcmp(draft->rules->sets[i].name, name) == 0)
            set = &draft->rules->sets[i];
    if (!set)
        set = rules_add_set(draft->rules, draft->table, name);
    set->dynamic = true;
    if (meter) {
        const json_t *size = json_object_get(meter, "size");

        set->meter = true;
        set->size = size ? json_integer_value(size) : METER_SIZE;
    }
}

/* update @set { ip saddr limit rate over 5/second }: a bucket for each element. */
static void read_dynamic(struct nft_draft *draft, const json_t *statement, bool meter)
{
    const json_t *key = json_object_get(statement, meter ? "key" : "elem"), *inner, *item;
    const json_t *list = json_object_get(statement, "stmt");
    const char *name = json_member(statement, meter ? "name" : "set");
    const struct rules_set *set;
    struct rules_match *match;
    size_t i;

    name += *name == '@';
    learn_set(draft, name, meter ? statement : NULL);
    set = rules_find_set(draft->rules, draft->table, name);
    inner = json_object_get(key, "elem");
    item = json_is_array(list) ? json_array_get(list, 0) : list;
    json_array_foreach(list, i,
                       item) if (json_object_get(item, "limit") || json_object_get(item, "ct count")) break;
    if (json_object_get(item, "ct count"))
        rules_add_match(&draft->rule, RULES_COUNT);
    if (!json_object_get(item, "limit"))
        return;
    match = read_limit(draft, json_object_get(item, "limit"));
    match->limit.keyed = true;
    match->limit.add = strcmp(json_member(statement, "op"), "add") == 0;
    match->limit.set = text_format("%s", name);
    match->limit.timeout_s = json_integer_value(json_object_get(inner, "timeout"));
    if (match->limit.timeout_s == 0)
        match->limit.timeout_s = set->timeout_s;
    match->limit.size = set->size;
    read_key(&match->limit, inner ? json_object_get(inner, "val") : key);
}

static void read_log(struct rules_rule *rule, const json_t *log)
{
    bool limited = false;

    for (size_t i = 0; i < rule->match_count; i++)
        limited = limited || rule->matches[i].field == RULES_LIMIT;
    rule->log = true;
    rule->log_limited = limited;
    free(rule->log_prefix);
    rule->log_prefix = json_object_get(log, "prefix") ? text_format("%s", json_member(log, "prefix")) : NULL;
}

static void read_match(struct nft_draft *draft, const json_t *match)
{
    const json_t *left = json_object_get(match, "left"), *right = json_object_get(match, "right");
    const json_t *parts = json_object_get(left, "concat"), *tuples;
    const char *operation = json_member(match, "op");

    if (!parts) {
        nft_read_condition(draft, &draft->rule, left, operation, right);
        return;
    }
    tuples = json_is_string(right) ? nft_elements(draft, right) : json_object_get(right, "set");
    if (json_object_get(right, "concat"))
        tuples = right;
    if (draft->parts || strcmp(operation, "!=") == 0 || (!tuples && !json_is_string(right))) {
        struct rules_match *unknown = rules_add_match(&draft->rule, RULES_OTHER);

        unknown->opaque = true;
        unknown->words = text_format("a concatenation");
        return;
    }
    draft->parts = parts;
    draft->tuples = tuples; /* NULL: an empty set, which nothing is in */
}

/* Conditions of iptables, and what else may decide. */
static bool read_foreign(struct nft_draft *draft, const json_t *statement)
{
    const json_t *xt = json_object_get(statement, "xt");
    struct rules_match *match;

    if (!xt)
        return false;
    if (strcmp(json_member(xt, "type"), "target") == 0) {
        draft->rule.verdict = RULES_UNKNOWN;
        return true;
    }
    match = rules_add_match(&draft->rule, RULES_OTHER);
    match->opaque = true;
    match->words = text_format("%s of iptables", json_member(xt, "name"));
    return true;
}

/* mangle: tcp option maxseg is how paths with a small MTU are helped. */
static bool clamps(const json_t *mangle)
{
    const json_t *option = json_object_get(json_object_get(mangle, "key"), "tcp option");

    return strcmp(json_member(option, "name"), "maxseg") == 0;
}

static bool read_effect(struct nft_draft *draft, const json_t *statement)
{
    static const char *const others[] = {"nftrace", "last", "ct helper",      "ct timeout", "dup",
                                         "secmark", "flow", "ct expectation", "quota"};
    const json_t *mangle = json_object_get(statement, "mangle");

    if (json_object_get(statement, "counter"))
        draft->rule.counter = true;
    else if (json_object_get(statement, "log"))
        read_log(&draft->rule, json_object_get(statement, "log"));
    else if (json_object_get(statement, "notrack"))
        draft->rule.notrack = true;
    else if (mangle)
        draft->rule.clamps = draft->rule.clamps || clamps(mangle);
    else if (json_object_get(statement, "ct count"))
        rules_add_match(&draft->rule, RULES_COUNT);
    else {
        for (size_t i = 0; i < COUNT_OF(others); i++)
            if (json_object_get(statement, others[i]))
                return true;
        return false;
    }
    return true;
}

void nft_read_statement(struct nft_draft *draft, const json_t *statement)
{
    const json_t *map = json_object_get(statement, "vmap"), *data = json_object_get(map, "data");

    if (map) {
        draft->key = json_object_get(map, "key");
        draft->pairs = json_is_string(data) ? nft_elements(draft, data) : json_object_get(data, "set");
    } else if (json_object_get(statement, "match")) {
        read_match(draft, json_object_get(statement, "match"));
    } else if (json_object_get(statement, "limit")) {
        read_limit(draft, json_object_get(statement, "limit"));
    } else if (json_object_get(statement, "set") || json_object_get(statement, "map")) {
        const json_t *set = json_object_get(statement, "set");

        read_dynamic(draft, set ? set : json_object_get(statement, "map"), false);
    } else if (json_object_get(statement, "meter")) {
        read_dynamic(draft, json_object_get(statement, "meter"), true);
    } else if (!nft_read_verdict(&draft->rule, statement) && !read_foreign(draft, statement) &&
               !read_effect(draft, statement)) {
        struct rules_match *match = rules_add_match(&draft->rule, RULES_OTHER);

        match->opaque = true;
        match->words = json_dumps(statement, JSON_COMPACT);
    }
}
