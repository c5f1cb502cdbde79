/* SPDX-License-Identifier: MIT */
/* The counters of the policy in force, read from the listing of its table. */
#include "net/guard/counters.h"

#include <jansson.h>
#include <string.h>

#include "base/list.h"
#include "base/macro.h"
#include "base/text.h"

void guard_counters_add(struct guard_counters *counters, const char *name, int64_t packets, int64_t bytes,
                        int64_t identity)
{
    struct guard_counter *known = (struct guard_counter *)guard_counters_find(counters, name);

    if (known) {
        known->packets += packets;
        known->bytes += bytes;
        known->identity ^= identity << 1; /* a change of either is one of both */
        return;
    }
    counters->items =
        list_grown(counters->items, counters->count, &counters->capacity, sizeof(*counters->items));
    counters->items[counters->count++] =
        (struct guard_counter){text_format("%s", name), packets, bytes, identity};
}

const struct guard_counter *guard_counters_find(const struct guard_counters *counters, const char *name)
{
    for (size_t i = 0; i < counters->count; i++)
        if (!strcmp(counters->items[i].name, name))
            return &counters->items[i];
    return NULL;
}

static int64_t integer_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* A handle is unique in its table, and the table's among all that there ever were in the namespace. */
static void take(struct guard_counters *counters, const json_t *objects)
{
    int64_t table = 0;
    size_t i;
    const json_t *object;

    json_array_foreach(objects, i, object)
    {
        const json_t *counter = json_object_get(object, "counter");
        const char *name = json_string_value(json_object_get(counter, "name"));

        if (json_object_get(object, "table"))
            table = integer_of(json_object_get(object, "table"), "handle");
        if (name)
            guard_counters_add(counters, name, integer_of(counter, "packets"), integer_of(counter, "bytes"),
                               (table + 1) << 32 | integer_of(counter, "handle"));
    }
}

int guard_counters_parse(struct guard_counters *counters, struct slice json, struct sonde_error *error)
{
    json_error_t fault;
    json_t *root = json_loadb((const char *)json.data, json.length, 0, &fault);
    const json_t *objects = json_object_get(root, "nftables");
    int code = 0;

    if (json_is_array(objects))
        take(counters, objects);
    else
        code = error_set(error, SONDE_E_FORMAT, "nft's list of the policy's table cannot be understood: %s",
                         root ? "it has no member 'nftables'" : fault.text);
    json_decref(root);
    return code;
}

void guard_counters_deinit(struct guard_counters *counters)
{
    for (size_t i = 0; i < counters->count; i++)
        free(counters->items[i].name);
    free(counters->items);
    *counters = (struct guard_counters){0};
}
