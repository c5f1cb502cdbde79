/* SPDX-License-Identifier: MIT */
/* Flat records as CSV (RFC 4180). */
#ifndef SONDE_OUT_CSV_H
#define SONDE_OUT_CSV_H

#include "base/record.h"
#include "out/stream.h"

/** A sink that writes CSV: a header line for each kind of record, then a line for each record. */
struct csv_sink {
    struct sink sink;
    struct stream stream;
    const struct schema *schema; /* of the last header line */
};

/**
 * Prepare a sink; it owns nothing. A record that is no line of cells makes its `end` return -ENOTSUP.
 * @param csv the sink
 * @param file where the lines go; stays the caller's
 */
void csv_sink_init(struct csv_sink *csv, FILE *file);

/** Whether the records of a schema fit in lines of cells: none of its fields is an object or a list. */
bool csv_can_render(const struct schema *schema);

#endif
