/* SPDX-License-Identifier: MIT */
/* What the terminal of the reader can show: width and colour. */
#include "out/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_WIDTH 80
#define LEAST_WIDTH   40

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value && value[0];
}

bool terminal_has_color(enum color_choice choice, int descriptor)
{
    const char *terminal = getenv("TERM");

    if (choice != COLOR_AUTO)
        return choice == COLOR_ALWAYS;
    if (is_set("NO_COLOR"))
        return false;
    if (is_set("CLICOLOR_FORCE") && strcmp(getenv("CLICOLOR_FORCE"), "0") != 0)
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
