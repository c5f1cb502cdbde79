/* SPDX-License-Identifier: MIT */
/* A terminal that is drawn on as a whole: places, styles, keys; what was there before comes back at the end.
 */
#ifndef SONDE_OUT_DISPLAY_DISPLAY_H
#define SONDE_OUT_DISPLAY_DISPLAY_H

#include <stdbool.h>

/** How a text looks. Colour only underlines what the words say, and is left out when it is not wanted. */
enum display_style {
    DISPLAY_PLAIN,
    DISPLAY_STRONG,   /* headings */
    DISPLAY_FAINT,    /* what matters less */
    DISPLAY_BAR,      /* the line at the top */
    DISPLAY_SELECTED, /* where the user is */
    DISPLAY_ALERT,
    DISPLAY_WARNING,
    DISPLAY_INFO,
    DISPLAY_GRAPH,
    DISPLAY_STYLES,
};

/** Keys that are no characters; every other key is its code point. */
enum display_key {
    DISPLAY_NO_KEY,
    DISPLAY_UP = 0x110000,
    DISPLAY_DOWN,
    DISPLAY_LEFT,
    DISPLAY_RIGHT,
    DISPLAY_PAGE_UP,
    DISPLAY_PAGE_DOWN,
    DISPLAY_HOME,
    DISPLAY_END,
    DISPLAY_TAB,
    DISPLAY_TAB_BACK,
    DISPLAY_ENTER,
    DISPLAY_ESCAPE,
    DISPLAY_ERASE,   /* the character before */
    DISPLAY_SUSPEND, /* Ctrl-Z */
    DISPLAY_OTHER,   /* a key that means nothing here, or a change of the size */
};

/** The terminal of this process; there can be one at a time. */
struct display {
    int rows, columns;
    bool unicode; /* the locale has UTF-8; else only ASCII is drawn */
    bool color;
    struct display_terminal *terminal; /* what display.c keeps */
};

/** A rectangle of it. */
struct display_area {
    int top, left, rows, columns;
};

/**
 * Take over the terminal on standard input and output. From then on it needs read, write, poll and the
 * ioctls of termios only.
 * @param color whether colour may be used
 * @param opened set on success
 * @return 0; -ENOTTY when they are no terminal, or one that cannot place its cursor; -ENOMEM
 */
int display_open(bool color, struct display **opened);

/** Give the terminal back as it was. Takes NULL. */
void display_close(struct display *display);

/** Begin a new picture: learn the present size, forget the last picture. */
void display_begin(struct display *display);

/** Show the picture; only what changed is sent. A terminal that takes nothing at present is left alone. */
void display_end(struct display *display);

/**
 * Write text at a place; what lies outside of the terminal is cut off, what does not fit ends in an ellipsis,
 * and controls become question marks.
 * @param width columns that the text may take
 * @return columns that it took
 */
int display_put(struct display *display, int row, int column, int width, enum display_style style,
                const char *text);

/** Give a part of a row one style, blanks too; to be called before text is put there. */
void display_fill(struct display *display, int row, int column, int width, enum display_style style);

/** The next key that was pressed, or DISPLAY_NO_KEY. Does not wait. */
int display_key(struct display *display);

/** Give the terminal back and stop the programs of this job, as Ctrl-Z does; returns when they go on. */
void display_suspend(struct display *display);

#endif
