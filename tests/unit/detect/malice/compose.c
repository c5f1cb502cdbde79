/* SPDX-License-Identifier: MIT */
/* Frames composed by words, from the innermost to the outermost. */
#include "tests/unit/detect/malice/compose.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "wire/checksum.h"
#include "wire/octets.h"

enum {
    IPV4 = 0x0800,
    IPV6 = 0x86dd,
    VLAN = 0x8100,
    QINQ = 0x88a8,
    MPLS = 0x8847,
    PPPOE = 0x8864,
    BRIDGED = 0x6558,
    ERSPAN = 0x88be,
    PPP_IPV4 = 0x0021,
    PPP_IPV6 = 0x0057,
    ETHERIP = 97, /* IP protocols */
    ETHERNET_IN_IP = 143,
    MPLS_IN_IP = 137,
};

static const char client4[] = "192.0.2.1", server4[] = "198.51.100.7", client6[] = "2001:db8:1::1",
                  server6[] = "2001:db8:2::7", router6[] = "fe80::1", all_nodes[] = "ff02::1";

/** A word. */
struct word {
    const char *name;
    void (*put)(struct composed *composed, const struct word *word);
    unsigned a, b; /* for `put` */
};

struct slice composed_octets(const struct composed *composed)
{
    return slice_of(composed->octets + COMPOSE_MAX - composed->length, composed->length);
}

uint8_t *compose_front(struct composed *composed, size_t octets)
{
    assert_true(composed->length + octets <= COMPOSE_MAX);
    composed->length += octets;
    return memset(composed->octets + COMPOSE_MAX - composed->length, 0, octets);
}

static void put_address(uint8_t *at, const char *text)
{
    struct sonde_address address = unit_address(text);

    memcpy(at, address.bytes, address.family == 4 ? 4 : 16);
}

/* What an error asks for in the last two octets of its header. */
enum { MTU = 1400 };

/* An ICMP message of type a and code b before what is there, which becomes its body. */
static void put_icmp4(struct composed *composed, const struct word *word)
{
    uint8_t *at = compose_front(composed, 8);

    at[0] = (uint8_t)word->a;
    at[1] = (uint8_t)word->b;
    if (word->a == 3 && word->b == 4)
        octets_put16(at + 6, MTU);
    octets_put16(at + 2, checksum(composed_octets(composed)));
    composed->protocol = IPPROTO_ICMP;
}

static void put_icmp6(struct composed *composed, const struct word *word)
{
    struct sonde_address source = unit_address(client6), target = unit_address(server6);
    uint8_t *at = compose_front(composed, 8);

    at[0] = (uint8_t)word->a;
    at[1] = (uint8_t)word->b;
    if (word->a == 2)
        octets_put16(at + 6, MTU);
    octets_put16(at + 2, checksum_pseudo(&source, &target, IPPROTO_ICMPV6, composed_octets(composed)));
    composed->protocol = IPPROTO_ICMPV6;
}

/* So many octets of data, which count up. */
static void put_data(struct composed *composed, const struct word *word)
{
    uint8_t *at = compose_front(composed, word->a);

    for (unsigned i = 0; i < word->a; i++)
        at[i] = (uint8_t)i;
}

/* An extension of RFC 4884 with one object of class 1 (MPLS, RFC 4950) behind a quote of 128 octets. */
static void put_extension(struct composed *composed, const struct word *word)
{
    static const uint8_t extension[12] = {0x20, 0, 0, 0, 0, 8, 1, 1, 0x18, 0x96, 1, 1};

    (void)word;
    memcpy(compose_front(composed, sizeof(extension)), extension, sizeof(extension));
    octets_put16(composed->octets + COMPOSE_MAX - composed->length + 2,
                 checksum(slice_first(composed_octets(composed), sizeof(extension))));
}

/* An option of Neighbor Discovery: type a, b units of 8 octets. */
static void put_nd_option(struct composed *composed, const struct word *word)
{
    uint8_t *at = compose_front(composed, word->b * 8);

    at[0] = (uint8_t)word->a;
    at[1] = (uint8_t)word->b;
}

/* An IPv6 address as part of a body. */
static void put_target(struct composed *composed, const struct word *word)
{
    put_address(compose_front(composed, 16), word->a ? server6 : router6);
}

/* IPv4 with a octets of options. */
static void put_ip4(struct composed *composed, const struct word *word)
{
    size_t header = 20 + word->a;
    uint8_t *at = compose_front(composed, header);

    at[0] = (uint8_t)(0x40 | header / 4);
    octets_put16(at + 2, (uint16_t)composed->length);
    octets_put16(at + 6, (uint16_t)word->b);
    at[8] = 64;
    at[9] = composed->protocol;
    put_address(at + 12, client4);
    put_address(at + 16, server4);
    memset(at + 20, 1, word->a);
    octets_put16(at + 10, checksum(slice_of(at, header)));
    composed->protocol = IPPROTO_IPIP;
    composed->type = IPV4;
}

/* IPv6 with hop limit a; b: from a router to all nodes of the link. */
static void put_ip6(struct composed *composed, const struct word *word)
{
    uint8_t *at = compose_front(composed, 40);

    at[0] = 0x60;
    octets_put16(at + 4, (uint16_t)(composed->length - 40));
    at[6] = composed->protocol;
    at[7] = (uint8_t)word->a;
    put_address(at + 8, word->b ? router6 : client6);
    put_address(at + 24, word->b ? all_nodes : server6);
    composed->protocol = IPPROTO_IPV6;
    composed->type = IPV6;
}

/* An extension header: its number a, b units of 8 octets. */
static void put_extension6(struct composed *composed, const struct word *word)
{
    uint8_t *at = compose_front(composed, word->b * 8);

    at[0] = composed->protocol;
    at[1] = word->a == IPPROTO_FRAGMENT ? 0 : (uint8_t)(word->b - 1);
    composed->protocol = (uint8_t)word->a;
}

/* An authentication header of 24 octets (RFC 4302). */
static void put_ah(struct composed *composed, const struct word *word)
{
    uint8_t *at = compose_front(composed, 24);

    (void)word;
    at[0] = composed->protocol;
    at[1] = 4;
    composed->protocol = IPPROTO_AH;
}

static void put_udp(struct composed *composed, const struct word *word)
{
    uint8_t *at = compose_front(composed, 8);

    octets_put16(at, 50000);
    octets_put16(at + 2, (uint16_t)word->a);
    octets_put16(at + 4, (uint16_t)composed->length);
    composed->protocol = IPPROTO_UDP;
}

static void put_tcp(struct composed *composed, const struct word *word)
{
    uint8_t *at = compose_front(composed, 20);

    (void)word;
    octets_put16(at, 50000);
    octets_put16(at + 2, 443);
    at[12] = 5 << 4;
    composed->protocol = IPPROTO_TCP;
}

/* GRE with flags a; their fields are there, and of routes the end. */
static void put_gre(struct composed *composed, const struct word *word)
{
    size_t fields = (word->a & 0xc000 ? 4u : 0) + (word->a & 0x2000 ? 4u : 0) + (word->a & 0x1000 ? 4u : 0) +
                    (word->a & 0x4000 ? 4u : 0);
    uint8_t *at = compose_front(composed, 4 + fields);

    octets_put16(at, (uint16_t)word->a);
    octets_put16(at + 2, word->b ? (uint16_t)word->b : composed->type);
    composed->protocol = IPPROTO_GRE;
}

/* A header of a octets, of which the first is b; the EtherType stands where Geneve has it. */
static void put_shim(struct composed *composed, const struct word *word)
{
    uint8_t *at = compose_front(composed, word->a);

    at[0] = (uint8_t)word->b;
    if (word->a >= 8 && word->b == 0)
        octets_put16(at + 2, composed->type);
    if (word->a == 2)
        composed->protocol = ETHERIP;
}

/* Data of a GTP tunnel (3GPP TS 29.281). */
static void put_gtp(struct composed *composed, const struct word *word)
{
    uint16_t length = (uint16_t)composed->length;
    uint8_t *at = compose_front(composed, 8);

    (void)word;
    at[0] = 0x30;
    at[1] = 0xff;
    octets_put16(at + 2, length);
}

/* A label; the first one put is the bottom of the stack. */
static void put_mpls(struct composed *composed, const struct word *word)
{
    (void)word;
    octets_put32(compose_front(composed, 4), 0x40 | (composed->type == MPLS ? 0 : 0x100) | 17 << 12);
    composed->type = MPLS;
    composed->protocol = MPLS_IN_IP;
}

static void put_tag(struct composed *composed, const struct word *word)
{
    uint8_t *at = compose_front(composed, 4);

    octets_put16(at, 7);
    octets_put16(at + 2, composed->type);
    composed->type = (uint16_t)word->a;
}

static void put_pppoe(struct composed *composed, const struct word *word)
{
    uint8_t *at = compose_front(composed, 8);

    (void)word;
    at[0] = 0x11;
    octets_put16(at + 4, (uint16_t)(composed->length - 6));
    octets_put16(at + 6, composed->type == IPV6 ? PPP_IPV6 : PPP_IPV4);
    composed->type = PPPOE;
}

static void put_ethernet(struct composed *composed, const struct word *word)
{
    static const uint8_t addresses[12] = {2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 1};
    uint8_t *at = compose_front(composed, 14);

    (void)word;
    memcpy(at, addresses, sizeof(addresses));
    octets_put16(at + 12, composed->type);
    composed->type = BRIDGED;
    composed->protocol = ETHERNET_IN_IP;
}

static void put_tunnel(struct composed *composed, const struct word *word)
{
    compose(composed, word->a ? "eth vxlan-head vxlan ip4" : "gre ip4");
}

static const struct word words[] = {
    {"data", put_data, 32, 0},
    {"much", put_data, 128, 0},
    {"echo4", put_icmp4, 8, 0},
    {"reply4", put_icmp4, 0, 0},
    {"port4", put_icmp4, 3, 3},
    {"expired4", put_icmp4, 11, 0},
    {"frag-needed4", put_icmp4, 3, 4},
    {"echo6", put_icmp6, 128, 0},
    {"port6", put_icmp6, 1, 4},
    {"expired6", put_icmp6, 3, 0},
    {"too-big6", put_icmp6, 2, 0},
    {"solicit6", put_icmp6, 135, 0},
    {"advertise6", put_icmp6, 136, 0},
    {"router6", put_icmp6, 134, 0},
    {"mld6", put_icmp6, 143, 0},
    {"extension", put_extension, 0, 0},
    {"link-option", put_nd_option, 1, 1},
    {"mtu-option", put_nd_option, 5, 1},
    {"prefix-option", put_nd_option, 3, 4},
    {"target", put_target, 1, 0},
    {"ip4", put_ip4, 0, 0},
    {"ip4-options", put_ip4, 40, 0},
    {"ip4-first", put_ip4, 0, 0x2000},
    {"ip4-last", put_ip4, 0, 64},
    {"ip6", put_ip6, 64, 0},
    {"ip6-near", put_ip6, 255, 0},
    {"ip6-router", put_ip6, 255, 1},
    {"hop-by-hop", put_extension6, IPPROTO_HOPOPTS, 1},
    {"destination", put_extension6, IPPROTO_DSTOPTS, 1},
    {"routing", put_extension6, IPPROTO_ROUTING, 3},
    {"long", put_extension6, IPPROTO_DSTOPTS, 256},
    {"fragment", put_extension6, IPPROTO_FRAGMENT, 1},
    {"ah", put_ah, 0, 0},
    {"udp", put_udp, 9, 0},
    {"tcp", put_tcp, 0, 0},
    {"gre", put_gre, 0, 0},
    {"gre-all", put_gre, 0xb000, 0},
    {"gre-routed", put_gre, 0x4000, 0},
    {"erspan", put_gre, 0x1000, ERSPAN},
    {"erspan-head", put_shim, 8, 0x10},
    {"vxlan-head", put_shim, 8, 0x08},
    {"vxlan", put_udp, 4789, 0},
    {"geneve-head", put_shim, 8, 0},
    {"geneve", put_udp, 6081, 0},
    {"gtp-head", put_gtp, 0, 0},
    {"gtp", put_udp, 2152, 0},
    {"teredo", put_udp, 3544, 0},
    {"lisp-head", put_shim, 8, 0x80},
    {"lisp", put_udp, 4341, 0},
    {"etherip", put_shim, 2, 0x30},
    {"mpls", put_mpls, 0, 0},
    {"vlan", put_tag, VLAN, 0},
    {"qinq", put_tag, QINQ, 0},
    {"pppoe", put_pppoe, 0, 0},
    {"eth", put_ethernet, 0, 0},
    /* whole tunnels, for nesting */
    {"over-gre", put_tunnel, 0, 0},
    {"over-vxlan", put_tunnel, 1, 0},
};

static void put_word(struct composed *composed, const char *name, size_t length)
{
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strlen(words[i].name) == length && memcmp(words[i].name, name, length) == 0) {
            words[i].put(composed, &words[i]);
            return;
        }
    fail_msg("'%s' begins with no word", name);
}

void compose(struct composed *composed, const char *text)
{
    for (const char *at = text; *at; at += *at == ' ') {
        size_t length = strcspn(at, "* ");
        const char *name = at;
        char *end = (char *)at + length;
        unsigned long times = *end == '*' ? strtoul(end + 1, &end, 10) : 1;

        while (times--)
            put_word(composed, name, length);
        at = end;
    }
}
