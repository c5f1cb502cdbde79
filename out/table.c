/* SPDX-License-Identifier: MIT */
/* Records of one kind as rows with aligned columns. */
#include "out/table.h"

#include "out/human.h"

#define GAP 2 /* columns between two cells */

/* A column while rendering. */
struct column {
    const struct field *field;
    char *title;
    int width; /* of its longest cell; 0: no row has a value */
};

static size_t visible_fields(const struct schema *schema)
{
    size_t count = 0;

    for (const struct field *field = schema->fields; field->name; field++)
        count += field->style != STYLE_HIDDEN;
    return count;
}

void table_init(struct table *table, const struct schema *schema)
{
    *table = (struct table){schema, visible_fields(schema), 0, NULL};
}

void table_deinit(struct table *table)
{
    for (size_t i = 0; i < table->rows * table->columns; i++)
        free(table->cells[i]);
    free(table->cells);
    *table = (struct table){0};
}

void table_add(struct table *table, const void *record)
{
    size_t next = table->rows * table->columns;
    char **cells = reallocarray(table->cells, next + table->columns + 1, sizeof(*cells));

    if (!cells)
        abort(); /* as base/text.c */
    table->cells = cells;
    table->rows++;
    for (const struct field *field = table->schema->fields; field->name; field++) {
        struct text cell = {0};

        if (field->style == STYLE_HIDDEN)
            continue;
        if (!human_is_empty(field, record))
            human_add_value(&cell, field, record);
        cells[next++] = cell.length ? text_take(&cell) : NULL;
    }
}

static int cell_width(const char *cell)
{
    return cell ? layout_columns(cell) : 1;
}

static void measure(const struct table *table, size_t index, struct column *column)
{
    bool used = false;

    for (size_t row = 0; row < table->rows; row++) {
        const char *cell = table->cells[row * table->columns + index];

        used = used || cell;
        if (cell_width(cell) > column->width)
            column->width = cell_width(cell);
    }
    if (!used)
        column->width = 0;
    else if (layout_columns(column->title) > column->width)
        column->width = layout_columns(column->title);
}

static struct column *measure_all(const struct table *table)
{
    struct column *columns = calloc(table->columns + 1, sizeof(*columns));
    size_t index = 0;

    if (!columns)
        abort();
    for (const struct field *field = table->schema->fields; field->name; field++) {
        struct text title = {0};

        if (field->style == STYLE_HIDDEN)
            continue;
        human_add_title(&title, field);
        columns[index] = (struct column){field, text_take(&title), 0};
        measure(table, index, &columns[index]);
        index++;
    }
    return columns;
}

static bool is_right_aligned(const struct column *column)
{
    return column->field->type == FIELD_INTEGER || column->field->type == FIELD_REAL;
}

static size_t last_used(const struct column *columns, size_t count)
{
    while (count > 1 && columns[count - 1].width == 0)
        count--;
    return count - 1;
}

/* One line of cells; the last one may take several lines. */
static void add_row(struct text *text, const struct column *columns, size_t last, char *const *cells,
                    const struct layout *layout, int indent, bool bold)
{
    layout_add_blanks(text, indent);
    for (size_t i = 0; i <= last; i++) {
        const char *cell = cells[i] ? cells[i] : "-";
        int padding = columns[i].width - layout_columns(cell);

        if (columns[i].width == 0)
            continue;
        if (is_right_aligned(&columns[i]))
            layout_add_blanks(text, padding);
        if (i == last) {
            layout_add_wrapped(text, layout, indent, cell, bold);
            return;
        }
        text_add(text, "%s", cell);
        layout_add_blanks(text, GAP + (is_right_aligned(&columns[i]) ? 0 : padding));
        indent += columns[i].width + GAP;
    }
}

void table_render(struct text *text, const struct table *table, const struct layout *layout, int indent)
{
    struct column *columns;
    char **titles;
    size_t last;

    if (table->rows == 0 || table->columns == 0)
        return;
    columns = measure_all(table);
    last = last_used(columns, table->columns);
    titles = calloc(table->columns, sizeof(*titles));
    if (!titles)
        abort();
    for (size_t i = 0; i < table->columns; i++)
        titles[i] = columns[i].title;
    add_row(text, columns, last, titles, layout, indent, true);
    for (size_t row = 0; row < table->rows; row++)
        add_row(text, columns, last, table->cells + row * table->columns, layout, indent, false);
    for (size_t i = 0; i < table->columns; i++)
        free(columns[i].title);
    free(titles);
    free(columns);
}
