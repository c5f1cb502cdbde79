/* SPDX-License-Identifier: MIT */
/* Finding the device to blame. */
#ifndef SONDE_DIAGNOSE_PLACE_H
#define SONDE_DIAGNOSE_PLACE_H

#include "diagnose/table.h"

/** A device. */
struct place {
    enum where where;
    struct sonde_address address; /* family 0: unknown */
    int hop;                      /* 1 is the first router; 0: unknown */
    double doubt;                 /* probability that it is another device, if the cause is right */
};

/** Find the device that a hypothesis blames, by its locator and what was seen. */
struct place place_of(const struct evidence *evidence, enum locator locator);

/** The router at a hop, as any ladder or refusal showed it; family 0 if nobody there answered. */
struct sonde_address place_router(const struct evidence *evidence, int hop);

/** How many routers stand before the target as far as known; the highest hop that answered otherwise. */
int place_routers(const struct evidence *evidence);

/** Whether two places are the same device as far as known. */
bool place_equal(const struct place *a, const struct place *b);

#endif
