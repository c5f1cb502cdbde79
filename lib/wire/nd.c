/* SPDX-License-Identifier: MIT */
/* Neighbor Discovery messages (RFC 4861) and their options: what routers, neighbours and redirects say. */
#include "wire/nd.h"

#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "wire/octets.h"

enum { LINK_ADDRESS = 6, ADDRESS = 16 };

static void read_router(const uint8_t *at, struct nd_message *nd)
{
    nd->hop_limit = at[4];
    nd->flags = at[5];
    nd->lifetime_s = octets_get16(at + 6);
    nd->reachable_ms = octets_get32(at + 8);
    nd->retransmit_ms = octets_get32(at + 12);
}

static void read_neighbor(const uint8_t *at, struct nd_message *nd)
{
    nd->flags = nd->type == ND_NEIGHBOR_ADVERTISEMENT ? at[4] : 0;
    memcpy(nd->target, at + 8, ADDRESS);
}

static void read_redirect(const uint8_t *at, struct nd_message *nd)
{
    memcpy(nd->target, at + 8, ADDRESS);
    memcpy(nd->destination, at + 24, ADDRESS);
}

/* The fields that stand before the options. */
static const struct {
    uint8_t type;
    uint8_t octets;
    void (*read)(const uint8_t *at, struct nd_message *nd);
} messages[] = {
    {ND_ROUTER_SOLICITATION, 8, NULL},
    {ND_ROUTER_ADVERTISEMENT, 16, read_router},
    {ND_NEIGHBOR_SOLICITATION, 24, read_neighbor},
    {ND_NEIGHBOR_ADVERTISEMENT, 24, read_neighbor},
    {ND_REDIRECT, 40, read_redirect},
};

/* A place for one more option of a kind, or NULL, counted, when there is none left. */
#define TAKE(nd, list, count)                                                                                \
    ((nd)->count < COUNT_OF((nd)->list) ? &(nd)->list[(nd)->count++] : ((nd)->dropped++, NULL))

static void read_source_link(struct slice option, struct nd_message *nd)
{
    nd->has_source_link = true;
    memcpy(nd->source_link, option.data + 2, LINK_ADDRESS);
}

static void read_target_link(struct slice option, struct nd_message *nd)
{
    nd->has_target_link = true;
    memcpy(nd->target_link, option.data + 2, LINK_ADDRESS);
}

static void read_prefix(struct slice option, struct nd_message *nd)
{
    struct nd_prefix *prefix = TAKE(nd, prefixes, prefix_count);

    if (!prefix)
        return;
    prefix->length = option.data[2];
    prefix->flags = option.data[3];
    prefix->valid_s = octets_get32(option.data + 4);
    prefix->preferred_s = octets_get32(option.data + 8);
    memcpy(prefix->prefix, option.data + 16, ADDRESS);
}

static void read_redirected(struct slice option, struct nd_message *nd)
{
    nd->redirected = slice_skip(option, 8);
}

static void read_mtu(struct slice option, struct nd_message *nd)
{
    nd->mtu = octets_get32(option.data + 4);
}

static void read_nonce(struct slice option, struct nd_message *nd)
{
    nd->has_nonce = true;
}

/* RFC 4191 2.3: the prefix is as long as the option has room for it: 0, 8 or 16 octets. */
static void read_route(struct slice option, struct nd_message *nd)
{
    struct nd_prefix *route = TAKE(nd, routes, route_count);
    struct slice prefix = slice_first(slice_skip(option, 8), ADDRESS);

    if (!route)
        return;
    route->length = option.data[2];
    route->flags = option.data[3] & ND_PREFERENCE;
    route->valid_s = octets_get32(option.data + 4);
    memcpy(route->prefix, prefix.data, prefix.length);
}

static void read_servers(struct slice option, struct nd_message *nd)
{
    uint32_t lifetime_s = octets_get32(option.data + 4);

    for (size_t at = 8; at + ADDRESS <= option.length; at += ADDRESS) {
        struct nd_server *server = TAKE(nd, servers, server_count);

        if (!server)
            continue;
        server->lifetime_s = lifetime_s;
        memcpy(server->address, option.data + at, ADDRESS);
    }
}

/* Write the labels of a name (RFC 1035 3.1) with dots; no pointers are allowed here (RFC 8106 5.2).
 * @return octets of the name, with the zero at its end; 0 when it is cut or none */
static size_t read_name(struct slice labels, char *text, size_t capacity)
{
    enum { LABEL_MAX = 63 };
    size_t at = 0, written = 0;

    while (at < labels.length && labels.data[at] != 0) {
        size_t label = labels.data[at++];

        if (label > LABEL_MAX || label > labels.length - at)
            return 0;
        if (written && written + 1 < capacity)
            text[written++] = '.';
        for (size_t i = 0; i < label && written + 1 < capacity; i++) {
            char octet = (char)labels.data[at + i];

            text[written++] = octet > ' ' && octet <= '~' ? octet : '?';
        }
        at += label;
    }
    text[written] = 0;
    return at < labels.length && at > 0 ? at + 1 : 0;
}

static void read_domains(struct slice option, struct nd_message *nd)
{
    struct slice rest = slice_skip(option, 8);
    char name[sizeof(nd->domains[0].name)] = {0};
    size_t length;

    while ((length = read_name(rest, name, sizeof(name))) > 0) {
        struct nd_domain *domain = TAKE(nd, domains, domain_count);

        rest = slice_skip(rest, length);
        if (!domain)
            continue;
        domain->lifetime_s = octets_get32(option.data + 4);
        memcpy(domain->name, name, sizeof(name));
    }
}

/* RFC 8781 4: thirteen bits of lifetime in units of 8 s, three bits that stand for a prefix length. */
static void read_nat64(struct slice option, struct nd_message *nd)
{
    static const uint8_t lengths[8] = {96, 64, 56, 48, 40, 32};
    struct nd_nat64 *nat64 = TAKE(nd, nat64, nat64_count);
    uint16_t scaled = octets_get16(option.data + 2);

    if (!nat64)
        return;
    nat64->lifetime_s = scaled & ~7u;
    nat64->length = lengths[scaled & 7];
    memcpy(nat64->prefix, option.data + 4, 12);
}

static const struct {
    uint8_t kind;
    uint8_t octets; /* at least */
    void (*read)(struct slice option, struct nd_message *nd);
} options[] = {
    {1, 8, read_source_link}, {2, 8, read_target_link}, {3, 32, read_prefix}, {4, 8, read_redirected},
    {5, 8, read_mtu},         {14, 8, read_nonce},      {24, 8, read_route},  {25, 24, read_servers},
    {31, 16, read_domains},   {38, 16, read_nat64},
};

/* Returns whether the option is long enough for its kind; kinds that nothing here reads always are. */
static bool read_option(struct slice option, struct nd_message *nd)
{
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        if (options[i].kind != option.data[0])
            continue;
        if (option.length < options[i].octets)
            return false;
        options[i].read(option, nd);
    }
    return true;
}

static int read_options(struct slice rest, struct nd_message *nd)
{
    while (rest.length > 0) {
        size_t length = rest.length < 2 ? 0 : rest.data[1] * 8u;

        if (length == 0 || length > rest.length || !read_option(slice_first(rest, length), nd))
            return -EBADMSG;
        nd->option_count++;
        rest = slice_skip(rest, length);
    }
    return 0;
}

int nd_parse(struct slice message, struct nd_message *nd)
{
    memset(nd, 0, sizeof(*nd));
    if (message.length == 0)
        return -EBADMSG;
    nd->type = message.data[0];
    for (size_t i = 0; i < COUNT_OF(messages); i++) {
        if (messages[i].type != nd->type)
            continue;
        if (message.length < messages[i].octets)
            return -EBADMSG;
        if (messages[i].read)
            messages[i].read(message.data, nd);
        return read_options(slice_skip(message, messages[i].octets), nd);
    }
    return -ENOTSUP;
}
