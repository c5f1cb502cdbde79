/* SPDX-License-Identifier: MIT */
/* Reading members of JSON that somebody else wrote. */
#ifndef SONDE_BASE_JSON_H
#define SONDE_BASE_JSON_H

#include <stdbool.h>
#include <string.h>

#include <jansson.h>

/** A member of an object as text; "" when it is missing, no text, or the object none. */
static inline const char *json_member(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

/** Whether an array holds a text; false for what is no array. */
static inline bool json_holds(const json_t *array, const char *text)
{
    const json_t *item;
    size_t at;

    json_array_foreach(array, at, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), text) == 0)
            return true;
    }
    return false;
}

#endif
