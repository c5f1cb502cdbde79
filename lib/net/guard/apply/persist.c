/* SPDX-License-Identifier: MIT */
/* The policy that the next boot finds: written beside, proved, then renamed. */
#include "net/guard/apply/persist.h"

#include <string.h>

#include "net/guard/apply/folder.h"
#include "net/guard/apply/verify.h"
#include "policy/target/nft.h"

static const char head[] = "# Written by `sonde guard confirm` from " PERSIST_POLICY
                           ", for sonde-guard.service. Change that, not this.\n";

static int write_rules(const struct persist *persist, struct sonde_error *error)
{
    _cleanup_text_ struct text rules = {0}, omissions = {0};

    text_add(&rules, "%s", head);
    nft_render(persist->policy, persist->now_s, &rules, &omissions);
    return folder_prepare(persist->folder, PERSIST_RULES, slice_of(rules.data, rules.length), 0644, error);
}

/* What counts is what a disk that was full, or is broken, gives back. */
static int prove(const struct persist *persist, const struct live_table *live, const char *slot,
                 struct sonde_error *error)
{
    _cleanup_text_ struct text rules = {0};
    int code = folder_read(persist->folder, PERSIST_RULES ".new", &rules, error);

    return code < 0 ? code : verify_rules(text_get(&rules), live, slot, error);
}

int persist_prepare(const struct persist *persist, const struct live_table *live, const char *slot,
                    struct sonde_error *error)
{
    int code = folder_make(persist->folder, 0755, error);

    if (code == 0)
        code = folder_prepare(persist->folder, PERSIST_POLICY,
                              slice_of(persist->text->data, persist->text->length), 0644, error);
    if (code == 0)
        code = write_rules(persist, error);
    if (code == 0)
        code = prove(persist, live, slot, error);
    if (code < 0)
        persist_discard(persist->folder);
    return code;
}

/* The same policy once more, or the second try after a disk was full, must not push the previous one out. */
static bool is_present(const char *folder)
{
    _cleanup_text_ struct text present = {0}, next = {0};

    return folder_read(folder, PERSIST_POLICY, &present, NULL) == 0 &&
           folder_read(folder, PERSIST_POLICY ".new", &next, NULL) == 0 &&
           strcmp(text_get(&present), text_get(&next)) == 0;
}

/* The rules last: until they are there, the next boot does what this one did. */
int persist_commit(const char *folder, struct sonde_error *error)
{
    int code = is_present(folder) ? 0 : folder_keep(folder, PERSIST_POLICY, PERSIST_PREVIOUS, error);

    if (code == 0)
        code = folder_commit(folder, PERSIST_POLICY, error);
    return code == 0 ? folder_commit(folder, PERSIST_RULES, error) : code;
}

void persist_discard(const char *folder)
{
    folder_discard(folder, PERSIST_POLICY);
    folder_discard(folder, PERSIST_RULES);
}

int persist_nothing(const char *folder, struct sonde_error *error)
{
    int code = folder_remove(folder, PERSIST_RULES, error);

    return code == 0 ? folder_rename(folder, PERSIST_POLICY, PERSIST_PREVIOUS, error) : code;
}
