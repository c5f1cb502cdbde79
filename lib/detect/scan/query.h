/* SPDX-License-Identifier: MIT */
/* The queries of ICMP besides echo: which type asks, which answers. */
#ifndef SONDE_DETECT_SCAN_QUERY_H
#define SONDE_DETECT_SCAN_QUERY_H

#include <stdbool.h>

#include "wire/packet.h"

/** Whether a packet answers a query, such as a timestamp reply. */
bool query_is_answer(const struct packet *packet);

#endif
