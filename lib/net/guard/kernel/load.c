/* SPDX-License-Identifier: MIT */
/* Rules of every kind of firewall, loaded by their own programs, whose complaints are passed on. */
#include "net/guard/kernel/load.h"

#include <string.h>

#include "base/text.h"
#include "net/program/child.h"
#include "net/program/nft.h"

static const int64_t patience_ns = 60 * NS_PER_S;

static const char *const nft4[] = {"/usr/sbin/iptables-nft-restore", "/sbin/iptables-nft-restore",
                                   "/usr/sbin/iptables-restore", NULL};
static const char *const nft6[] = {"/usr/sbin/ip6tables-nft-restore", "/sbin/ip6tables-nft-restore",
                                   "/usr/sbin/ip6tables-restore", NULL};
static const char *const legacy4[] = {"/usr/sbin/iptables-legacy-restore", "/sbin/iptables-legacy-restore",
                                      NULL};
static const char *const legacy6[] = {"/usr/sbin/ip6tables-legacy-restore", "/sbin/ip6tables-legacy-restore",
                                      NULL};

static int restore(const char *const *programs, const char *name, const char *rules,
                   struct sonde_error *error)
{
    const char *const arguments[] = {name, NULL};
    const struct child child = {programs, arguments, slice_of(rules, strlen(rules)), patience_ns};
    _cleanup_text_ struct text complaints = {0};
    int status = child_run(&child, NULL, &complaints, error);

    if (status > 0)
        return error_set(error, SONDE_E_FORMAT, "%s refused the rules: %.*s", name,
                         (int)strcspn(text_get(&complaints), "\n"), text_get(&complaints));
    return status;
}

int load_rules(const struct rehearsal *rehearsal, struct sonde_error *error)
{
    const struct {
        const char *rules;
        const char *const *programs;
        const char *name;
    } foreign[] = {{rehearsal->iptables_legacy, legacy4, "iptables-legacy-restore"},
                   {rehearsal->ip6tables_legacy, legacy6, "ip6tables-legacy-restore"},
                   {rehearsal->iptables, nft4, "iptables-restore"},
                   {rehearsal->ip6tables, nft6, "ip6tables-restore"}};
    int result = 0;

    for (size_t i = 0; i < COUNT_OF(foreign) && result == 0; i++)
        if (foreign[i].rules)
            result = restore(foreign[i].programs, foreign[i].name, foreign[i].rules, error);
    for (const char *const *rules = rehearsal->rules; rules && *rules && result == 0; rules++)
        result = nft_load(*rules, error);
    return result;
}
