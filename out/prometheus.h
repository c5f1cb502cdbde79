/* SPDX-License-Identifier: MIT */
/* Numbers in the text format of Prometheus (version 0.0.4). */
#ifndef SONDE_OUT_PROMETHEUS_H
#define SONDE_OUT_PROMETHEUS_H

#include <stdint.h>

#include "base/text.h"

enum prometheus_type { PROMETHEUS_COUNTER, PROMETHEUS_GAUGE };

/** A label; NULL as name ends a list. */
struct prometheus_label {
    const char *name;
    const char *value; /* any text; NULL is left out */
};

/**
 * Begin a family of samples.
 * @param name such as "sonde_icmp_messages_total"
 * @param help one sentence
 */
void prometheus_family(struct text *text, const char *name, enum prometheus_type type, const char *help);

/** Append a sample of the family that was begun last. */
void prometheus_sample(struct text *text, const char *name, const struct prometheus_label *labels,
                       uint64_t value);

#endif
