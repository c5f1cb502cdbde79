/* SPDX-License-Identifier: MIT */
/* The list of all detectors. */
#include <stddef.h>

#include "detect/detectors.h"

const struct detector *const detectors[] = {
    &detector_trouble,
    &detector_backscatter,
    &detector_tunnel,
    NULL,
};
