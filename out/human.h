/* SPDX-License-Identifier: MIT */
/* Single values as people read them: "212 ms", "93 %", "yes". */
#ifndef SONDE_OUT_HUMAN_H
#define SONDE_OUT_HUMAN_H

#include "base/record.h"
#include "base/text.h"

/**
 * Append a duration with the unit that reads best.
 * @param text where to append
 * @param duration_ns the duration
 */
void human_add_duration(struct text *text, int64_t duration_ns);

/**
 * Append a stranger's text: invalid UTF-8 as U+FFFD, controls other than a line end as \xNN, so that no name
 * from the network can steer the terminal.
 * @param text where to append
 * @param string zero-terminated
 */
void human_add_clean(struct text *text, const char *string);

/**
 * Append the heading of a field: its title, or its name with blanks and a capital.
 * @param text where to append
 * @param field the field
 */
void human_add_title(struct text *text, const struct field *field);

/**
 * Append a field's value on one line: numbers with their unit, objects and lists with their parts in a row.
 * @param text where to append
 * @param field the field
 * @param record with the field present
 */
void human_add_value(struct text *text, const struct field *field, const void *record);

/**
 * Append an object on one line: the values of its headline fields, then "title value" of the others.
 * @param text where to append
 * @param schema the kind of the object; hidden fields and paragraphs are left out
 * @param record the struct
 */
void human_add_object(struct text *text, const struct schema *schema, const void *record);

/** Whether a field has nothing to show to people: hidden, absent, or an empty text or list. */
bool human_is_empty(const struct field *field, const void *record);

#endif
