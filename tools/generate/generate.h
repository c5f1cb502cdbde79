/* SPDX-License-Identifier: MIT */
/* Files that are printed from the rows of commands, so that they cannot contradict the program. */
#ifndef SONDE_TOOLS_GENERATE_H
#define SONDE_TOOLS_GENERATE_H

#include "base/text.h"
#include "cmd/command.h"

/**
 * Append the OPTIONS list of a command's manual page (mdoc).
 * @param text where to append
 * @param command whose options; the common ones follow them
 */
void generate_manual_options(struct text *text, const struct command *command);

/**
 * Append the completion script for bash.
 * @param text where to append
 */
void generate_completion(struct text *text);

#endif
