/* SPDX-License-Identifier: MIT */
/* The policy that the next boot finds: guard.yaml, guard.nft, and guard.yaml.previous before it. */
#ifndef SONDE_NET_GUARD_APPLY_PERSIST_H
#define SONDE_NET_GUARD_APPLY_PERSIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "net/guard/live/table.h"
#include "policy/policy.h"

#define PERSIST_POLICY   "guard.yaml"
#define PERSIST_RULES    "guard.nft"
#define PERSIST_PREVIOUS "guard.yaml.previous"

/** A policy to persist. */
struct persist {
    const char *folder;
    const struct text *text;     /* of the policy */
    const struct policy *policy; /* the same, read */
    int64_t now_s;               /* when it was compiled: seconds since 1970 */
};

/**
 * Write both files beside the present ones, down to the disk, and prove the rules: what is read back is
 * loaded elsewhere and compared with the slot. Nothing else changes; nothing is left after an error.
 * @return 0 or an error that says which step failed
 */
int persist_prepare(const struct persist *persist, const struct live_table *live, const char *slot,
                    struct sonde_error *error);

/** Put the prepared files in force, the present policy becoming the previous one. @return 0 or -errno */
int persist_commit(const char *folder, struct sonde_error *error);

/** Forget prepared files. */
void persist_discard(const char *folder);

/** Persist that there is no policy; the present one becomes the previous one. @return 0 or -errno */
int persist_nothing(const char *folder, struct sonde_error *error);

#endif
