/* SPDX-License-Identifier: MIT */
/* Bayes on the likelihood table: what the outcomes so far make of each hypothesis, and what a question
 * promises. */
#ifndef SONDE_DIAGNOSE_INFER_H
#define SONDE_DIAGNOSE_INFER_H

#include "diagnose/table.h"

enum { HYPOTHESES_MAX = 64 };

/** The state of belief. */
struct belief {
    int outcomes[TESTS];                /* as read, or OUTCOME_UNKNOWN */
    double probability[HYPOTHESES_MAX]; /* of each row of the table; they add up to 1 */
};

/** Read all tests and compute the probability of each hypothesis. */
void belief_update(struct belief *belief, const struct evidence *evidence);

/**
 * What the answers to a question are expected to tell, in bits: the mutual information between hypotheses and
 * those of its tests that are not read yet.
 */
double belief_gain(const struct belief *belief, enum question question);

/** The probability that a hypothesis gives an outcome of a test. */
double cell_probability(const struct hypothesis *hypothesis, enum test test, int outcome);

/** The most probable hypothesis: its index in the table. */
size_t belief_top(const struct belief *belief);

#endif
