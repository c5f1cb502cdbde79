/* SPDX-License-Identifier: MIT */
/* sonde guard apply: a policy in force, for as long as it is not confirmed only under a lease. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/front/interrupt.h"
#include "cmd/guard/guard.h"
#include "cmd/guard/wait.h"
#include "net/guard/apply/folder.h"
#include "net/guard/apply/force.h"
#include "policy/read.h"

struct config {
    int64_t lease_ns;
    struct option_texts probes;
};

/* The record sonde.guard.apply/1. */
struct applied {
    const char *said, *outcome, *file, *slot, *before, *red;
    int64_t lease_ns;
};

static const struct field fields[] = {
    {"said", FIELD_TEXT, offsetof(struct applied, said), .doc = "What became of it, one sentence",
     .style = STYLE_HEADLINE},
    {"outcome", FIELD_TEXT, offsetof(struct applied, outcome),
     .doc = "confirmed, lease-ended, withdrawn, probe-red or left", .style = STYLE_HIDDEN},
    {"file", FIELD_TEXT, offsetof(struct applied, file), .doc = "The policy's file", .style = STYLE_HIDDEN},
    {"slot", FIELD_TEXT, offsetof(struct applied, slot), .doc = "The generation of the policy on trial",
     .style = STYLE_HIDDEN},
    {"before", FIELD_TEXT, offsetof(struct applied, before), .doc = "The generation before it",
     .style = STYLE_HIDDEN},
    {"lease_ns", FIELD_INTEGER, offsetof(struct applied, lease_ns), "ns",
     .doc = "For how long it was on trial at most", .style = STYLE_HIDDEN},
    {0},
};

static const struct schema applied_schema = {"sonde.guard.apply/1", "A policy that was put on trial",
                                             sizeof(struct applied), fields};

static const struct {
    const char *outcome, *said;
    int exit;
} outcomes[] = {
    [WAIT_CONFIRMED] = {"confirmed", "The policy is confirmed and in force for good.", EXIT_HOLDS},
    [WAIT_ENDED] = {"lease-ended",
                    "Nobody confirmed: the lease has ended, and what was in force before is in force again.",
                    EXIT_HOLDS_NOT},
    [WAIT_WITHDRAWN] = {"withdrawn", "The trial was ended: what was in force before is in force again.",
                        EXIT_HOLDS_NOT},
    [WAIT_RED] = {"probe-red", "A probe went red: what was in force before is in force again.",
                  EXIT_HOLDS_NOT},
    [WAIT_LEFT] = {"left",
                   "The policy stays on trial until the lease ends; `sonde guard confirm` makes it firm, "
                   "`sonde guard rollback` ends it.",
                   EXIT_INTERRUPTED},
};

static int read_file(const char *path, struct text *text, struct sonde_error *error)
{
    int code = strcmp(path, "-") == 0 ? folder_read("/dev", "stdin", text, error)
                                      : folder_read(path[0] == '/' ? "" : ".", path, text, error);

    if (code == SONDE_E_NOT_FOUND)
        error_set(error, code, "there is no file %s", path);
    return code;
}

static void emit(const struct session *session, const struct trial *trial, enum wait_end end)
{
    const struct applied applied = {
        .said = outcomes[end].said,
        .outcome = outcomes[end].outcome,
        .file = trial->file,
        .slot = trial->slot,
        .before = trial->old[0] ? trial->old : NULL,
        .lease_ns = trial->lease_ms * NS_PER_MS,
    };

    session->sink->record(session->sink, &applied_schema, &applied);
}

static int apply(const struct session *session, const struct config *config, const struct policy *policy,
                 const struct text *text, const char *file)
{
    const struct guard_order order = {
        .folders = {guard_state(), guard_etc()},
        .policy = policy,
        .text = text,
        .file = file,
        .lease_ms = config->lease_ns / NS_PER_MS,
        .now_s = time(NULL),
    };
    _cleanup_trial_ struct trial trial = {0};
    struct sonde_error error = {0};
    enum wait_end end;
    int code = guard_put(&order, &trial, &error);

    if (code == 0)
        code = wait_for_end(&order.folders, &trial, &end, &error);
    if (code < 0)
        return complain(&error);
    emit(session, &trial, end);
    return outcomes[end].exit;
}

static int run(const struct session *session, const void *data, char **operands, size_t count)
{
    const struct config *config = data;
    _cleanup_text_ struct text text = {0};
    struct policy policy = {0};
    struct policy_problems problems = {0};
    struct sonde_error error = {0};
    int code = read_file(operands[0], &text, &error), exit;

    interrupt_catch();
    if (code == 0)
        code = policy_read(slice_of(text.data, text.length), operands[0], &policy, &problems, &error);
    exit = code < 0 ? complain(&error) : apply(session, config, &policy, &text, operands[0]);
    policy_deinit(&policy);
    return exit;
}

static const struct config defaults = {.lease_ns = 60 * NS_PER_S};

static const struct option_row options[] = {
    {"confirm-within", 0, OPTION_DURATION, offsetof(struct config, lease_ns), "TIME",
     "go back unless it is confirmed within this time (default 60s)", .min = NS_PER_S,
     .max = 24 * 3600 * NS_PER_S},
    {0},
};

static const struct schema *const records[] = {&applied_schema, NULL};

const struct command command_guard_apply = {
    .name = "guard apply",
    .synopsis = "FILE",
    .summary = "put a policy in force under a lease, and go back unless it is confirmed",
    .details =
        "The policy is loaded beside the one in force, in one transaction, and a lease that the kernel keeps "
        "chooses it. When the lease ends, the kernel itself goes back: that needs no process, and no "
        "connection. `sonde guard confirm` from a new connection makes it firm.",
    .options = options,
    .config_size = sizeof(struct config),
    .defaults = &defaults,
    .run = run,
    .records = records,
    .least = 1,
    .most = 1,
};
