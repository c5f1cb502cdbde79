/* SPDX-License-Identifier: MIT */
/* Lists that grow. */
#ifndef SONDE_BASE_LIST_H
#define SONDE_BASE_LIST_H

#include <stdlib.h>

/**
 * Room for one more item at the end of a list; out of memory ends the process (base/text.c says why).
 * @param items the list, or NULL while it is empty
 * @param count items in it
 * @param capacity items that it has room for; changed with it
 * @param size octets of an item
 * @return the list, perhaps elsewhere
 */
static inline void *list_grown(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity * 2 + 16;
    items = reallocarray(items, *capacity, size);
    if (!items)
        abort();
    return items;
}

#endif
