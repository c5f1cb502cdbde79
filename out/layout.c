/* SPDX-License-Identifier: MIT */
/* Lines of text in a given width: wrapping, hanging indents, bold. */
#include "out/layout.h"

#include <string.h>

#include "out/utf8.h"

#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

int layout_columns(const char *text)
{
    int columns = 0;

    for (size_t length; *text; text += length, columns++)
        utf8_next(text, &length);
    return columns;
}

void layout_add_blanks(struct text *text, int count)
{
    if (count > 0)
        text_add(text, "%*s", count, "");
}

/* Octets of the longest beginning that fits, cut at a blank; a word that is too long stays whole, so that
 * addresses and commands can be copied. */
static size_t fitting(const char *string, size_t length, int columns)
{
    size_t cut = 0, octets;
    int used = 0;

    for (size_t at = 0; at < length; at += octets, used++) {
        utf8_next(string + at, &octets);
        if (string[at] != ' ')
            continue;
        if (used <= columns)
            cut = at;
        else
            return cut ? cut : at;
    }
    return used <= columns || !cut ? length : cut;
}

void layout_add_styled(struct text *text, const char *string, bool bold)
{
    bold = bold && *string;
    text_add(text, "%s%s%s", bold ? BOLD : "", string, bold ? PLAIN : "");
}

static void add_part(struct text *text, const char *part, size_t length, bool bold)
{
    _cleanup_free_ char *own = text_format("%.*s", (int)length, part);

    layout_add_styled(text, own, bold);
    text_add_octets(text, "\n", 1);
}

/* One line of the source, in as many lines as it needs. */
static void add_line(struct text *text, const struct layout *layout, int indent, const char *line,
                     size_t length, bool bold)
{
    size_t blanks = strspn(line, " "), part;
    int columns;

    if (blanks > length)
        blanks = length;
    line += blanks;
    length -= blanks;
    columns = layout->width - indent - (int)blanks;
    columns = columns < LAYOUT_LEAST ? LAYOUT_LEAST : columns;
    layout_add_blanks(text, (int)blanks);
    while ((part = fitting(line, length, columns)) < length) {
        add_part(text, line, part, bold);
        layout_add_blanks(text, indent + (int)blanks);
        while (part < length && line[part] == ' ')
            part++;
        line += part;
        length -= part;
    }
    add_part(text, line, length, bold);
}

void layout_add_wrapped(struct text *text, const struct layout *layout, int indent, const char *string,
                        bool bold)
{
    bold = bold && layout->color;
    for (;;) {
        size_t length = strcspn(string, "\n");

        add_line(text, layout, indent, string, length, bold);
        if (!string[length] || !string[length + 1])
            return;
        string += length + 1;
        layout_add_blanks(text, *string == '\n' ? 0 : indent);
    }
}
