/* SPDX-License-Identifier: MIT */
/* From which hooks a chain can be reached: the steps from chain to chain, followed until nothing is new. */
#include "net/guard/kernel/reach.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/json.h"
#include "base/list.h"
#include "base/macro.h"

/* A step from one chain to another. */
struct step {
    const struct rulebook_chain *from;
    struct rulebook_chain *to;
};

/* The rule that is looked at, and all steps so far. */
struct walk {
    struct rulebook *book;
    const json_t *list;
    const char *family, *table;
    const struct rulebook_chain *from;
    struct step *steps;
    size_t count, capacity;
};

static void add_step(struct walk *walk, const char *target)
{
    struct rulebook_chain *to =
        rulebook_chain(walk->book, rulebook_family(walk->family), walk->table, target);

    if (!to || !walk->from)
        return;
    walk->steps = list_grown(walk->steps, walk->count, &walk->capacity, sizeof(*walk->steps));
    walk->steps[walk->count++] = (struct step){walk->from, to};
}

static const json_t *find_map(const struct walk *walk, const char *name)
{
    const json_t *item;
    size_t i;

    json_array_foreach(walk->list, i, item)
    {
        const json_t *map = json_object_get(item, "map");

        if (map && !strcmp(json_member(map, "name"), name) &&
            !strcmp(json_member(map, "table"), walk->table) &&
            !strcmp(json_member(map, "family"), walk->family))
            return json_object_get(map, "elem");
    }
    return NULL;
}

/* Jumps and gotos stand in rules and in the elements of maps; "@name" is a map elsewhere. */
static void walk_value(struct walk *walk, const json_t *value, bool in_map)
{
    const char *key, *text = json_string_value(value);
    const json_t *item;
    json_t *member_value;
    size_t i;

    if (text && text[0] == '@' && !in_map)
        walk_value(walk, find_map(walk, text + 1), true);
    json_array_foreach(value, i, item) walk_value(walk, item, in_map);
    json_object_foreach((json_t *)value, key, member_value)
    {
        const char *target = json_string_value(json_object_get(member_value, "target"));

        if (target && (!strcmp(key, "jump") || !strcmp(key, "goto")))
            add_step(walk, target);
        else
            walk_value(walk, member_value, in_map);
    }
}

static void spread(const struct walk *walk)
{
    bool more = true;

    while (more) {
        more = false;
        for (size_t i = 0; i < walk->count; i++) {
            unsigned hooks = walk->steps[i].to->hooks | walk->steps[i].from->hooks;

            more |= hooks != walk->steps[i].to->hooks;
            walk->steps[i].to->hooks = hooks;
        }
    }
}

void reach_find(struct rulebook *book, const struct json_t *list)
{
    struct walk walk = {.book = book, .list = list};
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        const json_t *rule = json_object_get(item, "rule");

        if (!rule)
            continue;
        walk.family = json_member(rule, "family");
        walk.table = json_member(rule, "table");
        walk.from =
            rulebook_chain(book, rulebook_family(walk.family), walk.table, json_member(rule, "chain"));
        walk_value(&walk, json_object_get(rule, "expr"), false);
    }
    spread(&walk);
    free(walk.steps);
}
