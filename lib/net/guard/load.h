/* SPDX-License-Identifier: MIT */
/* Rules of nft, judged by what the kernel makes of it: loaded in a network namespace that ends at once. */
#ifndef SONDE_NET_GUARD_LOAD_H
#define SONDE_NET_GUARD_LOAD_H

#include "base/error.h"
#include "base/text.h"

/**
 * Load rules in a network namespace of a child and list them. The caller's own rules are not touched.
 * @param rules text for `nft -f`
 * @param devices names of interfaces that the rules hook chains to, which are made there; NULL ends the list
 * @param json appended: what `nft -ja list ruleset` says of them
 * @return 0; SONDE_E_FORMAT when nft or the kernel refuses the rules; SONDE_E_PERMISSION when namespaces are
 * not allowed, with what would allow them; SONDE_E_UNSUPPORTED without nft; -errno
 */
int load_in_scratch(const char *rules, const char *const *devices, struct text *json,
                    struct sonde_error *error);

#endif
