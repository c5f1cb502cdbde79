/* SPDX-License-Identifier: MIT */
/* Numbers as a row of little bars, a character each. */
#include "out/display/spark.h"

#include <string.h>

enum { LEVELS = 8 };

void spark_write(const uint64_t *values, size_t count, uint64_t peak, bool unicode, char *text)
{
    static const char *const bars[2][LEVELS + 1] = {
        {" ", "_", ".", "-", "=", "+", "*", "%", "#"},
        {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
    };

    peak = peak ? peak : 1;
    for (size_t i = 0; i < count; i++)
        peak = values[i] > peak ? values[i] : peak;
    *text = '\0';
    for (size_t i = 0; i < count; i++) {
        double part = (double)values[i] / (double)peak * LEVELS;
        size_t level = (size_t)part + (part > (double)(size_t)part); /* rounded up: anything is seen */

        text = stpcpy(text, bars[unicode][level > LEVELS ? LEVELS : level]);
    }
}
