/* SPDX-License-Identifier: MIT */
/* Bayes on the likelihood table: what the outcomes so far make of each hypothesis, and what a question
 * promises. */
#include "diagnose/infer.h"

#include <math.h>

/* The mass of a cell that goes to its less likely outcomes, and what a telling outcome has without a cause.
 */
static const double now_and_then = 0.08, one_of_five = 0.2, hardly_ever = 0.0005;

static double share(uint16_t set, double mass, int outcome)
{
    return set >> outcome & 1 ? mass / __builtin_popcount(set) : 0;
}

static double surprise_of(const struct test_row *row, int outcome)
{
    return row->telling >> outcome & 1 && row->surprise > hardly_ever ? hardly_ever : row->surprise;
}

/* The mass of all outcomes that a cell says nothing about. */
static double surprises(const struct test_row *row, uint16_t named)
{
    double sum = 0;

    for (int outcome = 0; outcome < row->outcomes; outcome++)
        if (!(named >> outcome & 1))
            sum += surprise_of(row, outcome);
    return sum;
}

double cell_probability(const struct hypothesis *hypothesis, enum test test, int outcome)
{
    const struct test_row *row = test_row(test);
    struct cell cell = hypothesis->cells[test].likely ? hypothesis->cells[test] : row->usual;
    uint16_t named = cell.likely | cell.sometimes | cell.may;
    double may = cell.may ? now_and_then : 0, sometimes = cell.sometimes ? one_of_five : 0;

    if (!named)
        return 1.0 / row->outcomes;
    if (!(named >> outcome & 1))
        return surprise_of(row, outcome);
    return share(cell.likely, 1 - may - sometimes - surprises(row, named), outcome) +
           share(cell.sometimes, sometimes, outcome) + share(cell.may, may, outcome);
}

static bool applies(const struct hypothesis *hypothesis, const struct subject *subject)
{
    if (!subject->port)
        return hypothesis->scope & SCOPE_HOST;
    return hypothesis->scope & (subject->udp ? SCOPE_UDP : SCOPE_TCP);
}

static void normalise(struct belief *belief, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += belief->probability[i];
    for (size_t i = 0; i < count; i++)
        belief->probability[i] /= sum;
}

void belief_update(struct belief *belief, const struct evidence *evidence)
{
    size_t count;
    const struct hypothesis *rows = hypotheses(&count);

    for (int test = 0; test < TESTS; test++)
        belief->outcomes[test] = test_row((enum test)test)->read(evidence);
    for (size_t i = 0; i < count; i++) {
        double p = applies(&rows[i], &evidence->subject) ? rows[i].prior : 0;

        for (int test = 0; test < TESTS; test++)
            if (belief->outcomes[test] != OUTCOME_UNKNOWN)
                p *= cell_probability(&rows[i], (enum test)test, belief->outcomes[test]);
        belief->probability[i] = p;
    }
    normalise(belief, count);
}

static double entropy_term(double p)
{
    return p > 0 ? -p * log2(p) : 0;
}

static double test_gain(const struct belief *belief, enum test test)
{
    size_t count;
    const struct hypothesis *rows = hypotheses(&count);
    double marginal, conditional = 0, total = 0;

    for (int outcome = 0; outcome < test_row(test)->outcomes; outcome++) {
        marginal = 0;
        for (size_t i = 0; i < count; i++) {
            double p = cell_probability(&rows[i], test, outcome);

            marginal += belief->probability[i] * p;
            conditional += belief->probability[i] * entropy_term(p);
        }
        total += entropy_term(marginal);
    }
    return total - conditional;
}

double belief_gain(const struct belief *belief, enum question question)
{
    double gain = 0;

    for (int test = 0; test < TESTS; test++)
        if (test_row((enum test)test)->question == question && belief->outcomes[test] == OUTCOME_UNKNOWN)
            gain += test_gain(belief, (enum test)test);
    return gain;
}

size_t belief_top(const struct belief *belief)
{
    size_t count, top = 0;

    (void)hypotheses(&count);
    for (size_t i = 1; i < count; i++)
        if (belief->probability[i] > belief->probability[top])
            top = i;
    return top;
}
