/* SPDX-License-Identifier: MIT */
/* Inside the compiler: the renderers of each language, for the table of targets. */
#ifndef SONDE_POLICY_TARGET_LANGUAGES_H
#define SONDE_POLICY_TARGET_LANGUAGES_H

#include "policy/target/nft.h"
#include "policy/target/target.h"

/** A file for iptables-restore --noflush: chains of its own in the filter table. */
void iptables_render(const struct policy *policy, int64_t now_s, struct text *text, struct text *omissions);

/** The same for ip6tables-restore. */
void ip6tables_render(const struct policy *policy, int64_t now_s, struct text *text, struct text *omissions);

/** An anchor for OpenBSD's pf. */
void pf_render(const struct policy *policy, int64_t now_s, struct text *text, struct text *omissions);

/** One JSON document, sonde.guard.policy/1: the rules, and the verdict of each row of the catalog. */
void json_render(const struct policy *policy, int64_t now_s, struct text *text, struct text *omissions);

#endif
