/* SPDX-License-Identifier: MIT */
/* The list of all detectors. */
#include <stddef.h>

#include "detect/detectors.h"

const struct detector *const detectors[] = {
    &detector_failed, &detector_burst, &detector_routing, &detector_backscatter, &detector_tunnel, NULL,
};
