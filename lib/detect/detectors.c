/* SPDX-License-Identifier: MIT */
/* The list of all detectors. */
#include <stddef.h>

#include "detect/detectors.h"

const struct detector *const detectors[] = {
    &detector_redirect, &detector_rogue_ra, &detector_forged, &detector_pmtu, NULL,
};
