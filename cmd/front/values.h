/* SPDX-License-Identifier: MIT */
/* Text of the command line to numbers, durations and sizes. */
#ifndef SONDE_CMD_FRONT_VALUES_H
#define SONDE_CMD_FRONT_VALUES_H

#include <stdint.h>

/**
 * Parse a whole decimal number.
 * @param text "15" or "-3"
 * @param value set on success
 * @return 0, -EINVAL when the text is no number, -ERANGE when it exceeds 64 bits
 */
int value_number(const char *text, int64_t *value);

/**
 * Parse a duration.
 * @param text a decimal number with ns, us, ms, s, m or h; without a unit it is seconds ("0.5")
 * @param value_ns set on success; parts below 1 ns are dropped
 * @return 0, -EINVAL when the text is no duration, -ERANGE when it exceeds 64 bits
 */
int value_duration(const char *text, int64_t *value_ns);

/**
 * Parse a size.
 * @param text a whole number of octets, or with K, M or G (1024, 1024^2, 1024^3)
 * @param value_octets set on success
 * @return 0, -EINVAL when the text is no size, -ERANGE when it exceeds 64 bits
 */
int value_size(const char *text, int64_t *value_octets);

/**
 * Find a word in a list such as "auto|always|never".
 * @param choices words with '|' in between
 * @param text the word
 * @param index set to the place of the word, from 0
 * @return 0, or -EINVAL when it is not in the list
 */
int value_choice(const char *choices, const char *text, int *index);

#endif
