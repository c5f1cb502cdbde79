/* SPDX-License-Identifier: MIT */
/* The early filters (XDP) that go with a policy: tried, kept and taken back together with it. */
#ifndef SONDE_NET_GUARD_APPLY_EARLY_H
#define SONDE_NET_GUARD_APPLY_EARLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "net/guard/xdp/xdp.h"

enum { EARLY_MAX = 16 };

/** The filters of this network namespace; zero-initialise. They are pinned under /sys/fs/bpf/sonde, so that
 * they outlive the process that tries them; a lease in each makes it let everything pass, or do what it did
 * before, when it ends. */
struct early {
    struct guard_xdp *filters[EARLY_MAX];
    int slots[EARLY_MAX]; /* that are to be tried */
    char folder[64];
    size_t count;
};

/**
 * Load, fill, attach and pin filters for some interfaces, which decide nothing yet; those that are there for
 * others are to let everything pass.
 * @return 0; -E2BIG; SONDE_E_UNSUPPORTED without BPF file system; else as guard_xdp_open and guard_xdp_attach
 */
int early_prepare(struct early *early, const char *const *interfaces, size_t count,
                  const struct policy *policy, int64_t now_s, struct sonde_error *error);

/** Let them decide while the lease lasts. @return 0 or -errno */
int early_try(struct early *early, int64_t lease_ns, struct sonde_error *error);

/** What is tried decides for good; does nothing without filters. @return 0 or -errno */
int early_keep(struct sonde_error *error);

/** What is tried decides no more, what did before does; filters that then let everything pass go. */
void early_withdraw(void);

/** All filters go. */
void early_remove(void);

/** Let go of them; what is pinned stays. */
void early_deinit(struct early *early);

#endif
