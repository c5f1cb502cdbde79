/* SPDX-License-Identifier: MIT */
/* What the terminal of the reader can show: width and colour. */
#include "out/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_WIDTH 80
#define LEAST_WIDTH   40

/* The value of a variable that is set to something, or NULL. */
static const char *value_of(const char *variable)
{
    const char *value = getenv(variable);

    return value && value[0] ? value : NULL;
}

bool terminal_has_color(enum color_choice choice, int descriptor)
{
    const char *force = value_of("CLICOLOR_FORCE"), *terminal = value_of("TERM");

    if (choice != COLOR_AUTO)
        return choice == COLOR_ALWAYS;
    if (value_of("NO_COLOR"))
        return false;
    if (force && strcmp(force, "0") != 0)
        return true;
    return isatty(descriptor) && terminal && strcmp(terminal, "dumb") != 0;
}

int terminal_width(int descriptor)
{
    struct winsize size;

    if (ioctl(descriptor, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return DEFAULT_WIDTH;
    return size.ws_col < LEAST_WIDTH ? LEAST_WIDTH : size.ws_col;
}
