/* SPDX-License-Identifier: MIT */
/* How many different things were seen, in 72 octets: HyperLogLog with the running estimate of Cohen and Ting.
 */
#ifndef SONDE_BASE_DISTINCT_H
#define SONDE_BASE_DISTINCT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    DISTINCT_REGISTERS = 128, /* standard error 0.83 / sqrt(128) = 7 % */
    DISTINCT_RANK_MAX = 15,   /* what four bits hold: good for 128 * 2^15 different things */
};

/** A counter; zero-initialise it. */
struct distinct {
    float count;   /* the estimate */
    float missing; /* 1 - (sum of 2^-register) / registers: chance that a new thing
                      changes nothing */
    uint8_t registers[DISTINCT_REGISTERS / 2]; /* two in an octet */
};

/**
 * See one thing (Flajolet et al. 2007; Ting 2014, "Streamed approximate counting of distinct elements").
 * @param hash a well-mixed hash of it
 * @return whether it certainly was not seen before; a new thing may go unnoticed, an old one never counts
 */
static inline bool distinct_add(struct distinct *distinct, uint64_t hash)
{
    unsigned place = (unsigned)(hash & (DISTINCT_REGISTERS - 1)), shift = place & 1 ? 4 : 0;
    uint8_t *pair = &distinct->registers[place >> 1];
    unsigned rank = (unsigned)__builtin_ctzll(hash >> 7 | UINT64_C(1) << (DISTINCT_RANK_MAX - 1)) + 1;
    unsigned before = *pair >> shift & 15;

    if (rank <= before)
        return false;
    *pair = (uint8_t)((*pair & ~(15 << shift)) | rank << shift);
    distinct->count += 1 / (1 - distinct->missing);
    distinct->missing +=
        (1.0F / (float)(1U << before) - (rank == DISTINCT_RANK_MAX ? 0 : 1.0F / (float)(1U << rank))) /
        DISTINCT_REGISTERS;
    return true;
}

#endif
