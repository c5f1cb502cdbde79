/* SPDX-License-Identifier: MIT */
/* Put actors on the stage for a set of traffic. */
#include "tests/sim/traffic/set.h"

#include <errno.h>
#include <string.h>

enum { MORNING = 9, NOON = 12, BEFORE_S = 600, AFTER_S = 60 };

static const char within[] = "-within";

void set_attack(const struct attack *attack, uint64_t seed,
                void (*frame)(void *context, const struct frame *frame), void *context)
{
    struct play *play = play_new(seed, frame, context);

    play_add(play, attack->step, 0);
    play_run(play, SECONDS(attack->seconds));
    play_free(play);
}

void set_within(const struct attack *attack, uint64_t seed,
                void (*frame)(void *context, const struct frame *frame), void *context)
{
    struct play *play = play_new(seed, frame, context);

    innocent_add(play, HOURS(MORNING));
    play_add(play, attack->step, SECONDS(BEFORE_S));
    play_run(play, SECONDS(BEFORE_S + attack->seconds + AFTER_S));
    play_free(play);
}

void set_innocent(unsigned from_hour, unsigned hours, uint64_t seed,
                  void (*frame)(void *context, const struct frame *frame), void *context)
{
    struct play *play = play_new(seed, frame, context);

    innocent_add(play, HOURS(from_hour));
    play_run(play, HOURS(hours));
    play_free(play);
}

void set_innocent_alone(const struct innocent_actor *actor, uint64_t seed,
                        void (*frame)(void *context, const struct frame *frame), void *context)
{
    struct play *play = play_new(seed, frame, context);
    int64_t begin_ns = actor->begin_ns > HOURS(1) ? actor->begin_ns : HOURS(NOON) + SECONDS(2700);

    play->begin_ns += begin_ns;
    play_add(play, actor->step, 0);
    play_run(play, HOURS(1));
    play_free(play);
}

/* The attack of a name that may have "-within" behind it. */
static const struct attack *find(const char *name, bool *mixed)
{
    for (const struct attack *row = attacks; row->name; row++) {
        size_t length = strlen(row->name);

        *mixed = !strncmp(row->name, name, length) && !strcmp(name + length, within);
        if (*mixed || !strcmp(row->name, name))
            return row;
    }
    return NULL;
}

int set_play(const char *name, uint64_t seed, void (*frame)(void *context, const struct frame *frame),
             void *context)
{
    bool mixed;
    const struct attack *attack = find(name, &mixed);

    if (attack) {
        (mixed ? set_within : set_attack)(attack, seed, frame, context);
        return 0;
    }
    if (!strcmp(name, "day") || !strcmp(name, "hour")) {
        set_innocent(*name == 'd' ? 0 : MORNING, *name == 'd' ? 24 : 1, seed, frame, context);
        return 0;
    }
    for (const struct innocent_actor *row = innocents; row->name; row++)
        if (!strcmp(row->name, name)) {
            set_innocent_alone(row, seed, frame, context);
            return 0;
        }
    return -ENOENT;
}
