/* SPDX-License-Identifier: MIT */
/* Rules of nftables, loaded by the nft command as a child in the caller's network namespace. */
#ifndef SONDE_NET_LAB_FILTER_H
#define SONDE_NET_LAB_FILTER_H

#include "base/error.h"

/**
 * Add a rule to a base chain of type filter; table and chain are made when they are not there.
 * @param hook "input", "forward", ...
 * @param rule as nft(8) writes it: "udp dport 53 drop"
 * @return 0 or an error with what nft said
 */
int filter_add(const char *hook, const char *rule, struct sonde_error *error);

/** Add a rule to the prerouting chain of type nat. Returns 0 or an error with what nft said. */
int filter_add_nat(const char *rule, struct sonde_error *error);

#endif
