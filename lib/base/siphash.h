/* SPDX-License-Identifier: MIT */
/* SipHash-2-4, the keyed hash behind cookies and tables that strangers can fill. */
#ifndef SONDE_BASE_SIPHASH_H
#define SONDE_BASE_SIPHASH_H

#include <stdint.h>

#include "base/slice.h"

/** A 128-bit key, drawn from the kernel's random numbers by the caller. */
struct siphash_key {
    uint64_t words[2];
};

/**
 * Hash octets under a key (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
 * @return the 64-bit tag
 */
uint64_t siphash(const struct siphash_key *key, struct slice data);

#endif
