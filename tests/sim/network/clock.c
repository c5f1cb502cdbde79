/* SPDX-License-Identifier: MIT */
/* Time and chance of the simulated network: the queue of events and the random numbers. */
#include <stdlib.h>

#include "tests/sim/network/internal.h"

void sim_schedule(struct sim *sim, int64_t when_ns, enum sim_event_kind kind, int node, unsigned argument,
                  const struct sim_packet *packet)
{
    struct sim_event *event = calloc(1, sizeof(*event)), **at = &sim->events;

    if (!event)
        abort();
    event->when_ns = when_ns;
    event->kind = kind;
    event->node = node;
    event->argument = argument;
    if (packet)
        event->packet = *packet;
    /* Events of one time keep the order in which they were scheduled. */
    while (*at && (*at)->when_ns <= when_ns)
        at = &(*at)->next;
    event->next = *at;
    *at = event;
}

struct sim_event *sim_next_event(struct sim *sim, int64_t until_ns)
{
    struct sim_event *event = sim->events;

    if (!event || event->when_ns > until_ns)
        return NULL;
    sim->events = event->next;
    return event;
}

uint64_t sim_random_next(struct sim_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

int64_t sim_random_between(struct sim_random *random, int64_t low, int64_t high)
{
    return low + (int64_t)(sim_random_next(random) % (uint64_t)(high - low + 1));
}

bool sim_random_happens(struct sim_random *random, double probability)
{
    /* The top 53 bits are a uniform number in [0, 1). */
    return (double)(sim_random_next(random) >> 11) * 0x1p-53 < probability;
}
