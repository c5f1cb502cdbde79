/* SPDX-License-Identifier: MIT */
/* The ledger among the guard's files, for every action that has something to write down. */
#ifndef SONDE_CMD_GUARD_LEDGER_H
#define SONDE_CMD_GUARD_LEDGER_H

#include <stdbool.h>

#include "store/ledger.h"

/** Open the ledger of the guard's state folder. @return as ledger_open */
struct ledger *guard_ledger(bool write, struct sonde_error *error);

/**
 * Write down that something happened: "apply", "rollback".
 * @param text one line about it
 * @return 0 or an error, which is no reason to undo what happened
 */
int guard_remember(const char *kind, const char *text, struct sonde_error *error);

/**
 * Write down that the policy that the kernel has now was confirmed, and by whom: what differs from it later is
 * drift.
 * @return 0 or an error
 */
int guard_remember_confirmed(struct sonde_error *error);

#endif
