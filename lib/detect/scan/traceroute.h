/* SPDX-License-Identifier: MIT */
/* Traceroutes, for detectors that must not take their errors for trouble. */
#ifndef SONDE_DETECT_SCAN_TRACEROUTE_H
#define SONDE_DETECT_SCAN_TRACEROUTE_H

#include "detect/detector.h"

/**
 * Whether an error (time exceeded, port unreachable) is the answer to a probe of a traceroute: it quotes a
 * packet to the ports of traceroute, or one that reached its target with hardly any TTL left, or several
 * routers just reported probes between these two hosts. The last is known while the kind `traceroute` is
 * watched.
 */
bool traceroute_explains(const struct watch *watch, const struct sighting *sighting);

#endif
