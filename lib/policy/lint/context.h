/* SPDX-License-Identifier: MIT */
/* What the checks of the reviewer share: ways through the rules, names of rules, findings and their fixes. */
#ifndef SONDE_POLICY_LINT_CONTEXT_H
#define SONDE_POLICY_LINT_CONTEXT_H

#include "policy/lint/lint.h"
#include "policy/ruleset/walk.h"

enum { LINT_WORLDS_MAX = 64, LINT_NAMES_MAX = 16 };

/** A review under way. */
struct lint {
    const struct lint_subject *subject;
    const struct rules *rules;
    struct guard_findings *findings;
    char names[LINT_NAMES_MAX][RULES_IFNAME_MAX]; /* interfaces to ask about */
    size_t name_count;
    bool others[HOOK_COUNT]; /* and one that no rule names, if anything passes there */
};

/** Where a message arrives and leaves. */
struct lint_world {
    const char *in, *out;
};

/** What becomes of a message in all worlds. */
enum lint_outcome { OUTCOME_PASSES, OUTCOME_PARTLY, OUTCOME_UNKNOWN, OUTCOME_STOPPED };

/** A check: looks, and adds what it finds. */
typedef void lint_check(struct lint *lint);

/** Checks by subject, NULL-ended. */
extern lint_check *const lint_reach[],
    *const lint_accept[], *const lint_rule[], *const lint_shadow[], *const lint_limit[],
                                                                        *const lint_state[],
                                                                            *const lint_host_checks[];

/** Prepare a review. */
void lint_begin(struct lint *lint, const struct lint_subject *subject, struct guard_findings *findings);

/** Whether rules of a hook let something pass that is not ICMP.
 * @param strangers true: on an interface that no rule names; false: something new, on any interface */
bool lint_serves(const struct rules *rules, enum hook hook, bool strangers);

/** The worlds of a hook. @return how many */
size_t lint_worlds(const struct lint *lint, enum hook hook, struct lint_world worlds[LINT_WORLDS_MAX]);

/** Ask in all worlds; the worst answer. @param question its interfaces are set to those of that answer
 * @param every only what happens in every world counts as stopped */
enum lint_outcome lint_ask(const struct lint *lint, struct walk_question *question, bool every,
                           struct walk_result *result);

/** Whether a family is of interest and a filter looks at it at a hook. */
bool lint_filters(const struct lint *lint, uint8_t family, enum hook hook);

/** Whether a family is of interest. */
bool lint_judges(const struct lint *lint, uint8_t family);

/** Whether the role makes this hook matter. */
bool lint_cares(const struct lint *lint, enum hook hook);

/** Whether a rule is about ICMP (of a family) and not about everything. */
bool lint_speaks(const struct lint *lint, uint32_t rule, uint8_t family);

/** Whether a rule names types itself. */
bool lint_names_type(const struct rules_rule *rule);

/** A condition of a rule on a field, or NULL. */
const struct rules_match *lint_match(const struct rules_rule *rule, enum rules_field field);

/** The only rule that leads to a chain, or RULES_NONE when there are none or several. */
uint32_t lint_only_caller(const struct lint *lint, uint32_t chain);

/** The hook from which a chain is reached, as far as that is one. */
enum hook lint_hook_of(const struct lint *lint, uint32_t chain);

/** The name of a rule, or of a chain's policy when the rule is RULES_NONE. */
void lint_name(const struct lint *lint, struct text *text, uint32_t rule, uint32_t chain);

/** Add a finding about a rule. @param question the packet that proves it, or NULL */
struct guard_finding *lint_add(struct lint *lint, const char *id, uint32_t rule, uint32_t chain,
                               const char *message, ...) FORMAT(5, 6);

/** Say which packet proves a finding. @param result what becomes of it */
void lint_witness(const struct lint *lint, struct guard_finding *finding,
                  const struct walk_question *question, const struct walk_result *result);

/** Another severity than that of the row: "warning", "note", "cannot-judge". */
void lint_grade(struct guard_finding *finding, const char *severity);

/** Whether there is a finding of this id about the same rule already. */
bool lint_has(const struct lint *lint, const char *id, uint32_t rule, uint32_t chain);

/** "3/4 (fragmentation-needed)" */
void lint_add_message(struct text *text, uint8_t family, uint8_t type, int code);

/** Fixes: a diff of the file, or a command for the running rules; nothing when the line is not known. */
void lint_fix_insert(const struct lint *lint, struct guard_finding *finding, const struct walk_hit *before,
                     const char *nft, const char *xt);
/** A rule is deleted. */
void lint_fix_delete(const struct lint *lint, struct guard_finding *finding, uint32_t rule);
/** A rule is moved in front of another one of its chain. */
void lint_fix_move(const struct lint *lint, struct guard_finding *finding, uint32_t rule, uint32_t before);
/** Some words of a rule's line are replaced by others. */
void lint_fix_words(const struct lint *lint, struct guard_finding *finding, uint32_t line, const char *words,
                    const char *by);
/** A line of the file is replaced; NULL: deleted. */
void lint_fix_line(const struct lint *lint, struct guard_finding *finding, uint32_t line, const char *by);

/** An edit of a file: the line is deleted or not, and a text put in front of it. */
struct lint_edit {
    uint32_t line; /* from 1; one behind the last appends */
    bool deletes;
    const char *inserts; /* with its line end, or NULL */
};

/** Append a unified diff. @param edits in ascending order of their lines */
void lint_add_diff(struct text *diff, const char *file, struct slice text, const struct lint_edit *edits,
                   size_t count);

/** A line of a text, without its end; empty when there is none. */
struct slice lint_line(struct slice text, uint32_t line);

#endif
