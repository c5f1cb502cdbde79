/* SPDX-License-Identifier: MIT */
/* The actions of sonde guard, a file each, and what they share. */
#ifndef SONDE_CMD_GUARD_GUARD_H
#define SONDE_CMD_GUARD_GUARD_H

#include "cmd/command.h"
#include "policy/policy.h"

extern const struct command command_guard_init, command_guard_show, command_guard_lint, command_guard_plan,
    command_guard_rehearse, command_guard_apply, command_guard_confirm, command_guard_rollback,
    command_guard_review, command_guard_trace, command_guard_explain, command_guard_export;

/** Where the guard keeps what it knows, and what the boot loads; $SONDE_GUARD_STATE and $SONDE_GUARD_ETC say
 * otherwise. */
#define GUARD_STATE "/var/lib/sonde/guard"
#define GUARD_ETC   "/etc/sonde"

/** The state folder. */
const char *guard_state(void);

/** The folder of guard.yaml and guard.nft. */
const char *guard_etc(void);

/**
 * Read a policy file and complain about each problem in it.
 * @param path "-" is standard input
 * @param policy zero-initialised; freed by the caller also after an error
 * @return 0 or an exit code
 */
int guard_load_policy(const char *path, struct policy *policy);

#endif
