/* SPDX-License-Identifier: MIT */
/* The steps of confirm and rollback, for whoever holds the lock. */
#ifndef SONDE_NET_GUARD_APPLY_STEPS_H
#define SONDE_NET_GUARD_APPLY_STEPS_H

#include "net/guard/apply/force.h"

/** How long confirm and rollback wait for an apply that is loading. */
#define STEPS_PATIENCE_NS (2 * NS_PER_S)

/**
 * Make a slot decide alone, and remove the others, in one transaction.
 * @param slot empty: none, all passes
 * @param more statements to run before, or NULL
 * @return as nft_load
 */
int steps_make_firm(const struct live_table *table, const char *slot, const char *more,
                    struct sonde_error *error);

/** End a trial as guard_withdraw does, for whoever holds the lock. @return as that */
int steps_withdraw(const struct guard_folders *folders, const struct trial *trial, struct sonde_error *error);

#endif
