/* SPDX-License-Identifier: MIT */
/* The outputs of `sonde watch` besides its records, a file each. */
#ifndef SONDE_CMD_WATCH_OUTPUTS_H
#define SONDE_CMD_WATCH_OUTPUTS_H

#include "cmd/watch/watching.h"

extern const struct watch_output print_output, evidence_output, hook_output, post_output, metrics_output,
    kernel_output, report_output, screen_output;

#endif
