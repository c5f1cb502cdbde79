/* SPDX-License-Identifier: MIT */
/* A whole file, or standard input, as text. */
#ifndef SONDE_CMD_FRONT_INPUT_H
#define SONDE_CMD_FRONT_INPUT_H

#include "base/error.h"
#include "base/text.h"

/**
 * Read a file to its end.
 * @param path "-" is standard input
 * @param most octets that are taken; a longer file is refused
 * @param text appended
 * @return 0; -errno, or -EFBIG when it is longer, with the sentence that says so
 */
int input_read(const char *path, size_t most, struct text *text, struct sonde_error *error);

#endif
