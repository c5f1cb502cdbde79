/* SPDX-License-Identifier: MIT */
/* The schema of a record as a JSON Schema document, for those who read our JSON. */
#ifndef SONDE_OUT_SCHEMA_H
#define SONDE_OUT_SCHEMA_H

#include "base/record.h"
#include "base/text.h"

/**
 * Append a JSON Schema (draft 2020-12) that every record of a schema satisfies as JSON. Further members are
 * allowed: fields are only ever added.
 * @param text where to append
 * @param schema the kind of record
 */
void schema_add_document(struct text *text, const struct schema *schema);

#endif
