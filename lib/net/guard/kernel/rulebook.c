/* SPDX-License-Identifier: MIT */
/* What the rules of a network namespace are called: nft's list as JSON, in tables that are quick to search.
 */
#include "net/guard/kernel/rulebook.h"

#include <stdlib.h>
#include <string.h>

#include <linux/netfilter.h>

#include <jansson.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/list.h"
#include "base/macro.h"
#include "base/text.h"
#include "net/guard/kernel/reach.h"
#include "net/program/nft.h"

enum { HOOK_NONE = -1, RULE_BIT = 1u << 31, EMPTY = 0 };

static const struct {
    const char *name;
    uint8_t number;
} families[] = {{"inet", NFPROTO_INET},     {"ip", NFPROTO_IPV4},       {"ip6", NFPROTO_IPV6},
                {"netdev", NFPROTO_NETDEV}, {"bridge", NFPROTO_BRIDGE}, {"arp", NFPROTO_ARP}};

static const struct {
    const char *name;
    int number;
} hooks[] = {{"prerouting", NF_INET_PRE_ROUTING},   {"input", NF_INET_LOCAL_IN},
             {"forward", NF_INET_FORWARD},          {"output", NF_INET_LOCAL_OUT},
             {"postrouting", NF_INET_POST_ROUTING}, {"ingress", NF_INET_INGRESS}};

uint8_t rulebook_family(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(families); i++)
        if (!strcmp(families[i].name, name))
            return families[i].number;
    return NFPROTO_UNSPEC;
}

const char *rulebook_family_name(uint8_t family)
{
    for (size_t i = 0; i < COUNT_OF(families); i++)
        if (families[i].number == family)
            return families[i].name;
    return "?";
}

static int hook_number(const char *name)
{
    for (size_t i = 0; name && i < COUNT_OF(hooks); i++)
        if (!strcmp(hooks[i].name, name))
            return hooks[i].number;
    return HOOK_NONE;
}

static void add_chain(struct rulebook *book, const json_t *object)
{
    const char *hook = json_string_value(json_object_get(object, "hook"));
    struct rulebook_chain chain = {
        .family = rulebook_family(json_member(object, "family")),
        .table = text_format("%s", json_member(object, "table")),
        .name = text_format("%s", json_member(object, "name")),
        .hook = hook_number(hook),
        .filter = !strcmp(json_member(object, "type"), "filter"),
        .ours = !strcmp(json_member(object, "table"), RULEBOOK_TRACE_TABLE),
        .index = -1,
    };

    if (chain.filter && chain.hook >= 0)
        chain.hooks = 1u << chain.hook;
    if (hook)
        chain.policy = text_format("%s/%s/%s policy %s", json_member(object, "family"), chain.table,
                                   chain.name, json_member(object, "policy"));
    book->chains = list_grown(book->chains, book->chain_count, &book->chain_capacity, sizeof(chain));
    book->chains[book->chain_count++] = chain;
}

/* iptables' REJECT shows only its name; the rest of an xt part is hidden from nft. */
static void read_expression(const json_t *expression, struct rulebook_rule *rule)
{
    const json_t *part = json_object_get(expression, "xt");

    if (json_object_get(expression, "reject") || (part && !strcmp(json_member(part, "name"), "REJECT")))
        rule->rejects = true;
    rule->foreign |= part != NULL;
}

static void add_rule(struct rulebook *book, const json_t *object)
{
    struct rulebook_rule rule = {
        .family = rulebook_family(json_member(object, "family")),
        .table = text_format("%s", json_member(object, "table")),
        .chain = text_format("%s", json_member(object, "chain")),
        .handle = (uint64_t)json_integer_value(json_object_get(object, "handle")),
        .index = -1,
    };
    const char *comment = json_string_value(json_object_get(object, "comment"));
    struct text name = {0};
    const json_t *expression;
    size_t i;

    json_array_foreach(json_object_get(object, "expr"), i, expression) read_expression(expression, &rule);
    text_add(&name, "%s/%s/%s handle %llu", json_member(object, "family"), rule.table, rule.chain,
             (unsigned long long)rule.handle);
    if (comment) {
        rule.comment = text_format("%s", comment);
        text_add(&name, " \"%s\"", comment);
    }
    rule.name = text_take(&name);
    book->rules = list_grown(book->rules, book->rule_count, &book->rule_capacity, sizeof(rule));
    book->rules[book->rule_count++] = rule;
}

static uint64_t chain_hash(uint8_t family, const char *table, const char *name)
{
    return XXH3_64bits_withSeed(name, strlen(name), XXH3_64bits_withSeed(table, strlen(table), family));
}

static uint64_t rule_hash(uint8_t family, const char *table, uint64_t handle)
{
    return XXH3_64bits_withSeed(table, strlen(table), handle << 8 | family);
}

static void put(struct rulebook *book, uint64_t hash, uint32_t value)
{
    size_t at = hash & (book->slot_count - 1);

    while (book->slots[at] != EMPTY)
        at = (at + 1) & (book->slot_count - 1);
    book->slots[at] = value;
}

static void index_all(struct rulebook *book)
{
    book->slot_count = 64;
    while (book->slot_count < 2 * (book->chain_count + book->rule_count))
        book->slot_count *= 2;
    book->slots = calloc(book->slot_count, sizeof(*book->slots));
    if (!book->slots)
        abort();
    for (size_t i = 0; i < book->chain_count; i++)
        put(book, chain_hash(book->chains[i].family, book->chains[i].table, book->chains[i].name),
            (uint32_t)i + 1);
    for (size_t i = 0; i < book->rule_count; i++)
        put(book, rule_hash(book->rules[i].family, book->rules[i].table, book->rules[i].handle),
            ((uint32_t)i + 1) | RULE_BIT);
}

struct rulebook_chain *rulebook_chain(const struct rulebook *book, uint8_t family, const char *table,
                                      const char *name)
{
    size_t mask = book->slot_count - 1;

    for (size_t at = chain_hash(family, table, name) & mask; book->slots[at] != EMPTY; at = (at + 1) & mask) {
        struct rulebook_chain *chain;

        if (book->slots[at] & RULE_BIT)
            continue;
        chain = &book->chains[book->slots[at] - 1];
        if (chain->family == family && !strcmp(chain->name, name) && !strcmp(chain->table, table))
            return chain;
    }
    return NULL;
}

struct rulebook_rule *rulebook_rule(const struct rulebook *book, uint8_t family, const char *table,
                                    uint64_t handle)
{
    size_t mask = book->slot_count - 1;

    for (size_t at = rule_hash(family, table, handle) & mask; book->slots[at] != EMPTY;
         at = (at + 1) & mask) {
        struct rulebook_rule *rule;

        if (!(book->slots[at] & RULE_BIT))
            continue;
        rule = &book->rules[(book->slots[at] & ~RULE_BIT) - 1];
        if (rule->handle == handle && rule->family == family && !strcmp(rule->table, table))
            return rule;
    }
    return NULL;
}

int rulebook_parse(struct rulebook *book, const char *json, struct sonde_error *error)
{
    json_error_t problem;
    json_t *root = json_loads(json, 0, &problem);
    const json_t *item, *object;
    size_t i;

    if (!root)
        return error_set(error, SONDE_E_FORMAT, "nft's list of rules is no JSON: %s", problem.text);
    json_array_foreach(json_object_get(root, "nftables"), i, item)
    {
        if ((object = json_object_get(item, "chain")))
            add_chain(book, object);
        else if ((object = json_object_get(item, "rule")))
            add_rule(book, object);
    }
    index_all(book);
    reach_find(book, json_object_get(root, "nftables"));
    json_decref(root);
    return 0;
}

int rulebook_read(struct rulebook *book, struct sonde_error *error)
{
    _cleanup_text_ struct text json = {0};
    int result = nft_list("ruleset", NFT_JSON, &json, error);

    return result == 0 ? rulebook_parse(book, text_get(&json), error) : result;
}

void rulebook_deinit(struct rulebook *book)
{
    for (size_t i = 0; i < book->chain_count; i++) {
        free(book->chains[i].table);
        free(book->chains[i].name);
        free(book->chains[i].policy);
    }
    for (size_t i = 0; i < book->rule_count; i++) {
        free(book->rules[i].table);
        free(book->rules[i].chain);
        free(book->rules[i].comment);
        free(book->rules[i].name);
    }
    free(book->chains);
    free(book->rules);
    free(book->slots);
    memset(book, 0, sizeof(*book));
}
