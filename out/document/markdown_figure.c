/* SPDX-License-Identifier: MIT */
/* Pictures in Markdown: their numbers as a table, amounts over time as a row of blocks. */
#include "out/document/markdown_figure.h"

#include "out/document/axis.h"
#include "out/human.h"

enum { LEVEL = 3, BLOCKS = 40 /* in a row */, COLUMNS = 10 };

/* The values in at most BLOCKS parts, each as high as its highest step. */
static size_t condense(const struct figure_area *area, const uint64_t *values, uint64_t parts[BLOCKS])
{
    size_t count = area->step_count < BLOCKS ? area->step_count : BLOCKS;

    for (size_t i = 0; i < count; i++)
        parts[i] = 0;
    for (size_t step = 0; step < area->step_count; step++) {
        size_t part = step * count / area->step_count;

        parts[part] = values[step] > parts[part] ? values[step] : parts[part];
    }
    return count;
}

/* U+2581 to U+2588, a blank for nothing at all. */
static void add_blocks(struct text *text, const uint64_t *parts, size_t count, uint64_t peak)
{
    for (size_t i = 0; i < count; i++) {
        char block[] = "\xe2\x96\x81";

        if (parts[i] == 0) {
            text_add(text, "\xc2\xa0");
            continue;
        }
        block[2] = (char)(0x81 + (int)(7.0 * (double)parts[i] / (double)peak));
        text_add(text, "%s", block);
    }
}

/* The note is left out: it tells how to read the drawing. */
static void add_title(struct text *text, const char *title)
{
    _cleanup_text_ struct text clean = {0};

    human_add_clean(&clean, title);
    markdown_add_heading(text, LEVEL, text_get(&clean));
    text_add(text, "\n");
}

static void add_clean_cell(struct text *text, const char *words)
{
    _cleanup_text_ struct text clean = {0};

    human_add_clean(&clean, words);
    markdown_add_cell(text, text_get(&clean));
}

static void add_number_cell(struct text *text, double number)
{
    text_add(text, "| ");
    axis_add_number(text, number);
    text_add(text, " ");
}

static void add_series(struct text *text, const struct figure_area *area, const struct figure_series *series)
{
    uint64_t parts[BLOCKS], peak = 0;
    size_t count = condense(area, series->values, parts);
    double total = 0;

    for (size_t i = 0; i < count; i++)
        peak = parts[i] > peak ? parts[i] : peak;
    for (size_t i = 0; i < area->step_count; i++)
        total += (double)series->values[i];
    add_clean_cell(text, series->name);
    add_number_cell(text, total);
    add_number_cell(text, axis_rate(area, (double)peak));
    text_add(text, "| ");
    add_blocks(text, parts, count, peak);
    text_add(text, " |\n");
}

void markdown_add_area(struct text *text, const struct figure_area *area)
{
    if (area->step_count == 0 || area->series_count == 0)
        return;
    add_title(text, area->title);
    text_add(text, "| Name | %s | most %s | from ", area->unit, axis_period(area));
    axis_add_day(text, area->start_ns);
    text_add(text, " ");
    axis_add_time(text, area->start_ns, NS_PER_S);
    text_add(text, " to ");
    axis_add_time(text, area->start_ns + area->step_ns * (int64_t)area->step_count, NS_PER_S);
    text_add(text, " UTC |\n| --- | ---: | ---: | --- |\n");
    for (size_t i = 0; i < area->series_count; i++)
        add_series(text, area, &area->series[i]);
}

static void add_column(struct text *text, const struct figure_scatter *scatter,
                       const struct figure_point *points, size_t count)
{
    size_t rows = 0, of_mark[FIGURE_MARKS] = {0};

    for (size_t i = 0; i < count; i++) {
        rows += i == 0 || points[i].row != points[i - 1].row;
        of_mark[points[i].mark]++;
    }
    add_clean_cell(text, scatter->columns[points->column].name);
    add_number_cell(text, (double)rows);
    for (size_t mark = 0; mark < FIGURE_MARKS; mark++)
        add_number_cell(text, (double)of_mark[mark]);
    text_add(text, "|\n");
}

void markdown_add_scatter(struct text *text, const struct figure_scatter *scatter)
{
    size_t count, columns = 0;

    if (scatter->point_count == 0)
        return;
    add_title(text, scatter->title);
    add_clean_cell(text, scatter->x_title);
    add_clean_cell(text, scatter->y_title);
    for (size_t mark = 0; mark < FIGURE_MARKS; mark++)
        add_clean_cell(text, scatter->marks[mark]);
    text_add(text, "|\n| --- | ---: | ---: | ---: |\n");
    for (size_t at = 0; at < scatter->point_count && columns < COLUMNS; at += count, columns++) {
        count = 1;
        while (at + count < scatter->point_count &&
               scatter->points[at + count].column == scatter->points[at].column)
            count++;
        add_column(text, scatter, &scatter->points[at], count);
    }
}
