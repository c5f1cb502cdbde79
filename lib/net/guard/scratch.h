/* SPDX-License-Identifier: MIT */
/* A scratch network namespace without a name: it ends with the process, however that ends. */
#ifndef SONDE_NET_GUARD_SCRATCH_H
#define SONDE_NET_GUARD_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { SCRATCH_INTERFACES_MAX = 64 };

/** A namespace that looks like a machine from inside: `inner` has interfaces of the same names, each a veth
 * whose other end is in `outer`, from where frames are sent. */
struct scratch {
    int inner, outer; /* descriptors of the namespaces */
    int home;         /* where the caller was */
    char interfaces[SCRATCH_INTERFACES_MAX][16];
    size_t interface_count;
};

/**
 * Make the namespaces. The caller needs no privilege where user namespaces are allowed: it is then in one of
 * its own afterwards, for good. Addresses are 198.18.N.1/24 and 2001:2:0:N::1/64 on interface N, .2 and ::2
 * outside.
 * @param interfaces names; NULL ends the list
 * @return 0; SONDE_E_PERMISSION when namespaces are not allowed; -errno
 */
int scratch_open(struct scratch *scratch, const char *const *interfaces, struct sonde_error *error);

/** Copy the sysctls that decide about ICMP from the caller's namespace at the time of scratch_open. */
int scratch_copy_sysctls(struct scratch *scratch, struct sonde_error *error);

/** Go back home and let the namespaces end. Does nothing to a closed one. */
void scratch_close(struct scratch *scratch);

#endif
