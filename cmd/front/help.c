/* SPDX-License-Identifier: MIT */
/* What --help prints, written from the rows of commands and options. */
#include "cmd/front/help.h"

#include <ctype.h>

#include "cmd/commands.h"
#include "cmd/front/options.h"
#include "out/layout.h"
#include "out/terminal.h"

#define INDENT 2

/* A phrase as a sentence. */
static void add_sentence(struct text *text, const struct layout *layout, const char *phrase)
{
    _cleanup_free_ char *sentence = text_format("%c%s.", toupper((unsigned char)phrase[0]), phrase + 1);

    layout_add_wrapped(text, layout, 0, sentence, false);
}

/* A term and what it means, the meaning in a column of its own. */
static void add_entry(struct text *text, const struct layout *layout, int column, const char *term,
                      const char *meaning)
{
    int columns = layout_columns(term);

    layout_add_blanks(text, INDENT);
    text_add(text, "%s", term);
    if (INDENT + columns + 2 > column) {
        text_add(text, "\n");
        columns = -INDENT;
    }
    layout_add_blanks(text, column - INDENT - columns);
    layout_add_wrapped(text, layout, column, meaning, false);
}

static void add_option(struct text *text, const struct layout *layout, const struct option_row *row)
{
    _cleanup_text_ struct text term = {0}, meaning = {0};
    const char *metavar = option_metavar(row);

    text_add(&term, row->letter ? "-%c, " : "    ", row->letter);
    text_add(&term, "--%s", row->name);
    if (metavar)
        text_add(&term, "=%s", metavar);
    text_add(&meaning, "%s", row->help);
    option_describe_range(&meaning, row);
    add_entry(text, layout, 28, text_get(&term), text_get(&meaning));
}

static void add_options(struct text *text, const struct layout *layout, const struct option_row *rows)
{
    for (; rows && rows->name; rows++)
        add_option(text, layout, rows);
}

static void add_common_options(struct text *text, const struct layout *layout, const struct command *command)
{
    for (const struct option_row *row = common_options; row->name; row++)
        if (command_has_option(command, row))
            add_option(text, layout, row);
}

static struct layout layout_of(FILE *file)
{
    int width = terminal_width(fileno(file));

    return (struct layout){width > 100 ? 100 : width, false};
}

void help_program(FILE *file)
{
    struct layout layout = layout_of(file);
    _cleanup_text_ struct text text = {0};

    text_add(&text, "Usage: sonde COMMAND [OPTION]... [OPERAND]...\n\n");
    layout_add_wrapped(
        &text, &layout, 0,
        "Says why a host or port cannot be reached, watches the ICMP of a network, explains ICMP, and "
        "shows it happen.",
        false);
    text_add(&text, "\nCommands:\n");
    for (const struct command *const *command = commands; *command; command++)
        add_entry(&text, &layout, 14, (*command)->name, (*command)->summary);
    add_entry(&text, &layout, 14, "help", "say what a command does: sonde help COMMAND");
    text_add(&text, "\nOptions:\n");
    add_options(&text, &layout, global_options);
    fputs(text_get(&text), file);
}

static void add_actions(struct text *text, const struct layout *layout, const struct command *command)
{
    if (!command->actions)
        return;
    text_add(text, "\nActions:\n");
    for (const struct command *const *action = command->actions; *action; action++)
        add_entry(text, layout, 14, command_word(*action), (*action)->summary);
    text_add(text, "\n");
    layout_add_wrapped(text, layout, 0, "Each action has a --help of its own.", false);
}

void help_command(FILE *file, const struct command *command)
{
    struct layout layout = layout_of(file);
    _cleanup_text_ struct text text = {0}, usage = {0};

    text_add(&usage, "[OPTION]... %s", command->synopsis ? command->synopsis : "");
    text_add(&text, "Usage: sonde %s ", command->name);
    layout_add_wrapped(&text, &layout, layout_columns(text_get(&text)), text_get(&usage), false);
    text_add(&text, "\n");
    add_sentence(&text, &layout, command->summary);
    if (command->details) {
        text_add(&text, "\n");
        layout_add_wrapped(&text, &layout, 0, command->details, false);
    }
    add_actions(&text, &layout, command);
    text_add(&text, "\nOptions:\n");
    add_options(&text, &layout, command->options);
    add_common_options(&text, &layout, command);
    fputs(text_get(&text), file);
}
