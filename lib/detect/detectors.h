/* SPDX-License-Identifier: MIT */
/* The detectors that there are. */
#ifndef SONDE_DETECT_DETECTORS_H
#define SONDE_DETECT_DETECTORS_H

#include "detect/detector.h"

/* Services and routes out of order; detect/trouble/. */
extern const struct detector detector_trouble, detector_backscatter;

/* Data inside of echo messages; detect/covert/. */
extern const struct detector detector_tunnel;

#endif
