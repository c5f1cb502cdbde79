/* SPDX-License-Identifier: MIT */
/* Where scenario files are: finding, listing and loading them. */
#ifndef SONDE_NET_LAB_LIBRARY_H
#define SONDE_NET_LAB_LIBRARY_H

#include "net/lab/scenario.h"

/** The names of a library's scenarios, sorted. */
struct library_names {
    char **items;
    size_t count;
};

/**
 * Find the folder of scenarios: the given one; without one, that of the source tree in which the program was
 * built, the installed one, or that beside an installation that was moved.
 * @param given from the caller's environment, or NULL
 * @return the heap path, or NULL with an error (SONDE_E_NOT_FOUND)
 */
char *library_find(const char *given, struct sonde_error *error);

/** List a library's scenarios. Returns 0 or -errno with its context. */
int library_list(const char *folder, struct library_names *names, struct sonde_error *error);

/** Free a list. */
void library_names_deinit(struct library_names *names);

/**
 * Load a scenario.
 * @param name of a scenario of the library; or a path (with a slash) of a file, which extends files next to
 * it or of the library
 * @return 0, SONDE_E_NOT_FOUND, SONDE_E_FORMAT or -errno, with context
 */
int library_load(const char *folder, const char *name, struct scenario *scenario, struct sonde_error *error);

#endif
