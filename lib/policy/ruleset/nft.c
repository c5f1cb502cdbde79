/* SPDX-License-Identifier: MIT */
/* Rules read from nft's JSON (libnftables-json(5)): tables, chains, sets, and rules limb by limb. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/macro.h"
#include "base/text.h"
#include "policy/ruleset/import.h"
#include "policy/ruleset/nft_read.h"

enum { LIMBS_MAX = 4096 };

/** What a rule set is read with. */
struct reading {
    struct rules *rules;
    const json_t *objects;
    bool skip_iptables;
};

static uint32_t table_of(const struct reading *reading, const json_t *object)
{
    return rules_find_table(reading->rules, json_member(object, "family"), json_member(object, "table"));
}

/* Whether a chain is one that iptables makes. */
static bool is_builtin(const json_t *chain)
{
    static const char *const names[] = {"INPUT", "FORWARD", "OUTPUT", "PREROUTING", "POSTROUTING"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (json_object_get(chain, "hook") && strcmp(json_member(chain, "name"), names[i]) == 0)
            return true;
    return false;
}

static bool is_of_iptables(const json_t *objects, const json_t *table)
{
    static const char *const names[] = {"filter", "nat", "mangle", "raw", "security"};
    const char *family = json_member(table, "family"), *name = json_member(table, "name");
    bool known = false, builtin = false;
    size_t i;
    const json_t *object;

    for (size_t k = 0; k < COUNT_OF(names); k++)
        known = known || strcmp(names[k], name) == 0;
    if (!known || (strcmp(family, "ip") != 0 && strcmp(family, "ip6") != 0))
        return false;
    json_array_foreach(objects, i, object)
    {
        const json_t *chain = json_object_get(object, "chain");

        if (chain && strcmp(json_member(chain, "table"), name) == 0 &&
            strcmp(json_member(chain, "family"), family) == 0)
            builtin = builtin || is_builtin(chain);
    }
    return builtin;
}

static void read_table(struct reading *reading, const json_t *table)
{
    if (!reading->skip_iptables || !is_of_iptables(reading->objects, table))
        rules_add_table(reading->rules, json_member(table, "family"), json_member(table, "name"), RULES_NFT);
}

static void read_chain(struct reading *reading, const json_t *object)
{
    uint32_t table = table_of(reading, object);
    struct rules_chain *chain;

    if (table == RULES_NONE)
        return;
    chain = rules_add_chain(reading->rules, table, json_member(object, "name"));
    snprintf(chain->hook, sizeof(chain->hook), "%s", json_member(object, "hook"));
    snprintf(chain->type, sizeof(chain->type), "%s", json_member(object, "type"));
    chain->priority = (int32_t)json_integer_value(json_object_get(object, "prio"));
    chain->drops = strcmp(json_member(object, "policy"), "drop") == 0;
}

static void read_set(struct reading *reading, const json_t *object)
{
    uint32_t table = table_of(reading, object);
    struct rules_set *set;

    if (table == RULES_NONE)
        return;
    set = rules_add_set(reading->rules, table, json_member(object, "name"));
    set->size = json_integer_value(json_object_get(object, "size"));
    set->timeout_s = json_integer_value(json_object_get(object, "timeout"));
    set->elements = json_array_size(json_object_get(object, "elem"));
}

/* The conditions that the parts of a concatenation have the values of a tuple. */
static void add_tuple(struct nft_draft *draft, struct rules_rule *rule, const json_t *parts,
                      const json_t *tuple)
{
    const json_t *element = json_object_get(tuple, "elem"), *values, *part;
    size_t i;

    if (element)
        tuple = json_object_get(element, "val");
    values = json_object_get(tuple, "concat");
    json_array_foreach(parts, i, part) nft_read_condition(draft, rule, part, "==", json_array_get(values, i));
}

/* One limb: what all have in common, a tuple, an element of the map. */
static void add_limb(struct nft_draft *draft, uint32_t chain, const json_t *tuple, const json_t *pair)
{
    struct rules_rule *limb = rules_add_rule(draft->rules, chain);
    const json_t *parts = json_object_get(draft->key, "concat");
    struct rules_rule common = draft->rule;

    common.matches = limb->matches;
    common.match_count = common.match_capacity = 0;
    common.chain = chain;
    common.target = draft->rule.target ? text_format("%s", draft->rule.target) : NULL;
    common.comment = draft->rule.comment ? text_format("%s", draft->rule.comment) : NULL;
    common.log_prefix = draft->rule.log_prefix ? text_format("%s", draft->rule.log_prefix) : NULL;
    rules_copy_matches(&common, &draft->rule);
    if (tuple)
        add_tuple(draft, &common, draft->parts, tuple);
    if (pair && parts)
        add_tuple(draft, &common, parts, json_array_get(pair, 0));
    else if (pair)
        nft_read_condition(draft, &common, draft->key, "==", json_array_get(pair, 0));
    if (pair && !nft_read_verdict(&common, json_array_get(pair, 1)))
        common.verdict = RULES_UNKNOWN;
    *limb = common;
}

/* An element of a map that is empty never decides; the rule is kept for its place. */
static void add_nothing(struct nft_draft *draft, uint32_t chain)
{
    rules_add_match(&draft->rule, RULES_FAMILY);
    add_limb(draft, chain, NULL, NULL);
}

/* More limbs than are worth a rule each: what they do is not known. */
static void add_unknown(struct nft_draft *draft, uint32_t chain, size_t elements)
{
    struct rules_match *match = rules_add_match(&draft->rule, RULES_OTHER);

    match->opaque = true;
    match->words = text_format("a map of %zu elements", elements);
    draft->rule.verdict = draft->key ? RULES_UNKNOWN : draft->rule.verdict;
    add_limb(draft, chain, NULL, NULL);
}

static size_t at_least_one(size_t count)
{
    return count > 0 ? count : 1;
}

static void add_limbs(struct nft_draft *draft, uint32_t chain)
{
    bool one = json_is_object(draft->tuples);
    size_t tuples = one ? 1 : json_array_size(draft->tuples), pairs = json_array_size(draft->pairs);

    draft->rule.limb = tuples > 1 || pairs > 1;
    if ((draft->parts && tuples == 0) || (draft->key && pairs == 0)) {
        add_nothing(draft, chain);
        return;
    }
    if (at_least_one(tuples) * at_least_one(pairs) > LIMBS_MAX) {
        add_unknown(draft, chain, tuples + pairs);
        return;
    }
    for (size_t i = 0; i < at_least_one(tuples); i++)
        for (size_t k = 0; k < at_least_one(pairs); k++)
            add_limb(draft, chain, one ? draft->tuples : json_array_get(draft->tuples, i),
                     json_array_get(draft->pairs, k));
}

/* Tables of one family see only its packets. */
static void read_rule(struct reading *reading, const json_t *object, uint32_t *positions)
{
    struct nft_draft draft = {.rules = reading->rules, .objects = reading->objects};
    const json_t *statement;
    uint32_t chain;
    size_t i;

    draft.family = json_member(object, "family");
    draft.table = table_of(reading, object);
    chain = draft.table == RULES_NONE
                ? RULES_NONE
                : rules_find_chain(reading->rules, draft.table, json_member(object, "chain"));
    if (chain == RULES_NONE)
        return;
    draft.rule = (struct rules_rule){.to = RULES_NONE,
                                     .handle = json_integer_value(json_object_get(object, "handle"))};
    draft.rule.position = positions[chain]++;
    if (json_object_get(object, "comment"))
        draft.rule.comment = text_format("%s", json_member(object, "comment"));
    json_array_foreach(json_object_get(object, "expr"), i, statement) nft_read_statement(&draft, statement);
    add_limbs(&draft, chain);
    rules_clear_rule(&draft.rule);
}

static void read_objects(struct reading *reading, const char *kind,
                         void (*read)(struct reading *reading, const json_t *object))
{
    size_t i;
    const json_t *object;

    json_array_foreach(reading->objects, i, object) if (json_object_get(object, kind))
        read(reading, json_object_get(object, kind));
}

/* Sets come before rules, so that rules find what they name. */
static void read_all(struct reading *reading)
{
    uint32_t *positions;
    size_t i;
    const json_t *object;

    read_objects(reading, "table", read_table);
    read_objects(reading, "chain", read_chain);
    read_objects(reading, "set", read_set);
    read_objects(reading, "map", read_set);
    positions = calloc(reading->rules->chain_count + 1, sizeof(*positions));
    if (!positions)
        abort();
    json_array_foreach(reading->objects, i, object) if (json_object_get(object, "rule"))
        read_rule(reading, json_object_get(object, "rule"), positions);
    free(positions);
}

int rules_import_nft(struct rules *rules, struct slice json, bool skip_iptables, struct sonde_error *error)
{
    json_error_t problem;
    json_t *root = json_loadb((const char *)json.data, json.length, 0, &problem);
    struct reading reading = {rules, json_object_get(root, "nftables"), skip_iptables};

    if (!json_is_array(reading.objects)) {
        json_decref(root);
        return error_set(error, SONDE_E_FORMAT, "what nft lists as JSON cannot be read: %s",
                         root ? "there is no list of rules in it" : problem.text);
    }
    read_all(&reading);
    json_decref(root);
    return 0;
}
