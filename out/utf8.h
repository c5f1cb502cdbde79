/* SPDX-License-Identifier: MIT */
/* Text that strangers may have written: one code point at a time, with anything invalid replaced. */
#ifndef SONDE_OUT_UTF8_H
#define SONDE_OUT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT 0xFFFD /* stands for octets that are no UTF-8 */

/**
 * Read one code point (RFC 3629).
 * @param text zero-terminated, not at its end
 * @param length set to the octets that it takes, at least 1
 * @return the code point; UTF8_REPLACEMENT for an octet that is no UTF-8 (overlong forms, surrogates, cut
 * sequences)
 */
uint32_t utf8_next(const char *text, size_t *length);

/**
 * Write one code point.
 * @param codepoint up to 0x10FFFF
 * @param octets where to write, at least 4
 * @return octets written
 */
size_t utf8_put(uint32_t codepoint, char octets[4]);

/** Whether a code point can move a cursor, change colours or reverse a line: C0, DEL, C1, bidirectional
 * controls. */
bool utf8_is_control(uint32_t codepoint);

#endif
