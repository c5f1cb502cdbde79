/* SPDX-License-Identifier: MIT */
/* A terminal that is drawn on as a whole, by ncurses. */
#define NCURSES_WIDECHAR 1
#include "out/display/display.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/macro.h"
#include "out/utf8.h"

#undef columns /* term.h takes the word */

enum { LINE = 512 /* cells that are written at once */, ESCAPE_MS = 25, ESCAPE = 27, SUSPEND = 26 };

struct display_terminal {
    SCREEN *screen;
    attr_t attributes[DISPLAY_STYLES];
    short pairs[DISPLAY_STYLES];
};

static const struct {
    attr_t plain, colored;
    short color; /* -1: that of the terminal */
} looks[DISPLAY_STYLES] = {
    [DISPLAY_PLAIN] = {A_NORMAL, A_NORMAL, -1},
    [DISPLAY_STRONG] = {A_BOLD, A_BOLD, -1},
    [DISPLAY_FAINT] = {A_DIM, A_DIM, -1},
    [DISPLAY_BAR] = {A_REVERSE, A_REVERSE, -1},
    [DISPLAY_SELECTED] = {A_REVERSE, A_REVERSE, -1},
    [DISPLAY_ALERT] = {A_BOLD, A_BOLD, COLOR_RED},
    [DISPLAY_WARNING] = {A_BOLD, A_NORMAL, COLOR_YELLOW},
    [DISPLAY_INFO] = {A_NORMAL, A_NORMAL, COLOR_CYAN},
    [DISPLAY_GRAPH] = {A_NORMAL, A_NORMAL, COLOR_GREEN},
};

static const struct {
    int curses, key;
} keys[] = {
    {KEY_UP, DISPLAY_UP},       {KEY_DOWN, DISPLAY_DOWN},       {KEY_LEFT, DISPLAY_LEFT},
    {KEY_RIGHT, DISPLAY_RIGHT}, {KEY_PPAGE, DISPLAY_PAGE_UP},   {KEY_NPAGE, DISPLAY_PAGE_DOWN},
    {KEY_HOME, DISPLAY_HOME},   {KEY_END, DISPLAY_END},         {KEY_BTAB, DISPLAY_TAB_BACK},
    {KEY_ENTER, DISPLAY_ENTER}, {KEY_BACKSPACE, DISPLAY_ERASE},
};

static const struct {
    wint_t character;
    int key;
} characters[] = {
    {'\t', DISPLAY_TAB},   {'\n', DISPLAY_ENTER}, {'\r', DISPLAY_ENTER},      {ESCAPE, DISPLAY_ESCAPE},
    {'\b', DISPLAY_ERASE}, {0x7f, DISPLAY_ERASE}, {SUSPEND, DISPLAY_SUSPEND},
};

static void choose_looks(struct display *display)
{
    struct display_terminal *terminal = display->terminal;

    display->color = display->color && has_colors() && start_color() == OK && use_default_colors() == OK;
    for (int i = 0; i < DISPLAY_STYLES; i++) {
        terminal->attributes[i] = display->color ? looks[i].colored : looks[i].plain;
        if (!display->color || looks[i].color < 0)
            continue;
        terminal->pairs[i] = (short)(i + 1);
        init_pair(terminal->pairs[i], looks[i].color, -1);
    }
}

/* Keys come at once and unseen. Ctrl-S must not stop us while packets wait, Ctrl-Z is a key like others. */
static void choose_modes(void)
{
    struct termios modes;

    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(ESCAPE_MS);
    curs_set(0);
    signal(SIGTSTP,
           SIG_DFL); /* instead of the handler of ncurses, which would draw in the middle of things */
    if (tcgetattr(STDIN_FILENO, &modes) < 0)
        return;
    modes.c_iflag &= ~(tcflag_t)IXON;
    modes.c_cc[VSUSP] = _POSIX_VDISABLE;
    tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    def_prog_mode();
}

/* Without a way to place the cursor, a terminal is a printer. */
static SCREEN *open_terminal(void)
{
    int found;

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || setupterm(NULL, STDOUT_FILENO, &found) != OK ||
        !cursor_address || !clear_screen)
        return NULL;
    return newterm(NULL, stdout, stdin);
}

int display_open(bool color, struct display **opened)
{
    struct display *display = calloc(1, sizeof(*display));
    struct display_terminal *terminal = calloc(1, sizeof(*terminal));

    if (!display || !terminal) {
        free(display);
        free(terminal);
        return -ENOMEM;
    }
    setlocale(LC_CTYPE, "");
    terminal->screen = open_terminal();
    if (!terminal->screen) {
        free(display);
        free(terminal);
        return -ENOTTY;
    }
    *display = (struct display){
        .unicode = !strcmp(nl_langinfo(CODESET), "UTF-8"), .color = color, .terminal = terminal};
    choose_looks(display);
    choose_modes();
    getmaxyx(stdscr, display->rows, display->columns);
    *opened = display;
    return 0;
}

void display_close(struct display *display)
{
    if (!display)
        return;
    endwin();
    delscreen(display->terminal->screen);
    free(display->terminal);
    free(display);
}

void display_begin(struct display *display)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col &&
        is_term_resized(size.ws_row, size.ws_col))
        resizeterm(size.ws_row, size.ws_col);
    getmaxyx(stdscr, display->rows, display->columns);
    erase();
}

void display_end(struct display *display)
{
    struct pollfd output = {STDOUT_FILENO, POLLOUT, 0};

    (void)display;
    if (poll(&output, 1, 0) > 0)
        refresh();
}

/* What stands for a code point here: what the locale cannot show, and what would move the cursor, is not
 * shown. */
static wchar_t shown(const struct display *display, uint32_t codepoint)
{
    if (codepoint < 0x20 || codepoint == 0x7f || (codepoint > 0x7f && !display->unicode))
        return L'?';
    return utf8_is_control(codepoint) || wcwidth((wchar_t)codepoint) < 1 ? UTF8_REPLACEMENT
                                                                         : (wchar_t)codepoint;
}

/* Put what fits into cells. Returns how many columns they take. */
static int fit(const struct display *display, const char *text, int width, wchar_t cells[LINE])
{
    int columns = 0, count = 0, before_last = 0;
    size_t length;

    for (; *text && count < LINE - 2; text += length) {
        wchar_t cell = shown(display, utf8_next(text, &length));

        if (columns + wcwidth(cell) > width)
            break;
        before_last = count;
        columns += wcwidth(cell);
        cells[count++] = cell;
    }
    if (*text && count > 0)
        cells[before_last] = display->unicode ? L'…' : L'~';
    cells[count] = L'\0';
    return columns;
}

static void set_style(const struct display *display, enum display_style style)
{
    attr_set(display->terminal->attributes[style], display->terminal->pairs[style], NULL);
}

int display_put(struct display *display, int row, int column, int width, enum display_style style,
                const char *text)
{
    wchar_t cells[LINE];
    int columns;

    if (width > display->columns - column)
        width = display->columns - column;
    if (row < 0 || row >= display->rows || column < 0 || width <= 0)
        return 0;
    columns = fit(display, text, width, cells);
    set_style(display, style);
    mvaddwstr(row, column, cells);
    set_style(display, DISPLAY_PLAIN);
    return columns;
}

void display_fill(struct display *display, int row, int column, int width, enum display_style style)
{
    set_style(display, style);
    for (int i = 0; i < width && row >= 0 && row < display->rows && column + i < display->columns; i++)
        mvaddch(row, column + i, ' ');
    set_style(display, DISPLAY_PLAIN);
}

int display_key(struct display *display)
{
    wint_t character;
    int kind = get_wch(&character);

    (void)display;
    if (kind == ERR)
        return DISPLAY_NO_KEY;
    for (size_t i = 0; i < COUNT_OF(keys) && kind == KEY_CODE_YES; i++)
        if (keys[i].curses == (int)character)
            return keys[i].key;
    for (size_t i = 0; i < COUNT_OF(characters) && kind == OK; i++)
        if (characters[i].character == character)
            return characters[i].key;
    return kind == OK && character >= ' ' && character < DISPLAY_UP ? (int)character : DISPLAY_OTHER;
}

void display_suspend(struct display *display)
{
    (void)display;
    endwin();
    kill(0, SIGTSTP);
    clearok(curscr, TRUE);
    refresh();
}
