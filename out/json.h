/* SPDX-License-Identifier: MIT */
/* Records as JSON, one object a line (NDJSON). */
#ifndef SONDE_OUT_JSON_H
#define SONDE_OUT_JSON_H

#include "base/record.h"
#include "base/text.h"
#include "out/stream.h"

/** A sink that writes JSON lines. */
struct json_sink {
    struct sink sink;
    struct stream stream;
};

/**
 * Prepare a sink; it owns nothing, so there is nothing to release.
 * @param json the sink
 * @param file where the lines go; stays the caller's
 */
void json_sink_init(struct json_sink *json, FILE *file);

/**
 * Append a record as one JSON object without a line end (RFC 8259). Absent fields are left out, lists are
 * always there; the schema is named first when its name has a version ("sonde.why/1").
 * @param text where to append
 * @param schema the kind of the record
 * @param record the struct
 */
void json_add_record(struct text *text, const struct schema *schema, const void *record);

/**
 * Append a JSON string with its quotation marks; octets that are no UTF-8 become U+FFFD.
 * @param text where to append
 * @param string zero-terminated
 */
void json_add_string(struct text *text, const char *string);

#endif
