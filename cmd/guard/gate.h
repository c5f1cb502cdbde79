/* SPDX-License-Identifier: MIT */
/* What must be right before a policy is put in force. */
#ifndef SONDE_CMD_GUARD_GATE_H
#define SONDE_CMD_GUARD_GATE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "policy/policy.h"

/**
 * Review a policy, and say on standard error each error that is found.
 * @param despite let it pass all the same
 * @return 0, or SONDE_E_FORMAT with how many there are
 */
int gate_lint(const struct policy *policy, const char *file, const struct text *text, int64_t now_s,
              bool despite, struct sonde_error *error);

/**
 * What the other rules looked like when this policy was planned, if it was the last one that was.
 * @param state the state folder
 * @param others set to their fingerprint
 * @return whether there is such a plan
 */
bool gate_plan(const char *state, const struct text *text, uint64_t *others);

#endif
