/* SPDX-License-Identifier: MIT */
/* Compiler helpers that every room uses: array sizes, clean-up attributes, symbol visibility. */
#ifndef SONDE_BASE_MACRO_H
#define SONDE_BASE_MACRO_H

#include <stddef.h>
#include <stdlib.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
/* A rare case, kept apart so that the usual one stays short. */
#define RARE __attribute__((noinline, cold))

/* Also of what only fetches memory into the cache: GCC calls that a function without effect, and drops it. */
#define ALWAYS_INLINE static inline __attribute__((always_inline))

#define SONDE_API      __attribute__((visibility("default")))
#define FORMAT(f, a)   __attribute__((format(printf, f, a)))
#define CLEANUP(func)  __attribute__((cleanup(func)))
#define _cleanup_free_ CLEANUP(macro_free)

/* The struct that embeds a member, from a pointer to the member. */
#define CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

/** Free what a `_cleanup_free_` variable points to. */
static inline void macro_free(void *pointer)
{
    free(*(void **)pointer);
}

#endif
