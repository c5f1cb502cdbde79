/* SPDX-License-Identifier: MIT */
/* Lines of text in a given width: wrapping, hanging indents, bold. */
#ifndef SONDE_OUT_LAYOUT_H
#define SONDE_OUT_LAYOUT_H

#include <stdbool.h>

#include "base/text.h"

#define LAYOUT_LEAST 20 /* columns that a text gets at least, however deeply it is indented */

/** How wide lines are and whether escape sequences may be used. */
struct layout {
    int width;  /* columns */
    bool color; /* bold headings */
};

/** The columns that a text takes on a terminal (one for each code point). */
int layout_columns(const char *text);

/**
 * Append text that is part of a line.
 * @param text where to append
 * @param string what to append
 * @param bold whether to stress it
 */
void layout_add_styled(struct text *text, const char *string, bool bold);

/** Append blanks. */
void layout_add_blanks(struct text *text, int count);

/**
 * Append text, wrapped at blanks, with a line end. Line ends in it are kept; a line that begins with blanks
 * keeps them for all its parts.
 * @param text where to append; its last line is already `indent` columns long
 * @param layout the width
 * @param indent columns before each further line
 * @param string what to append, free of controls other than line ends
 * @param bold whether to stress it (only with colour)
 */
void layout_add_wrapped(struct text *text, const struct layout *layout, int indent, const char *string,
                        bool bold);

#endif
