/* SPDX-License-Identifier: MIT */
/* What the parts of the live screen share: what is shown, where the user is, and the views. */
#ifndef SONDE_CMD_WATCH_SCREEN_SCREEN_H
#define SONDE_CMD_WATCH_SCREEN_SCREEN_H

#include "cmd/watch/line.h"
#include "cmd/watch/screen/model.h"
#include "cmd/watch/screen/ring.h"
#include "cmd/watch/watching.h"
#include "out/display/page.h"

enum { SCREEN_MESSAGE = 256, COUNT_TEXT = 32 };

/** Where the user is in a list. */
struct cursor {
    int selected, first; /* the row that is selected, and the one at the top */
};

enum view_name { VIEW_OVERVIEW, VIEW_FINDINGS, VIEW_PACKETS, VIEW_HELP, VIEW_COUNT };

/** The live screen. */
struct screen {
    struct watching *watching;
    struct display *display;
    struct line_writer *lines;
    struct page page;
    struct model model;
    struct ring ring;
    struct filter filter;

    enum view_name view;
    bool paused;
    bool zoomed; /* the page beside of a list has all the place */
    int scroll;  /* of the page */
    bool typing; /* a filter */
    char input[FILTER_TEXT];
    struct cursor types, findings, packets;
    struct {
        uint8_t family, type, code;
    } chosen_type;                                   /* the one that is selected */
    uint32_t chosen_finding;                         /* its id; 0: none */
    uint64_t chosen_packet;                          /* its number; 0: the newest */
    const struct type_row *shown_types[MODEL_TYPES]; /* that pass the filter, in their order */
    size_t shown_count;
    const struct finding *shown_findings[FINDINGS_MAX]; /* in their order */
    size_t finding_count;
    char message[SCREEN_MESSAGE]; /* what is wrong with a capture, or what a key did */
    int64_t message_until_ns;
    unsigned idle_wakes; /* times in a row that a key was announced and none came */
};

/** A key of a view or of all of them, for the footer and the help. */
struct key_row {
    const char *keys;  /* "Enter" */
    const char *does;  /* a word or two */
    const char *helps; /* a sentence */
};

/** One way to look at the watch. */
struct view {
    const char *name;
    void (*draw)(struct screen *screen, struct display_area area);
    bool (*key)(struct screen *screen, int key); /* returns whether the key meant something */
    const struct key_row *keys;                  /* ends with a row without keys */
};

extern const struct view overview_view, findings_view, packets_view, help_view;

/** All views by enum view_name. */
extern const struct view *const views[VIEW_COUNT];

/** Keys of all views; ends with a row without keys. */
extern const struct key_row common_keys[];

/** Draw everything. */
void screen_draw(struct screen *screen);

/** Take the keys that were pressed; in input.c. */
void screen_take_keys(struct screen *screen);

/** Look at another view. */
void screen_go(struct screen *screen, enum view_name view);

/** Say something for a few seconds. */
void screen_say(struct screen *screen, const char *format, ...) FORMAT(2, 3);

/** Write a number as people read it: "1,234,567", "123.4 M". Returns the text. */
const char *count_text(uint64_t count, char text[COUNT_TEXT]);

/** Write the time of day in UTC, "12:34:56". Returns the text. */
const char *clock_text(int64_t time_ns, char text[COUNT_TEXT]);

/** Keep the selected row within a list, and in sight. */
void cursor_fit(struct cursor *cursor, int count, int rows);

/** Move by a key. Returns whether it was one for moving. */
bool cursor_key(struct cursor *cursor, int key, int page);

/** Move a page by a key. Returns whether it was one for moving. */
bool scroll_key(int *scroll, int key, bool arrows);

/**
 * Share an area between a list and a page about what is selected in it: beside of each other when there is
 * room, else below; when zoomed, the list gets nothing.
 */
void split_area(const struct screen *screen, struct display_area area, int wanted, struct display_area *list,
                struct display_area *page);

/** Put the findings in their order: open ones first, the gravest first, then the newest. */
void findings_sort(struct screen *screen);

/** Draw a packet as a line. */
void packet_draw(const struct screen *screen, const struct kept *kept, struct display_area line,
                 bool selected);

/** Draw a finding as a line. */
void finding_draw(const struct screen *screen, const struct finding *finding, struct display_area line,
                  bool selected);

/** Draw "2 alerts, 1 warning" as a heading. */
void finding_draw_heading(const struct screen *screen, struct display_area line);

#endif
