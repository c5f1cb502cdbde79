/* SPDX-License-Identifier: MIT */
/* The ledger among the guard's files, for every action that has something to write down. */
#ifndef SONDE_CMD_GUARD_LEDGER_H
#define SONDE_CMD_GUARD_LEDGER_H

#include <stdbool.h>

#include "store/ledger.h"

/** Open the ledger of the guard's state folder. @return as ledger_open */
struct ledger *guard_ledger(bool write, struct sonde_error *error);

/** Write down that something happened. What cannot be written is complained about, no more: it is no reason
 * to undo what happened. @param kind "apply", "drift" @param text one line about it */
void guard_note(const char *kind, const char *text);

/** Write down that the kernel's table is as somebody wants it, and who that is: what differs later is drift.
 * Complains as guard_note. @param kind "confirm", "rollback" */
void guard_note_settled(const char *kind);

#endif
