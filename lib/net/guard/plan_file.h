/* SPDX-License-Identifier: MIT */
/* The last plan, kept so that apply can see whether somebody changed the rules since. */
#ifndef SONDE_NET_GUARD_PLAN_FILE_H
#define SONDE_NET_GUARD_PLAN_FILE_H

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

#define PLAN_FILE "plan.json"

/** What a plan was made of. */
struct plan_file {
    uint64_t policy;     /* plan_file_hash of the policy's text */
    uint64_t others;     /* fingerprint_others: of every table but ours */
    uint32_t generation; /* nft_generation */
    int64_t time_s;      /* seconds since 1970 */
};

/** The hash by which a policy is known again. */
uint64_t plan_file_hash(struct slice policy);

/**
 * Keep a plan in place of the last one.
 * @param folder the state folder, made when it is not there
 * @return 0, SONDE_E_PERMISSION or -errno
 */
int plan_file_write(const char *folder, const struct plan_file *plan, struct sonde_error *error);

/**
 * Read the last plan.
 * @return 0; SONDE_E_NOT_FOUND when there is none; SONDE_E_FORMAT; -errno
 */
int plan_file_read(const char *folder, struct plan_file *plan, struct sonde_error *error);

#endif
