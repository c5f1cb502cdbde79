/* SPDX-License-Identifier: MIT */
/* Listing and loading the rules of iptables through its own commands. */
#include "net/program/iptables.h"

#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "net/program/child.h"

static const int64_t patience_ns = 60 * NS_PER_S; /* as nft.c */

/* A command, and where it may be. */
struct command {
    const char *name, *paths[4];
};

#define COMMAND(name)                                                                                        \
    {                                                                                                        \
        name,                                                                                                \
        {                                                                                                    \
            "/usr/sbin/" name, "/sbin/" name, NULL                                                           \
        }                                                                                                    \
    }
/* Where the command of nf_tables has no name of its own, the plain one is it. */
#define COMMAND_OR(name, plain)                                                                              \
    {                                                                                                        \
        name,                                                                                                \
        {                                                                                                    \
            "/usr/sbin/" name, "/sbin/" name, "/usr/sbin/" plain, NULL                                       \
        }                                                                                                    \
    }

static const struct backend {
    struct command save, restore;
    const char *tables; /* a file that lists them; NULL: there are always some */
} backends[IPTABLES_COUNT] = {
    [IPTABLES_4] = {COMMAND_OR("iptables-nft-save", "iptables-save"),
                    COMMAND_OR("iptables-nft-restore", "iptables-restore"), NULL},
    [IPTABLES_6] = {COMMAND_OR("ip6tables-nft-save", "ip6tables-save"),
                    COMMAND_OR("ip6tables-nft-restore", "ip6tables-restore"), NULL},
    [IPTABLES_LEGACY_4] = {COMMAND("iptables-legacy-save"), COMMAND("iptables-legacy-restore"),
                           "/proc/thread-self/net/ip_tables_names"},
    [IPTABLES_LEGACY_6] = {COMMAND("ip6tables-legacy-save"), COMMAND("ip6tables-legacy-restore"),
                           "/proc/thread-self/net/ip6_tables_names"},
};

/* @return as child_run; `complaints` is cut to its first line */
static int run(const struct command *command, const char *argument, const char *input, struct text *output,
               struct text *complaints, struct sonde_error *error)
{
    const char *const arguments[] = {command->name, argument, NULL};
    const struct child child = {command->paths, arguments, slice_of(input, strlen(input)), patience_ns};
    int status = child_run(&child, output, complaints, error);

    if (complaints->data)
        complaints->data[strcspn(complaints->data, "\n")] = '\0';
    return status;
}

bool iptables_has_tables(enum iptables which)
{
    const char *path = backends[which].tables;
    FILE *file = path ? fopen(path, "re") : NULL;
    bool any = !path || (file && fgetc(file) != EOF);

    if (file)
        fclose(file);
    return any;
}

int iptables_save(enum iptables which, struct text *rules, struct sonde_error *error)
{
    const struct command *command = &backends[which].save;
    _cleanup_text_ struct text complaints = {0};
    int status = run(command, "-c", "", rules, &complaints, error);

    if (status > 0)
        return error_set(error, SONDE_E_UNSUPPORTED, "%s could not list the rules: %s", command->name,
                         complaints.length > 0 ? complaints.data : "it does not say why");
    return status;
}

int iptables_restore(enum iptables which, const char *rules, struct sonde_error *error)
{
    const struct command *command = &backends[which].restore;
    _cleanup_text_ struct text complaints = {0};
    int status = run(command, NULL, rules, NULL, &complaints, error);

    if (status > 0)
        return error_set(error, SONDE_E_FORMAT, "%s refused the rules: %s", command->name,
                         text_get(&complaints));
    return status;
}
