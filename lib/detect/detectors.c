/* SPDX-License-Identifier: MIT */
/* The list of all detectors. */
#include "detect/detectors.h"

#include <stddef.h>

const struct detector *const detectors[] = {
    &detector_sweep,
    &detector_dark,
    &detector_query,
    &detector_traceroute,
    &detector_deprecated,
    &detector_flood,
    &detector_smurf,
    &detector_fragment,
    &detector_nd_flood,
    &detector_limited,
    &detector_loss,
    &detector_redirect,
    &detector_rogue_ra,
    &detector_forged,
    &detector_pmtu,
    &detector_trouble,
    &detector_backscatter,
    &detector_tunnel,
    &detector_spike, /* last: what others explain is no spike */
    NULL,
};
