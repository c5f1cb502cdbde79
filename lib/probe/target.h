/* SPDX-License-Identifier: MIT */
/* What people type as a target: host, host and port, or a URL. */
#ifndef SONDE_PROBE_TARGET_H
#define SONDE_PROBE_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum { TARGET_HOST_MAX = 256 };

/** A target before its name is resolved. */
struct target {
    char host[TARGET_HOST_MAX]; /* name or address, without brackets */
    uint16_t port;              /* 0: the host itself */
    bool udp;
};

/**
 * Read a target: HOST, ADDRESS, HOST:PORT, HOST:PORT/udp, [V6]:PORT, tcp://HOST:PORT, udp://HOST:PORT, or a
 * URL of a well-known scheme, whose port is then the default.
 * @param text what was typed
 * @param target filled on success
 * @return 0, or SONDE_E_USAGE with a sentence that names the part that is wrong
 */
int target_parse(const char *text, struct target *target, struct sonde_error *error);

#endif
