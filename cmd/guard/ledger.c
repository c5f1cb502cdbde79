/* SPDX-License-Identifier: MIT */
/* The ledger among the guard's files, for every action that has something to write down. */
#include "cmd/guard/ledger.h"

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

int guard_remember(const char *kind, const char *text, struct sonde_error *error)
{
    struct sonde_error own = {0};
    struct ledger *ledger = guard_ledger(true, &own);
    int code = ledger ? ledger_add_event(ledger, time(NULL), kind, text, &own) : own.code;

    ledger_close(ledger);
    if (code < 0 && error)
        *error = own;
    return code;
}

/* The user who called sudo is who confirmed. */
static char *person(void)
{
    const char *user = getenv("SUDO_USER");

    return user && *user ? text_format("%s (sudo)", user) : text_format("uid %u", (unsigned)getuid());
}

static int remember(struct ledger *ledger, struct sonde_error *error)
{
    _cleanup_text_ struct text json = {0};
    _cleanup_free_ char *who = person();
    struct guard_form form = {0};
    int code = nft_list("table inet sonde_guard", NFT_JSON, &json, error);

    if (code == 0)
        code = guard_form_parse(&form, slice_of(text_get(&json), json.length), error);
    if (code == 0)
        code = ledger_add_policy(ledger, form.digest, time(NULL), who, error);
    if (code == 0)
        code = ledger_add_event(ledger, time(NULL), "confirm", who, error);
    guard_form_deinit(&form);
    return code;
}

int guard_remember_confirmed(struct sonde_error *error)
{
    struct sonde_error own = {0};
    struct ledger *ledger = guard_ledger(true, &own);
    int code = ledger ? remember(ledger, &own) : own.code;

    ledger_close(ledger);
    if (code < 0 && error)
        *error = own;
    return code;
}
