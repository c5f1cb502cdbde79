/* SPDX-License-Identifier: MIT */
/* Our table as it is in the kernel: which generations of the policy it holds, and which one decides. */
#ifndef SONDE_NET_GUARD_LIVE_TABLE_H
#define SONDE_NET_GUARD_LIVE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "policy/target/nft.h"

struct json_t;

enum { SLOT_MAX = 24 };

/** The table; zero-initialise. */
struct live_table {
    bool exists;
    char firm[SLOT_MAX];   /* the slot that decides without a lease; empty: none, all passes */
    char leased[SLOT_MAX]; /* the slot that decides while the lease lasts; empty: none */
    int64_t left_ms;       /* of the lease */
    unsigned newest;       /* number of the newest slot, or 0 */
    struct json_t *json;   /* what nft says of it */
};

/**
 * Read the table from the kernel, in the caller's network namespace.
 * @return 0, also when there is none; else as nft_list
 */
int live_read(struct live_table *table, struct sonde_error *error);

/**
 * The same from what nft said (NFT_JSON), in whichever namespace; of the lease nothing is known then.
 * @return 0 or SONDE_E_FORMAT
 */
int live_parse(struct live_table *table, const struct text *said, struct sonde_error *error);

/** Free it. */
void live_deinit(struct live_table *table);

/** Whether a slot is on trial now. */
bool live_on_trial(const struct live_table *table);

/** The name of the next slot. */
void live_next_slot(const struct live_table *table, char slot[SLOT_MAX]);

/** A slot as the dispatch wants it. @param name must stay as long as what is returned; empty: none */
struct nft_slot live_slot(const struct live_table *table, const char *name);

/**
 * Append the statements that remove every slot but some, of which no dispatch may be left when they run.
 * @param keep names; empty ones and NULL are passed over
 * @return how many chains, maps and sets they remove
 */
size_t live_remove_slots(const struct live_table *table, const char *const *keep, size_t keep_count,
                         struct text *text);

#define _cleanup_live_ CLEANUP(live_deinit)

#endif
