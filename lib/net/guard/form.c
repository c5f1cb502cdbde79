/* SPDX-License-Identifier: MIT */
/* The policy's table in a form that can be compared: only what decides about packets, always in the same
 * words. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/list.h"
#include "base/macro.h"
#include "net/guard/drift.h"

/* A chain, rule, set or map on its way into a form. */
struct entry {
    const char *kind, *name; /* of a rule the name of its chain; both belong to the listing */
    json_t *object;
    bool root;  /* packets get there by themselves */
    bool trial; /* a rule for while the lease lasts */
    bool live;  /* a packet can get there */
    size_t index;
};

struct entries {
    struct entry *items;
    size_t count;
    bool leased;
};

/* "g12.input" and "@g12.x" belong to a slot; its number says only how often the policy was changed. */
static size_t slot_length(const char *text)
{
    size_t length = text[0] == '@', digits;

    if (text[length] != 'g')
        return 0;
    digits = strspn(text + length + 1, "0123456789");
    return digits > 0 && text[length + 1 + digits] == '.' ? length + 1 + digits : 0;
}

static void strip_slot(json_t *string)
{
    const char *text = json_string_value(string);
    size_t length = slot_length(text);
    _cleanup_free_ char *stripped = NULL;

    if (length == 0)
        return;
    stripped = text_format("%sslot%s", text[0] == '@' ? "@" : "", text + length);
    json_string_set(string, stripped);
}

static char *dump(const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);

    if (!text)
        abort(); /* as base/text.c */
    return text;
}

/* An element of a set and its text. */
struct element {
    char *text;
    json_t *json;
};

static int compare_elements(const void *left, const void *right)
{
    return strcmp(((const struct element *)left)->text, ((const struct element *)right)->text);
}

/* The order of a set's elements is the kernel's own affair. */
static void sort_elements(json_t *array)
{
    size_t count = json_array_size(array);
    struct element *elements = calloc(count + 1, sizeof(*elements));

    if (!elements)
        abort(); /* as base/text.c */
    for (size_t i = 0; i < count; i++) {
        elements[i].json = json_incref(json_array_get(array, i));
        elements[i].text = dump(elements[i].json);
    }
    qsort(elements, count, sizeof(*elements), compare_elements);
    for (size_t i = 0; i < count; i++) {
        json_array_set_new(array, i, elements[i].json);
        free(elements[i].text);
    }
    free(elements);
}

/* Depth is bounded by what nft nests, which is little. */
static void simplify(json_t *json)
{
    const char *key;
    json_t *member;
    size_t i;

    if (json_is_string(json))
        strip_slot(json);
    json_array_foreach(json, i, member) simplify(member);
    json_object_foreach(json, key, member)
    {
        simplify(member);
        if (json_is_array(member) && (!strcmp(key, "elem") || !strcmp(key, "set")))
            sort_elements(member);
    }
}

static void add(struct entries *entries, const char *kind, json_t *object)
{
    _cleanup_free_ char *words = dump(object);
    const json_t *flags = json_object_get(object, "flags");
    bool rule = !strcmp(kind, "rule"), filled = json_holds(flags, "timeout") || json_holds(flags, "dynamic");
    struct entry *entry = &entries->items[entries->count];

    json_object_del(object, "handle");
    if (!strcmp(json_member(object, "name"), "lease") && !strcmp(kind, "set")) {
        entries->leased = json_array_size(json_object_get(object, "elem")) > 0;
        return;
    }
    if (filled) /* by packets, not by the policy */
        json_object_del(object, "elem");
    *entry = (struct entry){.kind = kind,
                            .name = json_member(object, rule ? "chain" : "name"),
                            .object = object,
                            .root = json_object_get(object, "hook") != NULL || !strcmp(kind, "table"),
                            .trial = rule && strstr(words, "\"@lease\"") != NULL,
                            .index = entries->count};
    entries->count++;
}

static void collect(struct entries *entries, const json_t *objects)
{
    static const char *const kinds[] = {"table", "chain", "rule", "set", "map"};
    const json_t *object;
    size_t i;

    entries->items = calloc(json_array_size(objects) + 1, sizeof(*entries->items));
    if (!entries->items)
        abort(); /* as base/text.c */
    json_array_foreach(objects, i, object)
    {
        for (size_t kind = 0; kind < COUNT_OF(kinds); kind++) {
            json_t *member = json_object_get(object, kinds[kind]);

            if (json_is_object(member))
                add(entries, kinds[kind], member);
        }
    }
}

/* What it is, without its content; rules of a chain stay in their order. */
static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = strcmp(a->kind, b->kind);

    if (order == 0)
        order = strcmp(a->name, b->name);
    if (order == 0)
        order = a->index < b->index ? -1 : a->index > b->index;
    return order;
}

/* The first entry of a kind and name; they are sorted. */
static size_t find_first(const struct entries *entries, const char *kind, const char *name)
{
    const struct entry wanted = {.kind = kind, .name = name};
    size_t low = 0, high = entries->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (compare_entries(&entries->items[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void reach_all(struct entries *entries, const json_t *json);

/* Mark all entries of a kind and name, and what they lead to; nft allows no circles and few levels. */
static void reach(struct entries *entries, const char *kind, const char *name)
{
    for (size_t i = find_first(entries, kind, name); i < entries->count; i++) {
        struct entry *entry = &entries->items[i];

        if (strcmp(entry->kind, kind) != 0 || strcmp(entry->name, name) != 0)
            return;
        if (entry->live || (entry->trial && !entries->leased))
            continue;
        entry->live = true;
        reach_all(entries, entry->object);
        if (!strcmp(kind, "chain"))
            reach(entries, "rule", name);
    }
}

/* What a rule or a map of verdicts leads to: {"jump": {"target": "chain"}}, "@set". */
static void reach_all(struct entries *entries, const json_t *json)
{
    const char *key, *name;
    json_t *member;
    size_t i;

    if (json_is_string(json) && json_string_value(json)[0] == '@') {
        reach(entries, "set", json_string_value(json) + 1);
        reach(entries, "map", json_string_value(json) + 1);
    }
    json_array_foreach(json, i, member) reach_all(entries, member);
    json_object_foreach((json_t *)json, key, member)
    {
        name = json_string_value(member);
        if (name && !strcmp(key, "target"))
            reach(entries, "chain", name);
        else
            reach_all(entries, member);
    }
}

/* From the base chains to all that they lead to. */
static void find_live(struct entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        if (entries->items[i].root)
            reach(entries, entries->items[i].kind, entries->items[i].name);
}

static void add_line(struct guard_form *form, const struct entry *entry)
{
    const char *comment = json_member(entry->object, "comment");
    _cleanup_free_ char *content = NULL;

    form->lines = list_grown(form->lines, form->count, &form->capacity, sizeof(*form->lines));
    content = dump(entry->object);
    form->lines[form->count++] =
        text_format("%s%s %s%s%s %s", entry->kind, strcmp(entry->kind, "rule") != 0 ? "" : " in chain",
                    entry->name, comment[0] ? " " : "", comment, content);
}

static void digest(struct guard_form *form)
{
    _cleanup_text_ struct text all = {0};
    XXH128_hash_t hash;

    for (size_t i = 0; i < form->count; i++)
        text_add(&all, "%s\n", form->lines[i]);
    hash = XXH3_128bits(text_get(&all), all.length);
    snprintf(form->digest, sizeof(form->digest), "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}

static void make_form(struct guard_form *form, const json_t *objects)
{
    struct entries entries = {0};

    collect(&entries, objects);
    qsort(entries.items, entries.count, sizeof(*entries.items), compare_entries);
    find_live(&entries);
    for (size_t i = 0; i < entries.count; i++) {
        struct entry *entry = &entries.items[i];

        simplify(entry->object);
        entry->name = json_member(entry->object, strcmp(entry->kind, "rule") ? "name" : "chain");
    }
    qsort(entries.items, entries.count, sizeof(*entries.items), compare_entries);
    for (size_t i = 0; i < entries.count; i++)
        if (entries.items[i].live)
            add_line(form, &entries.items[i]);
    free(entries.items);
    form->leased = entries.leased;
    digest(form);
}

int guard_form_parse(struct guard_form *form, struct slice json, struct sonde_error *error)
{
    json_error_t fault;
    json_t *root = json_loadb((const char *)json.data, json.length, 0, &fault);
    const json_t *objects = json_object_get(root, "nftables");
    int code = 0;

    if (json_is_array(objects))
        make_form(form, objects);
    else
        code = error_set(error, SONDE_E_FORMAT, "nft's list of the policy's table cannot be understood: %s",
                         root ? "it has no member 'nftables'" : fault.text);
    json_decref(root);
    return code;
}

void guard_form_deinit(struct guard_form *form)
{
    for (size_t i = 0; i < form->count; i++)
        free(form->lines[i]);
    free(form->lines);
    *form = (struct guard_form){0};
}
