/* SPDX-License-Identifier: MIT */
/* Our table as it is in the kernel, read from nft's JSON (libnftables-json(5)). */
#include "net/guard/live/table.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "net/guard/live/lease.h"
#include "net/program/nft.h"
#include "policy/target/nft.h"

/* The kinds of things that belong to a slot, in the order in which they can be removed. */
static const struct {
    const char *json, *statement;
} kinds[] = {
    {"chain", "flush chain"}, {"map", "delete map"}, {"set", "delete set"}, {"chain", "delete chain"}};

/* "g7.input" belongs to slot g7; "input" and "v4.8.0.input.over" to none. */
static bool slot_of(const char *name, char slot[SLOT_MAX])
{
    size_t digits = strspn(name + (name[0] == 'g'), "0123456789");

    if (name[0] != 'g' || digits == 0 || digits > 9 || name[1 + digits] != '.')
        return false;
    snprintf(slot, SLOT_MAX, "%.*s", (int)(1 + digits), name);
    return true;
}

/* Where a statement of a rule leads, or "". */
static const char *target_of(const json_t *statement)
{
    const json_t *leap = json_object_get(statement, "goto");

    return json_member(leap ? leap : json_object_get(statement, "jump"), "target");
}

static bool asks_for_lease(const json_t *statement)
{
    return strcmp(json_member(json_object_get(statement, "match"), "right"), "@" LEASE_SET) == 0;
}

/* A rule that leads from a base chain into a slot says which one decides. */
static void take_rule(struct live_table *table, const json_t *rule)
{
    char from[SLOT_MAX], to[SLOT_MAX];
    bool lease = false;
    json_t *statement;
    size_t at;

    if (slot_of(json_member(rule, "chain"), from))
        return;
    json_array_foreach(json_object_get(rule, "expr"), at, statement)
    {
        lease = lease || asks_for_lease(statement);
        if (slot_of(target_of(statement), to))
            snprintf(lease ? table->leased : table->firm, SLOT_MAX, "%s", to);
    }
}

static void take_name(struct live_table *table, const char *name)
{
    char slot[SLOT_MAX];
    unsigned long number = slot_of(name, slot) ? strtoul(slot + 1, NULL, 10) : 0;

    if (number > table->newest)
        table->newest = (unsigned)number;
}

static void take_objects(struct live_table *table)
{
    json_t *object, *body;
    const char *kind;
    size_t at;

    json_array_foreach(json_object_get(table->json, "nftables"), at, object)
    {
        json_object_foreach(object, kind, body)
        {
            if (strcmp(kind, "rule") == 0)
                take_rule(table, body);
            else
                take_name(table, json_member(body, "name"));
        }
    }
}

int live_parse(struct live_table *table, const struct text *said, struct sonde_error *error)
{
    *table = (struct live_table){.json = json_loadb(text_get(said), said->length, 0, NULL)};
    if (!table->json)
        return error_set(error, SONDE_E_FORMAT, "nft says of the table " GUARD_TABLE " what is no JSON");
    table->exists = true;
    take_objects(table);
    return 0;
}

/* The lease first: if it is over then, what nft says next tells whether somebody confirmed or nobody did. */
int live_read(struct live_table *table, struct sonde_error *error)
{
    _cleanup_text_ struct text said = {0};
    int64_t left_ms;
    int code = lease_left(&left_ms);

    *table = (struct live_table){0};
    if (code == -EPERM) {
        error_set(error, SONDE_E_PERMISSION, "the rules of nftables are for root (CAP_NET_ADMIN) only");
        error_hint(error, "Run the same command with sudo");
        return SONDE_E_PERMISSION;
    }
    if (code < 0)
        return error_set(error, code, "cannot read the lease: %s", sonde_error_text(code));
    code = nft_list("table inet " GUARD_TABLE, NFT_JSON, &said, error);
    if (code == SONDE_E_NOT_FOUND)
        return 0;
    if (code == 0)
        code = live_parse(table, &said, error);
    if (code == 0)
        table->left_ms = left_ms;
    return code;
}

void live_deinit(struct live_table *table)
{
    json_decref(table->json);
    *table = (struct live_table){0};
}

bool live_on_trial(const struct live_table *table)
{
    return table->leased[0] && table->left_ms > 0;
}

void live_next_slot(const struct live_table *table, char slot[SLOT_MAX])
{
    snprintf(slot, SLOT_MAX, "g%u", table->newest + 1);
}

struct nft_slot live_slot(const struct live_table *table, const char *name)
{
    struct nft_slot slot = {.name = name};
    char of[SLOT_MAX];
    json_t *object;
    size_t at;

    json_array_foreach(json_object_get(table->json, "nftables"), at, object)
    {
        const char *chain = json_member(json_object_get(object, "chain"), "name");

        if (slot_of(chain, of) && strcmp(of, name) == 0)
            slot.bases |= nft_base_of(chain + strlen(of) + 1);
    }
    return slot;
}

static bool is_kept(const char *slot, const char *const *keep, size_t keep_count)
{
    for (size_t i = 0; i < keep_count; i++)
        if (keep[i] && strcmp(keep[i], slot) == 0)
            return true;
    return false;
}

size_t live_remove_slots(const struct live_table *table, const char *const *keep, size_t keep_count,
                         struct text *text)
{
    size_t count = 0, at;
    json_t *object;

    for (size_t kind = 0; kind < COUNT_OF(kinds); kind++)
        json_array_foreach(json_object_get(table->json, "nftables"), at, object)
        {
            const char *name = json_member(json_object_get(object, kinds[kind].json), "name");
            char slot[SLOT_MAX];

            if (!slot_of(name, slot) || is_kept(slot, keep, keep_count))
                continue;
            text_add(text, "%s inet " GUARD_TABLE " %s\n", kinds[kind].statement, name);
            count += strncmp(kinds[kind].statement, "delete", 6) == 0;
        }
    return count;
}
