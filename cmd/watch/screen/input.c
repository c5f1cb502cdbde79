/* SPDX-License-Identifier: MIT */
/* What keys do. */
#include <string.h>

#include "cmd/watch/screen/screen.h"

enum { PAGE_STEP = 10, END = 1 << 20, CTRL_L = 12, PATIENCE = 16 };

const struct key_row common_keys[] = {
    {"q", "quit", "Quit, and print what was counted and found. Ctrl-C does the same."},
    {"?", "help", "This page."},
    {"Tab", "next view", "Go to the next view; 1 to 4 go to one directly."},
    {"/", "filter", "Show only types with this name or number, and packets of them or of an address."},
    {"p", "pause",
     "Hold the picture still, or let it go on; counting and finding go on anyway. Space does "
     "the same."},
    {"Esc", "", "One step back: to the list, to all types, to the overview."},
    {0},
};

void screen_go(struct screen *screen, enum view_name view)
{
    screen->view = view;
    screen->scroll = 0;
    screen->zoomed = false;
}

void cursor_fit(struct cursor *cursor, int count, int rows)
{
    rows = rows < 1 ? 1 : rows;
    cursor->selected = cursor->selected >= count ? count - 1 : cursor->selected;
    cursor->selected = cursor->selected < 0 ? 0 : cursor->selected;
    if (cursor->first > count - rows)
        cursor->first = count - rows;
    if (cursor->first < cursor->selected - rows + 1)
        cursor->first = cursor->selected - rows + 1;
    if (cursor->first > cursor->selected)
        cursor->first = cursor->selected;
    cursor->first = cursor->first < 0 ? 0 : cursor->first;
}

/* How far a key moves, in rows. */
static const struct {
    int key, rows;
} arrows[] = {{DISPLAY_UP, -1},     {'k', -1},         {DISPLAY_DOWN, 1}, {'j', 1},
              {DISPLAY_HOME, -END}, {DISPLAY_END, END}},
  pages[] = {{DISPLAY_PAGE_UP, -PAGE_STEP}, {DISPLAY_PAGE_DOWN, PAGE_STEP}};

bool cursor_key(struct cursor *cursor, int key, int page)
{
    for (size_t i = 0; i < COUNT_OF(arrows); i++)
        if (arrows[i].key == key) {
            cursor->selected += arrows[i].rows;
            return true;
        }
    if (key != DISPLAY_PAGE_UP && key != DISPLAY_PAGE_DOWN)
        return false;
    cursor->selected += key == DISPLAY_PAGE_UP ? -page : page;
    return true;
}

bool scroll_key(int *scroll, int key, bool with_arrows)
{
    for (size_t i = 0; i < COUNT_OF(arrows) && with_arrows; i++)
        if (arrows[i].key == key) {
            *scroll += arrows[i].rows;
            return true;
        }
    for (size_t i = 0; i < COUNT_OF(pages); i++)
        if (pages[i].key == key) {
            *scroll = *scroll + pages[i].rows < 0 ? 0 : *scroll + pages[i].rows;
            return true;
        }
    return false;
}

static void set_filter(struct screen *screen, const char *text)
{
    filter_parse(&screen->filter, text);
    screen->chosen_packet = 0;
    screen->types = (struct cursor){0};
}

/* A character of the filter, or the end of it. */
static void type(struct screen *screen, int key)
{
    size_t length = strlen(screen->input);

    if (key == DISPLAY_ENTER)
        set_filter(screen, screen->input);
    screen->typing = key != DISPLAY_ENTER && key != DISPLAY_ESCAPE;
    if (key == DISPLAY_ERASE && length > 0)
        screen->input[length - 1] = '\0';
    else if (key >= ' ' && key < 0x7f && length + 1 < sizeof(screen->input))
        screen->input[length] = (char)key;
}

static void step_back(struct screen *screen)
{
    if (screen->zoomed)
        screen->zoomed = false;
    else if (screen->filter.kind != FILTER_NOTHING)
        set_filter(screen, "");
    else
        screen_go(screen, VIEW_OVERVIEW);
}

static void press(struct screen *screen, int key)
{
    if (screen->typing) {
        type(screen, key);
        return;
    }
    if (views[screen->view]->key(screen, key))
        return;
    if (key >= '1' && key < '1' + VIEW_COUNT)
        screen_go(screen, (enum view_name)(key - '1'));
    switch (key) {
    case 'q':
        screen->watching->drive.quit = true;
        break;
    case DISPLAY_TAB:
        screen_go(screen, (screen->view + 1) % VIEW_COUNT);
        break;
    case DISPLAY_TAB_BACK:
        screen_go(screen, (screen->view + VIEW_COUNT - 1) % VIEW_COUNT);
        break;
    case '?':
        screen_go(screen, VIEW_HELP);
        break;
    case ' ':
    case 'p':
        screen->paused = !screen->paused;
        break;
    case '/':
        screen->typing = true;
        memset(screen->input, 0, sizeof(screen->input));
        break;
    case DISPLAY_ESCAPE:
        step_back(screen);
        break;
    case DISPLAY_SUSPEND:
        display_suspend(screen->display);
        break;
    default:
        break;
    }
}

/* A terminal that is gone says "there is something" for ever. */
void screen_take_keys(struct screen *screen)
{
    int key = display_key(screen->display);

    screen->idle_wakes = key == DISPLAY_NO_KEY ? screen->idle_wakes + 1 : 0;
    screen->watching->drive.quit |= screen->idle_wakes > PATIENCE;
    for (; key != DISPLAY_NO_KEY && !screen->watching->drive.quit; key = display_key(screen->display))
        press(screen, key);
}
