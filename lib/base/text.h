/* SPDX-License-Identifier: MIT */
/* Growing text: append, take, free. */
#ifndef SONDE_BASE_TEXT_H
#define SONDE_BASE_TEXT_H

#include <stddef.h>

#include "base/macro.h"

/** Text that grows; zero-initialise it. Out of memory ends the process (base/text.c says why). */
struct text {
    char *data;    /* zero-terminated, or NULL while empty */
    size_t length; /* octets without the zero */
    size_t capacity;
};

/** Free the text; it is empty and usable afterwards. */
void text_deinit(struct text *text);

/** Append a formatted string. */
void text_add(struct text *text, const char *format, ...) FORMAT(2, 3);

/** Append octets. */
void text_add_octets(struct text *text, const char *octets, size_t length);

/** The text so far, never NULL; valid until the next change. */
const char *text_get(const struct text *text);

/** Hand the heap string over to the caller, who frees it; the text is empty afterwards. */
char *text_take(struct text *text);

/** A heap copy in printf form; the caller frees it. */
char *text_format(const char *format, ...) FORMAT(1, 2);

#define _cleanup_text_ CLEANUP(text_deinit)

#endif
