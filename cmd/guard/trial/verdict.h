/* SPDX-License-Identifier: MIT */
/* The record sonde.guard.verdict/1: what the kernel does with messages, beside what was promised. */
#ifndef SONDE_CMD_GUARD_TRIAL_VERDICT_H
#define SONDE_CMD_GUARD_TRIAL_VERDICT_H

#include "base/record.h"
#include "policy/difference.h"

/** A verdict of one message, or of a group that shares it. */
struct verdict_row {
    char messages_text[DIFFERENCE_TEXT_MAX]; /* "3/4", "3/5-15", "44-252" */
    int64_t family, type, type_last, code, code_last, pairs;
    const char *name, *hook, *direction, *shape, *promised, *verdict, *rule;
    const char *source;   /* of an exception; NULL: any */
    const char *messages; /* points to its text */
};

extern const struct schema verdict_schema;

/** Make a row of a difference. @param rules the matrix in which its rule has a name */
void verdict_fill(struct verdict_row *row, const struct difference *difference, const struct matrix *rules);

#endif
