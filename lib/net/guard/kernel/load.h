/* SPDX-License-Identifier: MIT */
/* Rules of every kind of firewall, loaded into the calling thread's network namespace. */
#ifndef SONDE_NET_GUARD_KERNEL_LOAD_H
#define SONDE_NET_GUARD_KERNEL_LOAD_H

#include "net/guard/rehearse.h"

/** Load them in the order in which a machine has them. @return 0 or as rehearse, with the kernel's words */
int load_rules(const struct rehearsal *rehearsal, struct sonde_error *error);

#endif
