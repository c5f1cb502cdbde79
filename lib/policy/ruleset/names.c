/* SPDX-License-Identifier: MIT */
/* The words that nft and iptables use for protocols, ICMP types and codes. */
#include "policy/ruleset/names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/macro.h"
#include "policy/ruleset/model.h"

/** A word and its number. */
struct word {
    const char *name;
    uint32_t number;
};

static const struct word protocols[] = {
    {"icmp", 1},       {"igmp", 2},        {"ipencap", 4},    {"ipip", 4},   {"tcp", 6},
    {"udp", 17},       {"dccp", 33},       {"ipv6", 41},      {"gre", 47},   {"esp", 50},
    {"ah", 51},        {"ipv6-icmp", 58},  {"icmpv6", 58},    {"icmp6", 58}, {"ospf", 89},
    {"pim", 103},      {"ipcomp", 108},    {"comp", 108},     {"vrrp", 112}, {"l2tp", 115},
    {"sctp", 132},     {"mh", 135},        {"udplite", 136},  {"hopopt", 0}, {"ipv6-route", 43},
    {"ipv6-frag", 44}, {"ipv6-nonxt", 59}, {"ipv6-opts", 60}, {"ip", 0},
};

/** A type, perhaps with its code. */
struct type_word {
    const char *name;
    uint8_t family, type;
    int16_t code; /* -1: all */
};

static const struct type_word types[] = {
    {"echo-reply", 4, 0, -1},
    {"pong", 4, 0, -1},
    {"destination-unreachable", 4, 3, -1},
    {"network-unreachable", 4, 3, 0},
    {"host-unreachable", 4, 3, 1},
    {"protocol-unreachable", 4, 3, 2},
    {"port-unreachable", 4, 3, 3},
    {"fragmentation-needed", 4, 3, 4},
    {"source-route-failed", 4, 3, 5},
    {"network-unknown", 4, 3, 6},
    {"host-unknown", 4, 3, 7},
    {"network-prohibited", 4, 3, 9},
    {"host-prohibited", 4, 3, 10},
    {"TOS-network-unreachable", 4, 3, 11},
    {"TOS-host-unreachable", 4, 3, 12},
    {"communication-prohibited", 4, 3, 13},
    {"host-precedence-violation", 4, 3, 14},
    {"precedence-cutoff", 4, 3, 15},
    {"source-quench", 4, 4, -1},
    {"redirect", 4, 5, -1},
    {"network-redirect", 4, 5, 0},
    {"host-redirect", 4, 5, 1},
    {"TOS-network-redirect", 4, 5, 2},
    {"TOS-host-redirect", 4, 5, 3},
    {"echo-request", 4, 8, -1},
    {"ping", 4, 8, -1},
    {"router-advertisement", 4, 9, -1},
    {"router-solicitation", 4, 10, -1},
    {"time-exceeded", 4, 11, -1},
    {"ttl-exceeded", 4, 11, -1},
    {"ttl-zero-during-transit", 4, 11, 0},
    {"ttl-zero-during-reassembly", 4, 11, 1},
    {"parameter-problem", 4, 12, -1},
    {"ip-header-bad", 4, 12, 0},
    {"required-option-missing", 4, 12, 1},
    {"timestamp-request", 4, 13, -1},
    {"timestamp-reply", 4, 14, -1},
    {"info-request", 4, 15, -1},
    {"info-reply", 4, 16, -1},
    {"address-mask-request", 4, 17, -1},
    {"address-mask-reply", 4, 18, -1},
    {"destination-unreachable", 6, 1, -1},
    {"no-route", 6, 1, 0},
    {"communication-prohibited", 6, 1, 1},
    {"beyond-scope", 6, 1, 2},
    {"address-unreachable", 6, 1, 3},
    {"port-unreachable", 6, 1, 4},
    {"failed-policy", 6, 1, 5},
    {"reject-route", 6, 1, 6},
    {"packet-too-big", 6, 2, -1},
    {"time-exceeded", 6, 3, -1},
    {"ttl-exceeded", 6, 3, -1},
    {"ttl-zero-during-transit", 6, 3, 0},
    {"ttl-zero-during-reassembly", 6, 3, 1},
    {"parameter-problem", 6, 4, -1},
    {"bad-header", 6, 4, 0},
    {"unknown-header-type", 6, 4, 1},
    {"unknown-option", 6, 4, 2},
    {"echo-request", 6, 128, -1},
    {"ping", 6, 128, -1},
    {"echo-reply", 6, 129, -1},
    {"pong", 6, 129, -1},
    {"mld-listener-query", 6, 130, -1},
    {"mld-listener-report", 6, 131, -1},
    {"mld-listener-done", 6, 132, -1},
    {"mld-listener-reduction", 6, 132, -1},
    {"nd-router-solicit", 6, 133, -1},
    {"router-solicitation", 6, 133, -1},
    {"nd-router-advert", 6, 134, -1},
    {"router-advertisement", 6, 134, -1},
    {"nd-neighbor-solicit", 6, 135, -1},
    {"neighbour-solicitation", 6, 135, -1},
    {"neighbor-solicitation", 6, 135, -1},
    {"nd-neighbor-advert", 6, 136, -1},
    {"neighbour-advertisement", 6, 136, -1},
    {"neighbor-advertisement", 6, 136, -1},
    {"nd-redirect", 6, 137, -1},
    {"redirect", 6, 137, -1},
    {"router-renumbering", 6, 138, -1},
    {"ind-neighbor-solicit", 6, 141, -1},
    {"ind-neighbor-advert", 6, 142, -1},
    {"mld2-listener-report", 6, 143, -1},
};

static const struct word codes4[] = {
    {"net-unreachable", 0}, {"host-unreachable", 1}, {"prot-unreachable", 2}, {"port-unreachable", 3},
    {"frag-needed", 4},     {"net-prohibited", 9},   {"host-prohibited", 10}, {"admin-prohibited", 13},
};

static const struct word codes6[] = {
    {"no-route", 0},         {"admin-prohibited", 1}, {"addr-unreachable", 3},
    {"port-unreachable", 4}, {"policy-fail", 5},      {"reject-route", 6},
};

static const struct word states[] = {
    {"new", RULES_NEW},         {"established", RULES_ESTABLISHED}, {"related", RULES_RELATED},
    {"invalid", RULES_INVALID}, {"untracked", RULES_UNTRACKED},
};

static const struct word locals[] = {
    {"local", RULES_TO_US},           {"host", RULES_TO_US},         {"multicast", RULES_TO_MANY},
    {"broadcast", RULES_TO_ALL},      {"anycast", RULES_TO_MANY},    {"unicast", RULES_TO_OTHERS},
    {"other", RULES_TO_OTHERS},       {"unspec", RULES_TO_OTHERS},   {"blackhole", RULES_TO_OTHERS},
    {"unreachable", RULES_TO_OTHERS}, {"prohibit", RULES_TO_OTHERS},
};

static bool find(const struct word *words, size_t count, const char *name, uint32_t *number)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(words[i].name, name) != 0)
            continue;
        *number = words[i].number;
        return true;
    }
    return false;
}

bool names_number(const char *text, uint32_t max, uint32_t *number)
{
    char *end;
    unsigned long value;

    if (*text < '0' || *text > '9')
        return false;
    value = strtoul(text, &end, 0);
    if (*end != '\0' || value > max)
        return false;
    *number = (uint32_t)value;
    return true;
}

bool names_protocol(const char *name, uint32_t *protocol)
{
    return find(protocols, COUNT_OF(protocols), name, protocol) || names_number(name, 255, protocol);
}

static bool split_numbers(const char *text, uint32_t *type, int *code)
{
    char first[8];
    size_t length = strcspn(text, "/");
    uint32_t number;

    if (length == 0 || length >= sizeof(first) || text[length] != '/')
        return false;
    memcpy(first, text, length);
    first[length] = '\0';
    if (!names_number(first, 255, type) || !names_number(text + length + 1, 255, &number))
        return false;
    *code = (int)number;
    return true;
}

bool names_type(uint8_t family, const char *name, uint32_t *type, int *code)
{
    *code = -1;
    if (names_number(name, 255, type) || split_numbers(name, type, code))
        return true;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (types[i].family != family || strcasecmp(types[i].name, name) != 0)
            continue;
        *type = types[i].type;
        *code = types[i].code;
        return true;
    }
    return false;
}

bool names_code(uint8_t family, const char *name, uint32_t *code)
{
    if (names_number(name, 255, code))
        return true;
    return family == 6 ? find(codes6, COUNT_OF(codes6), name, code)
                       : find(codes4, COUNT_OF(codes4), name, code);
}

bool names_state(const char *name, uint32_t *state)
{
    return find(states, COUNT_OF(states), name, state);
}

bool names_local(const char *name, uint32_t *local)
{
    return find(locals, COUNT_OF(locals), name, local);
}
