/* SPDX-License-Identifier: MIT */
/* What decides about ICMP on this machine now: rules of every firewall, programs, sysctls, as they are. */
#ifndef SONDE_NET_GUARD_RUNNING_H
#define SONDE_NET_GUARD_RUNNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "net/program/iptables.h"

/** A sysctl. */
struct running_sysctl {
    char name[96]; /* "net.ipv4.conf.eth0.accept_redirects" */
    int64_t value;
};

/** An interface. */
struct running_interface {
    char name[16];
    bool up, loopback, xdp, tc;
    uint32_t mtu;
    bool default_route4, default_route6;
};

/** This machine; zero-initialise. What could not be read is named in `unread`, a line each. */
struct running {
    struct text nft, nft_json;            /* of all tables, also those of iptables-nft */
    struct text iptables[IPTABLES_COUNT]; /* as iptables_save; empty: none */
    struct running_sysctl *sysctls;
    size_t sysctl_count, sysctl_capacity;
    struct running_interface *interfaces;
    size_t interface_count;
    uint32_t generation;
    bool forwards4, forwards6;
    struct text unread;
};

/** Look at this machine, in the caller's network namespace. */
void running_read(struct running *running);

/** A value, or `absent`. */
int64_t running_sysctl(const struct running *running, const char *name, int64_t absent);

/** Free everything; it is empty afterwards. */
void running_deinit(struct running *running);

#endif
