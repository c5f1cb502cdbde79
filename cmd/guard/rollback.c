/* SPDX-License-Identifier: MIT */
/* sonde guard rollback: back at once. */
#include <time.h>

#include "cmd/guard/deed.h"
#include "cmd/guard/guard.h"
#include "cmd/guard/ledger.h"

static int run(const struct session *session, const void *config, char **operands, size_t count)
{
    const struct guard_folders folders = {guard_state(), guard_etc()};
    struct guard_done done;
    struct sonde_error error = {0};

    if (guard_rollback(&folders, time(NULL), &done, &error) < 0)
        return complain(&error);
    guard_note_settled("rollback");
    deed_emit(session, &guard_rollback_schema, &done);
    return EXIT_HOLDS;
}

static const struct option_row options[] = {{0}};

static const struct schema *const records[] = {&guard_rollback_schema, NULL};

const struct command command_guard_rollback = {
    .name = "guard rollback",
    .summary = "go back at once to the earlier policy",
    .details =
        "While a policy is on trial: ends the trial, and what was in force before it is in force again. "
        "Otherwise: the policy that was confirmed before the present one is put in force and persisted, "
        "and the present one kept in its place, so that a second rollback undoes the first.",
    .options = options,
    .run = run,
    .records = records,
};
