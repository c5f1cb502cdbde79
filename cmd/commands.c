/* SPDX-License-Identifier: MIT */
/* The list of all commands, and the options that they share. */
#include "cmd/commands.h"

#include <string.h>

#include "cmd/front/suggest.h"
#include "out/csv.h"
#include "out/terminal.h"

const struct command *const commands[] = {
    &command_why, &command_watch, &command_guard, &command_explain, &command_lab, NULL,
};

#define COMMON(member) offsetof(struct common_config, member)

const struct option_row common_options[] = {
    {"json", 0, OPTION_FLAG, COMMON(json), .help = "print JSON, one object a line"},
    {"csv", 0, OPTION_FLAG, COMMON(csv), .help = "print comma-separated values, where the answer is a table"},
    {"color", 0, OPTION_CHOICE, COMMON(color), "WHEN",
     "colour the text: auto (on a terminal, unless NO_COLOR is set), always or never",
     .choices = COLOR_CHOICES},
    {"help", 'h', OPTION_FLAG, COMMON(help), .help = "say what the command does, and its options"},
    {0},
};

const struct option_row global_options[] = {
    {"help", 'h', OPTION_FLAG, offsetof(struct global_config, help), .help = "list the commands"},
    {"version", 'V', OPTION_FLAG, offsetof(struct global_config, version), .help = "print the version"},
    {0},
};

bool command_has_option(const struct command *command, const struct option_row *common)
{
    if (common->offset != COMMON(csv))
        return true;
    for (const struct schema *const *schema = command->records; schema && *schema; schema++)
        if (csv_can_render(*schema))
            return true;
    return false;
}

const char *command_word(const struct command *command)
{
    const char *space = strrchr(command->name, ' ');

    return space ? space + 1 : command->name;
}

static const struct command *find_word(const struct command *const *list, const char *word)
{
    for (; *list; list++)
        if (!strcmp(command_word(*list), word))
            return *list;
    return NULL;
}

const struct command *command_find(char **words, size_t count, size_t *used)
{
    const struct command *command = count > 0 ? find_word(commands, words[0]) : NULL, *action = NULL;

    *used = command ? 1 : 0;
    if (command && command->actions && count > 1)
        action = find_word(command->actions, words[1]);
    *used += action ? 1 : 0;
    return action ? action : command;
}

int command_refuse(const struct command *parent, const char *word)
{
    const char *before = parent ? parent->name : "", *blank = parent ? " " : "";
    struct suggestion suggestion = {word ? word : ""};
    struct sonde_error error;

    if (!parent)
        suggestion_consider(&suggestion, "help");
    for (const struct command *const *item = parent ? parent->actions : commands; *item; item++)
        suggestion_consider(&suggestion, command_word(*item));
    if (word)
        error_set(&error, SONDE_E_USAGE, "there is no command '%s%s%s'", before, blank, word);
    else
        error_set(&error, SONDE_E_USAGE, "what '%s' should do is missing", before);
    if (suggestion.nearest)
        error_hint(&error, "Did you mean 'sonde %s%s%s'?", before, blank, suggestion.nearest);
    else
        error_hint(&error, "'sonde %s%s--help' lists the %s", before, blank, parent ? "actions" : "commands");
    return complain(&error);
}

void command_visit(void (*visit)(const struct command *command, void *data), void *data)
{
    for (const struct command *const *command = commands; *command; command++) {
        visit(*command, data);
        for (const struct command *const *action = (*command)->actions; action && *action; action++)
            visit(*action, data);
    }
}
