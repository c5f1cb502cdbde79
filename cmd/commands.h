/* SPDX-License-Identifier: MIT */
/* The list of all commands. */
#ifndef SONDE_CMD_COMMANDS_H
#define SONDE_CMD_COMMANDS_H

#include "cmd/command.h"

/** Every command in the order of --help; NULL ends the list. */
extern const struct command *const commands[];

/** The options that every command has, and the ones before a command. */
extern const struct option_row common_options[], global_options[];

/** Values of `common_options`. */
struct common_config {
    bool help, json, csv;
    int color; /* enum color_choice */
};

/** Values of `global_options`. */
struct global_config {
    bool help, version;
};

/** Whether a common option means something for a command: --csv needs records that fit in lines of cells. */
bool command_has_option(const struct command *command, const struct option_row *common);

/** The command of this name, or NULL. */
const struct command *command_find(const char *name);

/**
 * Refuse an unknown command, naming the nearest one.
 * @param name what was typed
 * @return the exit code
 */
int command_refuse(const char *name);

#endif
