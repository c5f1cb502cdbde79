/* SPDX-License-Identifier: MIT */
/* Records as one HTML page that needs no other file: no script, no picture, no address to fetch. */
#ifndef SONDE_OUT_DOCUMENT_HTML_H
#define SONDE_OUT_DOCUMENT_HTML_H

#include "out/document/document.h"

/** HTML, as a format of document_sink_init. What strangers wrote is escaped: it stays words. */
extern const struct document_format html_format;

#endif
