/* SPDX-License-Identifier: MIT */
/* The nearest known word to a mistyped one, by edit distance with swapped neighbours. */
#include "base/suggest.h"

#include <string.h>

#define LONGEST 32 /* octets; longer words are no typing slip of ours */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insert, delete, replace, or swap two neighbours. */
static unsigned distance(const char *a, size_t m, const char *b, size_t n)
{
    unsigned cost[LONGEST + 1][LONGEST + 1];

    for (size_t i = 0; i <= m; i++)
        cost[i][0] = (unsigned)i;
    for (size_t j = 0; j <= n; j++)
        cost[0][j] = (unsigned)j;
    for (size_t i = 1; i <= m; i++)
        for (size_t j = 1; j <= n; j++) {
            unsigned differs = a[i - 1] != b[j - 1];

            cost[i][j] = least(least(cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + differs);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[m][n];
}

void suggestion_consider(struct suggestion *suggestion, const char *candidate)
{
    size_t typed = strlen(suggestion->typed), length = strlen(candidate);
    unsigned edits;

    if (typed > LONGEST || length > LONGEST)
        return;
    edits = distance(suggestion->typed, typed, candidate, length);
    if (edits > 1 + length / 3 || edits >= length)
        return;
    if (suggestion->nearest && edits >= suggestion->distance)
        return;
    suggestion->nearest = candidate;
    suggestion->distance = edits;
}
