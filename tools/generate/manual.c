/* SPDX-License-Identifier: MIT */
/* The OPTIONS list of a manual page, in mdoc(7). */
#include "tools/generate/generate.h"

#include <ctype.h>

#include "cmd/commands.h"
#include "cmd/front/options.h"

/* Text for roff: a backslash and a control character at the beginning of a line mean something there. */
static void add_roff(struct text *text, const char *string)
{
    if (*string == '.' || *string == '\'')
        text_add(text, "\\&");
    for (; *string; string++)
        text_add(text, *string == '\\' ? "\\e" : "%c", *string);
}

static void add_sentence(struct text *text, const struct option_row *row)
{
    _cleanup_text_ struct text sentence = {0};

    text_add(&sentence, "%c%s", toupper((unsigned char)row->help[0]), row->help + 1);
    option_describe_range(&sentence, row);
    add_roff(text, text_get(&sentence));
    text_add(text, ".\n");
}

static void add_options(struct text *text, const struct option_row *rows)
{
    for (; rows && rows->name; rows++) {
        const char *metavar = option_metavar(rows);

        text_add(text, ".It ");
        if (rows->letter)
            text_add(text, "Fl %c , ", rows->letter);
        text_add(text, "Fl \\-%s", rows->name);
        if (metavar)
            text_add(text, " Ns = Ns Ar %s", metavar);
        text_add(text, "\n");
        add_sentence(text, rows);
    }
}

void generate_manual_options(struct text *text, const struct option_row *rows)
{
    text_add(text, ".Bl -tag -width Ds\n");
    add_options(text, rows);
    add_options(text, common_options);
    text_add(text, ".El\n");
}
