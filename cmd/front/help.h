/* SPDX-License-Identifier: MIT */
/* What --help prints, written from the rows of commands and options. */
#ifndef SONDE_CMD_FRONT_HELP_H
#define SONDE_CMD_FRONT_HELP_H

#include <stdio.h>

#include "cmd/command.h"

/**
 * Print the commands.
 * @param file standard output, or standard error after a mistake
 */
void help_program(FILE *file);

/**
 * Print what one command does and its options.
 * @param file where to print
 * @param command the command
 */
void help_command(FILE *file, const struct command *command);

#endif
