/* SPDX-License-Identifier: MIT */
/* The rules of a firewall: how they are kept, found and freed. */
#include "policy/ruleset/import.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/list.h"
#include "base/macro.h"

/* Room for one more at the end of a list, zeroed. Out of memory ends the process (base/text.c says why). */
static void *grow(void **list, size_t *count, size_t *capacity, size_t size)
{
    void *item;

    *list = list_grown(*list, *count, capacity, size);
    item = (char *)*list + (*count)++ * size;
    return memset(item, 0, size);
}

static char *copy_of(const char *text)
{
    char *copy = text ? strdup(text) : NULL;

    if (text && !copy)
        abort();
    return copy;
}

static void copy_into(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from);
}

struct rules_table *rules_add_table(struct rules *rules, const char *family, const char *name,
                                    enum rules_origin origin)
{
    struct rules_table *table =
        grow((void **)&rules->tables, &rules->table_count, &rules->table_capacity, sizeof(*table));

    copy_into(table->family, sizeof(table->family), family);
    table->name = copy_of(name);
    table->origin = origin;
    return table;
}

struct rules_chain *rules_add_chain(struct rules *rules, uint32_t table, const char *name)
{
    struct rules_chain *chain =
        grow((void **)&rules->chains, &rules->chain_count, &rules->chain_capacity, sizeof(*chain));

    chain->table = table;
    chain->name = copy_of(name);
    return chain;
}

struct rules_rule *rules_add_rule(struct rules *rules, uint32_t chain)
{
    struct rules_rule *rule = grow((void **)&rules->items, &rules->count, &rules->capacity, sizeof(*rule));

    rule->chain = chain;
    rule->to = RULES_NONE;
    return rule;
}

struct rules_set *rules_add_set(struct rules *rules, uint32_t table, const char *name)
{
    struct rules_set *set =
        grow((void **)&rules->sets, &rules->set_count, &rules->set_capacity, sizeof(*set));

    set->table = table;
    set->name = copy_of(name);
    return set;
}

struct rules_match *rules_add_match(struct rules_rule *rule, enum rules_field field)
{
    struct rules_match *match =
        grow((void **)&rule->matches, &rule->match_count, &rule->match_capacity, sizeof(*match));

    match->field = field;
    return match;
}

struct rules_value *rules_add_value(struct rules_match *match)
{
    return grow((void **)&match->values, &match->value_count, &match->value_capacity, sizeof(*match->values));
}

void rules_add_range(struct rules_match *match, uint32_t first, uint32_t last)
{
    struct rules_value *value = rules_add_value(match);

    value->first = first;
    value->last = last;
}

bool rules_add_prefix(struct rules_match *match, const char *address, int bits)
{
    struct rules_value value = {0}, *added;

    if (sonde_address_parse(address, &value.low) < 0)
        return false;
    if (bits < 0 || bits > 8 * (int)address_length(value.low.family))
        bits = 8 * (int)address_length(value.low.family);
    value.high = value.low;
    for (size_t bit = (size_t)bits; bit < 8 * address_length(value.low.family); bit++) {
        value.low.bytes[bit / 8] &= (uint8_t) ~(0x80U >> bit % 8);
        value.high.bytes[bit / 8] |= (uint8_t)(0x80U >> bit % 8);
    }
    added = rules_add_value(match);
    *added = value;
    return true;
}

struct rules_match rules_copy_match(const struct rules_match *match)
{
    struct rules_match copy = *match;

    copy.set = copy_of(match->set);
    copy.words = copy_of(match->words);
    copy.limit.set = copy_of(match->limit.set);
    copy.values = NULL;
    copy.value_count = copy.value_capacity = 0;
    for (size_t i = 0; i < match->value_count; i++)
        *rules_add_value(&copy) = match->values[i];
    return copy;
}

void rules_copy_matches(struct rules_rule *rule, const struct rules_rule *from)
{
    for (size_t i = 0; i < from->match_count; i++)
        *rules_add_match(rule, from->matches[i].field) = rules_copy_match(&from->matches[i]);
}

void rules_clear_rule(struct rules_rule *rule)
{
    for (size_t i = 0; i < rule->match_count; i++) {
        free(rule->matches[i].values);
        free(rule->matches[i].set);
        free(rule->matches[i].words);
        free(rule->matches[i].limit.set);
    }
    free(rule->matches);
    free(rule->target);
    free(rule->comment);
    free(rule->log_prefix);
    *rule = (struct rules_rule){.to = RULES_NONE};
}

uint32_t rules_find_table(const struct rules *rules, const char *family, const char *name)
{
    for (size_t i = 0; i < rules->table_count; i++)
        if (strcmp(rules->tables[i].name, name) == 0 && strcmp(rules->tables[i].family, family) == 0)
            return (uint32_t)i;
    return RULES_NONE;
}

uint32_t rules_find_chain(const struct rules *rules, uint32_t table, const char *name)
{
    for (size_t i = 0; i < rules->chain_count; i++)
        if (rules->chains[i].table == table && strcmp(rules->chains[i].name, name) == 0)
            return (uint32_t)i;
    return RULES_NONE;
}

const struct rules_set *rules_find_set(const struct rules *rules, uint32_t table, const char *name)
{
    for (size_t i = 0; i < rules->set_count; i++)
        if (rules->sets[i].table == table && strcmp(rules->sets[i].name, name) == 0)
            return &rules->sets[i];
    return NULL;
}

static void count_rules(struct rules *rules, size_t *starts)
{
    size_t total = 0;

    for (size_t i = 0; i < rules->count; i++)
        rules->chains[rules->items[i].chain].next++;
    for (size_t i = 0; i < rules->chain_count; i++) {
        struct rules_chain *chain = &rules->chains[i];

        chain->first = (uint32_t)total;
        starts[i] = total;
        total += chain->next;
        chain->next = (uint32_t)total;
    }
}

/* Limbs of a rule have its position already when the importer gave them one: they follow each other. */
static void resolve(struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        struct rules_rule *rule = &rules->items[i];

        if (rule->target)
            rule->to = rules_find_chain(rules, rules->chains[rule->chain].table, rule->target);
        if (rules_is_last_limb(rules, (uint32_t)i))
            rules->chains[rule->chain].rules++;
    }
}

void rules_arrange(struct rules *rules)
{
    size_t *starts = calloc(rules->chain_count + 1, sizeof(*starts));
    struct rules_rule *sorted = calloc(rules->count + 1, sizeof(*sorted));

    if (!starts || !sorted)
        abort();
    count_rules(rules, starts);
    for (size_t i = 0; i < rules->count; i++)
        sorted[starts[rules->items[i].chain]++] = rules->items[i];
    free(rules->items);
    free(starts);
    rules->items = sorted;
    rules->capacity = rules->count + 1;
    resolve(rules);
}

static const char *hook_by_name(const char *name)
{
    static const char *const hooks[] = {"input", "forward", "output"};

    for (size_t i = 0; i < COUNT_OF(hooks); i++) {
        size_t length = strlen(hooks[i]), total = strlen(name);

        if (total > length && strcasecmp(name + total - length, hooks[i]) == 0)
            return hooks[i];
    }
    return NULL;
}

bool rules_assume_hooks(struct rules *rules)
{
    bool assumed = false;

    for (size_t i = 0; i < rules->chain_count; i++)
        if (*rules->chains[i].hook)
            return false;
    for (size_t i = 0; i < rules->chain_count; i++) {
        const char *hook = hook_by_name(rules->chains[i].name);

        if (!hook)
            continue;
        copy_into(rules->chains[i].hook, sizeof(rules->chains[i].hook), hook);
        copy_into(rules->chains[i].type, sizeof(rules->chains[i].type), "filter");
        assumed = true;
    }
    return assumed;
}

bool rules_is_last_limb(const struct rules *rules, uint32_t rule)
{
    const struct rules_rule *this = &rules->items[rule], *next = this + 1;

    return rule + 1 == rules->count || next->chain != this->chain || next->position != this->position;
}

void rules_deinit(struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        rules_clear_rule(&rules->items[i]);
    for (size_t i = 0; i < rules->chain_count; i++)
        free(rules->chains[i].name);
    for (size_t i = 0; i < rules->table_count; i++)
        free(rules->tables[i].name);
    for (size_t i = 0; i < rules->set_count; i++)
        free(rules->sets[i].name);
    free(rules->items);
    free(rules->chains);
    free(rules->tables);
    free(rules->sets);
    *rules = (struct rules){0};
}
