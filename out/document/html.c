/* SPDX-License-Identifier: MIT */
/* Records as one HTML page that needs no other file: no script, no picture, no address to fetch. */
#include "out/document/html.h"

#include <string.h>

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
    ":root { --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --back: #ffffff; --mark: #0b5cad "
    "}\n"
    "@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9aa5b1; --line: #3b434c; "
    "--back: #15191e; --mark: #79b8ff } }\n"
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
    ".number { text-align: right }\n"
    "dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0 }\n"
    "dt { color: var(--soft) }\n"
    "dd { margin: 0 }\n"
    "p { margin: .3rem 0 }\n"
    "footer { color: var(--soft); font-size: .85rem; border-top: 1px solid var(--line); "
    "margin-top: 2rem; padding-top: .6rem }\n"
    "@media print { body { max-width: none; margin: 0; font-size: 11pt } h2, h3 { break-after: avoid } "
    "tr, li { break-inside: avoid } .wide { overflow: visible } }\n"
    "</style>\n";

static const char *entity(char octet)
{
    static const struct {
        char octet;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

    for (size_t i = 0; i < COUNT_OF(entities); i++)
        if (entities[i].octet == octet)
            return entities[i].entity;
    return NULL;
}

static void add_words(struct text *text, const char *words)
{
    for (; *words; words++) {
        const char *escaped = *words == '\n' ? "<br>\n" : entity(*words);

        if (escaped)
            text_add(text, "%s", escaped);
        else
            text_add_octets(text, words, 1);
    }
}

/* <NAME>words</NAME> on a line of its own. */
static void add_element(struct text *text, const char *name, const char *words)
{
    text_add(text, "<%s>", name);
    add_words(text, words);
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

static void add_pairs(struct text *text, const struct document_texts *titles,
                      const struct document_texts *values)
{
    text_add(text, "<dl>\n");
    for (size_t i = 0; i < titles->count; i++) {
        add_element(text, "dt", titles->items[i]);
        add_element(text, "dd", values->items[i]);
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

static void add_cell(struct text *text, const char *name, const struct field *field, const char *words)
{
    text_add(text, "<%s%s>", name, document_column_is_number(field) ? " class=\"number\"" : "");
    add_words(text, words);
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

const struct document_format html_format = {begin,     end,           add_heading, add_heading,
                                            add_pairs, add_paragraph, add_items,   add_table};
