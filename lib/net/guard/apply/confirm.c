/* SPDX-License-Identifier: MIT */
/* The policy on trial becomes the policy: first on the disk, then in the kernel, then for the next boot. */
#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "net/guard/apply/early.h"
#include "net/guard/apply/lock.h"
#include "net/guard/apply/persist.h"
#include "net/guard/apply/steps.h"
#include "net/guard/live/lease.h"
#include "policy/read.h"
#include "policy/target/nft.h"

/* Deleting an element that has expired fails, and with it the transaction: a lease that ends meanwhile
 * decides, not we. */
static const char end_of_lease[] = "delete element inet " GUARD_TABLE " " LEASE_SET " { icmp, ipv6-icmp }\n";

static int refuse_none(struct sonde_error *error)
{
    error_set(error, SONDE_E_NOT_FOUND, "no policy is on trial");
    error_hint(error, "Run first: sonde guard apply FILE");
    return SONDE_E_NOT_FOUND;
}

static int refuse_over(struct sonde_error *error)
{
    error_set(error, SONDE_E_NOT_FOUND, "the lease has ended: the earlier policy is in force again");
    error_hint(error, "Run once more: sonde guard apply FILE");
    return SONDE_E_NOT_FOUND;
}

/* A connection that stands may go on where a new one does not come about; whoever confirms from it has not
 * seen that. At a console there is no other connection, and none that can be cut. */
static int check_session(const struct trial *trial, bool here, struct sonde_error *error)
{
    struct session_of session;

    session_read(&session);
    if (!session_same(&session, &trial->session))
        return 0;
    if (session.ssh[0]) {
        error_set(error, SONDE_E_BUSY,
                  "this is the connection that the policy was applied from: it proves nothing of new ones");
        error_hint(error, "Open another one and run there: sonde guard confirm");
        return SONDE_E_BUSY;
    }
    if (here)
        return 0;
    error_set(error, SONDE_E_BUSY, "this is the login that the policy was applied from");
    error_hint(error, "Log in anew over the network and run there: sonde guard confirm; at a console that "
                      "needs no network: sonde guard confirm --here");
    return SONDE_E_BUSY;
}

static int prepare(const struct guard_folders *folders, const struct trial *trial,
                   const struct live_table *table, struct sonde_error *error)
{
    struct policy policy = {0};
    struct policy_problems problems = {0};
    const struct persist persist = {folders->etc, &trial->policy, &policy, trial->applied_s};
    int code = policy_read(slice_of(trial->policy.data, trial->policy.length), trial->file, &policy,
                           &problems, error);

    if (code == 0)
        code = persist_prepare(&persist, table, trial->slot, error);
    policy_deinit(&policy);
    return code;
}

static int finish(const struct guard_folders *folders, struct sonde_error *error)
{
    int code = persist_commit(folders->etc, error);

    if (code == 0)
        code = early_keep(error);
    if (code == 0)
        trial_forget(folders->state);
    else
        error_hint(error,
                   "The policy is in force, but the next boot does not know it: make room and run once "
                   "more: sonde guard confirm");
    return code;
}

/* The lease lasts, or the policy is firm but could not be persisted last time. */
static int confirm_known(const struct guard_folders *folders, const struct trial *trial,
                         const struct live_table *table, struct guard_done *done, struct sonde_error *error)
{
    bool firm = strcmp(table->firm, trial->slot) == 0;
    int code = prepare(folders, trial, table, error);

    if (code < 0) {
        if (error && !error->hint[0])
            error_hint(error, firm ? "The policy stays in force, but the next boot does not know it"
                                   : "Nothing was changed: the lease goes on, and the earlier policy is back "
                                     "when it ends");
        return code;
    }
    if (!firm)
        code = steps_make_firm(table, trial->slot, end_of_lease, error);
    if (code < 0) {
        persist_discard(folders->etc);
        return lease_is_over() ? refuse_over(error) : code;
    }
    *done = (struct guard_done){.deed = firm ? DEED_PERSISTED : DEED_CONFIRMED};
    memcpy(done->slot, trial->slot, sizeof(done->slot));
    memcpy(done->before, trial->old, sizeof(done->before));
    return finish(folders, error);
}

static int confirm_locked(const struct guard_folders *folders, bool here, struct guard_done *done,
                          struct sonde_error *error)
{
    _cleanup_trial_ struct trial trial = {0};
    _cleanup_live_ struct live_table table = {0};
    int code = live_read(&table, error);

    if (code == 0)
        code = trial_load(&trial, folders->state, error);
    if (code == SONDE_E_NOT_FOUND)
        return refuse_none(error);
    if (code < 0)
        return code;
    if (strcmp(table.firm, trial.slot) != 0 &&
        !(live_on_trial(&table) && strcmp(table.leased, trial.slot) == 0)) {
        steps_withdraw(folders, &trial, NULL);
        return refuse_over(error);
    }
    code = check_session(&trial, here, error);
    return code == 0 ? confirm_known(folders, &trial, &table, done, error) : code;
}

int guard_confirm(const struct guard_folders *folders, bool here, struct guard_done *done,
                  struct sonde_error *error)
{
    int lock = lock_take(folders->state, STEPS_PATIENCE_NS, error), code;

    if (lock < 0)
        return lock;
    code = confirm_locked(folders, here, done, error);
    lock_release(lock);
    return code;
}
