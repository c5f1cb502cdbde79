/* SPDX-License-Identifier: MIT */
/* Text to read on a display: wrapped, longer than the place for it. */
#include "out/display/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "out/layout.h"

enum { FIELD = 1024 /* octets of a formatted field */, PAGE_ITEM = 3 };

void page_begin(struct page *page, int width)
{
    page->width = width;
    page->count = 0;
    page->octets.length = 0;
    text_add_octets(&page->octets, "", 1); /* so that no text begins at 0 */
}

static size_t keep(struct page *page, const char *text, size_t length)
{
    size_t start = page->octets.length;

    text_add_octets(&page->octets, text, length);
    text_add_octets(&page->octets, "", 1);
    return start;
}

static void add_line(struct page *page, enum display_style style, int indent, size_t label, const char *text,
                     size_t length)
{
    if (page->count == PAGE_LINES)
        return;
    page->lines[page->count++] = (struct page_line){style, indent, label, keep(page, text, length)};
}

static void add_wrapped(struct page *page, enum display_style style, int indent, size_t label,
                        const char *string)
{
    _cleanup_text_ struct text text = {0};
    struct layout layout = {.width = page->width - indent};

    layout_add_wrapped(&text, &layout, 0, string, false);
    for (const char *line = text_get(&text), *end; (end = strchr(line, '\n')); line = end + 1) {
        add_line(page, style, indent, label, line, (size_t)(end - line));
        label = 0;
    }
}

void page_add(struct page *page, enum display_style style, int indent, const char *text)
{
    add_wrapped(page, style, indent, 0, text);
}

void page_add_raw(struct page *page, const char *line)
{
    add_line(page, DISPLAY_PLAIN, 1, 0, line, strlen(line));
}

void page_add_heading(struct page *page, const char *text)
{
    if (page->count)
        add_line(page, DISPLAY_PLAIN, 0, 0, "", 0);
    page_add(page, DISPLAY_STRONG, 0, text);
}

void page_add_item(struct page *page, const char *text)
{
    add_wrapped(page, DISPLAY_PLAIN, PAGE_ITEM, keep(page, "-", 1), text);
}

void page_add_field(struct page *page, const char *label, const char *text)
{
    add_wrapped(page, DISPLAY_PLAIN, PAGE_LABEL, keep(page, label, strlen(label)), text);
}

void page_field(struct page *page, const char *label, const char *format, ...)
{
    char text[FIELD];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    page_add_field(page, label, text);
}

static void draw_line(const struct page *page, const struct page_line *line, struct display *display, int row,
                      int left, int columns)
{
    const char *octets = page->octets.data;

    if (line->label)
        display_put(display, row, left + 1, line->indent - 2, DISPLAY_FAINT, octets + line->label);
    display_put(display, row, left + line->indent, columns - line->indent, line->style, octets + line->text);
}

void page_draw(const struct page *page, struct display *display, struct display_area area, int *scroll)
{
    int count = (int)page->count, last = count > area.rows ? count - area.rows : 0;
    char hint[64];

    *scroll = *scroll > last ? last : *scroll < 0 ? 0 : *scroll;
    for (int row = 0; row < area.rows && *scroll + row < count; row++)
        draw_line(page, &page->lines[*scroll + row], display, area.top + row, area.left, area.columns);
    if (*scroll == last || area.rows < 2)
        return;
    display_fill(display, area.top + area.rows - 1, area.left, area.columns, DISPLAY_PLAIN);
    snprintf(hint, sizeof(hint), "%s %d more lines: Page Down", display->unicode ? "▼" : "v",
             count - *scroll - area.rows + 1);
    display_put(display, area.top + area.rows - 1, area.left + 1, area.columns - 1, DISPLAY_FAINT, hint);
}

void page_deinit(struct page *page)
{
    text_deinit(&page->octets);
}
