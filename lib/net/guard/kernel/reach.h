/* SPDX-License-Identifier: MIT */
/* From which hooks a chain can be reached, by jumps, gotos and verdict maps. */
#ifndef SONDE_NET_GUARD_KERNEL_REACH_H
#define SONDE_NET_GUARD_KERNEL_REACH_H

#include "net/guard/kernel/rulebook.h"

struct json_t;

/** Set `hooks` of every chain of a book. @param list the objects of `nft -ja list ruleset` */
void reach_find(struct rulebook *book, const struct json_t *list);

#endif
