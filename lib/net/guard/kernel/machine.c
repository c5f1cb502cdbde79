/* SPDX-License-Identifier: MIT */
/* This machine's own rules: nft writes its tables, iptables-save those that only iptables understands. */
#include "net/guard/kernel/machine.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/json.h"
#include "base/macro.h"
#include "net/program/nft.h"
#include "net/server/host.h"
#include "policy/target/nft.h"

/* The tables that iptables makes (xtables, nft_shared.h). */
static bool is_builtin(const char *table)
{
    static const char *const names[] = {"filter", "nat", "mangle", "raw", "security"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!strcmp(names[i], table))
            return true;
    return false;
}

static bool has_foreign_part(const json_t *rule)
{
    const json_t *expression;
    size_t i;

    json_array_foreach(json_object_get(rule, "expr"), i,
                       expression) if (json_object_get(expression, "xt")) return true;
    return false;
}

/* Whether a family has rules that nft cannot write: then all of iptables' tables are read by iptables-save.
 */
static bool uses_iptables(const json_t *list, const char *family)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        const json_t *rule = json_object_get(item, "rule");

        if (rule && !strcmp(json_member(rule, "family"), family) && is_builtin(json_member(rule, "table")) &&
            has_foreign_part(rule))
            return true;
    }
    return false;
}

static bool is_ours(const char *family, const char *table)
{
    return !strcmp(table, GUARD_TABLE) && !strcmp(family, "inet");
}

static int read_table(struct machine *machine, const char *family, const char *table,
                      struct sonde_error *error)
{
    _cleanup_free_ char *what = text_format("table %s %s", family, table);

    return nft_list(what, NFT_FILE, is_ours(family, table) ? &machine->own : &machine->nft, error);
}

static int save(struct machine *machine, enum iptables which, struct sonde_error *error)
{
    return iptables_save(which, &machine->iptables[which], error);
}

static int read_tables(struct machine *machine, const json_t *list, struct sonde_error *error)
{
    bool foreign4 = uses_iptables(list, "ip"), foreign6 = uses_iptables(list, "ip6");
    const json_t *item;
    int result = 0;
    size_t i;

    json_array_foreach(list, i, item)
    {
        const json_t *table = json_object_get(item, "table");
        const char *family = json_member(table, "family");

        if (!table || result < 0)
            continue;
        if (is_builtin(json_member(table, "name")) &&
            ((foreign4 && !strcmp(family, "ip")) || (foreign6 && !strcmp(family, "ip6"))))
            continue;
        result = read_table(machine, family, json_member(table, "name"), error);
    }
    if (result == 0 && foreign4)
        result = save(machine, IPTABLES_4, error);
    if (result == 0 && foreign6)
        result = save(machine, IPTABLES_6, error);
    return result;
}

static int read_legacy(struct machine *machine, struct sonde_error *error)
{
    int result = 0;

    for (int which = IPTABLES_LEGACY_4; which < IPTABLES_COUNT && result == 0; which++)
        if (iptables_has_tables((enum iptables)which))
            result = save(machine, (enum iptables)which, error);
    return result;
}

static void read_names(struct machine *machine, const struct host *host)
{
    const char *first = NULL;

    for (size_t i = 0; i < host->interface_count && machine->interface_count < SCRATCH_INTERFACES_MAX; i++) {
        const struct host_interface *interface = &host->interfaces[i];
        char *name = machine->names[machine->interface_count];

        if (interface->loopback)
            continue;
        snprintf(name, sizeof(machine->names[0]), "%s", interface->name);
        machine->interfaces[machine->interface_count++] = name;
        if (!machine->uplink && interface->default_route4)
            machine->uplink = name;
        if (!first && interface->up)
            first = name;
    }
    if (!machine->uplink)
        machine->uplink = first ? first : machine->interfaces[0];
    for (size_t i = 0; i < machine->interface_count && !machine->other; i++)
        if (machine->interfaces[i] != machine->uplink)
            machine->other = machine->interfaces[i];
}

int machine_read_interfaces(struct machine *machine)
{
    struct host host = {0};
    int result = host_read_here(&host);

    if (result == 0)
        read_names(machine, &host);
    host_deinit(&host);
    return result;
}

int machine_read(struct machine *machine, struct sonde_error *error)
{
    _cleanup_text_ struct text json = {0};
    json_t *root;
    int result = nft_list("ruleset", NFT_JSON, &json, error);

    if (result < 0)
        return result;
    root = json_loads(text_get(&json), 0, NULL);
    if (!root)
        return error_set(error, SONDE_E_FORMAT, "nft's list of rules is no JSON");
    result = read_tables(machine, json_object_get(root, "nftables"), error);
    json_decref(root);
    if (result == 0)
        result = read_legacy(machine, error);
    if (result == 0)
        result = machine_read_interfaces(machine);
    return result;
}

bool machine_is_open(const struct machine *machine)
{
    size_t octets = machine->nft.length + machine->own.length;

    for (int which = 0; which < IPTABLES_COUNT; which++)
        octets += machine->iptables[which].length;
    return octets == 0;
}

void machine_deinit(struct machine *machine)
{
    text_deinit(&machine->nft);
    text_deinit(&machine->own);
    for (int which = 0; which < IPTABLES_COUNT; which++)
        text_deinit(&machine->iptables[which]);
    memset(machine, 0, sizeof(*machine));
}
