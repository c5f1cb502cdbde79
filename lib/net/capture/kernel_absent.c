/* SPDX-License-Identifier: MIT */
/* In place of kernel.c in a build without BPF: says so. */
#include "net/capture/kernel.h"

int kernel_count_open(const char *name, enum kernel_count_hook hook, struct kernel_counter **counter,
                      struct sonde_error *error)
{
    error_set(error, SONDE_E_UNSUPPORTED,
              "cannot count at %s in the kernel: this sonde was built without BPF", name);
    error_hint(error, "Build it where clang, bpftool and libbpf-dev are installed");
    return SONDE_E_UNSUPPORTED;
}

enum kernel_count_hook kernel_count_hook(const struct kernel_counter *counter)
{
    return KERNEL_COUNT_BEST;
}

int kernel_count_read(struct kernel_counter *counter, kernel_count_visit *visit, void *context,
                      struct kernel_count_totals *totals)
{
    return SONDE_E_UNSUPPORTED;
}

struct kernel_counter *kernel_count_close(struct kernel_counter *counter)
{
    return NULL;
}
