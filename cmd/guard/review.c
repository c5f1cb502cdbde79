/* SPDX-License-Identifier: MIT */
/* sonde guard review: what the counters say about the policy, and whether it still is in force. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd/guard/guard.h"
#include "cmd/guard/ledger.h"
#include "cmd/guard/review/reviewing.h"

#define OPTION(member) offsetof(struct review_config, member)
#define DAY_NS         (86400 * NS_PER_S)

static const struct option_row options[] = {
    {"since", 0, OPTION_DURATION, OPTION(since_ns), "TIME", "look back so far (30d)", .min = 3600 * NS_PER_S,
     .max = LEDGER_KEEP_DAYS * DAY_NS},
    {"report", 0, OPTION_TEXT, OPTION(report), "FILE",
     "write a report with pictures to a file that ends in .html, .md or .json"},
    {"all", 0, OPTION_FLAG, OPTION(all), .help = "list the rules to keep, too, and those to wait for"},
    {"sample", 0, OPTION_FLAG, OPTION(sample),
     .help = "only write down what the counters show now, as a timer does every 10 minutes"},
    {"follow", 0, OPTION_FLAG, OPTION(follow),
     .help = "after the review, wait and tell at once when the kernel's rules are changed"},
    {0},
};

static const struct review_config defaults = {.since_ns = 30 * DAY_NS};

/* Without rights the ledger is reviewed as it is. */
static int sample(struct reviewing *run, struct sonde_error *error)
{
    int code = reviewing_look(run, error);

    if (code < 0)
        return code;
    if (run->table == TABLE_UNREAD && run->config->sample) {
        *error = run->table_error;
        return error->code;
    }
    if (run->table == TABLE_UNREAD) {
        complain(&run->table_error);
        return 0;
    }
    return reviewing_sample(run, error);
}

static bool is_shown(const struct reviewing *run, const struct review_advice *advice)
{
    return run->config->all || run->session->json || run->session->csv || advice->action < REVIEW_WAIT;
}

static void show_findings(const struct reviewing *run)
{
    struct sink *sink = run->session->sink;

    sink->begin(sink, &guard_finding_schema);
    for (size_t i = 0; i < run->findings.count; i++)
        if (run->session->json || !reviewing_repeats(&run->findings.items[i]))
            sink->record(sink, &guard_finding_schema, &run->findings.items[i]);
}

static void show(const struct reviewing *run)
{
    struct sink *sink = run->session->sink;
    const struct review *review = &run->review;

    if (!run->session->csv) {
        sink->begin(sink, &review_summary_schema);
        sink->record(sink, &review_summary_schema, &run->summary);
        show_findings(run);
    }
    sink->begin(sink, &review_advice_schema);
    for (size_t i = 0; i < review->advice_count; i++)
        if (is_shown(run, &review->advices[i]))
            sink->record(sink, &review_advice_schema, &review->advices[i]);
}

/* Notes are no reason to fail; doubts alone are doubt. */
static int exit_of(const struct guard_findings *findings)
{
    int exit = EXIT_HOLDS;

    for (size_t i = 0; i < findings->count; i++) {
        const char *severity = findings->items[i].severity;

        if (!strcmp(severity, "error") || !strcmp(severity, "warning"))
            return EXIT_HOLDS_NOT;
        if (!strcmp(severity, "cannot-judge"))
            exit = EXIT_CANNOT_TELL;
    }
    return exit;
}

static int remember_drift(const struct reviewing *run, struct sonde_error *error)
{
    for (size_t i = 0; i < run->drift_count; i++) {
        int code = run->drifts[i].unknown
                       ? 0
                       : ledger_add_event(run->ledger, run->now_s, "drift", run->drifts[i].message, error);

        if (code < 0)
            return code;
    }
    return 0;
}

static int review(struct reviewing *run, struct sonde_error *error)
{
    int code = reviewing_gather(run, error);

    if (code < 0)
        return code;
    reviewing_compare(run);
    reviewing_conclude(run);
    show(run);
    if (run->config->report)
        code = reviewing_report(run, error);
    if (code == 0 && run->table != TABLE_UNREAD)
        code = remember_drift(run, error);
    return code;
}

static int run_review(const struct session *session, const void *values, char **operands, size_t count)
{
    struct reviewing run = {.session = session, .config = values, .now_s = time(NULL)};
    struct sonde_error error = {0};
    int code, exit;

    run.file = count ? text_format("%s", operands[0]) : text_format("%s/guard.yaml", guard_etc());
    code = sample(&run, &error);
    if (code == 0 && !run.config->sample)
        code = review(&run, &error);
    exit = code < 0 ? complain(&error) : exit_of(&run.findings);
    if (code == 0 && run.config->follow)
        exit = reviewing_follow(&run);
    reviewing_deinit(&run);
    return exit;
}

static const struct schema *const records[] = {&review_summary_schema, &review_advice_schema,
                                               &guard_finding_schema, &review_report_schema, NULL};

const struct command command_guard_review = {
    .name = "guard review",
    .synopsis = "[POLICY]",
    .summary = "say which rules of the policy in force to tighten, remove or look into, with the numbers",
    .details =
        "Each run writes down what the policy's counters show; the timer sonde-guard-sample does the same "
        "every "
        "10 minutes. From this ledger (/var/lib/sonde/guard/ledger.db), which knows of resets and reboots, "
        "the "
        "review tells what changed, what nothing needs any more, and what is dropped though it must pass. "
        "What was not observed for 30 days is not judged by its silence.\n"
        "It also compares the kernel's rules with what was confirmed, with the policy's file and with what "
        "the "
        "boot loads. The exit status is 1 when there are findings of error or warning.",
    .options = options,
    .config_size = sizeof(struct review_config),
    .defaults = &defaults,
    .records = records,
    .most = 1,
    .run = run_review,
};
