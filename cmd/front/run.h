/* SPDX-License-Identifier: MIT */
/* The life of one command: options, sink, work, and whether its output arrived. */
#ifndef SONDE_CMD_FRONT_RUN_H
#define SONDE_CMD_FRONT_RUN_H

#include "cmd/command.h"

/**
 * Run a command.
 * @param command what to run
 * @param program argv[0]
 * @param arguments what follows the command's name; reordered by parsing
 * @param count how many arguments
 * @return the exit code
 */
int run_command(const struct command *command, const char *program, char **arguments, size_t count);

/**
 * Make sure that everything printed arrived.
 * @param exit the exit code so far
 * @return the exit code; never 0 when standard output failed
 */
int run_finish(int exit);

/** Occupy the standard descriptors that the caller closed, so that no socket of ours becomes "standard
 * output". */
void run_keep_descriptors(void);

#endif
