/* SPDX-License-Identifier: MIT */
/* Rules of nftables, loaded by the nft command as a child in the caller's network namespace. */
#include "net/lab/filter.h"

#include "base/text.h"
#include "net/program/nft.h"

/* A fault that this machine's nft cannot build leaves the question open. */
static int load(const char *rules, struct sonde_error *error)
{
    int result = nft_load(rules, error);

    if (result == SONDE_E_FORMAT && error)
        error->code = SONDE_E_UNSUPPORTED;
    return result == SONDE_E_FORMAT ? SONDE_E_UNSUPPORTED : result;
}

int filter_add(const char *hook, const char *rule, struct sonde_error *error)
{
    _cleanup_text_ struct text script = {0};

    text_add(&script, "add table inet lab\n");
    text_add(&script, "add chain inet lab %s { type filter hook %s priority 0; }\n", hook, hook);
    text_add(&script, "add rule inet lab %s %s\n", hook, rule);
    return load(text_get(&script), error);
}

int filter_add_nat(const char *rule, struct sonde_error *error)
{
    _cleanup_text_ struct text script = {0};

    text_add(&script, "add table inet lab\n");
    text_add(&script, "add chain inet lab nat { type nat hook prerouting priority -100; }\n");
    text_add(&script, "add rule inet lab nat %s\n", rule);
    return load(text_get(&script), error);
}
