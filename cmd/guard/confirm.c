/* SPDX-License-Identifier: MIT */
/* sonde guard confirm: the policy on trial becomes the policy. */
#include "cmd/guard/deed.h"
#include "cmd/guard/guard.h"
#include "cmd/guard/ledger.h"

struct config {
    bool here;
};

static int run(const struct session *session, const void *data, char **operands, size_t count)
{
    const struct config *config = data;
    const struct guard_folders folders = {guard_state(), guard_etc()};
    struct guard_done done;
    struct sonde_error error = {0};

    if (guard_confirm(&folders, config->here, &done, &error) < 0)
        return complain(&error);
    guard_note_settled("confirm");
    deed_emit(session, &guard_confirm_schema, &done);
    return EXIT_HOLDS;
}

static const struct option_row options[] = {
    {"here", 0, OPTION_FLAG, offsetof(struct config, here),
     .help = "confirm from the login that applied: for a console, not for ssh"},
    {0},
};

static const struct schema *const records[] = {&guard_confirm_schema, NULL};

const struct command command_guard_confirm = {
    .name = "guard confirm",
    .summary = "make the policy on trial firm, and persist it",
    .details =
        "The policy that `sonde guard apply` put on trial stays in force for good, and /etc/sonde/guard.yaml "
        "and guard.nft hold it for the next boot, which sonde-guard.service loads. Both are written down to "
        "the disk and proved in a network namespace of their own first; if that fails, nothing is changed "
        "and the lease goes on.\n"
        "It must be run from a connection opened after apply: one that stood before may go on where a new "
        "one does not come about. At a serial or local console no new connection can prove anything, and "
        "--here says so; over the ssh connection that applied, it is refused all the same.",
    .options = options,
    .config_size = sizeof(struct config),
    .run = run,
    .records = records,
};
