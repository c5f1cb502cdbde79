/* SPDX-License-Identifier: MIT */
/* The list of all commands, and the options that they share. */
#include "cmd/commands.h"

#include <string.h>

#include "base/suggest.h"
#include "out/csv.h"
#include "out/terminal.h"

const struct command *const commands[] = {
    &command_why, &command_watch, &command_explain, &command_lab, NULL,
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

const struct command *command_find(const char *name)
{
    for (const struct command *const *command = commands; *command; command++)
        if (!strcmp((*command)->name, name))
            return *command;
    return NULL;
}

int command_refuse(const char *name)
{
    struct suggestion suggestion = {name};
    struct sonde_error error;

    suggestion_consider(&suggestion, "help");
    for (const struct command *const *command = commands; *command; command++)
        suggestion_consider(&suggestion, (*command)->name);
    error_set(&error, SONDE_E_USAGE, "there is no command '%s'", name);
    if (suggestion.nearest)
        error_hint(&error, "Did you mean 'sonde %s'?", suggestion.nearest);
    else
        error_hint(&error, "'sonde --help' lists the commands");
    return complain(&error);
}
