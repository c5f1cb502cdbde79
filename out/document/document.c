/* SPDX-License-Identifier: MIT */
/* Records as a document: which parts a record has is decided here, a format says how each part is written. */
#include "out/document/document.h"

#include <string.h>

#include "out/human.h"
#include "out/value.h"

enum { LEVEL_RECORD = 2, LEVEL_DEEPEST = 6, PAIRS_MAX = 64 /* in one block */ };

/* What the parts of one record share while it is written. */
struct page {
    struct text *text;
    const struct document_format *format;
    int level; /* of the headings */
    const struct schema *schema;
    const void *record;
};

static void add_record(struct text *text, const struct document_format *format, int level,
                       const struct schema *schema, const void *record);

static void append(struct document_texts *texts, struct text *words)
{
    char **items = reallocarray(texts->items, texts->count + 1, sizeof(*items));

    if (!items)
        abort(); /* as base/text.c */
    texts->items = items;
    items[texts->count++] = text_format("%s", text_get(words));
    text_deinit(words);
}

static void release(struct document_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
}

static void add_title(const struct page *page, const struct field *field)
{
    _cleanup_text_ struct text title = {0};

    human_add_title(&title, field);
    page->format->title(page->text, page->level + 1, text_get(&title));
}

/* The word of the record that says how grave it is, or NULL. */
static const char *grade_of(const struct page *page)
{
    for (const struct field *field = page->schema->fields; field->name; field++)
        if (field->style == STYLE_GRADE && field->type == FIELD_TEXT)
            return *(const char *const *)value_of(field, page->record);
    return NULL;
}

static void add_headline(const struct page *page, const struct field *field)
{
    _cleanup_text_ struct text words = {0};

    human_add_value(&words, field, page->record);
    page->format->headline(page->text, page->level, text_get(&words), grade_of(page));
}

static void add_paragraph(const struct page *page, const struct field *field)
{
    _cleanup_text_ struct text words = {0};
    int level = page->level + 2 < LEVEL_DEEPEST ? page->level + 2 : LEVEL_DEEPEST - 1;

    add_title(page, field);
    if (field->type == FIELD_OBJECT) {
        add_record(page->text, page->format, level, field->of, value_object(field, page->record));
        return;
    }
    human_add_value(&words, field, page->record);
    page->format->paragraph(page->text, text_get(&words));
}

/* An object on one line, and its paragraphs on lines of their own. */
static void add_object(struct text *words, const struct schema *schema, const void *record)
{
    human_add_object(words, schema, record);
    for (const struct field *field = schema->fields; field->name; field++) {
        if (field->style != STYLE_PARAGRAPH || human_is_empty(field, record))
            continue;
        text_add(words, "\n");
        human_add_value(words, field, record);
    }
}

static void add_items(const struct page *page, const struct field *field)
{
    const struct record_list *list = value_list(field, page->record);
    struct document_texts items = {0};

    add_title(page, field);
    for (size_t i = 0; i < list->count; i++) {
        struct text words = {0};

        if (field->of)
            add_object(&words, field->of, value_item(field, list, i));
        else
            human_add_clean(&words, value_string(list, i));
        append(&items, &words);
    }
    page->format->items(page->text, &items, field->style == STYLE_NUMBERED);
    release(&items);
}

static void add_table(const struct page *page, const struct field *field)
{
    const struct record_list *list = value_list(field, page->record);
    struct table table;

    add_title(page, field);
    table_init(&table, field->of);
    for (size_t i = 0; i < list->count; i++)
        table_add(&table, value_item(field, list, i));
    page->format->table(page->text, &table);
    table_deinit(&table);
}

static void add_sections(const struct page *page, const struct field *field)
{
    const struct record_list *list = value_list(field, page->record);
    int level = page->level < LEVEL_DEEPEST - 1 ? page->level + 1 : page->level;

    for (size_t i = 0; i < list->count; i++)
        add_record(page->text, page->format, level, field->of, value_item(field, list, i));
}

static void add_code(const struct page *page, const struct field *field)
{
    const struct record_list *list = value_list(field, page->record);
    struct document_texts lines = {0};

    add_title(page, field);
    for (size_t i = 0; i < list->count; i++) {
        struct text words = {0};

        human_add_clean(&words, value_string(list, i));
        append(&lines, &words);
    }
    page->format->code(page->text, &lines);
    release(&lines);
}

/* How a field is written, from its style and its type. */
enum part { PART_PAIR, PART_HEADLINE, PART_PARAGRAPH, PART_ITEMS, PART_TABLE, PART_SECTIONS, PART_CODE };

static enum part part_of(const struct field *field)
{
    if (field->style == STYLE_HEADLINE)
        return PART_HEADLINE;
    if (field->style == STYLE_PARAGRAPH)
        return PART_PARAGRAPH;
    if (field->type != FIELD_LIST)
        return PART_PAIR;
    if (field->style == STYLE_NUMBERED || field->style == STYLE_BULLETS)
        return PART_ITEMS;
    if (field->style == STYLE_SECTIONS && field->of)
        return PART_SECTIONS;
    if (field->style == STYLE_CODE && !field->of)
        return PART_CODE;
    return field->style == STYLE_TABLE && field->of ? PART_TABLE : PART_PAIR;
}

/* Fields that follow each other and are a line each, from this one on; the last of them. */
static const struct field *add_pairs(const struct page *page, const struct field *field)
{
    struct document_texts titles = {0}, values = {0};
    const struct field *last = field;
    bool code[PAIRS_MAX];

    for (; field->name && values.count < PAIRS_MAX; field++) {
        struct text title = {0}, value = {0};

        if (human_is_empty(field, page->record))
            continue;
        if (part_of(field) != PART_PAIR)
            break;
        human_add_title(&title, field);
        human_add_value(&value, field, page->record);
        code[values.count] = field->style == STYLE_CODE;
        append(&titles, &title);
        append(&values, &value);
        last = field;
    }
    page->format->pairs(page->text, &titles, &values, code);
    release(&titles);
    release(&values);
    return last;
}

static void add_record(struct text *text, const struct document_format *format, int level,
                       const struct schema *schema, const void *record)
{
    static void (*const writers[])(const struct page *page, const struct field *field) = {
        [PART_HEADLINE] = add_headline, [PART_PARAGRAPH] = add_paragraph, [PART_ITEMS] = add_items,
        [PART_TABLE] = add_table,       [PART_SECTIONS] = add_sections,   [PART_CODE] = add_code,
    };
    struct page page = {text, format, level, schema, record};

    for (const struct field *field = schema->fields; field->name; field++) {
        if (human_is_empty(field, record))
            continue;
        if (part_of(field) == PART_PAIR)
            field = add_pairs(&page, field);
        else
            writers[part_of(field)](&page, field);
    }
}

bool document_column_is_used(const struct table *table, size_t column)
{
    for (size_t row = 0; row < table->rows; row++)
        if (table->cells[row * table->columns + column])
            return true;
    return false;
}

const char *document_cell(const struct table *table, size_t row, size_t column)
{
    const char *cell = table->cells[row * table->columns + column];

    return cell ? cell : "-";
}

const struct field *document_column(const struct table *table, size_t column)
{
    const struct field *field = table->schema->fields;

    for (;; field++) {
        if (field->style == STYLE_HIDDEN)
            continue;
        if (column-- == 0)
            return field;
    }
}

bool document_column_is_number(const struct field *field)
{
    return field->type == FIELD_INTEGER || field->type == FIELD_REAL;
}

static void start(struct document_sink *document)
{
    struct text text = {0};

    if (document->started)
        return;
    document->started = true;
    document->format->begin(&text, document->title);
    stream_write(&document->stream, &text);
}

static void flush_table(struct document_sink *document)
{
    struct text text = {0};

    if (document->table.rows > 0)
        document->format->table(&text, &document->table);
    stream_write(&document->stream, &text);
    table_deinit(&document->table);
}

static void sink_begin(struct sink *sink, const struct schema *schema)
{
    struct document_sink *document = (struct document_sink *)sink;

    start(document);
    if (document->table.schema == schema)
        return;
    flush_table(document);
    if (schema->tabular)
        table_init(&document->table, schema);
}

static void sink_record(struct sink *sink, const struct schema *schema, const void *record)
{
    struct document_sink *document = (struct document_sink *)sink;
    struct text text = {0};

    sink_begin(sink, schema);
    if (schema->tabular) {
        table_add(&document->table, record);
        return;
    }
    add_record(&text, document->format, LEVEL_RECORD, schema, record);
    stream_write(&document->stream, &text);
}

/* What comes next is no row of the table before. */
static void leave_table(struct document_sink *document)
{
    start(document);
    flush_table(document);
}

void document_add_title(struct document_sink *document, const char *words)
{
    struct text text = {0};
    _cleanup_text_ struct text clean = {0};

    leave_table(document);
    human_add_clean(&clean, words);
    document->format->title(&text, LEVEL_RECORD, text_get(&clean));
    stream_write(&document->stream, &text);
}

void document_add_paragraph(struct document_sink *document, const char *words)
{
    struct text text = {0};
    _cleanup_text_ struct text clean = {0};

    leave_table(document);
    human_add_clean(&clean, words);
    document->format->paragraph(&text, text_get(&clean));
    stream_write(&document->stream, &text);
}

void document_add_area(struct document_sink *document, const struct figure_area *area)
{
    struct text text = {0};

    leave_table(document);
    document->format->area(&text, area);
    stream_write(&document->stream, &text);
}

void document_add_scatter(struct document_sink *document, const struct figure_scatter *scatter)
{
    struct text text = {0};

    leave_table(document);
    document->format->scatter(&text, scatter);
    stream_write(&document->stream, &text);
}

static int sink_end(struct sink *sink)
{
    struct document_sink *document = (struct document_sink *)sink;
    struct text text = {0};

    start(document);
    flush_table(document);
    document->format->end(&text, document->footer);
    stream_write(&document->stream, &text);
    return stream_end(&document->stream);
}

void document_sink_init(struct document_sink *document, FILE *file, const struct document_format *format,
                        const char *title, const char *footer)
{
    *document = (struct document_sink){
        {sink_begin, sink_record, sink_end}, {file, 0}, format, title, footer, {0}, false};
}
