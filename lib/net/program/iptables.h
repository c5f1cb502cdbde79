/* SPDX-License-Identifier: MIT */
/* Listing and loading the rules of iptables through its own commands, in the caller's network namespace. */
#ifndef SONDE_NET_PROGRAM_IPTABLES_H
#define SONDE_NET_PROGRAM_IPTABLES_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"

/** A family's rules in a backend: nf_tables, or the old one of its own. */
enum iptables { IPTABLES_4, IPTABLES_6, IPTABLES_LEGACY_4, IPTABLES_LEGACY_6, IPTABLES_COUNT };

/** Whether there are tables. Of nf_tables that is always so; asking the old backend would load its modules.
 */
bool iptables_has_tables(enum iptables which);

/**
 * List the rules with their counters, as iptables-save writes them.
 * @param rules appended
 * @return 0; SONDE_E_UNSUPPORTED without the command, or when it fails; otherwise as child_run
 */
int iptables_save(enum iptables which, struct text *rules, struct sonde_error *error);

/**
 * Load rules in place of those that are there.
 * @param rules as iptables-restore reads them
 * @return 0; SONDE_E_UNSUPPORTED without the command; SONDE_E_FORMAT with what it said; otherwise as
 * child_run
 */
int iptables_restore(enum iptables which, const char *rules, struct sonde_error *error);

#endif
