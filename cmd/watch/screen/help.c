/* SPDX-License-Identifier: MIT */
/* The view of help: every key, and how to read the other views. */
#include <stdio.h>

#include "cmd/watch/screen/screen.h"

enum { LINE = 256 };

static const struct {
    const char *label, *text;
} reading[] = {
    {"pkt/s", "Packets in the last whole second."},
    {"last 60 s", "Bars of the last minute, the newest on the right. Each row has a scale of its own; the "
                  "lowest bar is up to one packet a second, nothing is no packet."},
    {"dropped", "Packets that the kernel threw away because this program was too slow. 0 means that every "
                "packet was counted."},
    {"!! alert", "An attack, or what looks like one; the finding says why nothing innocent explains it."},
    {" ! warning", "Something is broken or odd, nobody is accused."},
    {" i info", "Worth knowing."},
    {"Filter", "A part of a name (echo), a type (3) or type and code (3/4), an address or a prefix "
               "(192.0.2.0/24), which is also looked for in quoted packets."},
    {"Packets", "Of many packets a second only every n-th is kept to be looked at; all of them are counted."},
};

static void add_keys(struct page *page, const char *title, const struct key_row *keys)
{
    page_add_heading(page, title);
    for (; keys->keys; keys++)
        page_add_field(page, keys->keys, keys->helps);
}

static void draw(struct screen *screen, struct display_area area)
{
    struct page *page = &screen->page;

    page_begin(page, area.columns - 1);
    add_keys(page, "Keys", common_keys);
    for (int i = 0; i < VIEW_HELP; i++) {
        char title[LINE];

        snprintf(title, sizeof(title), "Keys of %s", views[i]->name);
        add_keys(page, title, views[i]->keys);
    }
    page_add_heading(page, "How to read it");
    for (size_t i = 0; i < COUNT_OF(reading); i++)
        page_add_field(page, reading[i].label, reading[i].text);
    page_draw(page, screen->display, area, &screen->scroll);
}

static bool key(struct screen *screen, int key)
{
    return scroll_key(&screen->scroll, key, true);
}

static const struct key_row keys[] = {
    {"Arrows", "", "Move the text."},
    {0},
};

const struct view help_view = {"Help", draw, key, keys};
