/* SPDX-License-Identifier: MIT */
/* The list of all outputs of `sonde watch` besides its records. */
#include "cmd/watch/outputs.h"

#include <stddef.h>

const struct watch_output *const watch_outputs[] = {
    &print_output,  &evidence_output, &hook_output, &post_output, &metrics_output,
    &kernel_output, &screen_output, /* the last one: what the others say is seen */
    NULL,
};
