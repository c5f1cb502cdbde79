/* SPDX-License-Identifier: MIT */
/* The detectors, each defined in the file of its name. */
#ifndef SONDE_DETECT_DETECTORS_H
#define SONDE_DETECT_DETECTORS_H

#include "detect/detector.h"

/* scan: who looks for hosts, by what means */
extern const struct detector detector_sweep, detector_dark, detector_query, detector_traceroute,
    detector_deprecated;
/* flood: too much of something */
extern const struct detector detector_flood, detector_spike, detector_smurf, detector_fragment,
    detector_nd_flood, detector_limited, detector_loss;
/* trust: redirects, router advertisements, forged errors, path MTU */
extern const struct detector detector_redirect, detector_rogue_ra, detector_forged, detector_pmtu;
/* trouble: services and routes out of order */
extern const struct detector detector_trouble, detector_backscatter;
/* covert: data inside of echo messages */
extern const struct detector detector_tunnel;

#endif
