/* SPDX-License-Identifier: MIT */
/* Whether the kernel, what was confirmed, the policy's file and what the boot loads say the same. */
#include <string.h>
#include <time.h>

#include "cmd/guard/guard.h"
#include "cmd/guard/review/reviewing.h"
#include "net/guard/apply/folder.h"
#include "net/guard/apply/persist.h"
#include "policy/target/nft.h"

enum { DIFFERENCES = 8 };

static struct place_row *add(struct reviewing *run, const char *places, bool unknown, char *message)
{
    struct place_row *row = &run->places[run->drift_count];

    row->message = message;
    run->drifts[run->drift_count++] =
        (struct review_drift){.places = places, .message = message, .unknown = unknown};
    return row;
}

/* After the texts of a row are there. */
static void settle(struct reviewing *run)
{
    for (size_t i = 0; i < run->drift_count; i++) {
        run->drifts[i].details = run->places[i].details;
        run->drifts[i].fix = run->places[i].fix;
    }
}

static char *day_of(int64_t time_s)
{
    time_t seconds = (time_t)time_s;
    struct tm utc;

    gmtime_r(&seconds, &utc);
    return text_format("%04d-%02d-%02d", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

bool reviewing_has_drifted(const struct reviewing *run, const char *digest, char **message)
{
    _cleanup_free_ char *day = day_of(run->confirmed.confirmed_s);

    if (run->confirmed.confirmed_s == 0 || !strcmp(digest ? digest : "", run->confirmed.hash))
        return false;
    if (digest)
        *message =
            text_format("The kernel's table is not the one that %s confirmed on %s", run->confirmed.who, day);
    else
        *message =
            text_format("The policy that %s confirmed on %s is not in the kernel: nothing of it is in force",
                        run->confirmed.who, day);
    return true;
}

/* Differences from what a file makes of the kernel's table, in words. */
static void compare_forms(struct reviewing *run, const struct guard_form *should, const char *places,
                          const char *message, const char *fix)
{
    struct text details = {0};
    size_t count = guard_form_compare(should, &run->form, DIFFERENCES, &details);
    struct place_row *row;

    if (count == 0) {
        text_deinit(&details);
        return;
    }
    row = add(run, places, false, text_format("%s: %zu difference%s", message, count, count == 1 ? "" : "s"));
    row->details = text_take(&details);
    row->fix = text_format("%s", fix);
}

static void say_unknown(struct reviewing *run, const char *places, const struct sonde_error *error)
{
    add(run, places, true, text_format("It cannot be told whether they are the same: %s", error->what));
}

static void compare_file(struct reviewing *run)
{
    static const char places[] = "the policy's file and the kernel";
    _cleanup_text_ struct text rules = {0}, omissions = {0};
    _cleanup_free_ char *message = NULL, *fix = text_format("sonde guard plan %s", run->file);
    struct guard_form form = {0};
    struct sonde_error error = {0};

    nft_render(&run->policy, run->now_s, &rules, &omissions);
    if (guard_form_load(&form, text_get(&rules), &error) < 0) {
        say_unknown(run, places, &error);
    } else {
        message = text_format("The kernel's rules are not those of %s", run->file);
        compare_forms(run, &form, places, message, fix);
    }
    guard_form_deinit(&form);
}

static void compare_boot(struct reviewing *run)
{
    static const char places[] = "what the boot loads and the kernel";
    _cleanup_free_ char *path = text_format("%s/" PERSIST_RULES, guard_etc());
    _cleanup_free_ char *message = NULL;
    _cleanup_text_ struct text rules = {0};
    struct guard_form form = {0};
    struct sonde_error error = {0};
    int code = folder_read(guard_etc(), PERSIST_RULES, &rules, &error);

    if (code == SONDE_E_NOT_FOUND) {
        add(run, places, false, text_format("There is no %s: the next boot loads no policy", path))->fix =
            text_format("sonde guard apply %s", run->file);
        return;
    }
    if (code == 0)
        code = guard_form_load(&form, text_get(&rules), &error);
    if (code < 0) {
        say_unknown(run, places, &error);
    } else {
        message = text_format("The kernel's rules are not those that the boot loads from %s", path);
        compare_forms(run, &form, places, message, "sonde guard confirm, or sonde guard rollback");
    }
    guard_form_deinit(&form);
}

static void compare_confirmed(struct reviewing *run)
{
    char *message;

    if (!reviewing_has_drifted(run, run->table == TABLE_PRESENT ? run->form.digest : NULL, &message))
        return;
    add(run, "what was confirmed and the kernel", false, message)->fix =
        text_format("sonde guard apply %s", run->file);
}

static void compare_present(struct reviewing *run)
{
    if (run->form.leased) /* neither the files nor the confirmation know it yet */
        return;
    compare_confirmed(run);
    compare_file(run);
    compare_boot(run);
}

void reviewing_compare(struct reviewing *run)
{
    if (run->table == TABLE_UNREAD)
        say_unknown(run, "the policy's file and the kernel", &run->table_error);
    else if (run->table == TABLE_PRESENT)
        compare_present(run);
    else if (run->confirmed.hash[0])
        compare_confirmed(run);
    else
        add(run, "the policy's file and the kernel", false,
            text_format("%s is not in force: the kernel has no table inet sonde_guard", run->file))
            ->fix = text_format("sonde guard apply %s", run->file);
    settle(run);
    if (run->confirmed.confirmed_s > 0) {
        _cleanup_free_ char *day = day_of(run->confirmed.confirmed_s);

        run->summary.confirmed = text_format("%s by %s", day, run->confirmed.who);
    }
}
