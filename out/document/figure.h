/* SPDX-License-Identifier: MIT */
/* Pictures of a document: amounts over time, and points between two ordered axes. A format draws or tabulates
 * them. */
#ifndef SONDE_OUT_DOCUMENT_FIGURE_H
#define SONDE_OUT_DOCUMENT_FIGURE_H

#include <stddef.h>
#include <stdint.h>

enum { FIGURE_MARKS = 2 /* kinds of points */ };

/** Amounts of one thing over time. */
struct figure_series {
    const char *name;
    const uint64_t *values; /* one for each step */
};

/** Something that lasted for a while, shown as a bar above the amounts. */
struct figure_span {
    const char *name;
    const char *grade; /* "alert", "warning", "info" or NULL */
    int64_t from_ns, to_ns;
};

/** Amounts of several things over time, one on top of the other. */
struct figure_area {
    const char *title;
    const char *note;                   /* how to read the drawing, or NULL */
    const char *unit;                   /* of the values: "packets" */
    int64_t start_ns;                   /* since 1970 */
    int64_t step_ns;                    /* more than 0 */
    size_t step_count;                  /* 0: there is nothing to show */
    const struct figure_series *series; /* the first is the lowest */
    size_t series_count;
    const char *spans_title;         /* what the spans are: "incidents" */
    const struct figure_span *spans; /* the most important first */
    size_t span_count;
    int64_t period_ns;  /* rates are amounts in so long; 0: in a second */
    const char *period; /* "a day"; NULL: "a second" */
};

/** A part of an axis, from 0 to 1, that has a name. */
struct figure_band {
    const char *name;
    double from, to;
};

/** One point, where both axes go from 0 to 1. */
struct figure_point {
    double x, y;
    uint32_t column; /* the band of the x axis that it lies in */
    uint32_t row;    /* equal for points of the same height */
    uint8_t mark;    /* below FIGURE_MARKS; higher ones are drawn over lower ones */
};

/** Who has to do with whom. */
struct figure_scatter {
    const char *title;
    const char *note; /* how to read the drawing, or NULL */
    const char *x_title, *y_title;
    const char *marks[FIGURE_MARKS];   /* what each kind of point means */
    const struct figure_band *columns; /* of the x axis, in order, not overlapping */
    size_t column_count;
    const struct figure_band *bands; /* of the y axis, the same */
    size_t band_count;
    const struct figure_point *points; /* in the order of their columns, within it of their rows */
    size_t point_count;                /* 0: there is nothing to show */
};

#endif
