/* SPDX-License-Identifier: MIT */
/* Whether rules are still the same: a number made of what they say, without what moves by itself. */
#ifndef SONDE_NET_GUARD_LIVE_FINGERPRINT_H
#define SONDE_NET_GUARD_LIVE_FINGERPRINT_H

#include <stdint.h>

#include "base/error.h"
#include "net/guard/live/table.h"

/**
 * Of everything that is not ours: all tables but `inet sonde_guard`, in the caller's network namespace.
 * Counters, handles and what programs add to sets for a while (fail2ban) do not count.
 * @return 0; else as nft_list
 */
int fingerprint_others(uint64_t *fingerprint, struct sonde_error *error);

/** Of a slot of our table and the base chains that lead to it, whatever the slot's name is. */
uint64_t fingerprint_slot(const struct live_table *table, const char *name);

#endif
