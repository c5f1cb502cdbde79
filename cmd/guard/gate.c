/* SPDX-License-Identifier: MIT */
/* What must be right before a policy is put in force: no error of lint, and the rules as they were planned
 * with. */
#include "cmd/guard/gate.h"

#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "net/guard/plan_file.h"
#include "policy/finding.h"
#include "policy/lint/lint.h"

static void say(const struct guard_finding *finding)
{
    struct sonde_error said = {0};

    error_set(&said, SONDE_E_FORMAT, "%s%s%s %s", finding->rule ? finding->rule : "",
              finding->rule ? ": " : "", finding->id, finding->message);
    error_hint(&said, "%s", finding->advice);
    complain(&said);
}

int gate_lint(const struct policy *policy, const char *file, const struct text *text, int64_t now_s,
              bool despite, struct sonde_error *error)
{
    struct guard_findings findings = {0};
    size_t errors = 0;

    lint_policy(policy, file, slice_of(text_get(text), text->length), now_s, &findings);
    for (size_t i = 0; i < findings.count; i++)
        if (strcmp(findings.items[i].severity, "error") == 0) {
            say(&findings.items[i]);
            errors++;
        }
    guard_findings_deinit(&findings);
    if (errors == 0 || despite)
        return 0;
    error_set(error, SONDE_E_FORMAT, "%s has %zu error%s; nothing was changed", file, errors,
              errors == 1 ? "" : "s");
    error_hint(error, "Correct them (sonde guard lint says how), or add --despite-errors");
    return SONDE_E_FORMAT;
}

bool gate_plan(const char *state, const struct text *text, uint64_t *others)
{
    struct plan_file plan;

    if (plan_file_read(state, &plan, NULL) < 0 ||
        plan.policy != plan_file_hash(slice_of(text_get(text), text->length)))
        return false;
    *others = plan.others;
    return true;
}
