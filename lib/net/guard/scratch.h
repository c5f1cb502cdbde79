/* SPDX-License-Identifier: MIT */
/* A scratch network namespace without a name: it ends with the process, however that ends. */
#ifndef SONDE_NET_GUARD_SCRATCH_H
#define SONDE_NET_GUARD_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum { SCRATCH_INTERFACES_MAX = 64, SCRATCH_OCTETS = 6 /* of a link address */ };

/** A namespace that looks like a machine from inside: `inner` has interfaces of the same names, each a veth
 * whose other end is in `outer`, from where frames are sent. */
struct scratch {
    int inner, outer; /* descriptors of the namespaces */
    int home;         /* where the caller was */
    char interfaces[SCRATCH_INTERFACES_MAX][16];
    uint8_t links[SCRATCH_INTERFACES_MAX][SCRATCH_OCTETS]; /* link addresses of these inside */
    unsigned numbers[SCRATCH_INTERFACES_MAX];              /* the kernel's, inside */
    int peers[SCRATCH_INTERFACES_MAX]; /* the kernel's numbers of their other ends, in `outer` */
    size_t interface_count;
    struct text sysctls; /* of home, "net/ipv4/conf/eth0/rp_filter 1", a line each */
};

/**
 * Make the namespaces. The caller needs no privilege where user namespaces are allowed: it is then in one of
 * its own afterwards, for good. Addresses are 198.18.N.1/24, 2001:2:0:N::1/64 and fe80::1/64 on interface N,
 * .2 and ::2 outside, which need no resolution and whose own stack never answers.
 * @param interfaces names; NULL ends the list
 * @return 0; SONDE_E_PERMISSION when namespaces are not allowed; -errno
 */
int scratch_open(struct scratch *scratch, const char *const *interfaces, struct sonde_error *error);

/** Make namespaces like those of another scratch, for a second thread. @return as scratch_open */
int scratch_open_like(struct scratch *scratch, const struct scratch *other, struct sonde_error *error);

/** Set the sysctls that decide which packets reach a rule to what they were in the caller's namespace at the
 * time of scratch_open. Values that the kernel does not take are left. */
int scratch_copy_sysctls(struct scratch *scratch, struct sonde_error *error);

/** The number N of an interface, or -ENOENT. */
int scratch_find(const struct scratch *scratch, const char *interface);

/** The name of the other end of interface N, in `outer`. */
const char *scratch_peer(size_t interface, char name[16]);

/** Move the calling thread into one of the namespaces. @return 0 or -errno */
int scratch_enter(int namespace);

/** Write a sysctl of the namespace that the calling thread is in.
 * @param name "net/ipv4/ip_forward"
 * @return 0 or -errno */
int scratch_set(const char *name, const char *value);

/** Go back home and let the namespaces end. Does nothing to a closed (zeroed) one. */
void scratch_close(struct scratch *scratch);

#endif
