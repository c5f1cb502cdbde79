/* SPDX-License-Identifier: MIT */
/* What echo messages of ping programs look like. */
#ifndef SONDE_DETECT_FLOOD_PING_H
#define SONDE_DETECT_FLOOD_PING_H

#include <stdbool.h>

#include "wire/packet.h"

enum { PING_HEADER = 8 /* octets of an echo message before its data */ };

/**
 * Whether the data of an echo message is that of a ping program: after a time stamp, octets that count up
 * (ping of Linux, BSD, macOS), or zeros (fping). Where the capture cut it, its length decides.
 */
bool ping_is_usual(const struct packet *packet);

#endif
