/* SPDX-License-Identifier: MIT */
/* What the kernel's error numbers mean for a connection, and which ICMP messages cause them. */
#ifndef SONDE_CATALOG_ERRORS_H
#define SONDE_CATALOG_ERRORS_H

#include <stddef.h>

/** One errno as programs report it. */
struct sonde_errno_entry {
    int number;
    const char *name;  /* "EHOSTUNREACH" */
    const char *text;  /* what strerror() prints: "No route to host" */
    const char *says;  /* what it means for a connection */
    const char *icmp4; /* types and codes that cause it: "3/1 3/10 3/13 11/0", or "" */
    const char *icmp6;
    const char *causes;
    const char *action;
};

/** Find an errno. @return its row, or NULL */
const struct sonde_errno_entry *sonde_errno_find(int number);

/** Find a name ("EHOSTUNREACH", any case). @return its row, or NULL */
const struct sonde_errno_entry *sonde_errno_find_name(const char *name);

/** Count the rows. @return the first of them */
const struct sonde_errno_entry *sonde_errno_table(size_t *count);

#endif
