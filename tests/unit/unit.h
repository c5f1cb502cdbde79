/* SPDX-License-Identifier: MIT */
/* What unit tests share: cmocka in its right order, octets from hex, and a buffer nobody can read beyond. */
#ifndef SONDE_TESTS_UNIT_H
#define SONDE_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/address.h"
#include "base/macro.h"
#include "base/slice.h"

/**
 * Octets from hexadecimal digits; spaces are skipped.
 * @return a slice of the buffer; a wrong digit or too small a buffer fails the test
 */
struct slice unit_hex(const char *digits, uint8_t *buffer, size_t capacity);

/**
 * Copy octets so that they end where memory ends: reading one octet too far kills the test.
 * @return the copy; the next call overwrites it
 */
struct slice unit_guarded(struct slice data);

/** An address from its text; a wrong one fails the test. */
struct sonde_address unit_address(const char *text);

#endif
