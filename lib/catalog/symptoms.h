/* SPDX-License-Identifier: MIT */
/* What people see that is neither an ICMP message nor an errno: silence, names without address, log lines. */
#ifndef SONDE_CATALOG_SYMPTOMS_H
#define SONDE_CATALOG_SYMPTOMS_H

#include <stddef.h>

/** One symptom. */
struct symptom_entry {
    const char *name;   /* "silence" */
    const char *title;  /* "No answer at all" */
    const char *says;   /* what it means, one sentence */
    const char *sender; /* who produced what one sees */
    const char *causes; /* alternatives are separated by "; " */
    const char *action;
};

/** Find a name ("silence"; case, spaces, underscores and hyphens do not matter). @return its row, or NULL */
const struct symptom_entry *symptom_find_name(const char *name);

/**
 * A row by its position.
 * @param index from 0
 * @return the row, or NULL after the last
 */
const struct symptom_entry *symptom_row(size_t index);

#endif
