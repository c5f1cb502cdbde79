/* SPDX-License-Identifier: MIT */
/* Names to addresses, with a bound on the time that a dead name server can cost. */
#ifndef SONDE_NET_RESOLVE_H
#define SONDE_NET_RESOLVE_H

#include "base/address.h"
#include "base/error.h"

/**
 * Resolve a name as the system does (getaddrinfo(3): hosts file, DNS, whatever nsswitch.conf says), in the
 * order in which a program would try the addresses (RFC 6724). A text that is an address already is taken as
 * it is.
 *
 * The work is done in a child process, so that a name server that does not answer costs at most 2.5 s and a
 * plug-in of the resolver cannot leave anything behind.
 * @param family 4, 6, or 0 for both
 * @param list, max where to write the addresses; more than that are dropped
 * @param error says in a sentence whether the name does not exist or no name server answers; may be NULL
 * @return number of addresses (at least 1), SONDE_E_UNRESOLVED, or -errno (-EINTR: the user wants to stop)
 */
int resolve(const char *name, uint8_t family, struct sonde_address *list, size_t max,
            struct sonde_error *error);

#endif
