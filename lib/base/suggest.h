/* SPDX-License-Identifier: MIT */
/* The nearest known word to a mistyped one. */
#ifndef SONDE_BASE_SUGGEST_H
#define SONDE_BASE_SUGGEST_H

/** The best candidate so far; start with the typed word and zeros. */
struct suggestion {
    const char *typed;
    const char *nearest; /* NULL: nothing is near enough */
    unsigned distance;   /* edits between the two */
};

/**
 * Look at one more known word.
 * @param suggestion keeps the candidate if it is nearer than the one before and at most a third is mistyped
 * @param candidate a known word
 */
void suggestion_consider(struct suggestion *suggestion, const char *candidate);

#endif
