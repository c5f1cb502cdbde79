/* SPDX-License-Identifier: MIT */
/* What the terminal of the reader can show: width and colour. */
#ifndef SONDE_OUT_TERMINAL_H
#define SONDE_OUT_TERMINAL_H

#include <stdbool.h>

/** The values of --color, in the order of their words. */
enum color_choice {
    COLOR_AUTO,
    COLOR_ALWAYS,
    COLOR_NEVER,
};

#define COLOR_CHOICES "auto|always|never"

/**
 * Decide about colour. `auto` follows NO_COLOR (no-color.org), then CLICOLOR_FORCE, then whether a capable
 * terminal reads.
 * @param choice what the user asked for
 * @param descriptor where the output goes
 * @return whether to use colour
 */
bool terminal_has_color(enum color_choice choice, int descriptor);

/**
 * The width of the reader's lines.
 * @param descriptor where the output goes
 * @return columns of the terminal, at least 40; 80 when it is no terminal
 */
int terminal_width(int descriptor);

#endif
