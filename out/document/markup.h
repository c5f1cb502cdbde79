/* SPDX-License-Identifier: MIT */
/* What HTML and the pictures in it share: words that stay words, and numbers of coordinates. */
#ifndef SONDE_OUT_DOCUMENT_MARKUP_H
#define SONDE_OUT_DOCUMENT_MARKUP_H

#include "base/text.h"
#include "out/document/figure.h"

/** Append words, escaped so that they are nothing but words; a line end becomes a break. */
void markup_add_words(struct text *text, const char *words);

/** Append a number with one digit behind the point at most: coordinates need no more. */
void markup_add_number(struct text *text, double number);

/** Append a word of a picture: its class, where it stands, what it says. */
void markup_add_label(struct text *text, const char *class, double x, double y, const char *words);

/** Append a line of a picture. */
void markup_add_line(struct text *text, const char *class, double x1, double y1, double x2, double y2);

/** Append a rectangle of a picture that shows a text when pointed at, unless that is NULL. */
void markup_add_box(struct text *text, const char *class, double x, double y, double width, double height,
                    const char *tip);

/** Begin a picture of this size: its title, and how to read it. */
void markup_begin_picture(struct text *text, const char *title, const char *note, double width,
                          double height);

/** End it. */
void markup_end_picture(struct text *text);

/** Append amounts over time as a picture in HTML (SVG). */
void area_add(struct text *text, const struct figure_area *area);

/** Append points as a picture in HTML (SVG). */
void scatter_add(struct text *text, const struct figure_scatter *scatter);

#endif
