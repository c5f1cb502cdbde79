/* SPDX-License-Identifier: MIT */
/* In place of xdp.c in a build without BPF: says so. */
#include "net/guard/xdp/xdp.h"

int guard_xdp_open(const char *interface, const char *folder, struct guard_xdp **xdp,
                   struct sonde_error *error)
{
    error_set(error, SONDE_E_UNSUPPORTED, "cannot filter at %s by XDP: this sonde was built without BPF",
              interface);
    error_hint(error, "Build it where clang, bpftool and libbpf-dev are installed");
    return SONDE_E_UNSUPPORTED;
}

int guard_xdp_fill(struct guard_xdp *xdp, const struct policy *policy, int64_t now_s)
{
    return SONDE_E_UNSUPPORTED;
}

int guard_xdp_attach(struct guard_xdp *xdp, struct sonde_error *error)
{
    return SONDE_E_UNSUPPORTED;
}

int guard_xdp_try(struct guard_xdp *xdp, enum guard_xdp_slot slot, int64_t lease_ns)
{
    return SONDE_E_UNSUPPORTED;
}

int guard_xdp_settle(struct guard_xdp *xdp, enum guard_xdp_slot slot)
{
    return SONDE_E_UNSUPPORTED;
}

int guard_xdp_keep_trial(struct guard_xdp *xdp)
{
    return SONDE_E_UNSUPPORTED;
}

enum guard_xdp_slot guard_xdp_firm(const struct guard_xdp *xdp)
{
    return XDP_SLOT_NOTHING;
}

int guard_xdp_pin(struct guard_xdp *xdp, const char *folder, struct sonde_error *error)
{
    return SONDE_E_UNSUPPORTED;
}

void guard_xdp_unpin(struct guard_xdp *xdp, const char *folder)
{
}

int guard_xdp_read(struct guard_xdp *xdp, guard_xdp_visit *visit, void *context)
{
    return SONDE_E_UNSUPPORTED;
}

int guard_xdp_program(const struct guard_xdp *xdp)
{
    return SONDE_E_UNSUPPORTED;
}

struct guard_xdp *guard_xdp_close(struct guard_xdp *xdp)
{
    return NULL;
}
