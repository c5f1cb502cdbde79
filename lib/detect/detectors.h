/* SPDX-License-Identifier: MIT */
/* The detectors that there are; each is described where it is defined. */
#ifndef SONDE_DETECT_DETECTORS_H
#define SONDE_DETECT_DETECTORS_H

#include "detect/detector.h"

extern const struct detector detector_flood, detector_spike, detector_smurf, detector_fragment,
    detector_nd_flood, detector_limited, detector_loss;

#endif
