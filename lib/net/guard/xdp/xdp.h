/* SPDX-License-Identifier: MIT */
/* The early filter: what the policy drops without asking for state is dropped by XDP, where a frame arrives.
 */
#ifndef SONDE_NET_GUARD_XDP_XDP_H
#define SONDE_NET_GUARD_XDP_XDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "policy/policy.h"

/** The early filter of an interface; opaque. */
struct guard_xdp;

/** What it judges by; one takes the place of the other when a lease ends. */
enum guard_xdp_slot { XDP_SLOT_A, XDP_SLOT_B, XDP_SLOT_NOTHING };

/** Messages that were dropped early. */
struct guard_xdp_count {
    uint8_t family, type, code;
    uint64_t packets;
};

/** Hears of a count that is not 0. */
typedef void guard_xdp_visit(void *context, const struct guard_xdp_count *count);

/**
 * Load the filter for an interface, or find the one that is pinned; it lets everything pass until it is told.
 * @param folder a BPF file system, "/sys/fs/bpf/sonde/4026531840"; NULL: never look for a pinned one
 * @return 0; SONDE_E_NOT_FOUND without such an interface; SONDE_E_UNSUPPORTED for one without Ethernet, or a
 * build or kernel without BPF; SONDE_E_PERMISSION; -errno
 */
int guard_xdp_open(const char *interface, const char *folder, struct guard_xdp **xdp,
                   struct sonde_error *error);

/**
 * Write a policy into the slot that does not decide.
 * @param now_s seconds since 1970; expired exceptions do not count
 * @return that slot, or -errno
 */
int guard_xdp_fill(struct guard_xdp *xdp, const struct policy *policy, int64_t now_s);

/**
 * Attach it to its interface by a link, which ends with the last who holds it.
 * @return 0, also when it is; SONDE_E_BUSY when another program is there; -errno
 */
int guard_xdp_attach(struct guard_xdp *xdp, struct sonde_error *error);

/** Let a slot decide for some time; the program itself goes back then. @return 0 or -errno */
int guard_xdp_try(struct guard_xdp *xdp, enum guard_xdp_slot slot, int64_t lease_ns);

/** Let a slot decide for good, or nothing. @return 0 or -errno */
int guard_xdp_settle(struct guard_xdp *xdp, enum guard_xdp_slot slot);

/** Let the slot on trial decide for good. @return 0 or -errno */
int guard_xdp_keep_trial(struct guard_xdp *xdp);

/** The slot that decides without a lease. */
enum guard_xdp_slot guard_xdp_firm(const struct guard_xdp *xdp);

/**
 * Keep it beyond this process.
 * @param folder a BPF file system
 * @return 0, also when it is pinned; -errno with why not
 */
int guard_xdp_pin(struct guard_xdp *xdp, const char *folder, struct sonde_error *error);

/** Take the pins away, so that it ends with this process. */
void guard_xdp_unpin(struct guard_xdp *xdp, const char *folder);

/** Tell what was dropped. @return 0 or -errno */
int guard_xdp_read(struct guard_xdp *xdp, guard_xdp_visit *visit, void *context);

/** A descriptor of the program, for BPF_PROG_TEST_RUN. */
int guard_xdp_program(const struct guard_xdp *xdp);

/** Free it; takes NULL. What is not pinned ends. Returns NULL. */
struct guard_xdp *guard_xdp_close(struct guard_xdp *xdp);

#endif
