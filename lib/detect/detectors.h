/* SPDX-License-Identifier: MIT */
/* The detectors, each defined in the file of its name. */
#ifndef SONDE_DETECT_DETECTORS_H
#define SONDE_DETECT_DETECTORS_H

#include "detect/detector.h"

/* Scans and reconnaissance. */
extern const struct detector detector_sweep, detector_dark, detector_query, detector_traceroute,
    detector_deprecated;

#endif
