/* SPDX-License-Identifier: MIT */
/* Text to read on a display: wrapped to a width, longer than the place for it, moved up and down. */
#ifndef SONDE_OUT_DISPLAY_PAGE_H
#define SONDE_OUT_DISPLAY_PAGE_H

#include <stddef.h>

#include "base/text.h"
#include "out/display/display.h"

enum { PAGE_LINES = 256 /* of a page; what is longer is cut */, PAGE_LABEL = 18 /* columns of labels */ };

/** A line of a page. */
struct page_line {
    enum display_style style;
    int indent;
    size_t label, text; /* where they begin in the page's octets, zero-terminated; label 0: none */
};

/** A page; zero-initialise it, and free it with page_deinit. It keeps its memory when it is begun again. */
struct page {
    int width; /* columns of its lines */
    struct page_line lines[PAGE_LINES];
    size_t count;
    struct text octets;
};

/** Begin a page anew. */
void page_begin(struct page *page, int width);

/** Append text; its lines are wrapped, line ends in it are kept. */
void page_add(struct page *page, enum display_style style, int indent, const char *text);

/** Append a line as it is: what does not fit is cut off. */
void page_add_raw(struct page *page, const char *line);

/** Append a heading with an empty line before it, unless it is the first line. */
void page_add_heading(struct page *page, const char *text);

/** Append an item of a list. */
void page_add_item(struct page *page, const char *text);

/** Append a label and the text that belongs to it, wrapped beside of it. */
void page_add_field(struct page *page, const char *label, const char *text);

/** Append a label and text in printf form, as page_add_field does. */
void page_field(struct page *page, const char *label, const char *format, ...) FORMAT(3, 4);

/**
 * Draw the part of a page that fits into an area; the last row says so when there is more.
 * @param scroll first line to show; corrected when it is too far down
 */
void page_draw(const struct page *page, struct display *display, struct display_area area, int *scroll);

/** Free what a page holds. */
void page_deinit(struct page *page);

#endif
