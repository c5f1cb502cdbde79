/* SPDX-License-Identifier: MIT */
/* Where two forms of the policy's table differ. */
#include "net/guard/drift.h"

#include <stdlib.h>
#include <string.h>

#include "net/guard/load.h"

int guard_form_load(struct guard_form *form, const char *rules, struct sonde_error *error)
{
    static const char *const no_devices[] = {NULL};
    _cleanup_text_ struct text json = {0};
    int code = load_in_scratch(rules, no_devices, &json, error);

    return code < 0 ? code : guard_form_parse(form, slice_of(text_get(&json), json.length), error);
}

/* What a line is about: all before its content. */
static int label_length(const char *line)
{
    return (int)strcspn(line, "{") - 1;
}

static bool same_label(const char *a, const char *b)
{
    return label_length(a) == label_length(b) && !strncmp(a, b, (size_t)label_length(a));
}

/* Lines of one form that the other has not, each counted as often as it stands there. */
static size_t find_missing(const struct guard_form *form, const struct guard_form *other,
                           const char **missing)
{
    bool *taken = calloc(other->count + 1, sizeof(*taken));
    size_t count = 0;

    if (!taken)
        abort(); /* as base/text.c */
    for (size_t i = 0; i < form->count; i++) {
        size_t at = 0;

        while (at < other->count && (taken[at] || strcmp(form->lines[i], other->lines[at]) != 0))
            at++;
        if (at < other->count)
            taken[at] = true;
        else
            missing[count++] = form->lines[i];
    }
    free(taken);
    return count;
}

static const char **room_for(const struct guard_form *form)
{
    const char **lines = calloc(form->count + 1, sizeof(*lines));

    if (!lines)
        abort(); /* as base/text.c */
    return lines;
}

static const char **find_label(const char **lines, size_t count, const char *line)
{
    for (size_t i = 0; i < count; i++)
        if (lines[i] && same_label(lines[i], line))
            return &lines[i];
    return NULL;
}

static void say(struct text *text, size_t number, size_t most, const char *word, const char *line)
{
    if (number < most)
        text_add(text, "%s: %.*s\n", word, label_length(line), line);
}

size_t guard_form_compare(const struct guard_form *should, const struct guard_form *is, size_t most,
                          struct text *text)
{
    const char **gone = room_for(should), **new = room_for(is);
    size_t gone_count = find_missing(should, is, gone), new_count = find_missing(is, should, new);
    size_t count = 0;

    for (size_t i = 0; i < gone_count; i++) {
        const char **twin = find_label(new, new_count, gone[i]);

        say(text, count++, most, twin ? "changed" : "gone", gone[i]);
        if (twin)
            *twin = NULL;
    }
    for (size_t i = 0; i < new_count; i++)
        if (new[i])
            say(text, count++, most, "new", new[i]);
    for (size_t i = 0; count == 0 && i < should->count && i < is->count; i++)
        if (strcmp(should->lines[i], is->lines[i]) != 0)
            say(text, count++, most, "in another order", should->lines[i]);
    if (count > most)
        text_add(text, "and %zu more\n", count - most);
    free(gone);
    free(new);
    return count;
}
