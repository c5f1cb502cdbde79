/* SPDX-License-Identifier: MIT */
/* Many actors on one stage: each sends when its time has come, and the frames leave in the order of time. */
#ifndef SONDE_TESTS_SIM_TRAFFIC_PLAY_H
#define SONDE_TESTS_SIM_TRAFFIC_PLAY_H

#include "tests/sim/traffic/traffic.h"

enum { PLAY_ACTORS = 96 };

struct actor;

/**
 * Send what is due: the clock of the traffic stands at the actor's time, and may be moved on for answers.
 * @return ns until the next step, counted from the beginning of this one; 0 when the actor is done
 */
typedef int64_t play_step(struct traffic *traffic, struct actor *actor);

/** One who sends. */
struct actor {
    play_step *step;
    int64_t next_ns;
    uint64_t round;    /* steps before this one */
    uint64_t state[4]; /* for the step */
};

/** A frame that waits for its time. */
struct play_frame;

/** The stage. */
struct play {
    struct traffic traffic;
    struct actor actors[PLAY_ACTORS];
    size_t count;
    struct play_frame **waiting; /* a heap, the earliest first */
    size_t waiting_count, waiting_capacity;
    uint64_t order;
    int64_t begin_ns;
    void (*frame)(void *context, const struct frame *frame);
    void *context;
};

/** Begin. Deterministic by seed. */
struct play *play_new(uint64_t seed, void (*frame)(void *context, const struct frame *frame), void *context);

/** Free it. Takes NULL. */
struct play *play_free(struct play *play);

/** Let an actor enter after so many ns of the play. */
void play_add(struct play *play, play_step *step, int64_t delay_ns);

/** Play from the beginning until all are done, or so much time has passed. */
void play_run(struct play *play, int64_t duration_ns);

#endif
