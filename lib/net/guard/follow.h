/* SPDX-License-Identifier: MIT */
/* Being told at once when anybody changes rules of nftables (NFNLGRP_NFTABLES). */
#ifndef SONDE_NET_GUARD_FOLLOW_H
#define SONDE_NET_GUARD_FOLLOW_H

#include "base/error.h"

/**
 * Listen to changes of rules in the caller's network namespace.
 * @return a descriptor that becomes readable when something changed; SONDE_E_PERMISSION; -errno
 */
int guard_follow_open(struct sonde_error *error);

/** Read what was told until there is no more. @return 0 or -errno; messages that were lost are no error, for
 * what changed is looked at anyway */
int guard_follow_drain(int fd);

#endif
