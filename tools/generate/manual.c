/* SPDX-License-Identifier: MIT */
/* The OPTIONS list of a manual page, in mdoc(7). */
#include "tools/generate/generate.h"

#include <ctype.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/front/options.h"
#include "out/layout.h"

/* One line for roff: a backslash, and a control character at the beginning, mean something there. */
static void add_roff(struct text *text, const char *line, size_t length)
{
    if (length > 0 && (line[0] == '.' || line[0] == '\''))
        text_add(text, "\\&");
    for (size_t i = 0; i < length; i++)
        text_add(text, line[i] == '\\' ? "\\e" : "%c", line[i]);
    text_add(text, "\n");
}

static void add_sentence(struct text *text, const struct option_row *row)
{
    _cleanup_text_ struct text sentence = {0}, lines = {0};

    text_add(&sentence, "%c%s", toupper((unsigned char)row->help[0]), row->help + 1);
    option_describe_range(&sentence, row);
    text_add(&sentence, ".");
    layout_add_wrapped(&lines, &(struct layout){78, false}, 0, text_get(&sentence), false);
    for (const char *line = text_get(&lines); *line; line += strcspn(line, "\n") + 1)
        add_roff(text, line, strcspn(line, "\n"));
}

static void add_option(struct text *text, const struct option_row *row)
{
    const char *metavar = option_metavar(row);

    text_add(text, ".It ");
    if (row->letter)
        text_add(text, "Fl %c , ", row->letter);
    text_add(text, "Fl \\-%s", row->name);
    if (metavar)
        text_add(text, " Ns = Ns Ar %s", metavar);
    text_add(text, "\n");
    add_sentence(text, row);
}

static void add_list(struct text *text, const struct option_row *own, const struct command *command)
{
    text_add(text, ".Bl -tag -width Ds\n");
    for (const struct option_row *row = own; row && row->name; row++)
        add_option(text, row);
    for (const struct option_row *row = common_options; command && row->name; row++)
        if (command_has_option(command, row))
            add_option(text, row);
    text_add(text, ".El\n");
}

void generate_manual_options(struct text *text, const struct command *command)
{
    for (const struct command *const *action = command->actions; action && *action; action++) {
        if (!(*action)->options || !(*action)->options->name)
            continue;
        text_add(text, ".Ss %s\n", (*action)->name);
        add_list(text, (*action)->options, NULL);
    }
    if (command->actions)
        text_add(text, ".Ss All actions\n");
    add_list(text, command->options, command);
}
