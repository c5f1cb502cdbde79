/* SPDX-License-Identifier: MIT */
/* Numbers in the text format of Prometheus (version 0.0.4). */
#include "out/prometheus.h"

#include <inttypes.h>

void prometheus_family(struct text *text, const char *name, enum prometheus_type type, const char *help)
{
    static const char *const types[] = {"counter", "gauge"};

    text_add(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, types[type]);
}

/* Backslash, quotation mark and line end are escaped. */
static void add_value(struct text *text, const char *value)
{
    for (; *value; value++)
        if (*value == '\n')
            text_add(text, "\\n");
        else
            text_add(text, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
}

void prometheus_sample(struct text *text, const char *name, const struct prometheus_label *labels,
                       uint64_t value)
{
    const char *before = "{";

    text_add(text, "%s", name);
    for (; labels && labels->name; labels++) {
        if (!labels->value)
            continue;
        text_add(text, "%s%s=\"", before, labels->name);
        add_value(text, labels->value);
        text_add(text, "\"");
        before = ",";
    }
    text_add(text, "%s %" PRIu64 "\n", *before == ',' ? "}" : "", value);
}
