/* SPDX-License-Identifier: MIT */
/* The policy as nftables' table `inet sonde_guard`. It holds, side by side, the chains of one or two
 * generations of the policy, named by a slot ("g7").
 *
 * Base chains: input, forward, output (filter hooks), early (prerouting, before conntrack), early_output.
 * Each has nothing but the dispatch to the chains of a slot, and is there only when a slot has such chains.
 *
 * Slot chains: SLOT.forward, SLOT.early, SLOT.early_output. Below them, and for input and output below the
 * base chains themselves, for each family and direction, a chain with a verdict map on the type,
 * SLOT.v4.input; a chain for each type, SLOT.v4.3.input; for codes that meet other rules SLOT.v4.3.4.input;
 * for limits SLOT.v4.8.0.input.limit; for what no rule names SLOT.v4.unlisted.input. Whatever belongs to a
 * slot begins with it.
 *
 * Counters are named after rules: "v4.3.4.input.accept", "v4.8.0.input.over", "v4.unlisted.input.drop"; the
 * last word is accept, drop, reject or over. All slots share them, so they survive a change.
 *
 * Sets hold the sources within their limit and are named after rule and rate, since an element keeps the rate
 * it was made with: "limit.v4.8.0.input.10-1-20". They are dynamic, with timeout and size; a full one lets
 * nobody new pass. All slots share them.
 *
 * The lease is a set of protocols with a timeout; while it has elements the dispatch chooses the new slot.
 *
 * Each rule that decides has the comment "sg:" and the id of the policy's rule, or "sg:v4.unlisted.input".
 * The first rule of a limit in the early chains does not count what it lets pass: the main chain does. */
#ifndef SONDE_POLICY_TARGET_NFT_H
#define SONDE_POLICY_TARGET_NFT_H

#include "base/text.h"
#include "policy/policy.h"

#define GUARD_TABLE "sonde_guard"

enum { GUARD_LIMIT_SOURCES = 131072 /* elements of a set of sources */ };

/** A slot, and which base chains lead to it: a bit for each. */
struct nft_slot {
    const char *name; /* "g7" */
    unsigned bases;   /* as nft_base; 0: none, everything passes */
};

/** The bit of a base chain, or 0. @param name "input" */
unsigned nft_base(const char *name);

/** The base chain that leads to a chain of a slot, as a bit; 0 when none does.
 * @param chain without the slot: "v4.input", "early" */
unsigned nft_base_of(const char *chain);

/** Append the statements (`add table`, `add counter`, `add chain`, `add rule` ...) that make the chains of a
 * slot. Nothing that is there is changed: the slot must be new, tables, counters and sets may exist.
 * @param slot "g7"
 * @param now_s seconds since 1970; expired exceptions are left out
 * @return the base chains that it needs */
unsigned nft_add_slot(struct text *text, const struct policy *policy, const char *slot, int64_t now_s);

/** Append the statements that make the base chains dispatch to a slot alone; those that it does not need go.
 * @param more base chains that stay all the same, with nothing in them; as nft_base */
void nft_add_dispatch(struct text *text, const struct nft_slot *slot, unsigned more);

/** Append the statements that make the base chains dispatch to a slot while the lease lasts, then to the old
 * one.
 * @param lease_ms until the kernel goes back */
void nft_add_lease(struct text *text, const struct nft_slot *slot, const struct nft_slot *old,
                   int64_t lease_ms);

/** The whole table as a file that stands alone (`nft -f`): deletes only its own table first. */
void nft_render(const struct policy *policy, int64_t now_s, struct text *text, struct text *omissions);

#endif
