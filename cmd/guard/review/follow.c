/* SPDX-License-Identifier: MIT */
/* The option --follow: the kernel tells that rules changed, and at once it is looked at whether they still
 * are those that were confirmed. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/front/interrupt.h"
#include "cmd/guard/ledger.h"
#include "cmd/guard/review/reviewing.h"
#include "net/guard/follow.h"
#include "net/program/nft.h"

enum { SETTLE_MS = 100 /* a transaction tells of each of its rules */ };

/** What is followed. */
struct following {
    struct reviewing *run;
    char
        should[LEDGER_POLICY_MAX]; /* what was confirmed, or else what was there at the start; "": no table */
    struct guard_form good;        /* the last table that was as it should be, to name differences */
    bool drifted, trial;
};

static int look(struct following *following, struct guard_form *form, struct sonde_error *error)
{
    _cleanup_text_ struct text json = {0};
    int code = nft_list("table inet sonde_guard", NFT_JSON, &json, error);

    return code < 0 ? code : guard_form_parse(form, slice_of(text_get(&json), json.length), error);
}

static void tell(struct following *following, const char *message, const char *details)
{
    struct guard_findings findings = {0};
    struct guard_finding *finding = guard_findings_add(&findings, "G036", "%s", message);
    struct sink *sink = following->run->session->sink;

    guard_finding_set(&finding->rule, "the kernel");
    if (details[0])
        guard_finding_set(&finding->witness, "%s", details);
    sink->begin(sink, &guard_finding_schema);
    sink->record(sink, &guard_finding_schema, finding);
    guard_findings_deinit(&findings);
    guard_note("drift", message);
}

/* What is said now, when it is not what was said last. */
static void judge(struct following *following, const struct guard_form *form)
{
    bool leased = form && form->leased, drifted = strcmp(form ? form->digest : "", following->should) != 0;
    _cleanup_text_ struct text details = {0};
    _cleanup_free_ char *message = NULL;

    if (leased) { /* apply does this; what comes of it is told afterwards */
        following->trial = true;
        return;
    }
    if (following->trial && drifted && form) { /* it was confirmed, which the ledger knows, or not */
        struct sonde_error error = {0};
        struct ledger_policy confirmed;

        if (ledger_read_policy(following->run->ledger, &confirmed, &error) == 0 &&
            !strcmp(confirmed.hash, form->digest)) {
            memcpy(following->should, form->digest, sizeof(form->digest));
            following->run->confirmed = confirmed;
            drifted = false;
        }
    }
    following->trial = false;
    if (drifted == following->drifted)
        return;
    following->drifted = drifted;
    if (!drifted) {
        tell(following, "The kernel's table is as it should be again", "");
        return;
    }
    if (form)
        guard_form_compare(&following->good, form, 8, &details);
    if (!reviewing_has_drifted(following->run, form ? form->digest : NULL, &message))
        message = text_format(form ? "The kernel's table was changed"
                                   : "The policy's table was deleted: nothing of it is in force");
    tell(following, message, text_get(&details));
}

static int look_again(struct following *following, struct sonde_error *error)
{
    struct guard_form form = {0};
    int code = look(following, &form, error);

    if (code < 0 && code != SONDE_E_NOT_FOUND)
        return code;
    judge(following, code == 0 ? &form : NULL);
    if (code == 0 && !following->drifted && !form.leased) {
        guard_form_deinit(&following->good);
        following->good = form;
        return 0;
    }
    guard_form_deinit(&form);
    return 0;
}

/* Until the user ends it. */
static int wait_for(struct following *following, int changes, int stop, struct sonde_error *error)
{
    struct pollfd fds[] = {{.fd = changes, .events = POLLIN}, {.fd = stop, .events = POLLIN}};
    int code = 0;

    while (code == 0) {
        if (poll(fds, COUNT_OF(fds), -1) < 0 && errno != EINTR)
            return error_set(error, -errno, "waiting for changes failed: %s", strerror(errno));
        if (fds[1].revents)
            return 0;
        if (!fds[0].revents)
            continue;
        nanosleep(&(struct timespec){.tv_nsec = SETTLE_MS * NS_PER_MS}, NULL);
        code = guard_follow_drain(changes);
        if (code < 0)
            return error_set(error, code, "the kernel tells no changes any more: %s", strerror(-code));
        code = look_again(following, error);
    }
    return code;
}

int reviewing_follow(struct reviewing *run)
{
    struct following following = {.run = run};
    struct sonde_error error = {0};
    int changes = guard_follow_open(&error), stop, code;

    if (changes < 0)
        return complain(&error);
    stop = interrupt_descriptor();
    snprintf(following.should, sizeof(following.should), "%s",
             run->confirmed.confirmed_s ? run->confirmed.hash : run->form.digest);
    code = stop < 0 ? error_set(&error, stop, "signals cannot be caught") : look_again(&following, &error);
    if (code == 0)
        code = wait_for(&following, changes, stop, &error);
    if (stop >= 0)
        interrupt_release(stop);
    close(changes);
    guard_form_deinit(&following.good);
    if (code < 0)
        return complain(&error);
    return following.drifted ? EXIT_HOLDS_NOT : EXIT_HOLDS;
}
