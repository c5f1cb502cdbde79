/* SPDX-License-Identifier: MIT */
/* The ledger among the guard's files, for every action that has something to write down. */
#include "cmd/guard/ledger.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/guard/guard.h"
#include "net/guard/drift.h"
#include "net/program/nft.h"

struct ledger *guard_ledger(bool write, struct sonde_error *error)
{
    _cleanup_free_ char *path = text_format("%s/ledger.db", guard_state());

    return ledger_open(path, write, error);
}

void guard_note(const char *kind, const char *text)
{
    struct sonde_error error = {0};
    struct ledger *ledger = guard_ledger(true, &error);

    if (!ledger || ledger_add_event(ledger, time(NULL), kind, text, &error) < 0)
        complain(&error);
    ledger_close(ledger);
}

/* Who called sudo is who wants it. */
static char *person(void)
{
    const char *user = getenv("SUDO_USER");

    return user && *user ? text_format("%s (sudo)", user) : text_format("uid %u", (unsigned)getuid());
}

/* Without a table nothing is what is wanted: an empty digest. */
static int read_digest(char digest[GUARD_DIGEST_MAX], struct sonde_error *error)
{
    _cleanup_text_ struct text json = {0};
    struct guard_form form = {0};
    int code = nft_list("table inet sonde_guard", NFT_JSON, &json, error);

    digest[0] = '\0';
    if (code == SONDE_E_NOT_FOUND)
        return 0;
    if (code == 0)
        code = guard_form_parse(&form, slice_of(text_get(&json), json.length), error);
    if (code == 0)
        memcpy(digest, form.digest, GUARD_DIGEST_MAX);
    guard_form_deinit(&form);
    return code;
}

void guard_note_settled(const char *kind)
{
    char digest[GUARD_DIGEST_MAX];
    _cleanup_free_ char *who = person();
    struct sonde_error error = {0};
    struct ledger *ledger = guard_ledger(true, &error);
    int code = ledger ? read_digest(digest, &error) : error.code;

    if (code == 0)
        code = ledger_add_policy(ledger, digest, time(NULL), who, &error);
    if (code == 0)
        code = ledger_add_event(ledger, time(NULL), kind, who, &error);
    if (code < 0)
        complain(&error);
    ledger_close(ledger);
}
