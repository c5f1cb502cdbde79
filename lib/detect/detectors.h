/* SPDX-License-Identifier: MIT */
/* The detectors, each defined in the file of its name. */
#ifndef SONDE_DETECT_DETECTORS_H
#define SONDE_DETECT_DETECTORS_H

#include "detect/detector.h"

/* Scans and reconnaissance. */
extern const struct detector detector_sweep;
extern const struct detector detector_flood, detector_spike, detector_smurf, detector_fragment,
    detector_nd_flood, detector_limited, detector_loss;
/* Whom to trust: redirects, router advertisements, errors about connections, path MTU. */
extern const struct detector detector_redirect, detector_rogue_ra, detector_forged, detector_pmtu;

#endif
