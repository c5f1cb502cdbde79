/* SPDX-License-Identifier: MIT */
/* Findings of guard lint as people read them. */
#ifndef SONDE_CMD_GUARD_LINT_TEXT_H
#define SONDE_CMD_GUARD_LINT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/finding.h"

/** What was reviewed, and how it went. */
struct lint_summary {
    size_t tables, chains, rules;
    const char *role, *why; /* the role, and what says so */
    size_t errors, warnings, notes, unknown;
};

/** Print what is reviewed. */
void lint_print_head(const char *name, const struct lint_summary *summary);

/** Print a finding. @param color whether to use it */
void lint_print_finding(const struct guard_finding *finding, bool color);

/** Print how many there were. */
void lint_print_end(const struct lint_summary *summary);

#endif
