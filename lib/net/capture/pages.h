/* SPDX-License-Identifier: MIT */
/* Memory for large tables that are looked at in no order: in huge pages where the kernel has them. */
#ifndef SONDE_NET_CAPTURE_PAGES_H
#define SONDE_NET_CAPTURE_PAGES_H

#include <stddef.h>

/**
 * Take zeroed memory.
 * @return aligned to a huge page, or NULL
 */
void *pages_take(size_t octets);

/** Give it back. Takes NULL. */
void pages_give(void *memory, size_t octets);

#endif
