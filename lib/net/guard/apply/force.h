/* SPDX-License-Identifier: MIT */
/* Putting a policy in force under a lease of the kernel, making it firm, and going back. */
#ifndef SONDE_NET_GUARD_APPLY_FORCE_H
#define SONDE_NET_GUARD_APPLY_FORCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "net/guard/apply/trial.h"
#include "policy/policy.h"

/** Where the guard keeps things. */
struct guard_folders {
    const char *state; /* the lock, and the policy on trial: /var/lib/sonde/guard */
    const char *etc;   /* what the next boot finds: /etc/sonde */
};

/** What to put in force. */
struct guard_order {
    struct guard_folders folders;
    const struct policy *policy;
    const struct text *text; /* of the policy */
    const char *file;        /* its name */
    int64_t lease_ms;
    int64_t now_s;            /* seconds since 1970 */
    bool absent_interfaces;   /* those that the policy names need not be there */
    const char *const *early; /* interfaces where an XDP filter drops early what needs no state */
    size_t early_count;
    const uint64_t *planned_others; /* fingerprint of the other tables when this was planned; NULL: no plan */
};

/** What becomes of a trial. */
enum trial_fate {
    TRIAL_RUNS,      /* the lease lasts */
    TRIAL_CONFIRMED, /* the policy is firm */
    TRIAL_ENDED,     /* the lease is over: the earlier policy is back */
    TRIAL_WITHDRAWN, /* somebody rolled back: the same */
};

/** What confirm and rollback did. */
enum guard_deed {
    DEED_CONFIRMED,      /* the policy on trial is firm and persisted */
    DEED_PERSISTED,      /* it was firm already, and is persisted now */
    DEED_TRIAL_ENDED,    /* the policy that was in force before the trial is back */
    DEED_TRIAL_WAS_OVER, /* it had been back already */
    DEED_PREVIOUS,       /* the policy persisted before the present one is in force and persisted */
    DEED_NOTHING,        /* there was none before: none is in force, all passes */
};

/** A deed and what it was done to. */
struct guard_done {
    enum guard_deed deed;
    char slot[SLOT_MAX], before[SLOT_MAX]; /* in force now, and before; empty: none */
};

/**
 * Put a policy in force for as long as the lease lasts, in one transaction; the earlier one stays loaded and
 * is back when the lease ends, without any process.
 * @param trial zero-initialised; filled, also with what did not come about
 * @return 0; SONDE_E_BUSY when another guard is at work, a policy is on trial already, or somebody changed
 * other rules since they were planned with; SONDE_E_NOT_FOUND when the policy names an interface that is not
 * there; SONDE_E_PERMISSION; SONDE_E_UNSUPPORTED without nft;
 * SONDE_E_FORMAT when the kernel refuses the rules; -errno. After an error the rules are as before.
 */
int guard_put(const struct guard_order *order, struct trial *trial, struct sonde_error *error);

/**
 * Look what has become of a trial.
 * @param left_ms of the lease
 * @return 0; else as nft_list
 */
int guard_look(const struct trial *trial, enum trial_fate *fate, int64_t *left_ms, struct sonde_error *error);

/**
 * End a trial: at once the earlier policy is back, and the one on trial is removed.
 * @return 1; 0 when it is no more on trial, and nothing was done; SONDE_E_BUSY; else as nft_load
 */
int guard_withdraw(const struct guard_folders *folders, const struct trial *trial, struct sonde_error *error);

/**
 * Make the policy on trial firm, and persist it. Nothing is done unless it can be persisted: the lease then
 * goes on, and may be confirmed when there is room on the disk.
 * @param here the caller cannot open another connection: he sits at a console
 * @return 0; SONDE_E_NOT_FOUND when no policy is on trial; SONDE_E_BUSY from the connection that applied it;
 * SONDE_E_PERMISSION; -errno (-ENOSPC)
 */
int guard_confirm(const struct guard_folders *folders, bool here, struct guard_done *done,
                  struct sonde_error *error);

/**
 * Go back at once: to the policy before the trial, or, when none is on trial, to the one that was persisted
 * before the present one; a second time this undoes the first.
 * @return 0; SONDE_E_NOT_FOUND when there is nothing to go back to; as guard_confirm
 */
int guard_rollback(const struct guard_folders *folders, int64_t now_s, struct guard_done *done,
                   struct sonde_error *error);

#endif
