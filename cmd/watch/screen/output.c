/* SPDX-License-Identifier: MIT */
/* The live screen as an output of watch: opened on a terminal, drawn a few times a second, closed at the end.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/watch/outputs.h"
#include "cmd/watch/screen/screen.h"

#define DRAW_NS (200 * NS_PER_MS)

static void draw(void *state)
{
    screen_draw(state);
}

static void hear_keys(void *state)
{
    screen_take_keys(state);
    screen_draw(state);
}

static void free_screen(struct screen *screen)
{
    display_close(screen->display);
    page_deinit(&screen->page);
    free(screen->lines);
    free(screen);
}

/* A terminal that cannot be drawn on gets findings as text. */
static int open_screen(struct watching *watching, void **state, struct sonde_error *error)
{
    const struct session *session = watching->session;
    struct drive *drive = &watching->drive;
    struct screen *screen;
    int code;

    if (!watching->live || watching->config->once_ns || watching->silent || session->json || session->csv)
        return 0;
    screen = calloc(1, sizeof(*screen));
    if (screen)
        screen->lines = line_writer_new();
    code = screen && screen->lines ? display_open(session->color, &screen->display) : -ENOMEM;
    if (code < 0) {
        if (screen)
            free_screen(screen);
        return code == -ENOTTY ? 0 : error_set(error, code, "no memory for the screen");
    }
    screen->watching = watching;
    drive->guests[drive->guest_count++] = (struct drive_guest){STDIN_FILENO, hear_keys, screen};
    drive->ticks[drive->tick_count++] = (struct drive_tick){DRAW_NS, draw, screen};
    watching->drawn = true;
    *state = screen;
    return 0;
}

static void take_packets(void *state, const struct packet *packets, size_t count)
{
    struct screen *screen = state;

    if (!screen->paused)
        ring_take(&screen->ring, &screen->filter, packets, count);
}

static void show_problem(void *state, const struct capture *capture, const struct sonde_error *error)
{
    (void)capture;
    screen_say(state, "%s", error->what);
}

static int close_screen(void *state, struct sonde_error *error)
{
    (void)error;
    free_screen(state);
    return 0;
}

const struct watch_output screen_output = {"screen", open_screen,  take_packets,
                                           NULL,     close_screen, show_problem};
