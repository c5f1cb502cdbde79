/* SPDX-License-Identifier: MIT */
/* The list of all detectors. */
#include "detect/detectors.h"

#include <stddef.h>

const struct detector *const detectors[] = {
    &detector_sweep, &detector_dark, &detector_query, &detector_traceroute, &detector_deprecated, NULL,
};
