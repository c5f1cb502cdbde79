/* SPDX-License-Identifier: MIT */
/* The list of all detectors. */
#include <stddef.h>

#include "detect/detector.h"

const struct detector *const detectors[] = {
    NULL,
};
