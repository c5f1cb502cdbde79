/* SPDX-License-Identifier: MIT */
/* Records as text for people, laid out as the styles of their fields say. */
#ifndef SONDE_OUT_TEXT_H
#define SONDE_OUT_TEXT_H

#include "base/record.h"
#include "out/layout.h"
#include "out/stream.h"
#include "out/table.h"

/** A sink that writes text. */
struct text_sink {
    struct sink sink;
    struct stream stream;
    struct layout layout;
    struct table table; /* rows of a tabular schema that are waiting for their widths */
    bool started;       /* something was written: the next record stands apart */
};

/**
 * Prepare a sink; its `end` releases what it holds.
 * @param text the sink
 * @param file where the text goes; stays the caller's
 * @param layout width and colour of the reader's terminal
 */
void text_sink_init(struct text_sink *text, FILE *file, struct layout layout);

/**
 * Append one record as a block of lines.
 * @param text where to append
 * @param layout width and colour
 * @param indent columns before each line
 * @param schema the kind of the record
 * @param record the struct
 */
void text_add_record(struct text *text, const struct layout *layout, int indent, const struct schema *schema,
                     const void *record);

#endif
