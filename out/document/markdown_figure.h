/* SPDX-License-Identifier: MIT */
/* Pictures in Markdown: their numbers as a table, amounts over time as a row of blocks. */
#ifndef SONDE_OUT_DOCUMENT_MARKDOWN_FIGURE_H
#define SONDE_OUT_DOCUMENT_MARKDOWN_FIGURE_H

#include "base/text.h"
#include "out/document/figure.h"

/** Append the words of a cell of a table, escaped. */
void markdown_add_cell(struct text *text, const char *words);

/** Append a heading with a blank line before it. */
void markdown_add_heading(struct text *text, int level, const char *words);

/** Append amounts over time: a row for each series. */
void markdown_add_area(struct text *text, const struct figure_area *area);

/** Append points between two axes: a row for each column, up to the first ten. */
void markdown_add_scatter(struct text *text, const struct figure_scatter *scatter);

#endif
