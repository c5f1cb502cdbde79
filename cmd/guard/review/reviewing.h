/* SPDX-License-Identifier: MIT */
/* A run of `sonde guard review`: what it was asked, what it gathered, what follows. */
#ifndef SONDE_CMD_GUARD_REVIEW_REVIEWING_H
#define SONDE_CMD_GUARD_REVIEW_REVIEWING_H

#include "cmd/command.h"
#include "net/guard/counters.h"
#include "net/guard/drift.h"
#include "policy/review/review.h"
#include "store/ledger.h"

enum { REVIEW_EVENTS = 64, REVIEW_PLACES = 3 };

/** What the options say. */
struct review_config {
    int64_t since_ns;
    const char *report;
    bool sample, follow, all;
};

/** The kernel's table. */
enum table_state {
    TABLE_UNREAD, /* it may not be looked at */
    TABLE_ABSENT,
    TABLE_PRESENT,
};

/** Two places compared; the texts are the row's own. */
struct place_row {
    char *message, *details, *fix;
};

/** What is said first: the record sonde.guard.review/1. */
struct review_summary {
    char *verdict;
    const char *policy; /* the file */
    const char *role;
    char *confirmed; /* "2026-11-02 by uid 0"; NULL */
    char *trial;     /* that a policy is on trial; NULL */
    int64_t since_ns, until_ns;
    double days; /* between the first look of the window and the last */
    int64_t looks, boots, resets, longest_gap_s;
    char *advice; /* "investigate 1, remove 0, ..." */
    int64_t investigate, remove, tighten, wait, keep;
};

extern const struct schema review_summary_schema;

/** The run. */
struct reviewing {
    const struct session *session;
    const struct review_config *config;
    char *file; /* of the policy */
    struct policy policy;
    int64_t now_s, since_s;
    /* the kernel */
    enum table_state table;
    struct sonde_error table_error;
    struct guard_counters counters;
    struct guard_form form;
    /* the ledger */
    struct ledger *ledger;
    struct ledger_looks looks;
    struct ledger_counter *past;
    size_t past_count;
    struct ledger_event events[REVIEW_EVENTS];
    size_t event_count;
    struct ledger_policy confirmed; /* confirmed_s 0: none */
    int64_t *days;                  /* packets and seconds of each counter's days, in turns */
    size_t day_count;
    struct review_counter *histories;
    /* what follows */
    struct review_drift drifts[REVIEW_PLACES];
    struct place_row places[REVIEW_PLACES];
    size_t drift_count;
    struct review review;
    struct guard_findings findings;
    struct review_summary summary;
};

/** Read the kernel's table: its counters and its form. @return 0, also when there is no table or it may not
 * be read; or an error */
int reviewing_look(struct reviewing *run, struct sonde_error *error);

/** Write what the counters show into the ledger. @return 0 or an error */
int reviewing_sample(struct reviewing *run, struct sonde_error *error);

/** Read policy and ledger. @return 0 or an error */
int reviewing_gather(struct reviewing *run, struct sonde_error *error);

/** Compare the kernel with what was confirmed, with the policy's file, and with what the boot loads. */
void reviewing_compare(struct reviewing *run);

/** Whether the kernel's table is another one than it should be, and say so. @param message free it */
bool reviewing_has_drifted(const struct reviewing *run, const char *digest, char **message);

/** Make the review of what was gathered. */
void reviewing_conclude(struct reviewing *run);

/** Whether a finding only says what an advice says, too: people are spared it. */
bool reviewing_repeats(const struct guard_finding *finding);

/** Tell changes of the kernel's table until the user ends it. @return an exit code */
int reviewing_follow(struct reviewing *run);

/** Write the report. @return 0 or an error */
int reviewing_report(struct reviewing *run, struct sonde_error *error);

/** Free everything. */
void reviewing_deinit(struct reviewing *run);

/** The report as one object: sonde.guard.report/1. */
extern const struct schema review_report_schema;

#endif
