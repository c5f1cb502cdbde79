/* SPDX-License-Identifier: MIT */
/* The list of all outputs of `sonde watch` besides its records. */
#include <stddef.h>

#include "cmd/watch/outputs.h"

const struct watch_output *const watch_outputs[] = {
    &print_output, &evidence_output, &hook_output, &post_output, NULL,
};
