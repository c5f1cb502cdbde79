/* SPDX-License-Identifier: MIT */
/* The list of all detectors. */
#include "detect/detectors.h"

#include <stddef.h>

const struct detector *const detectors[] = {
    &detector_flood,
    NULL,
};
