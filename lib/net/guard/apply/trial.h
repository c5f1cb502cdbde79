/* SPDX-License-Identifier: MIT */
/* What is known of the policy on trial besides what the kernel knows: kept in the state folder. */
#ifndef SONDE_NET_GUARD_APPLY_TRIAL_H
#define SONDE_NET_GUARD_APPLY_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "net/guard/apply/session.h"
#include "net/guard/live/table.h"

/** A trial; zero-initialise. */
struct trial {
    char slot[SLOT_MAX], old[SLOT_MAX]; /* old empty: there was no policy */
    char *file;                         /* where the policy came from */
    struct text policy;                 /* its text */
    int64_t applied_s;                  /* seconds since 1970 */
    int64_t lease_ms;
    int process; /* of apply */
    struct session_of session;
    char boot[40]; /* boot_id, as nothing of it survives a boot */
};

/** Fill in what this process and machine say: session, process, boot. */
void trial_begin(struct trial *trial);

/** Write it down, durably. @return 0 or -errno; nothing is left after an error */
int trial_save(const struct trial *trial, const char *folder, struct sonde_error *error);

/**
 * Read it.
 * @return 0; SONDE_E_NOT_FOUND when there is none since the machine started; SONDE_E_FORMAT; -errno
 */
int trial_load(struct trial *trial, const char *folder, struct sonde_error *error);

/** Forget it. */
void trial_forget(const char *folder);

/** Free it. */
void trial_deinit(struct trial *trial);

#define _cleanup_trial_ CLEANUP(trial_deinit)

#endif
