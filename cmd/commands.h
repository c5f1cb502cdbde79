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

/**
 * The command that words name: "why", or "lab" "run".
 * @param words what was typed; the command's operands and options may follow
 * @param count how many
 * @param used how many of them name the command
 * @return the command, or the one whose action is missing or unknown (it has actions); NULL: no command has
 * that name
 */
const struct command *command_find(char **words, size_t count, size_t *used);

/** The last word of a command's name: "run" of "lab run". */
const char *command_word(const struct command *command);

/**
 * Refuse an unknown command or action, naming the nearest one.
 * @param parent whose action it should be, or NULL
 * @param word what was typed; NULL: nothing
 * @return the exit code
 */
int command_refuse(const struct command *parent, const char *word);

/** Call a function for every command and then its actions, in their order. */
void command_visit(void (*visit)(const struct command *command, void *data), void *data);

#endif
