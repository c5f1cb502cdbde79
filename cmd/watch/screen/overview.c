/* SPDX-License-Identifier: MIT */
/* The first view: which types there are and how many, what was found, who talks. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/watch/screen/screen.h"
#include "out/display/spark.h"

enum {
    LINE = 512,
    LEAST_TYPES = 4,
    LEAST_LATEST = 4,
    COLUMNS = 7,
    LEAST_NAME = 12,
    MOST_NAME = 34,
    LEAST_MINUTE = 10
};

/* The columns of the table of types. */
enum column { FAMILY, TYPE, NAME, PACKETS, RATE, SHARE, MINUTE };

/* Where they stand; width 0: there is no room. */
struct grid {
    int left[COLUMNS], width[COLUMNS];
};

/* The name takes what the numbers leave, the last minute what both leave. */
static struct grid lay_out(int columns)
{
    static const int fixed[COLUMNS] = {[FAMILY] = 2, [TYPE] = 7, [PACKETS] = 9, [RATE] = 7, [SHARE] = 5};
    struct grid grid = {0};
    int left = 2, name = columns - 58;

    name = name < LEAST_NAME ? LEAST_NAME : name > MOST_NAME ? MOST_NAME : name;
    name = name < MOST_NAME && name > 22 ? 22 + (name - 22) / 2 : name;
    for (int i = 0; i < COLUMNS; i++) {
        int width = i == NAME ? name : i == MINUTE ? columns - left - 1 : fixed[i];

        if (left + width > columns || width < (i == MINUTE ? LEAST_MINUTE : 1))
            continue;
        grid.left[i] = left;
        grid.width[i] = width;
        left += width + 1 + (i == TYPE || i == SHARE);
    }
    return grid;
}

/* As many bars as fit, each for a whole number of seconds. */
static unsigned parts_of(int width)
{
    unsigned parts = MODEL_SECONDS;

    while (parts > 1 && ((int)parts > width || MODEL_SECONDS % parts))
        parts--;
    return parts;
}

static void put_cell(struct display *display, const struct grid *grid, enum column column, int row, int left,
                     enum display_style style, const char *text)
{
    int width = grid->width[column], columns = (int)strlen(text);
    bool right = column != NAME && column != MINUTE && column != FAMILY;

    if (width)
        display_put(display, row,
                    left + grid->left[column] + (right && columns < width ? width - columns : 0), width,
                    style, text);
}

static void draw_head(const struct screen *screen, const struct grid *grid, struct display_area area)
{
    static const char *const titles[COLUMNS] = {"IP",    "type",  "name",     "packets",
                                                "pkt/s", "share", "last 60 s"};

    for (int i = 0; i < COLUMNS; i++)
        put_cell(screen->display, grid, (enum column)i, area.top, area.left, DISPLAY_STRONG, titles[i]);
}

static void draw_minute(const struct screen *screen, const struct grid *grid, const struct type_row *type,
                        int row, int left, enum display_style style)
{
    unsigned parts = parts_of(grid->width[MINUTE]);
    uint64_t values[MODEL_SECONDS];
    char bars[MODEL_SECONDS * SPARK_OCTETS + 1];

    if (!grid->width[MINUTE])
        return;
    model_minute(&screen->model, type, values, parts);
    /* one packet a second is the lowest bar */
    spark_write(values, parts, 8 * MODEL_SECONDS / parts, screen->display->unicode, bars);
    put_cell(screen->display, grid, MINUTE, row, left, style, type->series < 0 ? "too many types" : bars);
}

static void draw_type(const struct screen *screen, const struct grid *grid, const struct type_row *type,
                      struct display_area area, bool selected)
{
    enum display_style style = selected ? DISPLAY_SELECTED : DISPLAY_PLAIN;
    struct display *display = screen->display;
    char text[LINE], count[COUNT_TEXT];

    display_fill(display, area.top, area.left, area.columns, style);
    display_put(display, area.top, area.left, 1, style, selected ? ">" : " ");
    snprintf(text, sizeof(text), "v%u", type->family);
    put_cell(display, grid, FAMILY, area.top, area.left, style, text);
    snprintf(text, sizeof(text), "%u/%u", type->type, type->code);
    put_cell(display, grid, TYPE, area.top, area.left, style, text);
    snprintf(text, sizeof(text), "%s", type->entry->name);
    if (type->inner)
        snprintf(text, sizeof(text), "%s, %s in tunnels", type->entry->name, count_text(type->inner, count));
    put_cell(display, grid, NAME, area.top, area.left, style, text);
    put_cell(display, grid, PACKETS, area.top, area.left, style, count_text(type->packets, count));
    put_cell(display, grid, RATE, area.top, area.left, style, count_text(type->rate, count));
    snprintf(text, sizeof(text), "%.0f %%", 100.0 * (double)type->packets / (double)screen->model.icmp);
    put_cell(display, grid, SHARE, area.top, area.left, style, text);
    draw_minute(screen, grid, type, area.top, area.left, selected ? style : DISPLAY_GRAPH);
}

/* The rows that pass the filter, and where the selected one is now. */
static void choose_types(struct screen *screen)
{
    screen->shown_count = 0;
    for (size_t i = 0; i < screen->model.type_count; i++) {
        const struct type_row *row = &screen->model.types[i];

        if (screen->filter.kind == FILTER_TYPE ||
            filter_passes_type(&screen->filter, row->family, row->type, row->code))
            screen->shown_types[screen->shown_count++] = row;
    }
    for (size_t i = 0; i < screen->shown_count && screen->types.selected > 0; i++) {
        const struct type_row *row = screen->shown_types[i];

        if (row->family == screen->chosen_type.family && row->type == screen->chosen_type.type &&
            row->code == screen->chosen_type.code)
            screen->types.selected = (int)i;
    }
}

static void remember_type(struct screen *screen)
{
    const struct type_row *row = screen->shown_count ? screen->shown_types[screen->types.selected] : NULL;

    if (!row)
        return;
    screen->chosen_type.family = row->family;
    screen->chosen_type.type = row->type;
    screen->chosen_type.code = row->code;
}

static void draw_types(struct screen *screen, struct display_area area)
{
    struct grid grid = lay_out(area.columns);
    char text[LINE];
    int rows = area.rows - 1, count = (int)screen->shown_count;

    draw_head(screen, &grid, area);
    cursor_fit(&screen->types, count, rows);
    remember_type(screen);
    for (int i = 0; i < rows && screen->types.first + i < count; i++) {
        int at = screen->types.first + i;

        area.top++;
        draw_type(screen, &grid, screen->shown_types[at], area, at == screen->types.selected);
    }
    if (count > 0 || rows < 1)
        return;
    snprintf(text, sizeof(text),
             screen->filter.kind == FILTER_NOTHING ? "No ICMP message so far." : "No such type so far.");
    display_put(screen->display, area.top + 1, 2, area.columns - 2, DISPLAY_FAINT, text);
}

static void draw_findings(const struct screen *screen, struct display_area area)
{
    finding_draw_heading(screen, area);
    for (int i = 0; i + 1 < area.rows && i < (int)screen->finding_count; i++) {
        struct display_area line = {area.top + 1 + i, area.left, 1, area.columns};

        finding_draw(screen, screen->shown_findings[i], line, false);
    }
}

static void draw_talkers(const struct screen *screen, const char *title, const struct talker_row *talkers,
                         size_t count, struct display_area area)
{
    struct display *display = screen->display;

    display_put(display, area.top, area.left + 1, area.columns - 1, DISPLAY_STRONG, title);
    for (int i = 0; i + 1 < area.rows && i < (int)count; i++) {
        char address[SONDE_ADDRESS_TEXT], text[LINE], number[COUNT_TEXT];
        int width, row = area.top + 1 + i;

        snprintf(text, sizeof(text), "%s", count_text(talkers[i].packets, number));
        width = (int)strlen(text);
        display_put(display, row, area.left + area.columns - width - 1, width, DISPLAY_PLAIN, text);
        snprintf(text, sizeof(text), "%s%s", sonde_address_format(&talkers[i].address, address),
                 talkers[i].prefix ? "/64" : "");
        display_put(display, row, area.left + 2, area.columns - width - 4, DISPLAY_PLAIN, text);
    }
}

static void draw_all_talkers(const struct screen *screen, struct display_area area)
{
    enum { WIDEST = 64 };
    const struct model *model = &screen->model;
    struct display_area half = area;

    if (!screen->watching->watch->hosts.sources) {
        display_put(screen->display, area.top, 1, area.columns - 1, DISPLAY_FAINT,
                    "Who talks is not kept: nothing is looked for, packets are only counted.");
        return;
    }
    half.columns = area.columns / 2 > WIDEST ? WIDEST : area.columns / 2;
    draw_talkers(screen, "Senders", model->senders, model->sender_count, half);
    half.left += half.columns;
    draw_talkers(screen, "Receivers", model->receivers, model->receiver_count, half);
}

/* What is left below shows that something happens: the newest packets, the last one at the bottom. */
static void draw_latest(struct screen *screen, struct display_area area)
{
    const struct kept *kept = ring_get(&screen->ring, screen->ring.count);
    int row = area.rows - 1;

    if (!kept)
        return;
    display_put(screen->display, area.top, area.left + 1, area.columns - 1, DISPLAY_STRONG, "Latest packets");
    for (; row > 0 && kept; kept = ring_get(&screen->ring, kept->number - 1)) {
        struct display_area line = {area.top + row, area.left, 1, area.columns};

        if (!filter_passes(&screen->filter, &kept->packet))
            continue;
        packet_draw(screen, kept, line, false);
        row--;
    }
}

static int at_most(int number, int most)
{
    return number < most ? number : most;
}

/* The types get what findings and talkers leave: each of these at most a quarter, and no more than they
 * need. */
static void draw(struct screen *screen, struct display_area area)
{
    const struct model *model = &screen->model;
    size_t talkers =
        model->sender_count > model->receiver_count ? model->sender_count : model->receiver_count;
    struct display_area part = area;
    int findings = 0, talking = 0;

    choose_types(screen);
    if (area.rows >= LEAST_TYPES + 6) {
        findings = 1 + at_most((int)screen->finding_count, area.rows / 4 - 1);
        talking = 1 + at_most((int)talkers, area.rows / 4);
    }
    part.rows = area.rows - findings - talking - (findings > 0) - (talking > 0);
    draw_types(screen, part);
    part.rows = at_most(part.rows, 1 + (screen->shown_count ? (int)screen->shown_count : 1));
    part.top += part.rows + 1;
    part.rows = findings;
    if (findings)
        draw_findings(screen, part);
    part.top += findings + 1;
    part.rows = talking;
    if (talking)
        draw_all_talkers(screen, part);
    part.top += talking + 1;
    part.rows = area.top + area.rows - part.top;
    if (part.rows >= LEAST_LATEST)
        draw_latest(screen, part);
}

static bool key(struct screen *screen, int key)
{
    if (cursor_key(&screen->types, key, 10)) {
        cursor_fit(&screen->types, (int)screen->shown_count, 1);
        remember_type(screen);
        return true;
    }
    if (key == 's') {
        screen->model.order = (screen->model.order + 1) % MODEL_ORDERS;
        model_sort(&screen->model);
        screen_say(screen, "Sorted by %s.", model_order_name(screen->model.order));
        return true;
    }
    if (key != DISPLAY_ENTER || !screen->shown_count)
        return false;
    filter_by_type(&screen->filter, screen->chosen_type.family, screen->chosen_type.type,
                   screen->chosen_type.code);
    screen->chosen_packet = 0;
    screen_go(screen, VIEW_PACKETS);
    return true;
}

static const struct key_row keys[] = {
    {"Arrows", "", "Select a type."},
    {"Enter", "its packets", "Look at the packets of this type."},
    {"s", "sort", "Sort by packets, by packets a second, or by type and code."},
    {0},
};

const struct view overview_view = {"Overview", draw, key, keys};
