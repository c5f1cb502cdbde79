/* SPDX-License-Identifier: MIT */
/* Named sets of traffic: the innocent day, an hour of it, and each attack alone or within innocent traffic.
 */
#ifndef SONDE_TESTS_SIM_TRAFFIC_SET_H
#define SONDE_TESTS_SIM_TRAFFIC_SET_H

#include "tests/sim/traffic/attack/attack.h"
#include "tests/sim/traffic/innocent/innocent.h"

/** An attack alone. */
void set_attack(const struct attack *attack, uint64_t seed,
                void (*frame)(void *context, const struct frame *frame), void *context);

/** An attack that begins ten minutes into innocent traffic of a working morning. */
void set_within(const struct attack *attack, uint64_t seed,
                void (*frame)(void *context, const struct frame *frame), void *context);

/** Innocent traffic from an hour of the day on. */
void set_innocent(unsigned from_hour, unsigned hours, uint64_t seed,
                  void (*frame)(void *context, const struct frame *frame), void *context);

/** One innocent actor alone, for an hour from when it enters; who is there all day from 12:45 on. */
void set_innocent_alone(const struct innocent_actor *actor, uint64_t seed,
                        void (*frame)(void *context, const struct frame *frame), void *context);

/**
 * Play a set by its name: "day", "hour" (of a working morning), one innocent actor, an attack, or an attack
 * with "-within" behind it.
 * @return 0, or -ENOENT when there is none
 */
int set_play(const char *name, uint64_t seed, void (*frame)(void *context, const struct frame *frame),
             void *context);

#endif
