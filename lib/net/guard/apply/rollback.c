/* SPDX-License-Identifier: MIT */
/* Back at once: to the policy before the trial, or to the one before the present one. */
#include <string.h>

#include "base/macro.h"
#include "net/guard/apply/early.h"
#include "net/guard/apply/folder.h"
#include "net/guard/apply/lock.h"
#include "net/guard/apply/persist.h"
#include "net/guard/apply/steps.h"
#include "net/program/nft.h"
#include "policy/read.h"
#include "policy/target/nft.h"

static void note(struct guard_done *done, enum guard_deed deed, const char *slot, const char *before)
{
    *done = (struct guard_done){.deed = deed};
    memcpy(done->slot, slot, strlen(slot) + 1);
    memcpy(done->before, before, strlen(before) + 1);
}

/* A trial that is noted; the kernel may have ended it already. */
static int end_trial(const struct guard_folders *folders, const struct live_table *table,
                     const struct trial *trial, struct guard_done *done, struct sonde_error *error)
{
    bool runs = live_on_trial(table);
    int code;

    note(done, runs ? DEED_TRIAL_ENDED : DEED_TRIAL_WAS_OVER, table->firm, runs ? trial->slot : table->firm);
    code = steps_withdraw(folders, trial, error);
    if (code == 0) /* somebody took the table away */
        trial_forget(folders->state);
    return code < 0 ? code : 0;
}

/* There was no policy before: the table goes, and with it what was counted. */
static int take_away(const struct guard_folders *folders, const struct live_table *table,
                     struct guard_done *done, struct sonde_error *error)
{
    int code = persist_nothing(folders->etc, error);

    if (code == 0 && table->exists)
        code = nft_load("delete table inet " GUARD_TABLE "\n", error);
    note(done, DEED_NOTHING, "", table->firm);
    return code;
}

/* What is loaded first must be there before it can be proved, so it waits beside the present slot. */
static int change_to(const struct guard_folders *folders, const struct persist *persist,
                     struct guard_done *done, struct sonde_error *error)
{
    _cleanup_live_ struct live_table table = {0}, both = {0};
    _cleanup_text_ struct text rules = {0};
    struct nft_slot firm;
    char slot[SLOT_MAX];
    unsigned bases;
    int code = live_read(&table, error);

    live_next_slot(&table, slot);
    note(done, DEED_PREVIOUS, slot, table.firm);
    bases = nft_add_slot(&rules, persist->policy, slot, persist->now_s);
    firm = live_slot(&table, table.firm);
    nft_add_dispatch(&rules, &firm, bases);
    if (code == 0)
        code = nft_load(text_get(&rules), error);
    if (code == 0)
        code = live_read(&both, error);
    if (code == 0)
        code = persist_prepare(persist, &both, slot, error);
    if (code == 0)
        code = steps_make_firm(&both, slot, NULL, error);
    if (code == 0)
        return persist_commit(folders->etc, error);
    persist_discard(folders->etc);
    if (both.exists) /* the slot that came to nothing */
        steps_make_firm(&both, table.firm, NULL, NULL);
    return code;
}

static int go_back(const struct guard_folders *folders, const char *name, int64_t now_s,
                   struct guard_done *done, struct sonde_error *error)
{
    _cleanup_text_ struct text text = {0};
    struct policy policy = {0};
    struct policy_problems problems = {0};
    const struct persist persist = {folders->etc, &text, &policy, now_s};
    int code = folder_read(folders->etc, name, &text, error);

    if (code == 0)
        code = policy_read(slice_of(text.data, text.length), name, &policy, &problems, error);
    if (code == 0)
        code = change_to(folders, &persist, done, error);
    policy_deinit(&policy);
    return code;
}

/* Which file holds the policy before the present one, which may be firm without being persisted; NULL: none.
 */
static const char *file_before(const struct guard_folders *folders, const struct trial *unpersisted)
{
    _cleanup_text_ struct text text = {0};

    if (unpersisted && folder_read(folders->etc, PERSIST_POLICY, &text, NULL) == 0 &&
        strcmp(text_get(&text), text_get(&unpersisted->policy)) != 0)
        return PERSIST_POLICY;
    return folder_has(folders->etc, PERSIST_PREVIOUS) ? PERSIST_PREVIOUS : NULL;
}

static int rollback_firm(const struct guard_folders *folders, const struct trial *unpersisted,
                         const struct live_table *table, int64_t now_s, struct guard_done *done,
                         struct sonde_error *error)
{
    const char *file = file_before(folders, unpersisted);
    int code;

    if (file)
        code = go_back(folders, file, now_s, done, error);
    else if (unpersisted || folder_has(folders->etc, PERSIST_POLICY))
        code = take_away(folders, table, done, error);
    else
        return error_set(error, SONDE_E_NOT_FOUND,
                         "there is nothing to go back to: no policy is on trial or persisted");
    if (code == 0)
        trial_forget(folders->state);
    if (code == 0) /* it follows the policy that is no more */
        early_remove();
    return code;
}

static int rollback_locked(const struct guard_folders *folders, int64_t now_s, struct guard_done *done,
                           struct sonde_error *error)
{
    _cleanup_trial_ struct trial trial = {0};
    _cleanup_live_ struct live_table table = {0};
    int code = live_read(&table, error), noted;

    if (code < 0)
        return code;
    noted = trial_load(&trial, folders->state, error);
    if (noted < 0 && noted != SONDE_E_NOT_FOUND)
        return noted;
    if (noted == 0 && strcmp(table.firm, trial.slot) != 0)
        return end_trial(folders, &table, &trial, done, error);
    return rollback_firm(folders, noted == 0 ? &trial : NULL, &table, now_s, done, error);
}

int guard_rollback(const struct guard_folders *folders, int64_t now_s, struct guard_done *done,
                   struct sonde_error *error)
{
    int lock = lock_take(folders->state, STEPS_PATIENCE_NS, error), code;

    if (lock < 0)
        return lock;
    code = rollback_locked(folders, now_s, done, error);
    lock_release(lock);
    return code;
}
