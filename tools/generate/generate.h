/* SPDX-License-Identifier: MIT */
/* Files that are printed from the rows of commands, so that they cannot contradict the program. */
#ifndef SONDE_TOOLS_GENERATE_H
#define SONDE_TOOLS_GENERATE_H

#include "base/text.h"
#include "cmd/command.h"

/**
 * Append the OPTIONS list of a command's manual page (mdoc).
 * @param text where to append
 * @param rows the options of the command; the common ones follow them
 */
void generate_manual_options(struct text *text, const struct option_row *rows);

/**
 * Append the completion script for bash.
 * @param text where to append
 */
void generate_completion(struct text *text);

#endif
