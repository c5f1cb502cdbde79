/* SPDX-License-Identifier: MIT */
/* Records as one HTML page that needs no other file: no script, no address to fetch; pictures are part of it.
 */
#include "out/document/html.h"

#include <string.h>

#include "out/document/markup.h"
#include "out/human.h"

/* The policy forbids everything but the style below, should an escape ever be wrong. */
static const char head[] = "<!DOCTYPE html>\n"
                           "<html lang=\"en\">\n"
                           "<head>\n"
                           "<meta charset=\"utf-8\">\n"
                           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                           "style-src 'unsafe-inline'\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                           "<meta name=\"color-scheme\" content=\"light dark\">\n";

static const char style[] =
    "<style>\n"
    ":root { --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --back: #ffffff; --mark: #0b5cad; "
    "--zone: #f3f5f8; --alert: #c62828; --warning: #b26a00; --asked: #8a5a00; --answered: #0b7a75; "
    "--c0: #2f6db5; --c1: #e08a1e; --c2: #3a9a5b; --c3: #c2569b; --c4: #5ab4d6; --c5: #d1495b; "
    "--c6: #7e63b8; --c7: #a89a1c; --c8: #8b95a1 }\n"
    "@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9aa5b1; --line: #3b434c; "
    "--back: #15191e; --mark: #79b8ff; --zone: #1b2128; --alert: #ff7b72; --warning: #e3a03c; "
    "--asked: #e3a03c; --answered: #4fd1c5; --c0: #5b9be0; --c1: #f0a64a; --c2: #5fc084; --c3: #e07fbd; "
    "--c4: #7fd0ec; --c5: #f0717f; --c6: #a78ee0; --c7: #d0c24a; --c8: #7c8794 } }\n"
    "body { color: var(--text); background: var(--back); font: 16px/1.5 system-ui, sans-serif; "
    "max-width: 52rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word }\n"
    "h1 { font-size: 1rem; font-weight: 600; color: var(--soft); margin: 0 }\n"
    "h2 { font-size: 1.4rem; line-height: 1.3; margin: 1.6rem 0 1rem; padding-left: .8rem; "
    "border-left: .3rem solid var(--mark) }\n"
    "h3 { font-size: 1rem; margin: 1.4rem 0 .4rem }\n"
    "h4, h5, h6 { font-size: 1rem; margin: 1rem 0 .3rem }\n"
    "ol, ul { margin: 0; padding-left: 1.6rem }\n"
    "li { margin: .2rem 0 }\n"
    ".wide { overflow-x: auto }\n"
    "table { border-collapse: collapse; font-variant-numeric: tabular-nums }\n"
    "th, td { text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0; "
    "border-bottom: 1px solid var(--line) }\n"
    "th { color: var(--soft); font-weight: 600 }\n"
    ".number { text-align: right } .time { white-space: nowrap }\n"
    "dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0 }\n"
    "dt { color: var(--soft) }\n"
    "dd { margin: 0 }\n"
    "p { margin: .3rem 0 }\n"
    "h2.alert { border-color: var(--alert) } h2.warning { border-color: var(--warning) }\n"
    "pre, code { font: .85rem/1.5 ui-monospace, monospace }\n"
    "pre { overflow-x: auto; margin: .3rem 0; padding: .5rem .8rem; background: var(--zone); "
    "border-radius: .3rem }\n"
    "code { background: var(--zone); padding: .1rem .3rem; border-radius: .2rem }\n"
    "figure { margin: 1.6rem 0 } figcaption { margin-bottom: .6rem; color: var(--soft) }\n"
    "figcaption strong { color: var(--text) }\n"
    "svg { display: block; width: 100%; min-width: 40rem; font-size: 11px; fill: var(--text) }\n"
    "svg .soft { fill: var(--soft) } svg .end { text-anchor: end } svg .mid { text-anchor: middle }\n"
    "svg .grid { stroke: var(--line); stroke-width: .6 } svg .tick { stroke: var(--soft) }\n"
    "svg .curve { fill: none; stroke: var(--soft); stroke-width: 1 }\n"
    "svg .frame { fill: none; stroke: var(--line) } svg .zone { fill: var(--zone) }\n"
    "svg .over { fill: transparent } svg g:hover > .over { fill: var(--mark); fill-opacity: .1 }\n"
    "svg .alert { fill: var(--alert) } svg .warning { fill: var(--warning) } svg .info { fill: var(--c8) }\n"
    "svg rect.alert, svg rect.warning, svg rect.info { fill-opacity: .35 }\n"
    "svg .m0 { fill: none; stroke: var(--asked); stroke-width: 1.6 }\n"
    "svg .m1 { fill: none; stroke: var(--answered); stroke-width: 4; stroke-linecap: round }\n"
    "svg .c0 { fill: var(--c0) } svg .c1 { fill: var(--c1) } svg .c2 { fill: var(--c2) } "
    "svg .c3 { fill: var(--c3) } svg .c4 { fill: var(--c4) } svg .c5 { fill: var(--c5) } "
    "svg .c6 { fill: var(--c6) } svg .c7 { fill: var(--c7) } svg .c8 { fill: var(--c8) }\n"
    "footer { color: var(--soft); font-size: .85rem; border-top: 1px solid var(--line); "
    "margin-top: 2rem; padding-top: .6rem }\n"
    "@media print { body { max-width: none; margin: 0; font-size: 11pt } h2, h3 { break-after: avoid } "
    "tr, li { break-inside: avoid } .wide { overflow: visible } }\n"
    "</style>\n";

/* <NAME>words</NAME> on a line of its own. */
static void add_element(struct text *text, const char *name, const char *words)
{
    text_add(text, "<%s>", name);
    markup_add_words(text, words);
    text_add(text, "</%s>\n", name);
}

static void begin(struct text *text, const char *title)
{
    text_add(text, "%s", head);
    add_element(text, "title", title);
    text_add(text, "%s</head>\n<body>\n", style);
    add_element(text, "h1", title);
}

static void end(struct text *text, const char *footer)
{
    add_element(text, "footer", footer);
    text_add(text, "</body>\n</html>\n");
}

static void add_heading(struct text *text, int level, const char *words)
{
    char name[] = {'h', (char)('0' + level), '\0'};

    add_element(text, name, words);
}

static void add_headline(struct text *text, int level, const char *words, const char *grade)
{
    static const char *const grades[] = {"alert", "warning", "info"};
    const char *class = NULL;

    for (size_t i = 0; grade && i < COUNT_OF(grades); i++)
        if (!strcmp(grade, grades[i]))
            class = grades[i];
    if (!class) {
        add_heading(text, level, words);
        return;
    }
    text_add(text, "<h%d class=\"%s\">", level, class);
    markup_add_words(text, words);
    text_add(text, "</h%d>\n", level);
}

static void add_pairs(struct text *text, const struct document_texts *titles,
                      const struct document_texts *values, const bool *code)
{
    text_add(text, "<dl>\n");
    for (size_t i = 0; i < titles->count; i++) {
        add_element(text, "dt", titles->items[i]);
        if (!code[i]) {
            add_element(text, "dd", values->items[i]);
            continue;
        }
        text_add(text, "<dd><code>");
        markup_add_words(text, values->items[i]);
        text_add(text, "</code></dd>\n");
    }
    text_add(text, "</dl>\n");
}

static void add_paragraph(struct text *text, const char *words)
{
    add_element(text, "p", words);
}

static void add_items(struct text *text, const struct document_texts *items, bool numbered)
{
    const char *name = numbered ? "ol" : "ul";

    text_add(text, "<%s>\n", name);
    for (size_t i = 0; i < items->count; i++)
        add_element(text, "li", items->items[i]);
    text_add(text, "</%s>\n", name);
}

static void add_code(struct text *text, const struct document_texts *lines)
{
    text_add(text, "<pre>");
    for (size_t i = 0; i < lines->count; i++) {
        markup_add_words(text, lines->items[i]);
        text_add(text, "\n");
    }
    text_add(text, "</pre>\n");
}

/* Numbers stand to the right, and a time is not broken into two lines. */
static const char *class_of(const struct field *field)
{
    if (field->type == FIELD_TIME)
        return " class=\"time\"";
    return document_column_is_number(field) ? " class=\"number\"" : "";
}

static void add_cell(struct text *text, const char *name, const struct field *field, const char *words)
{
    text_add(text, "<%s%s>", name, class_of(field));
    markup_add_words(text, words);
    text_add(text, "</%s>", name);
}

static void add_head(struct text *text, const struct table *table)
{
    text_add(text, "<tr>");
    for (size_t column = 0; column < table->columns; column++) {
        _cleanup_text_ struct text title = {0};

        if (!document_column_is_used(table, column))
            continue;
        human_add_title(&title, document_column(table, column));
        add_cell(text, "th", document_column(table, column), text_get(&title));
    }
    text_add(text, "</tr>\n");
}

static void add_table(struct text *text, const struct table *table)
{
    text_add(text, "<div class=\"wide\"><table>\n");
    add_head(text, table);
    for (size_t row = 0; row < table->rows; row++) {
        text_add(text, "<tr>");
        for (size_t column = 0; column < table->columns; column++)
            if (document_column_is_used(table, column))
                add_cell(text, "td", document_column(table, column), document_cell(table, row, column));
        text_add(text, "</tr>\n");
    }
    text_add(text, "</table></div>\n");
}

const struct document_format html_format = {.begin = begin,
                                            .end = end,
                                            .headline = add_headline,
                                            .title = add_heading,
                                            .pairs = add_pairs,
                                            .paragraph = add_paragraph,
                                            .items = add_items,
                                            .code = add_code,
                                            .table = add_table,
                                            .area = area_add,
                                            .scatter = scatter_add};
