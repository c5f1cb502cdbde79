/* SPDX-License-Identifier: MIT */
/* This machine's own rules as texts that can be loaded elsewhere, and the names of its interfaces. */
#ifndef SONDE_NET_GUARD_KERNEL_MACHINE_H
#define SONDE_NET_GUARD_KERNEL_MACHINE_H

#include "base/text.h"
#include "net/guard/scratch.h"
#include "net/program/iptables.h"

/** The rules of a machine; zero-initialise. */
struct machine {
    struct text nft;                      /* tables that nft can write and read */
    struct text own;                      /* our table, apart from the others; empty: there is none */
    struct text iptables[IPTABLES_COUNT]; /* as iptables_save; empty: none */
    char names[SCRATCH_INTERFACES_MAX][16];
    const char *interfaces[SCRATCH_INTERFACES_MAX + 1]; /* NULL ends the list */
    size_t interface_count;
    const char *uplink; /* the interface of a default route, or the first one that is up; NULL: none */
    const char *other;  /* another one; NULL: none */
};

/**
 * Read them in the caller's network namespace.
 * @return 0; SONDE_E_PERMISSION; SONDE_E_UNSUPPORTED without nft; -errno
 */
int machine_read(struct machine *machine, struct sonde_error *error);

/** Only the interfaces, which every user may see. @return 0 or -errno */
int machine_read_interfaces(struct machine *machine);

/** Whether no firewall has a rule. */
bool machine_is_open(const struct machine *machine);

/** Free everything; it is empty afterwards. */
void machine_deinit(struct machine *machine);

#endif
