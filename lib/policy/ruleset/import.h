/* SPDX-License-Identifier: MIT */
/* Rules read from what programs write: nft's JSON and iptables-save's text. */
#ifndef SONDE_POLICY_RULESET_IMPORT_H
#define SONDE_POLICY_RULESET_IMPORT_H

#include "base/error.h"
#include "base/slice.h"
#include "policy/ruleset/model.h"

/** What a file is written in. */
enum rules_language {
    LANGUAGE_UNKNOWN,
    LANGUAGE_POLICY,
    LANGUAGE_NFT,
    LANGUAGE_IPTABLES,
    LANGUAGE_IP6TABLES
};

/** Tell the language of a file by its first lines, and the family of iptables' by what it speaks of. */
enum rules_language rules_detect(struct slice file);

/**
 * Add the tables of `nft -ja list ruleset` (libnftables-json(5)). rules_arrange is called by whoever has
 * added everything.
 * @param skip_iptables leave out the tables of iptables-nft, because they come from iptables-save: nft names
 * their conditions, and does not say what they are
 * @return 0 or SONDE_E_FORMAT
 */
int rules_import_nft(struct rules *rules, struct slice json, bool skip_iptables, struct sonde_error *error);

/**
 * Add the tables of iptables-save or ip6tables-save (with or without -c), or of a file for iptables-restore.
 * @param family 4 or 6
 * @param origin whose tables they are
 * @return 0 or SONDE_E_FORMAT, with the line
 */
int rules_import_xt(struct rules *rules, struct slice text, uint8_t family, enum rules_origin origin,
                    struct sonde_error *error);

/**
 * Part of a rule set, such as ufw's before.rules, hooks its chains nowhere: take those whose names end in
 * input, forward or output to be reached from there.
 * @return whether that was so
 */
bool rules_assume_hooks(struct rules *rules);

/**
 * Find the lines of tables, chains and rules in the file from which they were loaded, by their place in their
 * chain; what cannot be found stays 0. Also finds `flush ruleset`, devices and `flags dormant`.
 * @param file text for `nft -f`
 */
void rules_locate_nft(struct rules *rules, struct slice file);

/**
 * The next name of a device that a file hooks chains to (`device eth0`, `devices = { eth0, eth1 }`).
 * @param offset where to go on, from 0; advanced
 * @return whether there was one
 */
bool rules_next_device(struct slice file, size_t *offset, char name[RULES_IFNAME_MAX], uint32_t *line);

#endif
