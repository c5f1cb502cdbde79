/* SPDX-License-Identifier: MIT */
/* The languages that a policy can be compiled to. */
#include <string.h>

#include "base/macro.h"
#include "policy/target/languages.h"

static const struct policy_target targets[] = {
    {"nft", nft_render}, {"iptables", iptables_render}, {"ip6tables", ip6tables_render},
    {"pf", pf_render},   {"json", json_render},
};

const struct policy_target *policy_target_row(size_t index)
{
    return index < COUNT_OF(targets) ? &targets[index] : NULL;
}

const struct policy_target *policy_target_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(targets); i++)
        if (strcmp(targets[i].name, name) == 0)
            return &targets[i];
    return NULL;
}
