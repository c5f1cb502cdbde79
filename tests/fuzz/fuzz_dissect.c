/* SPDX-License-Identifier: MIT */
/* Any octets as a packet on the screen: kept, filtered, written as a page, without reading outside.
 * fuzz-sources: cmd/watch/screen/dissect.c cmd/watch/screen/filter.c cmd/watch/screen/ring.c
 * fuzz-sources: out/display/display.c out/display/page.c out/layout.c out/utf8.c
 * fuzz-libraries: -lncursesw -ltinfo */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "cmd/watch/screen/dissect.h"
#include "wire/link.h"

static void check_page(const struct page *page)
{
    CHECK(page->count > 0 && page->count <= PAGE_LINES);
    for (size_t i = 0; i < page->count; i++) {
        CHECK(page->lines[i].text < page->octets.length && page->lines[i].label < page->octets.length);
        CHECK(strlen(page->octets.data + page->lines[i].text) < page->octets.length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const filters[] = {"", "echo", "3/4", "8", "192.0.2.0/24", "2001:db8::/32"};
    static struct filter filter;
    static struct ring ring;
    struct packet packets[PACKET_LAYERS_MAX];
    struct page page = {0};
    struct frame frame;
    bool malformed;

    if (size < 2)
        return 0;
    frame = (struct frame){.time_ns = 1,
                           .data = slice_of(data + 2, size - 2),
                           .length = (uint32_t)size - 2,
                           .link = data[0] % 2 ? LINK_RAW : LINK_ETHERNET};
    memset(&ring, 0, sizeof(ring));
    filter_parse(&filter, filters[data[1] % COUNT_OF(filters)]);
    ring_take(&ring, &filter, packets, packet_dissect(&frame, packets, &malformed));
    for (uint64_t number = 1; number <= ring.count; number++) {
        page_begin(&page, 1 + data[1] / 2);
        dissect(&page, ring_get(&ring, number), "eth0");
        check_page(&page);
    }
    page_deinit(&page);
    return 0;
}
