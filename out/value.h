/* SPDX-License-Identifier: MIT */
/* What every sink needs of a field: where it is, whether it is absent, and its plain text. */
#ifndef SONDE_OUT_VALUE_H
#define SONDE_OUT_VALUE_H

#include "base/record.h"
#include "base/text.h"

/**
 * Where a field lies in its record.
 * @param field one of the record's schema
 * @param record the struct
 * @return a pointer of the field's C type
 */
const void *value_of(const struct field *field, const void *record);

/** Whether a field is absent from this record (base/record.h says when); lists and booleans never are. */
bool value_is_absent(const struct field *field, const void *record);

/** The struct that an object field points to, or NULL. */
const void *value_object(const struct field *field, const void *record);

/** The list of a list field. */
const struct record_list *value_list(const struct field *field, const void *record);

/** One struct of a list of structs. */
const void *value_item(const struct field *field, const struct record_list *list, size_t index);

/** One string of a list of strings (a field without `of`). */
const char *value_string(const struct record_list *list, size_t index);

/**
 * Append a number, boolean, address or time as programs read it: "12", "0.5", "true", "192.0.2.1", RFC 3339.
 * @param text where to append
 * @param field neither text, object nor list
 * @param record with the field present
 */
void value_add_plain(struct text *text, const struct field *field, const void *record);

#endif
