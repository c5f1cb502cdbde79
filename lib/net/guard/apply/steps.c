/* SPDX-License-Identifier: MIT */
/* One slot decides alone: what confirm and rollback have in common. */
#include "net/guard/apply/steps.h"

#include <string.h>

#include "net/guard/apply/early.h"
#include "net/program/nft.h"
#include "policy/target/nft.h"

int steps_make_firm(const struct live_table *table, const char *slot, const char *more,
                    struct sonde_error *error)
{
    _cleanup_text_ struct text rules = {0};
    const struct nft_slot firm = live_slot(table, slot);
    const char *keep[] = {slot};

    text_add(&rules, "%s", more ? more : "");
    nft_add_dispatch(&rules, &firm, 0);
    live_remove_slots(table, keep, COUNT_OF(keep), &rules);
    return nft_load(text_get(&rules), error);
}

int steps_withdraw(const struct guard_folders *folders, const struct trial *trial, struct sonde_error *error)
{
    _cleanup_live_ struct live_table table = {0};
    bool leased;
    int code = live_read(&table, error);

    if (code < 0)
        return code;
    leased = strcmp(table.leased, trial->slot) == 0;
    if (leased && table.firm[0])
        code = steps_make_firm(&table, table.firm, NULL, error);
    else if (leased) /* there was none before */
        code = nft_load("delete table inet " GUARD_TABLE "\n", error);
    if (code == 0 && strcmp(table.firm, trial->slot) != 0)
        trial_forget(folders->state);
    if (code == 0 && leased)
        early_withdraw();
    return code < 0 ? code : leased;
}
