/* SPDX-License-Identifier: MIT */
/* Errors between two hosts that prove nothing one by one, but show a pattern together: somebody guesses. */
#ifndef SONDE_DETECT_TRUST_GUESS_H
#define SONDE_DETECT_TRUST_GUESS_H

#include "detect/watch.h"

enum {
    PAIRS = 256,
    GUESS_LEAST = 5, /* errors that make a pattern */
};

/** Errors from one sender to one receiver within a minute. */
struct pair {
    uint64_t tag;
    int64_t begin_ns;
    uint32_t sequence; /* of the first quote */
    uint16_t source_port, destination_port;
    uint16_t last_port;
    uint8_t unseen, foreign;    /* errors whose flow is unseen; or whose quote is not of the receiver */
    uint8_t same, leaps, rises; /* the patterns that guess_find tells */
};

/** The pairs that are remembered; zero-initialise it. */
struct pairs {
    struct pair rows[PAIRS];
};

/** The pair of an error that has a quote; it is made if need be. */
struct pair *pairs_get(struct pairs *pairs, const struct watch *watch, const struct sighting *sighting);

/** Count one more, up to the top. */
void pair_count(uint8_t *counter);

/** Whether a quote is of a segment that neither opens nor ends a connection; false when it is too short to
 * tell.
 */
bool quote_is_middle(const struct packet_quote *quote);

/**
 * Look at the quote of one more error about TCP.
 * @param observed set to how many errors make the pattern
 * @return what was found, as a sentence, or NULL
 */
const char *guess_find(struct pair *pair, const struct packet_quote *quote, unsigned *observed);

#endif
