/* SPDX-License-Identifier: MIT */
/* Records of one kind as rows with aligned columns. */
#include "out/table.h"

#include <string.h>

#include "out/human.h"
#include "out/utf8.h"

#define GAP 2 /* columns between two cells */

/* A column while rendering. */
struct column {
    char *title;
    bool right; /* numbers */
    int width;  /* of its longest cell; 0: no row has a value */
    int least;  /* of its longest word, which stays whole */
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

static int longest_word(const char *text)
{
    int longest = 0, columns = 0;

    for (size_t length; text && *text; text += length) {
        columns = *text == ' ' || *text == '\n' ? 0 : columns + 1;
        longest = columns > longest ? columns : longest;
        utf8_next(text, &length);
    }
    return longest;
}

static void grow_to(int *width, int wanted)
{
    *width = wanted > *width ? wanted : *width;
}

static void measure(const struct table *table, size_t index, struct column *column)
{
    bool used = false;

    for (size_t row = 0; row < table->rows; row++) {
        const char *cell = table->cells[row * table->columns + index];

        used = used || cell;
        grow_to(&column->width, cell_width(cell));
        grow_to(&column->least, longest_word(cell));
    }
    grow_to(&column->width, layout_columns(column->title));
    grow_to(&column->least, longest_word(column->title));
    if (!used)
        column->width = 0;
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
        columns[index].title = text_take(&title);
        columns[index].right = field->type == FIELD_INTEGER || field->type == FIELD_REAL;
        measure(table, index, &columns[index]);
        index++;
    }
    return columns;
}

/* The column to take room from: the widest one that can still be wrapped, or NULL. */
static struct column *widest(struct column *columns, size_t count)
{
    struct column *found = NULL;

    for (size_t i = 0; i < count; i++)
        if (!columns[i].right && columns[i].width > LAYOUT_LEAST && columns[i].width > columns[i].least &&
            (!found || columns[i].width > found->width))
            found = &columns[i];
    return found;
}

/* Make columns narrower until a row fits in a line, as far as that is possible. */
static void fit(struct column *columns, size_t count, int room)
{
    int total = -GAP;

    for (size_t i = 0; i < count; i++)
        total += columns[i].width > 0 ? columns[i].width + GAP : 0;
    for (struct column *column; total > room && (column = widest(columns, count)); total--)
        column->width--;
}

/* Write the next line of a cell and what separates it from the next cell. */
static const char *add_part(struct text *line, const struct column *column, const char *part, bool bold,
                            int *owed)
{
    size_t length = strcspn(part, "\n");
    _cleanup_free_ char *own = text_format("%.*s", (int)length, part);
    int padding = column->width - layout_columns(own);

    if (length == 0) {
        *owed += column->width + GAP;
        return part + (part[length] == '\n');
    }
    layout_add_blanks(line, *owed + (column->right ? padding : 0));
    layout_add_styled(line, own, bold);
    *owed = GAP + (column->right ? 0 : padding); /* no blanks at the end of a line */
    return part + length + (part[length] == '\n');
}

/* The cells of a row as wrapped texts, of which each line of output takes one line. */
static void add_row(struct text *text, const struct column *columns, size_t count, char *const *cells,
                    int indent, bool bold)
{
    struct text *wrapped = calloc(count, sizeof(*wrapped));
    const char **rest = calloc(count, sizeof(*rest));
    bool more = true;

    if (!wrapped || !rest)
        abort();
    for (size_t i = 0; i < count; i++) {
        layout_add_wrapped(&wrapped[i], &(struct layout){columns[i].width, false}, 0,
                           cells[i] ? cells[i] : "-", false);
        rest[i] = text_get(&wrapped[i]);
    }
    while (more) {
        int owed = indent;

        more = false;
        for (size_t i = 0; i < count; i++) {
            if (columns[i].width > 0)
                rest[i] = add_part(text, &columns[i], rest[i], bold, &owed);
            more = more || (columns[i].width > 0 && *rest[i]);
        }
        text_add(text, "\n");
    }
    for (size_t i = 0; i < count; i++)
        text_deinit(&wrapped[i]);
    free(wrapped);
    free(rest);
}

void table_render(struct text *text, const struct table *table, const struct layout *layout, int indent)
{
    struct column *columns;
    char **titles;

    if (table->rows == 0 || table->columns == 0)
        return;
    columns = measure_all(table);
    fit(columns, table->columns, layout->width - indent);
    titles = calloc(table->columns, sizeof(*titles));
    if (!titles)
        abort();
    for (size_t i = 0; i < table->columns; i++)
        titles[i] = columns[i].title;
    add_row(text, columns, table->columns, titles, indent, layout->color);
    for (size_t row = 0; row < table->rows; row++)
        add_row(text, columns, table->columns, table->cells + row * table->columns, indent, false);
    for (size_t i = 0; i < table->columns; i++)
        free(columns[i].title);
    free(titles);
    free(columns);
}
