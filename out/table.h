/* SPDX-License-Identifier: MIT */
/* Records of one kind as rows with aligned columns. */
#ifndef SONDE_OUT_TABLE_H
#define SONDE_OUT_TABLE_H

#include "base/record.h"
#include "out/layout.h"

/** Cells in the order of rows; columns are the schema's visible fields. */
struct table {
    const struct schema *schema;
    size_t columns;
    size_t rows;
    char **cells; /* rows * columns strings; NULL is absent */
};

/**
 * Start an empty table.
 * @param table zero-initialised or after table_deinit
 * @param schema the kind of its rows
 */
void table_init(struct table *table, const struct schema *schema);

/** Free the cells. */
void table_deinit(struct table *table);

/**
 * Add a row.
 * @param table the table
 * @param record a struct of the table's schema; it is copied
 */
void table_add(struct table *table, const void *record);

/**
 * Append the table: a heading line, then the rows; numbers to the right, columns without any value left out,
 * the last column wrapped.
 * @param text where to append
 * @param table the table
 * @param layout the width
 * @param indent columns before each line
 */
void table_render(struct text *text, const struct table *table, const struct layout *layout, int indent);

#endif
