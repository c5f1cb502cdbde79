/* SPDX-License-Identifier: MIT */
/* The one parser of command lines: rows in, a typed struct and the operands out. */
#ifndef SONDE_CMD_FRONT_OPTIONS_H
#define SONDE_CMD_FRONT_OPTIONS_H

#include "base/text.h"
#include "cmd/command.h"

/** Rows and the struct that their offsets point into. */
struct option_set {
    const struct option_row *rows;
    void *config;
};

/**
 * Parse arguments in the GNU style: --name=VALUE, --name VALUE, -nVALUE, -n VALUE, grouped letters; operands
 * and options may be mixed, "--" ends the options. A later value replaces an earlier one, except in
 * OPTION_TEXTS.
 * @param sets the options that are known, usually those of the command and the common ones
 * @param set_count how many sets
 * @param arguments without the program and command name; the operands are moved to its front, in order
 * @param count how many arguments
 * @param operand_count set to how many operands there are
 * @param error one sentence, when something is wrong
 * @return 0, or SONDE_E_USAGE
 */
int options_parse(const struct option_set *sets, size_t set_count, char **arguments, size_t count,
                  size_t *operand_count, struct sonde_error *error);

/**
 * Free what parsing allocated (the lists of OPTION_TEXTS).
 * @param sets the same sets
 * @param set_count how many
 */
void options_deinit(const struct option_set *sets, size_t set_count);

/** Whether options of this type are followed by a value. */
bool option_takes_value(enum option_type type);

/**
 * What stands for the value in texts for people.
 * @return the row's metavar, its choices, or a word that fits the type; NULL when it takes none
 */
const char *option_metavar(const struct option_row *row);

/**
 * Append the limits of a number, duration or size, such as " (1 to 64)"; nothing when there are none.
 * @param text where to append
 * @param row the option
 */
void option_describe_range(struct text *text, const struct option_row *row);

#endif
