/* SPDX-License-Identifier: MIT */
/* The view of packets: the last ones, and one of them field by field. */
#include <stdio.h>
#include <string.h>

#include "cmd/watch/screen/dissect.h"
#include "cmd/watch/screen/screen.h"

enum { LINE = 512, MOST_ROWS = 40 };

/* Numbers of the packets that pass the filter, the oldest first. */
struct passing {
    uint64_t numbers[RING_PACKETS];
    int count;
};

static void collect(struct screen *screen, struct passing *passing)
{
    const struct ring *ring = &screen->ring;
    uint64_t first = ring->count < RING_PACKETS ? 1 : ring->count - RING_PACKETS + 1;

    passing->count = 0;
    for (uint64_t number = first; number <= ring->count; number++)
        if (filter_passes(&screen->filter, &ring_get(ring, number)->packet))
            passing->numbers[passing->count++] = number;
}

/* Follow the newest packet, or stay at the chosen one; when it is gone, at the oldest one left. */
static void place_cursor(struct screen *screen, const struct passing *passing)
{
    screen->packets.selected = passing->count - 1;
    for (int i = passing->count; screen->chosen_packet && i-- > 0;)
        if (passing->numbers[i] >= screen->chosen_packet)
            screen->packets.selected = i;
}

static void draw_heading(const struct screen *screen, int count, struct display_area area)
{
    char text[LINE], every[COUNT_TEXT];

    snprintf(text, sizeof(text), "Packets: the last %d", count);
    if (screen->ring.every > 1)
        snprintf(text + strlen(text), sizeof(text) - strlen(text),
                 " of a sample: there are so many that 1 in %s is kept",
                 count_text(screen->ring.every, every));
    if (screen->chosen_packet)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), " (End: follow the newest)");
    display_put(screen->display, area.top, area.left + 1, area.columns - 1, DISPLAY_STRONG, text);
}

void packet_draw(const struct screen *screen, const struct kept *kept, struct display_area line,
                 bool selected)
{
    enum display_style style = selected ? DISPLAY_SELECTED : DISPLAY_PLAIN;
    char text[LINE_MAX_OCTETS];
    size_t length = line_write(screen->lines, &kept->packet, text);

    text[length ? length - 1 : 0] = '\0';
    display_fill(screen->display, line.top, line.left, line.columns, style);
    display_put(screen->display, line.top, line.left, 1, style, selected ? ">" : " ");
    display_put(screen->display, line.top, line.left + 2, line.columns - 2, style, text);
}

static void draw_list(struct screen *screen, const struct passing *passing, struct display_area area)
{
    cursor_fit(&screen->packets, passing->count, area.rows - 1);
    if (area.rows > 0)
        draw_heading(screen, passing->count, area);
    for (int i = 0; i + 1 < area.rows && screen->packets.first + i < passing->count; i++) {
        int at = screen->packets.first + i;
        struct display_area line = {area.top + 1 + i, area.left, 1, area.columns};

        packet_draw(screen, ring_get(&screen->ring, passing->numbers[at]), line,
                    at == screen->packets.selected);
    }
}

static void draw_nothing(const struct screen *screen, struct display_area area)
{
    const char *why = screen->watching->config->kernel
                          ? "The kernel counts the packets; none are copied here."
                      : screen->filter.kind == FILTER_NOTHING ? "No ICMP packet so far."
                                                              : "No packet passes the filter so far.";

    display_put(screen->display, area.top, 1, area.columns - 1, DISPLAY_FAINT, why);
}

static void draw(struct screen *screen, struct display_area area)
{
    struct display_area list, page;
    struct passing passing;
    const struct kept *kept;

    collect(screen, &passing);
    if (!passing.count) {
        draw_nothing(screen, area);
        return;
    }
    split_area(screen, area, MOST_ROWS, &list, &page);
    place_cursor(screen, &passing);
    draw_list(screen, &passing, list);
    if (page.rows < 1)
        return;
    kept = ring_get(&screen->ring, passing.numbers[screen->packets.selected]);
    page_begin(&screen->page, page.columns - 1);
    dissect(&screen->page, kept, watching_interface_name(screen->watching, kept->packet.interface));
    page_draw(&screen->page, screen->display, page, &screen->scroll);
}

static bool key(struct screen *screen, int key)
{
    struct passing passing;

    collect(screen, &passing);
    if (!passing.count)
        return false;
    place_cursor(screen, &passing);
    if (key == DISPLAY_ENTER)
        screen->zoomed = !screen->zoomed;
    else if (!scroll_key(&screen->scroll, key, screen->zoomed) && !cursor_key(&screen->packets, key, 10))
        return false;
    cursor_fit(&screen->packets, passing.count, 1);
    screen->chosen_packet = key == DISPLAY_END ? 0 : passing.numbers[screen->packets.selected];
    return true;
}

static const struct key_row keys[] = {
    {"Arrows", "", "Select a packet; it stays selected while others come."},
    {"End", "", "Follow the newest packet again."},
    {"Page Up/Down", "", "Move the text about the packet."},
    {"Enter", "full page", "Give the text all the room, or the list its part again."},
    {0},
};

const struct view packets_view = {"Packets", draw, key, keys};
