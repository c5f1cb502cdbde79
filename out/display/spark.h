/* SPDX-License-Identifier: MIT */
/* Numbers as a row of little bars, a character each. */
#ifndef SONDE_OUT_DISPLAY_SPARK_H
#define SONDE_OUT_DISPLAY_SPARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPARK_OCTETS = 3 /* that a bar may take */ };

/**
 * Write a bar for each number.
 * @param values numbers; 0 is a blank, anything else is seen
 * @param peak what a bar of full height stands for, at least; a larger number among them counts instead
 * @param unicode block characters, else ASCII
 * @param text at least count * SPARK_OCTETS + 1 octets
 */
void spark_write(const uint64_t *values, size_t count, uint64_t peak, bool unicode, char *text);

#endif
