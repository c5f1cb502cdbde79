/* SPDX-License-Identifier: MIT */
/* sonde guard: which ICMP may pass; each action is a file in cmd/guard/. */
#include "cmd/guard/guard.h"

static const struct command *const actions[] = {
    &command_guard_init,
    &command_guard_show,
    &command_guard_lint,
    &command_guard_plan,
    &command_guard_rehearse,
    &command_guard_trace,
    &command_guard_apply,
    &command_guard_confirm,
    &command_guard_rollback,
    &command_guard_review,
    &command_guard_explain,
    &command_guard_export,
    NULL,
};

const struct command command_guard = {
    .name = "guard",
    .synopsis = "ACTION [OPERAND]...",
    .summary = "say which ICMP may pass: tested before it is in force, reviewed ever after",
    .details = "Write a policy (init), look at it (show, export, explain, lint), try it on the kernel "
               "without touching "
               "a rule (rehearse, plan, trace), put it in force under a lease (apply, confirm, rollback), "
               "and review it "
               "(review).",
    .actions = actions,
};
