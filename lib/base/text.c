/* SPDX-License-Identifier: MIT */
/* Growing text: append, take, free.
 * Texts are reports for people, a few kilobytes long; without memory for them nothing sensible can be said
 * any more, so running out of it aborts instead of threading an error through every sentence. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void reserve(struct text *text, size_t octets)
{
    size_t capacity = text->capacity ? text->capacity : 64;
    char *data;

    if (text->length + octets + 1 <= text->capacity)
        return;
    while (capacity < text->length + octets + 1)
        capacity *= 2;
    data = realloc(text->data, capacity);
    if (!data)
        abort();
    text->data = data;
    text->capacity = capacity;
}

void text_deinit(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

static void add_arguments(struct text *text, const char *format, va_list arguments)
{
    va_list again;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        return;
    reserve(text, (size_t)length);
    vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
    text->length += (size_t)length;
}

void text_add(struct text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add_arguments(text, format, arguments);
    va_end(arguments);
}

void text_add_octets(struct text *text, const char *octets, size_t length)
{
    reserve(text, length);
    memcpy(text->data + text->length, octets, length);
    text->length += length;
    text->data[text->length] = '\0';
}

const char *text_get(const struct text *text)
{
    return text->data ? text->data : "";
}

char *text_take(struct text *text)
{
    char *data;

    reserve(text, 0);
    data = text->data;
    data[text->length] = '\0';
    *text = (struct text){0};
    return data;
}

char *text_format(const char *format, ...)
{
    struct text text = {0};
    va_list arguments;

    va_start(arguments, format);
    add_arguments(&text, format, arguments);
    va_end(arguments);
    return text_take(&text);
}
