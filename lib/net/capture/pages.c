/* SPDX-License-Identifier: MIT */
/* Memory for large tables that are looked at in no order: in huge pages where the kernel has them. */
#include "net/capture/pages.h"

#include <stdint.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

static size_t whole(size_t octets)
{
    return (octets + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
}

/* More is mapped than is needed, so that a part of it is aligned; the rest is given back at once. */
void *pages_take(size_t octets)
{
    size_t size = whole(octets), all = size + HUGE_PAGE, before, behind;
    uint8_t *mapping = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (mapping == MAP_FAILED)
        return NULL;
    before = -(uintptr_t)mapping & (HUGE_PAGE - 1);
    behind = all - size - before;
    if (before)
        munmap(mapping, before);
    if (behind)
        munmap(mapping + before + size, behind);
    /* The last page is often used in part only: it stays small, so that what is not used is not there. */
    madvise(mapping + before, octets / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
    return mapping + before;
}

void pages_give(void *memory, size_t octets)
{
    if (memory)
        munmap(memory, whole(octets));
}
