/* SPDX-License-Identifier: MIT */
/* Where a sink's octets go, and whether they arrived. */
#ifndef SONDE_OUT_STREAM_H
#define SONDE_OUT_STREAM_H

#include <stdio.h>

#include "base/text.h"

/** An output file and the first thing that went wrong with it. */
struct stream {
    FILE *file;
    int error; /* 0, or -errno of the first failure */
};

/**
 * Write a text, flush it so that a reader sees whole records, and empty it.
 * @param stream remembers a failure; later calls then write nothing
 * @param text what to write
 */
void stream_write(struct stream *stream, struct text *text);

/**
 * Flush what is left.
 * @return 0, or -errno of the first failure of this stream
 */
int stream_end(struct stream *stream);

#endif
