/* SPDX-License-Identifier: MIT */
/* What stands around every view: who is watched and how much comes, the tabs, and the keys. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/watch/screen/screen.h"
#include "net/sock.h"
#include "out/human.h"
#include "out/layout.h"

enum { LINE = 512, NARROW = 60, HEADER_ROWS = 3, FOOTER_ROWS = 1 };

#define MESSAGE_NS (8 * NS_PER_S) /* how long a message can be read */

const struct view *const views[VIEW_COUNT] = {
    [VIEW_OVERVIEW] = &overview_view,
    [VIEW_FINDINGS] = &findings_view,
    [VIEW_PACKETS] = &packets_view,
    [VIEW_HELP] = &help_view,
};

const char *count_text(uint64_t count, char text[COUNT_TEXT])
{
    char digits[COUNT_TEXT];
    int length, used = 0;

    if (count >= 10000000) {
        snprintf(text, COUNT_TEXT, count < 10000000000 ? "%.1f M" : "%.0f M", (double)count / 1e6);
        return text;
    }
    length = snprintf(digits, sizeof(digits), "%" PRIu64, count);
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}

const char *clock_text(int64_t time_ns, char text[COUNT_TEXT])
{
    int second = (int)(time_ns / NS_PER_S % 86400);

    snprintf(text, COUNT_TEXT, "%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
    return text;
}

/* Columns from the right edge, as far as there is room right of `least`. */
static int put_right(struct display *display, int row, int least, enum display_style style, const char *text)
{
    int column = display->columns - layout_columns(text) - 1;

    column = column < least ? least : column;
    display_put(display, row, column, display->columns - column, style, text);
    return column;
}

static void add_interfaces(char *text, size_t size, const struct watching *watching)
{
    const struct drive *drive = &watching->drive;
    size_t used = (size_t)snprintf(text, size, " sonde watch ");

    for (size_t i = 0; i < drive->capture_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s%s", i ? ", " : "", drive->captures[i]->name,
                                 drive->captures[i]->absent ? " (gone)" : "");
    for (size_t i = 0; i < watching->config->interfaces.count && !drive->capture_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "",
                                 watching->config->interfaces.items[i]);
}

static void draw_top(const struct screen *screen)
{
    const struct watching *watching = screen->watching;
    uint64_t dropped = drive_statistics(&watching->drive).dropped_by_kernel;
    char left[LINE], right[LINE], rate[COUNT_TEXT], drops[COUNT_TEXT], clock[COUNT_TEXT];
    struct display *display = screen->display;
    int column;

    display_fill(display, 0, 0, display->columns, DISPLAY_BAR);
    add_interfaces(left, sizeof(left), watching);
    snprintf(right, sizeof(right),
             display->columns < NARROW ? " %s/s %s dropped" : " %s ICMP/s  %s dropped  %s UTC",
             count_text(model_rate(watching->watch->history), rate), count_text(dropped, drops),
             clock_text(watching->watch->now_ns, clock));
    column = put_right(display, 0, 0, DISPLAY_BAR, right);
    display_put(display, 0, 0, column, DISPLAY_BAR, left);
}

/* Tabs, and what holds the picture still or lets only part of it be seen. */
static void draw_tabs(const struct screen *screen)
{
    struct display *display = screen->display;
    bool filtered = screen->filter.kind != FILTER_NOTHING;
    int column = 1;
    char text[LINE];

    for (int i = 0; i < VIEW_COUNT; i++) {
        bool here = (int)screen->view == i;

        snprintf(text, sizeof(text), here ? "[%d %s]" : " %d %s ", i + 1, views[i]->name);
        column += display_put(display, 1, column, display->columns - column,
                              here ? DISPLAY_STRONG : DISPLAY_PLAIN, text) +
                  1;
    }
    snprintf(text, sizeof(text), "%s%s%s%s", screen->paused ? "PAUSED" : "",
             screen->paused && filtered ? "  " : "", filtered ? "filter: " : "", screen->filter.text);
    if (text[0])
        put_right(display, 1, column, DISPLAY_WARNING, text);
}

static void draw_status(const struct screen *screen)
{
    const struct watch *watch = screen->watching->watch;
    _cleanup_text_ struct text text = {0};
    char icmp[COUNT_TEXT], packets[COUNT_TEXT], malformed[COUNT_TEXT];

    if (sock_now() < screen->message_until_ns) {
        display_put(screen->display, 2, 1, screen->display->columns - 1, DISPLAY_WARNING, screen->message);
        return;
    }
    text_add(&text, "In ");
    human_add_duration(&text, watch->begin_ns ? (watch->now_ns - watch->begin_ns) / NS_PER_S * NS_PER_S : 0);
    text_add(&text, ": %s ICMP messages of %s packets", count_text(watch->counts->icmp, icmp),
             count_text(watch->counts->packets, packets));
    if (watch->counts->malformed)
        text_add(&text, ", %s malformed", count_text(watch->counts->malformed, malformed));
    display_put(screen->display, 2, 1, screen->display->columns - 1, DISPLAY_FAINT, text_get(&text));
}

static int draw_keys(struct display *display, int column, const struct key_row *keys)
{
    int row = display->rows - FOOTER_ROWS;

    for (; keys->keys; keys++) {
        int needed = (int)strlen(keys->keys) + (int)strlen(keys->does) + 3;

        if (!keys->does[0] || column + needed > display->columns)
            continue;
        column += display_put(display, row, column, display->columns, DISPLAY_STRONG, keys->keys) + 1;
        column += display_put(display, row, column, display->columns, DISPLAY_FAINT, keys->does) + 2;
    }
    return column;
}

static void draw_footer(const struct screen *screen)
{
    struct display *display = screen->display;
    int row = display->rows - FOOTER_ROWS;
    char text[LINE];

    if (!screen->typing) {
        draw_keys(display, draw_keys(display, 1, common_keys), views[screen->view]->keys);
        return;
    }
    snprintf(text, sizeof(text), "Filter: %s_", screen->input);
    display_put(display, row, 1, display->columns - 1, DISPLAY_STRONG, text);
    put_right(display, row, layout_columns(text) + 3, DISPLAY_FAINT,
              "a name, type/code or address; Enter sets it, Esc leaves it");
}

void screen_say(struct screen *screen, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(screen->message, sizeof(screen->message), format, arguments);
    va_end(arguments);
    screen->message_until_ns = sock_now() + MESSAGE_NS;
}

void screen_draw(struct screen *screen)
{
    struct display *display = screen->display;
    struct display_area area;

    if (!screen->paused && screen->model.second != screen->watching->watch->history->now_s)
        model_refresh(&screen->model, screen->watching->watch);
    findings_sort(screen);
    display_begin(display);
    area = (struct display_area){HEADER_ROWS, 0, display->rows - HEADER_ROWS - FOOTER_ROWS, display->columns};
    if (area.rows > 0)
        views[screen->view]->draw(screen, area);
    draw_top(screen);
    draw_tabs(screen);
    draw_status(screen);
    if (display->rows > HEADER_ROWS)
        draw_footer(screen);
    display_end(display);
}

void split_area(const struct screen *screen, struct display_area area, int wanted, struct display_area *list,
                struct display_area *page)
{
    enum { WIDE = 150, LIST_SHARE = 45, LEAST_PAGE = 6 };

    *list = *page = area;
    if (screen->zoomed) {
        list->rows = 0;
    } else if (area.columns >= WIDE) {
        list->columns = area.columns * LIST_SHARE / 100;
        page->left += list->columns + 1;
        page->columns -= list->columns + 1;
    } else {
        list->rows = area.rows * 2 / 5 < wanted ? area.rows * 2 / 5 : wanted;
        list->rows = area.rows < LEAST_PAGE ? area.rows : list->rows;
        page->top += list->rows + 1;
        page->rows -= list->rows + 1;
    }
}
