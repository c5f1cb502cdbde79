/* SPDX-License-Identifier: MIT */
/* Records as text for people, laid out as the styles of their fields say. */
#include "out/text.h"

#include "out/human.h"
#include "out/value.h"

#define STEP 2 /* columns that a block is indented below its title */

/* What the parts of one record share while it is written. */
struct block {
    struct text *text;
    const struct layout *layout;
    int indent;
    const void *record;
    int titles; /* columns of the longest title of a line, for alignment */
};

static void add_title_line(const struct block *block, const struct field *field)
{
    _cleanup_text_ struct text title = {0};

    human_add_title(&title, field);
    text_add(&title, ":");
    layout_add_blanks(block->text, block->indent);
    layout_add_wrapped(block->text, block->layout, block->indent, text_get(&title), true);
}

static void add_headline(const struct block *block, const struct field *field)
{
    _cleanup_text_ struct text value = {0};

    human_add_value(&value, field, block->record);
    layout_add_blanks(block->text, block->indent);
    layout_add_wrapped(block->text, block->layout, block->indent, text_get(&value), true);
}

static void add_titled(const struct block *block, const struct field *field)
{
    _cleanup_text_ struct text title = {0}, value = {0};

    human_add_title(&title, field);
    human_add_value(&value, field, block->record);
    layout_add_blanks(block->text, block->indent);
    text_add(block->text, "%s:", text_get(&title));
    layout_add_blanks(block->text, block->titles - layout_columns(text_get(&title)) + 1);
    layout_add_wrapped(block->text, block->layout, block->indent + block->titles + 2, text_get(&value),
                       false);
}

static void add_paragraph(const struct block *block, const struct field *field)
{
    int indent = block->indent + STEP;
    _cleanup_text_ struct text value = {0};

    add_title_line(block, field);
    if (field->type == FIELD_OBJECT) {
        text_add_record(block->text, block->layout, indent, field->of, value_object(field, block->record));
        return;
    }
    human_add_value(&value, field, block->record);
    layout_add_blanks(block->text, indent);
    layout_add_wrapped(block->text, block->layout, indent, text_get(&value), false);
}

/* The paragraphs of a list item, below its first line and without their titles. */
static void add_item_paragraphs(const struct block *block, const struct field *list, const void *item,
                                int indent)
{
    for (const struct field *field = list->of->fields; field->name; field++) {
        _cleanup_text_ struct text value = {0};

        if (field->style != STYLE_PARAGRAPH || human_is_empty(field, item))
            continue;
        human_add_value(&value, field, item);
        layout_add_blanks(block->text, indent);
        layout_add_wrapped(block->text, block->layout, indent, text_get(&value), false);
    }
}

static void add_item(const struct block *block, const struct field *field, size_t index, const char *mark)
{
    const struct record_list *list = value_list(field, block->record);
    int indent = block->indent + STEP + layout_columns(mark);
    _cleanup_text_ struct text value = {0};

    if (field->of)
        human_add_object(&value, field->of, value_item(field, list, index));
    else
        human_add_clean(&value, value_string(list, index));
    layout_add_blanks(block->text, block->indent + STEP);
    text_add(block->text, "%s", mark);
    layout_add_wrapped(block->text, block->layout, indent, text_get(&value), false);
    if (field->of)
        add_item_paragraphs(block, field, value_item(field, list, index), indent);
}

static void add_items(const struct block *block, const struct field *field)
{
    size_t count = value_list(field, block->record)->count;

    add_title_line(block, field);
    for (size_t i = 0; i < count; i++) {
        _cleanup_text_ struct text mark = {0};

        if (field->style == STYLE_NUMBERED)
            text_add(&mark, "%*zu. ", count > 9 ? 2 : 1, i + 1);
        else
            text_add(&mark, "- ");
        add_item(block, field, i, text_get(&mark));
    }
}

static void add_table(const struct block *block, const struct field *field)
{
    const struct record_list *list = value_list(field, block->record);
    struct table table;

    add_title_line(block, field);
    table_init(&table, field->of);
    for (size_t i = 0; i < list->count; i++)
        table_add(&table, value_item(field, list, i));
    table_render(block->text, &table, block->layout, block->indent + STEP);
    table_deinit(&table);
}

static void add_sections(const struct block *block, const struct field *field)
{
    const struct record_list *list = value_list(field, block->record);

    for (size_t i = 0; i < list->count; i++) {
        text_add(block->text, "%s", i > 0 ? "\n" : "");
        text_add_record(block->text, block->layout, block->indent + STEP, field->of,
                        value_item(field, list, i));
    }
}

static void add_field(const struct block *block, const struct field *field)
{
    bool listed = field->type == FIELD_LIST;

    switch (field->style) {
    case STYLE_HEADLINE:
        add_headline(block, field);
        break;
    case STYLE_PARAGRAPH:
        add_paragraph(block, field);
        break;
    case STYLE_NUMBERED:
    case STYLE_BULLETS:
    case STYLE_CODE:
        (listed ? add_items : add_titled)(block, field);
        break;
    case STYLE_SECTIONS:
        add_sections(block, field);
        break;
    case STYLE_TABLE:
        (listed && field->of ? add_table : add_titled)(block, field);
        break;
    case STYLE_LINE:
    case STYLE_GRADE:
    case STYLE_HIDDEN:
        add_titled(block, field);
        break;
    }
}

/* Whether a field is a line among lines. */
static bool is_line(const struct field *field)
{
    return field->style == STYLE_LINE || field->style == STYLE_GRADE ||
           (field->style == STYLE_CODE && field->type != FIELD_LIST);
}

static int longest_title(const struct schema *schema, const void *record)
{
    int longest = 0;

    for (const struct field *field = schema->fields; field->name; field++) {
        _cleanup_text_ struct text title = {0};

        if (!is_line(field) || human_is_empty(field, record))
            continue;
        human_add_title(&title, field);
        if (layout_columns(text_get(&title)) > longest)
            longest = layout_columns(text_get(&title));
    }
    return longest;
}

void text_add_record(struct text *text, const struct layout *layout, int indent, const struct schema *schema,
                     const void *record)
{
    struct block block = {text, layout, indent, record, longest_title(schema, record)};
    const struct field *before = NULL;

    for (const struct field *field = schema->fields; field->name; field++) {
        if (human_is_empty(field, record))
            continue;
        if (before && (!is_line(field) || !is_line(before)))
            text_add(text, "\n");
        add_field(&block, field);
        before = field;
    }
}

/* Write the rows that were waiting. */
static void flush_table(struct text_sink *text)
{
    struct text lines = {0};

    if (text->table.rows > 0) {
        text_add(&lines, "%s", text->started ? "\n" : "");
        table_render(&lines, &text->table, &text->layout, 0);
        stream_write(&text->stream, &lines);
        text->started = true;
    }
    table_deinit(&text->table);
}

static void sink_begin(struct sink *sink, const struct schema *schema)
{
    struct text_sink *text = (struct text_sink *)sink;

    if (text->table.schema == schema)
        return;
    flush_table(text);
    if (schema->tabular)
        table_init(&text->table, schema);
}

static void sink_record(struct sink *sink, const struct schema *schema, const void *record)
{
    struct text_sink *text = (struct text_sink *)sink;
    struct text lines = {0};

    sink_begin(sink, schema);
    if (schema->tabular) {
        table_add(&text->table, record);
        return;
    }
    text_add(&lines, "%s", text->started ? "\n" : "");
    text_add_record(&lines, &text->layout, 0, schema, record);
    stream_write(&text->stream, &lines);
    text->started = true;
}

static int sink_end(struct sink *sink)
{
    struct text_sink *text = (struct text_sink *)sink;

    flush_table(text);
    return stream_end(&text->stream);
}

void text_sink_init(struct text_sink *text, FILE *file, struct layout layout)
{
    *text = (struct text_sink){{sink_begin, sink_record, sink_end}, {file, 0}, layout, {0}, false};
}
