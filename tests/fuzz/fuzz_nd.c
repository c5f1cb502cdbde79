/* SPDX-License-Identifier: MIT */
/* Any octets as a Neighbor Discovery message: no reading outside, and nothing counted that is not there. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "wire/nd.h"

static void check_names(const struct nd_message *nd)
{
    for (size_t i = 0; i < nd->domain_count; i++) {
        const char *name = nd->domains[i].name;

        CHECK(memchr(name, 0, sizeof(nd->domains[i].name)) != NULL);
        for (; *name; name++)
            CHECK(*name > ' ' && *name <= '~');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nd_message nd;
    int result = nd_parse(slice_of(data, size), &nd);

    CHECK(result == 0 || result == -EBADMSG || result == -ENOTSUP);
    CHECK(nd.prefix_count <= ND_PREFIXES_MAX && nd.route_count <= ND_ROUTES_MAX);
    CHECK(nd.server_count <= ND_SERVERS_MAX && nd.domain_count <= ND_DOMAINS_MAX);
    CHECK(nd.nat64_count <= ND_NAT64_MAX && nd.option_count <= size / 8);
    CHECK(nd.redirected.length == 0 || (nd.redirected.data > data && nd.redirected.length < size &&
                                        nd.redirected.data + nd.redirected.length <= data + size));
    check_names(&nd);
    return 0;
}
