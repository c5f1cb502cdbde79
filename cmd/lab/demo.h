/* SPDX-License-Identifier: MIT */
/* The demonstration: "Destination unreachable (Port unreachable)" happens, packet by packet, and why finds
 * it. */
#ifndef SONDE_CMD_LAB_DEMO_H
#define SONDE_CMD_LAB_DEMO_H

#include "cmd/command.h"

/** The schemas of what the demonstration emits besides its packets. */
extern const struct schema demo_scene_schema, demo_told_schema;

/**
 * Build a small network with a closed port, send a datagram to it and an echo request to its host, emit the
 * packets decoded, and run `sonde why` there.
 * @param library the folder of scenarios
 * @return the exit code: EXIT_HOLDS when everything happened as announced
 */
int demo_run(const struct session *session, const char *library);

#endif
