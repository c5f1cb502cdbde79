/* SPDX-License-Identifier: MIT */
/* Every detector by name. */
#ifndef SONDE_DETECT_DETECTORS_H
#define SONDE_DETECT_DETECTORS_H

#include "detect/detector.h"

/* trust: redirects, router advertisements, forged errors, path MTU */
extern const struct detector detector_redirect, detector_rogue_ra, detector_forged, detector_pmtu;

#endif
