/* SPDX-License-Identifier: MIT */
/* What a review is made of: the kernel's counters, the ledger's history, the policy, this machine's settings.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/guard/guard.h"
#include "cmd/guard/ledger.h"
#include "cmd/guard/review/reviewing.h"
#include "net/guard/apply/folder.h"
#include "net/program/nft.h"
#include "policy/read.h"

#define DAY_S INT64_C(86400)

enum { LINE = 64 };

static int look_at_nft(struct reviewing *run, struct sonde_error *error)
{
    _cleanup_text_ struct text json = {0};
    int code = nft_list("table inet sonde_guard", NFT_JSON, &json, &run->table_error);
    struct slice listed = slice_of(text_get(&json), json.length);

    if (code == SONDE_E_NOT_FOUND || code == SONDE_E_PERMISSION) {
        run->table = code == SONDE_E_NOT_FOUND ? TABLE_ABSENT : TABLE_UNREAD;
        return 0;
    }
    if (code < 0) {
        *error = run->table_error;
        return code;
    }
    run->table = TABLE_PRESENT;
    code = guard_counters_parse(&run->counters, listed, error);
    if (code < 0 || run->config->sample)
        return code;
    return guard_form_parse(&run->form, listed, error);
}

/* Who counts for the policy: each adds its counters by the same names. */
static int (*const engines[])(struct reviewing *run, struct sonde_error *error) = {look_at_nft};

int reviewing_look(struct reviewing *run, struct sonde_error *error)
{
    int code = 0;

    for (size_t i = 0; code == 0 && i < COUNT_OF(engines); i++)
        code = engines[i](run, error);
    return code;
}

/* A file of one line below /proc. */
static int read_line(const char *path, char line[LINE])
{
    FILE *file = fopen(path, "re");
    int code = file && fgets(line, LINE, file) ? 0 : -(errno ? errno : EIO);

    if (file)
        fclose(file);
    if (code == 0)
        line[strcspn(line, "\n")] = '\0';
    return code;
}

int reviewing_sample(struct reviewing *run, struct sonde_error *error)
{
    char boot[LINE];
    struct ledger_count *counts;
    struct ledger_look look = {.time_s = run->now_s, .boot = boot, .count = run->counters.count};
    int code = read_line("/proc/sys/kernel/random/boot_id", boot);

    if (code < 0)
        return error_set(error, code, "the kernel does not say which boot this is: %s", strerror(-code));
    run->ledger = guard_ledger(true, error);
    if (!run->ledger)
        return error->code;
    counts = calloc(look.count + 1, sizeof(*counts));
    if (!counts)
        abort(); /* as base/text.c */
    for (size_t i = 0; i < look.count; i++) {
        const struct guard_counter *counter = &run->counters.items[i];

        counts[i] = (struct ledger_count){counter->name, counter->packets, counter->bytes, counter->identity};
    }
    look.counts = counts;
    code = ledger_add_look(run->ledger, &look, error);
    free(counts);
    return code;
}

static int read_policy(struct reviewing *run, struct sonde_error *error)
{
    _cleanup_text_ struct text text = {0};
    struct policy_problems problems;
    int code = folder_read(run->file[0] == '/' ? "" : ".", run->file, &text, error);

    if (code == SONDE_E_NOT_FOUND) {
        error_set(error, code, "there is no policy %s", run->file);
        error_hint(error, "Write one: sonde guard init --role host; or name the file to review");
    }
    if (code < 0)
        return code;
    return policy_read(slice_of(text_get(&text), text.length), run->file, &run->policy, &problems, error);
}

/* Days are counted back from now, so that the last one is whole. */
static int read_days(struct reviewing *run, struct sonde_error *error)
{
    size_t days = run->day_count;
    int code = 0;

    run->days = calloc(2 * days * run->past_count + 1, sizeof(*run->days));
    run->histories = calloc(run->past_count + 1, sizeof(*run->histories));
    if (!run->days || !run->histories)
        abort(); /* as base/text.c */
    for (size_t i = 0; code == 0 && i < run->past_count; i++) {
        const struct ledger_counter *past = &run->past[i];
        int64_t *packets = run->days + 2 * days * i;

        run->histories[i] = (struct review_counter){.name = past->name,
                                                    .packets = past->packets,
                                                    .observed_s = past->observed_s,
                                                    .last_hit_s = past->last_hit_s,
                                                    .resets = past->resets,
                                                    .reboots = past->reboots,
                                                    .days = packets,
                                                    .observed_days_s = packets + days,
                                                    .day_count = days};
        code = ledger_read_steps(run->ledger, past->name, run->now_s - (int64_t)days * DAY_S, DAY_S, days,
                                 packets, packets + days, error);
    }
    return code;
}

static int read_history(struct reviewing *run, struct sonde_error *error)
{
    int code = ledger_read_looks(run->ledger, run->since_s, run->now_s, &run->looks, error);

    if (code == 0)
        code =
            ledger_read_counters(run->ledger, run->since_s, run->now_s, &run->past, &run->past_count, error);
    if (code == 0)
        code = ledger_read_events(run->ledger, run->since_s, run->events, REVIEW_EVENTS, &run->event_count,
                                  error);
    if (code == 0)
        code = ledger_read_policy(run->ledger, &run->confirmed, error);
    if (code == SONDE_E_NOT_FOUND) {
        run->confirmed = (struct ledger_policy){.confirmed_s = 0};
        code = 0;
    }
    return code < 0 ? code : read_days(run, error);
}

int reviewing_gather(struct reviewing *run, struct sonde_error *error)
{
    int code = read_policy(run, error);

    run->since_s = run->now_s - run->config->since_ns / NS_PER_S;
    run->day_count = (size_t)((run->now_s - run->since_s + DAY_S - 1) / DAY_S);
    if (code < 0)
        return code;
    if (!run->ledger)
        run->ledger = guard_ledger(false, error);
    if (!run->ledger) {
        if (error->code == SONDE_E_NOT_FOUND)
            error_hint(error, "Take a first sample: sudo sonde guard review --sample");
        return error->code;
    }
    return read_history(run, error);
}

static bool is_on(const char *path)
{
    char line[LINE];

    return read_line(path, line) == 0 && strcmp(line, "0") != 0;
}

static void summarize(struct reviewing *run)
{
    struct review_summary *summary = &run->summary;
    const size_t *counts = run->review.counts;

    *summary = (struct review_summary){
        .confirmed = summary->confirmed, /* it is known already */
        .policy = run->file,
        .role = policy_role_name(run->policy.role),
        .since_ns = run->since_s * NS_PER_S,
        .until_ns = run->now_s * NS_PER_S,
        .days = run->looks.count
                    ? round((double)(run->looks.last_s - run->looks.first_s) * 100 / (double)DAY_S) / 100
                    : 0,
        .looks = run->looks.count,
        .boots = run->looks.boots,
        .longest_gap_s = run->looks.longest_gap_s,
        .investigate = (int64_t)counts[REVIEW_INVESTIGATE],
        .remove = (int64_t)counts[REVIEW_REMOVE],
        .tighten = (int64_t)counts[REVIEW_TIGHTEN],
        .wait = (int64_t)counts[REVIEW_WAIT],
        .keep = (int64_t)counts[REVIEW_KEEP],
    };
    summary->advice = text_format("investigate %zu, remove %zu, tighten %zu, wait %zu, keep %zu",
                                  counts[REVIEW_INVESTIGATE], counts[REVIEW_REMOVE], counts[REVIEW_TIGHTEN],
                                  counts[REVIEW_WAIT], counts[REVIEW_KEEP]);
    for (size_t i = 0; i < run->past_count; i++)
        if (run->past[i].resets > summary->resets)
            summary->resets = run->past[i].resets;
    if (run->form.leased)
        summary->trial =
            text_format("A policy is on trial; its counters count, too: sonde guard confirm, or rollback");
}

static void judge(struct reviewing *run)
{
    struct review_summary *summary = &run->summary;
    int64_t todo = summary->investigate + summary->remove + summary->tighten;

    if (todo > 0)
        summary->verdict =
            text_format("%lld of %zu rules want a look: investigate %lld, remove %lld, tighten %lld",
                        (long long)todo, run->review.advice_count, (long long)summary->investigate,
                        (long long)summary->remove, (long long)summary->tighten);
    else if (summary->wait > 0)
        summary->verdict =
            text_format("Nothing to do yet: %lld of %zu rules have not been observed long enough",
                        (long long)summary->wait, run->review.advice_count);
    else
        summary->verdict =
            text_format("Nothing to do: all %zu rules are as they should be", run->review.advice_count);
}

void reviewing_conclude(struct reviewing *run)
{
    struct review_input input = {
        .policy = &run->policy,
        .file = run->file,
        .counters = run->histories,
        .counter_count = run->past_count,
        .drifts = run->drifts,
        .drift_count = run->drift_count,
        .now_s = run->now_s,
        .window_s = run->now_s - run->since_s,
        .forwards4 = is_on("/proc/sys/net/ipv4/ip_forward"),
        .forwards6 = is_on("/proc/sys/net/ipv6/conf/all/forwarding"),
    };

    review_make(&input, &run->review, &run->findings);
    summarize(run);
    judge(run);
}

bool reviewing_repeats(const struct guard_finding *finding)
{
    return !strcmp(finding->id, "G046") || !strcmp(finding->id, "G047") || !strcmp(finding->id, "G048");
}

void reviewing_deinit(struct reviewing *run)
{
    review_deinit(&run->review);
    guard_findings_deinit(&run->findings);
    guard_counters_deinit(&run->counters);
    guard_form_deinit(&run->form);
    policy_deinit(&run->policy);
    ledger_close(run->ledger);
    for (size_t i = 0; i < REVIEW_PLACES; i++) {
        free(run->places[i].message);
        free(run->places[i].details);
        free(run->places[i].fix);
    }
    free(run->summary.verdict);
    free(run->summary.advice);
    free(run->summary.confirmed);
    free(run->summary.trial);
    free(run->past);
    free(run->days);
    free(run->histories);
    free(run->file);
}
