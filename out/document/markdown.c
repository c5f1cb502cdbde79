/* SPDX-License-Identifier: MIT */
/* Records as Markdown (CommonMark, with the tables of GitHub). */
#include "out/document/markdown.h"

#include <ctype.h>
#include <string.h>

#include "out/document/markdown_figure.h"
#include "out/human.h"

/* Whether a mark begins a heading, a list, a quotation or a rule when it comes first on a line. */
static bool opens_block(const char *at)
{
    return strchr("#+-=>", *at) != NULL;
}

/* Octets of the number in "12. " or "12) ", which would begin a numbered list; 0 if it is none. */
static size_t numbering(const char *at, size_t length)
{
    size_t digits = 0;

    while (digits < length && isdigit((unsigned char)at[digits]))
        digits++;
    if (digits == 0 || digits == length || (at[digits] != '.' && at[digits] != ')'))
        return 0;
    return digits + 1 == length || at[digits + 1] == ' ' ? digits : 0;
}

static bool is_special(char octet)
{
    return strchr("\\`*_[]<>|~&", octet) != NULL;
}

/* The words of one line, escaped so that they are nothing but words. */
static void add_line(struct text *text, const char *words, size_t length)
{
    size_t digits, at = 0;

    while (at < length && words[at] == ' ')
        at++; /* four blanks would make it code */
    digits = numbering(words + at, length - at);
    if (at < length && opens_block(words + at))
        text_add(text, "\\");
    for (size_t i = at; i < length; i++) {
        if (is_special(words[i]) || (digits > 0 && i == at + digits))
            text_add(text, "\\");
        text_add_octets(text, words + i, 1);
    }
}

/* The words of a cell: they stand in a line, so only what has a meaning there is escaped. */
void markdown_add_cell(struct text *text, const char *words)
{
    text_add(text, "| ");
    for (; *words; words++) {
        if (is_special(*words))
            text_add(text, "\\");
        text_add(text, "%c", *words == '\n' ? ' ' : *words);
    }
    text_add(text, " ");
}

/* All lines of a text; what separates them comes from the place it stands in. */
static void add_words(struct text *text, const char *words, const char *separator)
{
    for (;;) {
        size_t length = strcspn(words, "\n");

        add_line(text, words, length);
        if (!words[length] || !words[length + 1])
            return;
        text_add(text, "%s", separator);
        words += length + 1;
    }
}

/* A blank line between two blocks. */
static void separate(struct text *text)
{
    text_add(text, "\n");
}

void markdown_add_heading(struct text *text, int level, const char *words)
{
    separate(text);
    for (int i = 0; i < level; i++)
        text_add(text, "#");
    text_add(text, " ");
    add_words(text, words, " ");
    text_add(text, "\n");
}

/* How grave it is stands in a line of its own. */
static void add_headline(struct text *text, int level, const char *words, const char *grade)
{
    markdown_add_heading(text, level, words);
}

static void begin(struct text *text, const char *title)
{
    text_add(text, "# ");
    add_words(text, title, " ");
    text_add(text, "\n");
}

static void end(struct text *text, const char *footer)
{
    separate(text);
    text_add(text, "---\n\n");
    add_words(text, footer, " ");
    text_add(text, "\n");
}

/* The most backticks in a row in words. */
static int longest_fence(const char *words)
{
    int longest = 0, run = 0;

    for (; *words; words++) {
        run = *words == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* A command within a line: between more backticks than it has itself (CommonMark 6.1). */
static void add_span(struct text *text, const char *words)
{
    int fence = longest_fence(words) + 1;

    for (int i = 0; i < fence; i++)
        text_add(text, "`");
    text_add(text, " ");
    for (; *words; words++)
        text_add(text, "%c", *words == '\n' ? ' ' : *words);
    text_add(text, " ");
    for (int i = 0; i < fence; i++)
        text_add(text, "`");
}

static void add_pairs(struct text *text, const struct document_texts *titles,
                      const struct document_texts *values, const bool *code)
{
    separate(text);
    for (size_t i = 0; i < titles->count; i++) {
        text_add(text, "- **");
        add_words(text, titles->items[i], " ");
        text_add(text, ":** ");
        if (code[i])
            add_span(text, values->items[i]);
        else
            add_words(text, values->items[i], "\\\n  ");
        text_add(text, "\n");
    }
}

static void add_paragraph(struct text *text, const char *words)
{
    separate(text);
    add_words(text, words, "\\\n");
    text_add(text, "\n");
}

static void add_items(struct text *text, const struct document_texts *items, bool numbered)
{
    separate(text);
    for (size_t i = 0; i < items->count; i++) {
        if (numbered)
            text_add(text, "%zu. ", i + 1);
        else
            text_add(text, "- ");
        add_words(text, items->items[i], numbered ? "\\\n   " : "\\\n  ");
        text_add(text, "\n");
    }
}

/* Indented by four blanks it is code, whatever it says. */
static void add_code(struct text *text, const struct document_texts *lines)
{
    separate(text);
    for (size_t i = 0; i < lines->count; i++) {
        text_add(text, "    ");
        for (const char *at = lines->items[i]; *at; at++)
            text_add(text, "%c", *at == '\n' ? ' ' : *at);
        text_add(text, "\n");
    }
}

static void add_head(struct text *text, const struct table *table)
{
    _cleanup_text_ struct text rule = {0};

    for (size_t column = 0; column < table->columns; column++) {
        const struct field *field = document_column(table, column);
        _cleanup_text_ struct text title = {0};

        if (!document_column_is_used(table, column))
            continue;
        human_add_title(&title, field);
        markdown_add_cell(text, text_get(&title));
        text_add(&rule, document_column_is_number(field) ? "| ---: " : "| --- ");
    }
    text_add(text, "|\n%s|\n", text_get(&rule));
}

static void add_table(struct text *text, const struct table *table)
{
    separate(text);
    add_head(text, table);
    for (size_t row = 0; row < table->rows; row++) {
        for (size_t column = 0; column < table->columns; column++) {
            if (document_column_is_used(table, column))
                markdown_add_cell(text, document_cell(table, row, column));
        }
        text_add(text, "|\n");
    }
}

const struct document_format markdown_format = {.begin = begin,
                                                .end = end,
                                                .headline = add_headline,
                                                .title = markdown_add_heading,
                                                .pairs = add_pairs,
                                                .paragraph = add_paragraph,
                                                .items = add_items,
                                                .code = add_code,
                                                .table = add_table,
                                                .area = markdown_add_area,
                                                .scatter = markdown_add_scatter};
