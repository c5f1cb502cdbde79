/* SPDX-License-Identifier: MIT */
/* Records as Markdown (CommonMark, with the tables of GitHub). */
#ifndef SONDE_OUT_DOCUMENT_MARKDOWN_H
#define SONDE_OUT_DOCUMENT_MARKDOWN_H

#include "out/document/document.h"

/** Markdown, as a format of document_sink_init. What strangers wrote is escaped: it stays words. */
extern const struct document_format markdown_format;

#endif
