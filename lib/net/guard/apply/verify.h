/* SPDX-License-Identifier: MIT */
/* Rules loaded where they harm nobody, to see that they say what is in force. */
#ifndef SONDE_NET_GUARD_APPLY_VERIFY_H
#define SONDE_NET_GUARD_APPLY_VERIFY_H

#include "base/error.h"
#include "net/guard/live/table.h"

/**
 * Load rules into a network namespace of their own, which ends at once, and compare what the kernel has then
 * with a slot of our table. Really loaded they are: `nft -c` accepts what the kernel refuses.
 * @param rules a file for `nft -f` as text
 * @param live our table as it is
 * @param slot of that table
 * @return 0; SONDE_E_FORMAT when they cannot be loaded or say something else; SONDE_E_PERMISSION where no
 * namespace can be made; -errno
 */
int verify_rules(const char *rules, const struct live_table *live, const char *slot,
                 struct sonde_error *error);

#endif
