/* SPDX-License-Identifier: MIT */
/* The stage: whose turn it is, and frames held back until none earlier can come. */
#include "tests/sim/traffic/play.h"

#include <stdlib.h>
#include <string.h>

struct play_frame {
    struct frame frame;
    uint64_t order; /* frames of the same time leave in the order in which they were sent */
    uint8_t octets[];
};

static bool earlier(const struct play_frame *a, const struct play_frame *b)
{
    if (a->frame.time_ns != b->frame.time_ns)
        return a->frame.time_ns < b->frame.time_ns;
    return a->order < b->order;
}

static void grow(struct play *play)
{
    if (play->waiting_count < play->waiting_capacity)
        return;
    play->waiting_capacity = play->waiting_capacity ? play->waiting_capacity * 2 : 1024;
    play->waiting = realloc((void *)play->waiting, play->waiting_capacity * sizeof(struct play_frame *));
    if (!play->waiting)
        abort();
}

/* Hold a frame back. */
static void hold(void *context, const struct frame *frame)
{
    struct play *play = context;
    struct play_frame *held = malloc(sizeof(*held) + frame->data.length);
    size_t at = play->waiting_count;

    if (!held)
        abort();
    held->frame = *frame;
    held->order = play->order++;
    memcpy(held->octets, frame->data.data, frame->data.length);
    held->frame.data.data = held->octets;
    grow(play);
    play->waiting_count++;
    for (; at && earlier(held, play->waiting[(at - 1) / 2]); at = (at - 1) / 2)
        play->waiting[at] = play->waiting[(at - 1) / 2];
    play->waiting[at] = held;
}

/* Take the earliest frame out of the heap. */
static struct play_frame *take(struct play *play)
{
    struct play_frame *first = play->waiting[0], *moved = play->waiting[--play->waiting_count];
    size_t at = 0;

    for (;;) {
        size_t child = 2 * at + 1;

        if (child + 1 < play->waiting_count && earlier(play->waiting[child + 1], play->waiting[child]))
            child++;
        if (child >= play->waiting_count || !earlier(play->waiting[child], moved))
            break;
        play->waiting[at] = play->waiting[child];
        at = child;
    }
    play->waiting[at] = moved;
    return first;
}

/* Let out every frame before a time. */
static void release(struct play *play, int64_t before_ns)
{
    while (play->waiting_count && play->waiting[0]->frame.time_ns < before_ns) {
        struct play_frame *held = take(play);

        play->frame(play->context, &held->frame);
        free(held);
    }
}

struct play *play_new(uint64_t seed, void (*frame)(void *context, const struct frame *frame), void *context)
{
    struct play *play = calloc(1, sizeof(*play));

    if (!play)
        abort();
    traffic_init(&play->traffic, seed, hold, play);
    play->begin_ns = play->traffic.now_ns;
    play->frame = frame;
    play->context = context;
    return play;
}

struct play *play_free(struct play *play)
{
    if (!play)
        return NULL;
    while (play->waiting_count)
        free(take(play));
    free((void *)play->waiting);
    free(play);
    return NULL;
}

void play_add(struct play *play, play_step *step, int64_t delay_ns)
{
    if (play->count == PLAY_ACTORS)
        abort();
    play->actors[play->count++] = (struct actor){.step = step, .next_ns = play->begin_ns + delay_ns};
}

static struct actor *next_actor(struct play *play)
{
    struct actor *next = NULL;

    for (size_t i = 0; i < play->count; i++)
        if (play->actors[i].step && (!next || play->actors[i].next_ns < next->next_ns))
            next = &play->actors[i];
    return next;
}

void play_run(struct play *play, int64_t duration_ns)
{
    int64_t end_ns = play->begin_ns + duration_ns;
    struct actor *actor;

    while ((actor = next_actor(play)) && actor->next_ns < end_ns) {
        int64_t wait_ns;

        release(play, actor->next_ns);
        play->traffic.now_ns = actor->next_ns;
        wait_ns = actor->step(&play->traffic, actor);
        actor->round++;
        actor->next_ns += wait_ns;
        if (!wait_ns)
            actor->step = NULL;
    }
    release(play, end_ns);
}
