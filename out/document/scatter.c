/* SPDX-License-Identifier: MIT */
/* Points between two ordered axes as a picture: one path for each column and kind of point, so that thousands
 * of points stay small. */
#include <math.h>
#include <string.h>

#include "out/document/axis.h"
#include "out/document/markup.h"

enum {
    WIDTH = 832,
    LEFT = 150,
    RIGHT = WIDTH - 8,
    TOP = 34,
    HEIGHT = 420,
    LABEL_MOST = 24,   /* letters of a name at an axis */
    LABEL_HEIGHT = 13, /* that a name needs */
    NAMES = 150,       /* pixels below for the names of columns */
};

static double x_of(double x)
{
    return LEFT + (RIGHT - LEFT) * x;
}

static double y_of(double y)
{
    return TOP + HEIGHT * (1 - y);
}

/* A name that is too long loses its middle, so that both its ends can be told from others. */
static void shorten(struct text *text, const char *name)
{
    size_t length = strlen(name);

    if (length <= LABEL_MOST)
        text_add(text, "%s", name);
    else
        text_add(text, "%.*s..%s", LABEL_MOST / 2 - 1, name, name + length - (LABEL_MOST / 2 - 1));
}

/* Names of the y axis, where there is room; a faint line between two bands. */
static void add_bands(struct text *text, const struct figure_scatter *scatter)
{
    double free_below = TOP + HEIGHT + LABEL_HEIGHT;

    for (size_t i = 0; i < scatter->band_count; i++) {
        const struct figure_band *band = &scatter->bands[i];
        double middle = (y_of(band->from) + y_of(band->to)) / 2;
        _cleanup_text_ struct text name = {0};

        if (i % 2 == 0)
            markup_add_box(text, "zone", LEFT, y_of(band->to), RIGHT - LEFT,
                           y_of(band->from) - y_of(band->to), band->name);
        if (middle + LABEL_HEIGHT > free_below)
            continue;
        shorten(&name, band->name);
        markup_add_label(text, "end", LEFT - 8, middle + 4, text_get(&name));
        free_below = middle;
    }
}

/* Names below the columns, upright because many stand side by side. */
static void add_column_name(struct text *text, double x, const char *name)
{
    _cleanup_text_ struct text shortened = {0};

    shorten(&shortened, name);
    text_add(text, "<g transform=\"translate(");
    markup_add_number(text, x + 4);
    text_add(text, " %d) rotate(-90)\">", TOP + HEIGHT + 8);
    markup_add_label(text, "end", 0, 0, text_get(&shortened));
    text_add(text, "</g>\n");
}

static void add_dot(struct text *text, const struct figure_point *point)
{
    double half = point->mark == 0 ? 2 : 0; /* a dash, or a dot by the round ends of the line */

    text_add(text, "M");
    markup_add_number(text, x_of(point->x) - half);
    text_add(text, " ");
    markup_add_number(text, y_of(point->y));
    text_add(text, point->mark == 0 ? "h4" : "h0");
}

static size_t distinct_rows(const struct figure_point *points, size_t count)
{
    size_t rows = 0;

    for (size_t i = 0; i < count; i++)
        rows += i == 0 || points[i].row != points[i - 1].row;
    return rows;
}

/* All points of a column, which tells its name and numbers when pointed at. */
static void add_column(struct text *text, const struct figure_scatter *scatter,
                       const struct figure_point *points, size_t count)
{
    const struct figure_band *column = &scatter->columns[points->column];
    size_t of_mark[FIGURE_MARKS] = {0};
    _cleanup_text_ struct text tip = {0};

    for (size_t i = 0; i < count; i++)
        of_mark[points[i].mark]++;
    text_add(&tip, "%s: %s %zu", column->name, scatter->y_title, distinct_rows(points, count));
    for (size_t mark = 0; mark < FIGURE_MARKS; mark++)
        text_add(&tip, ", %s %zu", scatter->marks[mark], of_mark[mark]);
    text_add(text, "<g>");
    markup_add_box(text, "over", x_of(column->from), TOP, (RIGHT - LEFT) * (column->to - column->from),
                   HEIGHT, text_get(&tip));
    for (size_t mark = 0; mark < FIGURE_MARKS; mark++) {
        if (of_mark[mark] == 0)
            continue;
        text_add(text, "<path class=\"m%zu\" d=\"", mark);
        for (size_t i = 0; i < count; i++)
            if (points[i].mark == mark)
                add_dot(text, &points[i]);
        text_add(text, "\"/>\n");
    }
    text_add(text, "</g>\n");
}

static void add_points(struct text *text, const struct figure_scatter *scatter)
{
    size_t count;

    for (size_t at = 0; at < scatter->point_count; at += count) {
        count = 1;
        while (at + count < scatter->point_count &&
               scatter->points[at + count].column == scatter->points[at].column)
            count++;
        add_column(text, scatter, &scatter->points[at], count);
    }
}

static void add_columns(struct text *text, const struct figure_scatter *scatter)
{
    double free_from = LEFT;

    for (size_t i = 0; i < scatter->column_count; i++) {
        const struct figure_band *column = &scatter->columns[i];
        double middle = x_of((column->from + column->to) / 2);

        if (i > 0)
            markup_add_line(text, "grid", x_of(column->from), TOP, x_of(column->from), TOP + HEIGHT);
        if (middle < free_from + LABEL_HEIGHT / 2.0 - 2)
            continue;
        add_column_name(text, middle, column->name);
        free_from = middle + LABEL_HEIGHT / 2.0;
    }
}

static void add_legend(struct text *text, const struct figure_scatter *scatter)
{
    double x = LEFT;

    markup_add_label(text, "soft end", LEFT - 8, TOP - 18, scatter->y_title);
    for (size_t mark = 0; mark < FIGURE_MARKS; mark++) {
        text_add(text, "<path class=\"m%zu\" d=\"M", mark);
        markup_add_number(text, x + (mark == 0 ? 2 : 4));
        text_add(text, " %d%s\"/>\n", TOP - 22, mark == 0 ? "h4" : "h0");
        markup_add_label(text, "name", x + 14, TOP - 18, scatter->marks[mark]);
        x += 34 + 6.5 * (double)strlen(scatter->marks[mark]);
    }
}

void scatter_add(struct text *text, const struct figure_scatter *scatter)
{
    double bottom = TOP + HEIGHT + NAMES;

    if (scatter->point_count == 0)
        return;
    markup_begin_picture(text, scatter->title, scatter->note, WIDTH, bottom + 14);
    add_legend(text, scatter);
    add_bands(text, scatter);
    add_columns(text, scatter);
    markup_add_box(text, "frame", LEFT, TOP, RIGHT - LEFT, HEIGHT, NULL);
    add_points(text, scatter);
    markup_add_label(text, "soft end", LEFT - 8, TOP + HEIGHT + 16, scatter->x_title);
    markup_end_picture(text);
}
