/* SPDX-License-Identifier: MIT */
/* The policy as nftables' table `inet sonde_guard`.
 *
 * The table holds, side by side, the chains of one or two generations of the policy, named by a slot ("g7"):
 *   base chains   input, forward, output (filter hooks), early (prerouting, before conntrack), early_output;
 *                 each has nothing but the dispatch to the chains of a slot
 *   slot chains   SLOT.input, SLOT.forward, SLOT.output, SLOT.early, SLOT.early_output and, below them, a
 *                 verdict map on the type in SLOT.v4.input ..., a chain for each type SLOT.v4.3.input ...,
 * for codes that meet other rules SLOT.v4.3.4.input ..., for limits SLOT.v4.8.0.input.limit, and for what no
 * rule names SLOT.v4.unlisted.input; whatever belongs to a slot begins with it counters      named after
 * rules, "v4.3.4.input.accept", "v4.8.0.input.over", "v4.unlisted.input.drop": the last word is accept, drop,
 * reject or over; shared by all slots, so they survive a change sets          sources within their limit,
 * named after rule and rate (an element keeps the rate it was made with): "limit.v4.8.0.input.10-1-20";
 * dynamic, with timeout and size; a full set lets nobody new pass; shared by all slots lease         set of
 * protocols with a timeout; while it has elements the dispatch chooses the new slot Each rule that decides
 * has the comment "sg:" and the id of the policy's rule, or "sg:v4.unlisted.input". A limit's first rule, in
 * the early chains, does not count what it lets pass: the main chain does.
 */
#ifndef SONDE_POLICY_TARGET_NFT_H
#define SONDE_POLICY_TARGET_NFT_H

#include "base/text.h"
#include "policy/policy.h"

#define GUARD_TABLE "sonde_guard"

enum { GUARD_LIMIT_SOURCES = 131072 /* elements of a set of sources */ };

/** Append the statements (`add table`, `add counter`, `add chain`, `add rule` ...) that make the chains of a
 * slot. Nothing that is there is changed: the slot must be new, tables, counters and sets may exist.
 * @param slot "g7"
 * @param now_s seconds since 1970; expired exceptions are left out */
void nft_add_slot(struct text *text, const struct policy *policy, const char *slot, int64_t now_s);

/** Append the statements that make the base chains dispatch to a slot alone.
 * @param slot NULL: to none, everything passes */
void nft_add_dispatch(struct text *text, const char *slot);

/** Append the statements that make the base chains dispatch to a slot while the lease lasts, then to the old
 * one.
 * @param old NULL: there was none, everything passes afterwards
 * @param lease_ms until the kernel goes back */
void nft_add_lease(struct text *text, const char *slot, const char *old, int64_t lease_ms);

/** The whole table as a file that stands alone (`nft -f`): deletes only its own table first. */
void nft_render(const struct policy *policy, int64_t now_s, struct text *text, struct text *omissions);

#endif
