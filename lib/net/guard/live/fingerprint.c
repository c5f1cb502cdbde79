/* SPDX-License-Identifier: MIT */
/* A number made of what rules say: their JSON in one order, without what moves by itself. */
#include "net/guard/live/fingerprint.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/list.h"
#include "base/text.h"
#include "net/program/nft.h"
#include "policy/target/nft.h"

enum { FORM = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY };

/* Lines that are hashed; those of the kernel's hash tables come in any order. */
struct lines {
    char **items;
    size_t count, capacity;
};

static void add_line(struct lines *lines, char *line)
{
    lines->items = list_grown(lines->items, lines->count, &lines->capacity, sizeof(*lines->items));
    lines->items[lines->count++] = line;
}

static int compare(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static uint64_t hash_lines(struct lines *lines)
{
    static const struct hash_key key = {0}; /* the same in every process */
    uint64_t hash = 0;

    if (lines->count > 0)
        qsort(lines->items, lines->count, sizeof(*lines->items), compare);
    for (size_t i = 0; i < lines->count; i++) {
        hash = hash_with(&key, hash, hash_octets(&key, lines->items[i], strlen(lines->items[i])));
        free(lines->items[i]);
    }
    free(lines->items);
    return hash;
}

/* The octets of a text that is not JSON any more: names of a slot become names of "S". */
static char *rename_slot(char *line, const char *slot)
{
    struct text text = {0};
    size_t length = slot ? strlen(slot) : 0;
    char *rest = line, *at;

    while (length > 0 && (at = strstr(rest, slot))) {
        bool whole = at[length] == '.' && (at == line || strchr("\"@ ", at[-1]));

        text_add_octets(&text, rest, (size_t)(at - rest));
        text_add(&text, "%s", whole ? "S" : slot);
        rest = at + length;
    }
    text_add(&text, "%s", rest);
    free(line);
    return text_take(&text);
}

/* A single flag is no list in newer versions of nft. */
static bool has_flag(const json_t *flags, const char *flag)
{
    return json_is_string(flags) ? strcmp(json_string_value(flags), flag) == 0 : json_holds(flags, flag);
}

/* Numbers that count packets, in a counter of a rule, an element or a name. */
static void drop_counts(json_t *value)
{
    json_t *member;
    const char *name;
    void *next;
    size_t at;

    if (json_is_object(value)) {
        json_object_foreach_safe(value, next, name, member)
        {
            if (strcmp(name, "counter") == 0 && json_is_object(member))
                json_object_clear(member);
            else if (strcmp(name, "handle") == 0 || strcmp(name, "expires") == 0)
                json_object_del(value, name);
            else
                drop_counts(member);
        }
    }
    json_array_foreach(value, at, member) drop_counts(member);
}

/* The elements, each a line. */
static void add_elements(struct lines *lines, const char *kind, json_t *body, const char *slot)
{
    json_t *element;
    size_t at;

    json_array_foreach(json_object_get(body, "elem"), at, element)
    {
        _cleanup_free_ char *dump = json_dumps(element, FORM);

        add_line(lines, rename_slot(text_format("%s %s %s", kind,
                                                json_string_value(json_object_get(body, "name")), dump),
                                    slot));
    }
}

/* A copy without what moves; NULL for what does not count at all. */
static json_t *still(const char *kind, json_t *body)
{
    bool passing = has_flag(json_object_get(body, "flags"), "timeout") ||
                   has_flag(json_object_get(body, "flags"), "dynamic") || json_object_get(body, "timeout");
    json_t *copy = json_deep_copy(body);

    if (strcmp(kind, "counter") == 0) {
        json_object_del(copy, "packets");
        json_object_del(copy, "bytes");
    }
    if (strcmp(kind, "quota") == 0)
        json_object_del(copy, "used");
    if (passing)
        json_object_del(copy, "elem");
    drop_counts(copy);
    return copy;
}

/* Rules of a chain stand together, in an order that matters: each says its number there. */
struct position {
    const char *table, *chain;
    size_t number;
};

static size_t number_of(struct position *position, const json_t *rule)
{
    const char *table = json_member(rule, "table"), *chain = json_member(rule, "chain");

    if (!position->chain || strcmp(table, position->table) != 0 || strcmp(chain, position->chain) != 0)
        *position = (struct position){table, chain, 0};
    return position->number++;
}

static void add_object(struct lines *lines, const char *kind, json_t *body, struct position *position,
                       const char *slot)
{
    size_t number = strcmp(kind, "rule") == 0 ? number_of(position, body) : 0;
    json_t *copy = still(kind, body);
    char *dump;

    add_elements(lines, kind, copy, slot);
    json_object_del(copy, "elem");
    dump = json_dumps(copy, FORM);
    add_line(lines, rename_slot(text_format("%s %06zu %s", kind, number, dump), slot));
    free(dump);
    json_decref(copy);
}

static bool is_ours(const char *kind, const json_t *body)
{
    const char *table = strcmp(kind, "table") == 0 ? json_member(body, "name") : json_member(body, "table");

    return strcmp(table, GUARD_TABLE) == 0 && strcmp(json_member(body, "family"), "inet") == 0;
}

static bool begins_with(const char *name, const char *slot)
{
    return strncmp(name, slot, strlen(slot)) == 0 && name[strlen(slot)] == '.';
}

/* What a slot says: its chains, maps, sets and rules, and the base chains that lead to it, but not how. */
static bool is_of_slot(const char *kind, const json_t *body, const struct nft_slot *slot)
{
    if (strcmp(kind, "rule") == 0)
        return begins_with(json_member(body, "chain"), slot->name);
    if (strcmp(kind, "chain") == 0 && json_object_get(body, "hook"))
        return slot->bases & nft_base(json_member(body, "name"));
    return (strcmp(kind, "chain") == 0 || strcmp(kind, "map") == 0 || strcmp(kind, "set") == 0) &&
           begins_with(json_member(body, "name"), slot->name);
}

/* @param slot NULL: of all that is not ours */
static uint64_t compute(const json_t *json, const struct nft_slot *slot)
{
    struct lines lines = {0};
    const char *kind;
    json_t *object, *body;
    struct position position = {0};
    size_t at;

    json_array_foreach(json_object_get(json, "nftables"), at, object)
    {
        json_object_foreach(object, kind, body)
        {
            bool counts = slot ? is_of_slot(kind, body, slot) : !is_ours(kind, body);

            if (counts && strcmp(kind, "metainfo") != 0)
                add_object(&lines, kind, body, &position, slot ? slot->name : NULL);
        }
    }
    return hash_lines(&lines);
}

int fingerprint_others(uint64_t *fingerprint, struct sonde_error *error)
{
    _cleanup_text_ struct text text = {0};
    int code = nft_list("ruleset", NFT_JSON, &text, error);
    json_t *json;

    if (code < 0)
        return code;
    json = json_loadb(text_get(&text), text.length, 0, NULL);
    if (!json)
        return error_set(error, SONDE_E_FORMAT, "nft says of the rules what is no JSON");
    *fingerprint = compute(json, NULL);
    json_decref(json);
    return 0;
}

uint64_t fingerprint_slot(const struct live_table *table, const char *name)
{
    const struct nft_slot slot = live_slot(table, name);

    return compute(table->json, &slot);
}
