/* SPDX-License-Identifier: MIT */
/* The routers of a link: a table of fixed size of who they are and what they said. */
#include "detect/trust/router.h"

#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "detect/trust/neighbors.h"

enum { TARGET = 8 /* where the target of neighbor messages stands */ };

static bool is_of(const struct router *router, const struct packet *packet)
{
    return router->is_used && router->family == packet->family && router->number == link_number(packet) &&
           memcmp(router->address, packet->source, sizeof(router->address)) == 0;
}

static bool has_link(const struct router *router, const struct packet *packet)
{
    return !router->is_told || !link_is_told(packet) || !memcmp(router->link, packet->mac, LINK_OCTETS);
}

struct router *routers_find(struct routers *routers, const struct packet *packet)
{
    for (size_t i = 0; i < ROUTERS; i++)
        if (is_of(&routers->rows[i], packet) && has_link(&routers->rows[i], packet))
            return &routers->rows[i];
    return NULL;
}

struct router *routers_find_namesake(struct routers *routers, const struct packet *packet)
{
    for (size_t i = 0; i < ROUTERS; i++)
        if (is_of(&routers->rows[i], packet) && routers->rows[i].is_known &&
            !has_link(&routers->rows[i], packet))
            return &routers->rows[i];
    return NULL;
}

struct router *routers_add(struct routers *routers, const struct packet *packet, bool is_known)
{
    struct router *free = &routers->rows[0];

    for (size_t i = 0; i < ROUTERS && free->is_used; i++) {
        struct router *row = &routers->rows[i];

        if (!row->is_used || row->is_known < free->is_known ||
            (row->is_known == free->is_known && row->last_ns < free->last_ns))
            free = row;
    }
    *free = (struct router){.is_used = true,
                            .is_known = is_known,
                            .family = packet->family,
                            .is_told = link_is_told(packet),
                            .number = link_number(packet),
                            .first_ns = packet->time_ns,
                            .last_ns = packet->time_ns};
    memcpy(free->address, packet->source, sizeof(free->address));
    memcpy(free->link, packet->mac, LINK_OCTETS);
    return free;
}

const struct router *routers_next(const struct routers *routers, const struct packet *packet,
                                  const struct router *after)
{
    for (const struct router *row = after ? after + 1 : routers->rows; row < routers->rows + ROUTERS; row++)
        if (row->is_used && row->is_known && row->family == packet->family &&
            row->number == link_number(packet))
            return row;
    return NULL;
}

static bool is_unique_local(const uint8_t *address)
{
    return (address[0] & 0xfe) == 0xfc;
}

static bool is_routable(const uint8_t *address)
{
    return address[0] >> 5 == 1 || is_unique_local(address);
}

static void add_inhabited(struct routers *routers, const uint8_t *address, uint32_t number)
{
    struct inhabited *row = routers->inhabited;

    if (!is_routable(address))
        return;
    for (; row < routers->inhabited + routers->inhabited_count; row++)
        if (row->number == number && !memcmp(row->prefix, address, sizeof(row->prefix)))
            return;
    if (routers->inhabited_count == INHABITED)
        return;
    row->number = number;
    memcpy(row->prefix, address, sizeof(row->prefix));
    routers->inhabited_count++;
}

void routers_hear_neighbor(struct routers *routers, const struct packet *packet)
{
    if (packet->ttl != 255 || packet->available < TARGET + 16)
        return;
    add_inhabited(routers, packet->source, link_number(packet));
    add_inhabited(routers, packet->octets + TARGET, link_number(packet));
}

bool routers_is_foreign(const struct routers *routers, const struct packet *packet,
                        const struct nd_message *nd)
{
    uint32_t number = link_number(packet);
    bool others = false;

    if (routers->inhabited_count == INHABITED) /* there may be more */
        return false;
    for (size_t i = 0; i < nd->prefix_count; i++)
        for (size_t j = 0; j < routers->inhabited_count; j++) {
            const struct inhabited *row = &routers->inhabited[j];
            const struct nd_prefix *prefix = &nd->prefixes[i];

            if (row->number != number || !(prefix->flags & ND_AUTONOMOUS) || !prefix->valid_s)
                continue;
            if (prefix->length != 64 || !memcmp(row->prefix, prefix->prefix, sizeof(row->prefix)))
                return false;
            others |= is_unique_local(row->prefix) == is_unique_local(prefix->prefix);
        }
    return others;
}

static bool same_prefix(const struct nd_prefix *a, const struct nd_prefix *b)
{
    return a->length == b->length && memcmp(a->prefix, b->prefix, sizeof(a->prefix)) == 0;
}

static bool has_prefix(const struct nd_prefix *rows, size_t count, const struct nd_prefix *prefix)
{
    for (size_t i = 0; i < count; i++)
        if (same_prefix(&rows[i], prefix))
            return true;
    return false;
}

/* Each tells whether `now` has something that `before` has not. What is withdrawn (lifetime 0) is none. */
static bool new_prefix(const struct nd_message *before, const struct nd_message *now)
{
    for (size_t i = 0; i < now->prefix_count; i++)
        if (now->prefixes[i].valid_s &&
            !has_prefix(before->prefixes, before->prefix_count, &now->prefixes[i]))
            return true;
    return false;
}

static bool new_route(const struct nd_message *before, const struct nd_message *now)
{
    for (size_t i = 0; i < now->route_count; i++)
        if (now->routes[i].valid_s && !has_prefix(before->routes, before->route_count, &now->routes[i]))
            return true;
    return false;
}

static bool has_server(const struct nd_message *nd, const uint8_t *address)
{
    for (size_t i = 0; i < nd->server_count; i++)
        if (!memcmp(nd->servers[i].address, address, sizeof(nd->servers[i].address)))
            return true;
    return false;
}

static bool new_server(const struct nd_message *before, const struct nd_message *now)
{
    for (size_t i = 0; i < now->server_count; i++)
        if (now->servers[i].lifetime_s && !has_server(before, now->servers[i].address))
            return true;
    return false;
}

static bool has_domain(const struct nd_message *nd, const char *name)
{
    for (size_t i = 0; i < nd->domain_count; i++)
        if (!strcmp(nd->domains[i].name, name))
            return true;
    return false;
}

static bool new_domain(const struct nd_message *before, const struct nd_message *now)
{
    for (size_t i = 0; i < now->domain_count; i++)
        if (now->domains[i].lifetime_s && !has_domain(before, now->domains[i].name))
            return true;
    return false;
}

static bool has_nat64(const struct nd_message *nd, const struct nd_nat64 *nat64)
{
    for (size_t i = 0; i < nd->nat64_count; i++)
        if (nd->nat64[i].length == nat64->length &&
            !memcmp(nd->nat64[i].prefix, nat64->prefix, sizeof(nat64->prefix)))
            return true;
    return false;
}

static bool new_nat64(const struct nd_message *before, const struct nd_message *now)
{
    for (size_t i = 0; i < now->nat64_count; i++)
        if (now->nat64[i].lifetime_s && !has_nat64(before, &now->nat64[i]))
            return true;
    return false;
}

static bool new_flags(const struct nd_message *before, const struct nd_message *now)
{
    return (before->flags ^ now->flags) & (ND_MANAGED | ND_OTHER_CONFIGURATION);
}

/* RFC 4191 2.1: low is -1, high is 1; the fourth value counts as medium. */
static int preference(const struct nd_message *nd)
{
    unsigned bits = nd->flags & ND_PREFERENCE;

    return bits == 0x08 ? 1 : bits == ND_PREFERENCE ? -1 : 0;
}

/* A router of low preference waits for one of high preference; one of medium preference knows of no other. */
static bool new_preference(const struct nd_message *before, const struct nd_message *now)
{
    return now->lifetime_s && preference(now) > 0 && preference(before) == 0;
}

static bool new_mtu(const struct nd_message *before, const struct nd_message *now)
{
    return now->mtu && before->mtu && now->mtu != before->mtu;
}

static void tell_address(const uint8_t *octets, char *text, size_t size)
{
    struct sonde_address address = address_from(6, octets);
    char buffer[SONDE_ADDRESS_TEXT];

    snprintf(text, size, "%s", sonde_address_format(&address, buffer));
}

static void tell_prefix_of(const uint8_t *octets, unsigned bits, char *text, size_t size)
{
    struct sonde_address address = address_from(6, octets);
    char buffer[SONDE_ADDRESS_TEXT];

    snprintf(text, size, "%s/%u", sonde_address_format(&address, buffer), bits);
}

/* Each writes what a message says: of several the first that the other message has not, else the first. */
static void tell_prefix(const struct nd_message *nd, const struct nd_message *other, char *text, size_t size)
{
    size_t i = 0;

    while (i < nd->prefix_count && has_prefix(other->prefixes, other->prefix_count, &nd->prefixes[i]))
        i++;
    if (nd->prefix_count)
        tell_prefix_of(nd->prefixes[i % nd->prefix_count].prefix, nd->prefixes[i % nd->prefix_count].length,
                       text, size);
}

static void tell_route(const struct nd_message *nd, const struct nd_message *other, char *text, size_t size)
{
    size_t i = 0;

    while (i < nd->route_count && has_prefix(other->routes, other->route_count, &nd->routes[i]))
        i++;
    if (nd->route_count)
        tell_prefix_of(nd->routes[i % nd->route_count].prefix, nd->routes[i % nd->route_count].length, text,
                       size);
}

static void tell_server(const struct nd_message *nd, const struct nd_message *other, char *text, size_t size)
{
    size_t i = 0;

    while (i < nd->server_count && has_server(other, nd->servers[i].address))
        i++;
    if (nd->server_count)
        tell_address(nd->servers[i % nd->server_count].address, text, size);
}

static void tell_domain(const struct nd_message *nd, const struct nd_message *other, char *text, size_t size)
{
    size_t i = 0;

    while (i < nd->domain_count && has_domain(other, nd->domains[i].name))
        i++;
    if (nd->domain_count)
        snprintf(text, size, "%s", nd->domains[i % nd->domain_count].name);
}

static void tell_nat64(const struct nd_message *nd, const struct nd_message *other, char *text, size_t size)
{
    size_t i = 0;

    while (i < nd->nat64_count && has_nat64(other, &nd->nat64[i]))
        i++;
    if (nd->nat64_count)
        tell_prefix_of(nd->nat64[i % nd->nat64_count].prefix, nd->nat64[i % nd->nat64_count].length, text,
                       size);
}

static void tell_flags(const struct nd_message *nd, const struct nd_message *other, char *text, size_t size)
{
    if (nd->flags & (ND_MANAGED | ND_OTHER_CONFIGURATION))
        snprintf(text, size, "%s%s", nd->flags & ND_MANAGED ? "M" : "",
                 nd->flags & ND_OTHER_CONFIGURATION ? "O" : "");
}

static void tell_preference(const struct nd_message *nd, const struct nd_message *other, char *text,
                            size_t size)
{
    static const char *const names[] = {"low", "medium", "high"};

    snprintf(text, size, "%s", names[preference(nd) + 1]);
}

static void tell_mtu(const struct nd_message *nd, const struct nd_message *other, char *text, size_t size)
{
    snprintf(text, size, "%u", nd->mtu);
}

static const struct {
    const char *name;
    bool (*differs)(const struct nd_message *before, const struct nd_message *now);
    void (*tell)(const struct nd_message *nd, const struct nd_message *other, char *text, size_t size);
} facets[FACET_COUNT] = {
    [FACET_PREFIX] = {"prefix", new_prefix, tell_prefix},
    [FACET_SERVER] = {"DNS server", new_server, tell_server},
    [FACET_DOMAIN] = {"search domain", new_domain, tell_domain},
    [FACET_NAT64] = {"NAT64 prefix", new_nat64, tell_nat64},
    [FACET_FLAGS] = {"DHCPv6 flags", new_flags, tell_flags},
    [FACET_PREFERENCE] = {"preference", new_preference, tell_preference},
    [FACET_ROUTE] = {"route", new_route, tell_route},
    [FACET_MTU] = {"MTU", new_mtu, tell_mtu},
};

unsigned router_changes(const struct nd_message *before, const struct nd_message *now)
{
    unsigned changes = 0;

    for (size_t i = 0; i < FACET_COUNT; i++)
        if (facets[i].differs(before, now))
            changes |= 1U << i;
    return changes;
}

bool router_shares_prefix(const struct nd_message *a, const struct nd_message *b)
{
    for (size_t i = 0; i < a->prefix_count; i++)
        if (has_prefix(b->prefixes, b->prefix_count, &a->prefixes[i]))
            return true;
    return a->prefix_count == 0 && b->prefix_count == 0;
}

void router_tell_changes(const struct nd_message *before, const struct nd_message *now, unsigned changes,
                         char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < FACET_COUNT; i++) {
        char from[SONDE_ADDRESS_TEXT + 20] = "none", to[SONDE_ADDRESS_TEXT + 20] = "none";
        int octets;

        if (!(changes >> i & 1))
            continue;
        facets[i].tell(before, now, from, sizeof(from));
        facets[i].tell(now, before, to, sizeof(to));
        octets =
            snprintf(text + used, size - used, "%s%s: %s -> %s", used ? "; " : "", facets[i].name, from, to);
        if (octets < 0 || (size_t)octets >= size - used) {
            text[used] = '\0';
            return;
        }
        used += (size_t)octets;
    }
}
