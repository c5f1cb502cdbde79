/* SPDX-License-Identifier: MIT */
/* What HTML and the pictures in it share: words that stay words, and numbers of coordinates. */
#include "out/document/markup.h"

#include <math.h>

#include "out/human.h"

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

void markup_add_words(struct text *text, const char *words)
{
    for (; *words; words++) {
        const char *escaped = *words == '\n' ? "<br>\n" : entity(*words);

        if (escaped)
            text_add(text, "%s", escaped);
        else
            text_add_octets(text, words, 1);
    }
}

/* The names in a picture come as they are; those of a record were cleaned before. */
static void add_clean(struct text *text, const char *words)
{
    _cleanup_text_ struct text clean = {0};

    human_add_clean(&clean, words);
    for (const char *at = text_get(&clean); *at; at++) {
        if (*at == '\n')
            text_add(text, "&#10;");
        else if (entity(*at))
            text_add(text, "%s", entity(*at));
        else
            text_add_octets(text, at, 1);
    }
}

void markup_add_number(struct text *text, double number)
{
    long tenths = lround(number * 10);

    if (tenths % 10)
        text_add(text, "%s%ld.%ld", tenths < 0 ? "-" : "", labs(tenths) / 10, labs(tenths) % 10);
    else
        text_add(text, "%ld", tenths / 10);
}

static void add_attribute(struct text *text, const char *name, double number)
{
    text_add(text, " %s=\"", name);
    markup_add_number(text, number);
    text_add(text, "\"");
}

void markup_add_label(struct text *text, const char *class, double x, double y, const char *words)
{
    text_add(text, "<text class=\"%s\"", class);
    add_attribute(text, "x", x);
    add_attribute(text, "y", y);
    text_add(text, ">");
    add_clean(text, words);
    text_add(text, "</text>\n");
}

void markup_add_line(struct text *text, const char *class, double x1, double y1, double x2, double y2)
{
    text_add(text, "<line class=\"%s\"", class);
    add_attribute(text, "x1", x1);
    add_attribute(text, "y1", y1);
    add_attribute(text, "x2", x2);
    add_attribute(text, "y2", y2);
    text_add(text, "/>\n");
}

void markup_add_box(struct text *text, const char *class, double x, double y, double width, double height,
                    const char *tip)
{
    text_add(text, "<rect class=\"%s\"", class);
    add_attribute(text, "x", x);
    add_attribute(text, "y", y);
    add_attribute(text, "width", width);
    add_attribute(text, "height", height);
    if (!tip) {
        text_add(text, "/>\n");
        return;
    }
    text_add(text, "><title>");
    add_clean(text, tip);
    text_add(text, "</title></rect>\n");
}

void markup_begin_picture(struct text *text, const char *title, const char *note, double width, double height)
{
    text_add(text, "<figure>\n<figcaption><strong>");
    add_clean(text, title);
    text_add(text, "</strong>");
    if (note) {
        text_add(text, "<br>\n");
        add_clean(text, note);
    }
    text_add(text,
             "</figcaption>\n<div class=\"wide\"><svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"",
             width, height);
    add_clean(text, title);
    text_add(text, "\">\n");
}

void markup_end_picture(struct text *text)
{
    text_add(text, "</svg></div>\n</figure>\n");
}
