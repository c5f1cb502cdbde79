/* SPDX-License-Identifier: MIT */
/* A packet as a page to read: its fields, what it quotes, what it means, its octets. */
#ifndef SONDE_CMD_WATCH_SCREEN_DISSECT_H
#define SONDE_CMD_WATCH_SCREEN_DISSECT_H

#include "cmd/watch/screen/ring.h"
#include "out/display/page.h"

/**
 * Append everything that is known of a packet to a page.
 * @param interface its name
 */
void dissect(struct page *page, const struct kept *kept, const char *interface);

#endif
