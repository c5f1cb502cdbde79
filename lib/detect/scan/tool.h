/* SPDX-License-Identifier: MIT */
/* Which program an echo request looks like. All of it can be imitated: a label, never the only evidence. */
#ifndef SONDE_DETECT_SCAN_TOOL_H
#define SONDE_DETECT_SCAN_TOOL_H

#include "wire/packet.h"

/** What a program is for. */
enum tool_use {
    TOOL_PINGS,  /* people and monitoring systems use it */
    TOOL_SCANS,  /* it asks ranges of addresses and does nothing else */
    TOOL_LEASES, /* DHCP servers ask an address before they give it away */
};

/** The number of the program that an echo request looks like, from 1; 0 when it is none of those known. */
uint8_t tool_guess(const struct packet *packet);

/** The name of a program, or NULL for 0. */
const char *tool_name(uint8_t tool);

/** What a program is for; TOOL_PINGS for 0. */
enum tool_use tool_use(uint8_t tool);

#endif
