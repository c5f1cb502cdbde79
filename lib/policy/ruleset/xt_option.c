/* SPDX-License-Identifier: MIT */
/* Options of iptables' rules: what they match, and what their targets do (iptables-extensions(8)). */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "base/text.h"
#include "policy/ruleset/names.h"
#include "policy/ruleset/xt_read.h"

enum { BURST_DEFAULT = 5 };

static void not_understood(struct rules_rule *rule, const char *option, const char *value)
{
    struct rules_match *match = rules_add_match(rule, RULES_OTHER);

    match->opaque = true;
    match->words = text_format("%s %s", option, value);
}

static struct rules_match *add(struct rules_rule *rule, struct xt_line *line, enum rules_field field)
{
    struct rules_match *match = rules_add_match(rule, field);

    match->negated = line->negated;
    return match;
}

/* Call a function for each part of a list "a,b,c". */
static void each_part(const char *list, struct rules_match *match,
                      void (*read)(struct rules_match *match, const char *part))
{
    while (*list) {
        size_t length = strcspn(list, ",");
        char part[64];

        snprintf(part, sizeof(part), "%.*s", (int)length, list);
        read(match, part);
        list += length + (list[length] == ',');
    }
}

static void read_protocol(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    uint32_t number;

    if (strcmp(value, "all") == 0 || strcmp(value, "0") == 0)
        return;
    if (names_protocol(value, &number))
        rules_add_range(add(rule, line, RULES_PROTOCOL), number, number);
    else
        not_understood(rule, "-p", value);
}

static void read_address_part(struct rules_match *match, const char *part)
{
    const char *slash = strchr(part, '/');
    char address[64];
    struct sonde_address mask;
    int bits = -1;

    snprintf(address, sizeof(address), "%.*s", (int)(slash ? slash - part : (long)strlen(part)), part);
    if (slash && sonde_address_parse(slash + 1, &mask) == 0) {
        bits = 0;
        for (size_t bit = 0; bit < 8 * address_length(mask.family); bit++)
            bits += mask.bytes[bit / 8] >> (7 - bit % 8) & 1;
    } else if (slash) {
        bits = (int)strtol(slash + 1, NULL, 10);
    }
    if (!rules_add_prefix(match, address, bits))
        match->opaque = true;
}

static void read_source(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    each_part(value, add(rule, line, RULES_SOURCE), read_address_part);
}

static void read_destination(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    each_part(value, add(rule, line, RULES_DESTINATION), read_address_part);
}

static void read_range(struct rules_match *match, const char *value)
{
    const char *minus = strchr(value, '-');
    char low[64];
    struct rules_value range = {0};

    snprintf(low, sizeof(low), "%.*s", (int)(minus ? minus - value : (long)strlen(value)), value);
    if (sonde_address_parse(low, &range.low) == 0 &&
        sonde_address_parse(minus ? minus + 1 : low, &range.high) == 0)
        *rules_add_value(match) = range;
    else
        match->opaque = true;
}

static void read_source_range(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    read_range(add(rule, line, RULES_SOURCE), value);
}

static void read_destination_range(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    read_range(add(rule, line, RULES_DESTINATION), value);
}

static void read_input(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    snprintf(rules_add_value(add(rule, line, RULES_IIF))->name, RULES_IFNAME_MAX, "%.15s", value);
}

static void read_output(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    snprintf(rules_add_value(add(rule, line, RULES_OIF))->name, RULES_IFNAME_MAX, "%.15s", value);
}

static void read_fragment(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    struct rules_match *match = add(rule, line, RULES_FRAGMENT);

    (void)value;
    match->family = 4;
    rules_add_range(match, 1, 1);
}

/* "! --icmp-type 3/4" is one negation of two things; only without a code it is one of the type. */
static void read_type(struct rules_rule *rule, struct xt_line *line, uint8_t family, const char *value)
{
    uint32_t type;
    int code;
    struct rules_match *match;

    if (strcmp(value, "any") == 0 || (family == 4 && strcmp(value, "255") == 0))
        return;
    if (!names_type(family, value, &type, &code) || (line->negated && code >= 0)) {
        not_understood(rule, "--icmp-type", value);
        return;
    }
    match = add(rule, line, RULES_TYPE);
    match->family = family;
    rules_add_range(match, type, type);
    if (code < 0)
        return;
    match = rules_add_match(rule, RULES_CODE);
    match->family = family;
    rules_add_range(match, (uint32_t)code, (uint32_t)code);
}

static void read_type4(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    read_type(rule, line, 4, value);
}

static void read_type6(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    read_type(rule, line, 6, value);
}

static void read_state_part(struct rules_match *match, const char *part)
{
    uint32_t state;

    if (names_state(part, &state)) /* else SNAT or DNAT, which what nobody asked for is not in */
        rules_add_range(match, state, state);
}

static void read_state(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    each_part(value, add(rule, line, RULES_STATE), read_state_part);
}

static void read_direction(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    uint32_t reply = strcmp(value, "REPLY") == 0;

    rules_add_range(add(rule, line, RULES_DIRECTION), reply, reply);
}

static void read_local_part(struct rules_match *match, const char *part)
{
    uint32_t local;

    if (names_local(part, &local))
        rules_add_range(match, local, local);
    else
        match->soft = true;
}

static void read_local(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    each_part(value, add(rule, line, RULES_LOCAL), read_local_part);
}

static void read_hoplimit(struct rules_rule *rule, struct xt_line *line, const char *option,
                          const char *value)
{
    const char *kind = strrchr(option, '-');
    struct rules_match *match;
    uint32_t number;

    if (!names_number(value, 255, &number)) {
        not_understood(rule, option, value);
        return;
    }
    match = add(rule, line, RULES_HOPLIMIT);
    if (strcmp(kind, "-lt") == 0 && number > 0)
        rules_add_range(match, 0, number - 1);
    else if (strcmp(kind, "-gt") == 0)
        rules_add_range(match, number + 1, UINT32_MAX);
    else if (strcmp(kind, "-eq") == 0)
        rules_add_range(match, number, number);
}

static void read_hl_eq(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    read_hoplimit(rule, line, "--hl-eq", value);
}

static void read_hl_lt(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    read_hoplimit(rule, line, "--hl-lt", value);
}

static void read_hl_gt(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    read_hoplimit(rule, line, "--hl-gt", value);
}

/* The limit of a rule: its options come one by one. */
static struct rules_match *limit_of(struct rules_rule *rule)
{
    struct rules_match *match;

    for (size_t i = 0; i < rule->match_count; i++)
        if (rule->matches[i].field == RULES_LIMIT)
            return &rule->matches[i];
    match = rules_add_match(rule, RULES_LIMIT);
    match->limit.burst = BURST_DEFAULT;
    return match;
}

/* "10/sec", "3/min", "512kb/s": the last is of octets. */
static double read_rate(const char *value)
{
    char *end;
    double number = strtod(value, &end);

    if (*end != '/')
        return *end == '\0' ? number : 0;
    switch (end[1]) {
    case 'm':
        return number / 60;
    case 'h':
        return number / 3600;
    case 'd':
        return number / 86400;
    default:
        return number;
    }
}

static void read_limit(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    struct rules_match *match = limit_of(rule);

    match->negated = match->negated || line->negated;
    match->limit.per_second = read_rate(value);
}

static void read_burst(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    limit_of(rule)->limit.burst = (uint32_t)strtoul(value, NULL, 10);
}

static void read_hash_within(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    struct rules_limit *limit;

    read_limit(rule, line, value);
    limit = &limit_of(rule)->limit;
    limit->keyed = limit->hashlimit = true;
}

static void read_hash_above(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    read_hash_within(rule, line, value);
    limit_of(rule)->negated = !line->negated;
}

static void read_hash_mode(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    struct rules_limit *limit = &limit_of(rule)->limit;

    if (!strstr(value, "srcip"))
        return;
    limit->family = line->family;
    if (limit->bits == 0)
        limit->bits = line->family == 6 ? 128 : 32;
}

static void read_hash_mask(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    limit_of(rule)->limit.bits = (uint8_t)strtoul(value, NULL, 10);
}

static void read_hash_size(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    limit_of(rule)->limit.size = strtol(value, NULL, 10);
}

static void read_hash_expire(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    limit_of(rule)->limit.timeout_s = strtol(value, NULL, 10) / 1000;
}

static void read_hash_name(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    struct rules_limit *limit = &limit_of(rule)->limit;

    free(limit->set);
    limit->set = text_format("%s", value);
}

static void read_routing(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    struct rules_match *match = add(rule, line, RULES_ROUTING);

    match->family = 6;
    rules_add_range(match, 1, 1);
}

static void read_comment(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    free(rule->comment);
    rule->comment = text_format("%s", value);
}

static void read_port(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    rules_add_match(rule, RULES_PORT)->soft = true;
}

/* What nobody asks about: holds for some packets. */
static void read_soft(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    rules_add_match(rule, RULES_SIZE)->soft = true;
}

static void read_count(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    rules_add_match(rule, RULES_COUNT)->negated = line->negated;
}

static void read_within_count(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    rules_add_match(rule, RULES_COUNT)->negated = true;
}

static void read_invert(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    for (size_t i = 0; i < rule->match_count; i++)
        if (rule->matches[i].field == RULES_WAY_BACK)
            rule->matches[i].negated = true;
}

/* Modules that match without any option. */
static void read_module(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    if (strcmp(value, "rpfilter") == 0)
        rules_add_range(rules_add_match(rule, RULES_WAY_BACK), 1, 1);
    else if (strcmp(value, "socket") == 0)
        rules_add_match(rule, RULES_SIZE)->soft = true;
    else if (strcmp(value, "eui64") == 0 || strcmp(value, "bpf") == 0 || strcmp(value, "u32") == 0 ||
             strcmp(value, "string") == 0)
        not_understood(rule, "-m", value);
}

/** Targets that are no chains. */
static const struct {
    const char *name;
    enum rules_verdict verdict;
} targets[] = {
    {"ACCEPT", RULES_ACCEPT},        {"DROP", RULES_DROP},
    {"REJECT", RULES_REJECT},        {"RETURN", RULES_RETURN},
    {"QUEUE", RULES_QUEUE},          {"NFQUEUE", RULES_QUEUE},
    {"LOG", RULES_CONTINUE},         {"NFLOG", RULES_CONTINUE},
    {"ULOG", RULES_CONTINUE},        {"MARK", RULES_CONTINUE},
    {"CONNMARK", RULES_CONTINUE},    {"CT", RULES_CONTINUE},
    {"NOTRACK", RULES_CONTINUE},     {"TCPMSS", RULES_CONTINUE},
    {"TOS", RULES_CONTINUE},         {"DSCP", RULES_CONTINUE},
    {"CLASSIFY", RULES_CONTINUE},    {"TRACE", RULES_CONTINUE},
    {"CHECKSUM", RULES_CONTINUE},    {"SET", RULES_CONTINUE},
    {"AUDIT", RULES_CONTINUE},       {"SECMARK", RULES_CONTINUE},
    {"CONNSECMARK", RULES_CONTINUE}, {"TTL", RULES_CONTINUE},
    {"HL", RULES_CONTINUE},          {"ECN", RULES_CONTINUE},
    {"TCPOPTSTRIP", RULES_CONTINUE}, {"RATEEST", RULES_CONTINUE},
    {"TEE", RULES_CONTINUE},         {"DNAT", RULES_TRANSLATE},
    {"SNAT", RULES_TRANSLATE},       {"MASQUERADE", RULES_TRANSLATE},
    {"REDIRECT", RULES_TRANSLATE},   {"NETMAP", RULES_TRANSLATE},
    {"TPROXY", RULES_TRANSLATE},
};

static void note_effect(struct rules_rule *rule, struct xt_line *line, const char *name)
{
    rule->notrack = strcmp(name, "NOTRACK") == 0;
    rule->clamps = strcmp(name, "TCPMSS") == 0;
    rule->log = strcmp(name, "LOG") == 0 || strcmp(name, "NFLOG") == 0 || strcmp(name, "ULOG") == 0;
    for (size_t i = 0; i < rule->match_count; i++)
        rule->log_limited = rule->log_limited || rule->matches[i].field == RULES_LIMIT;
    if (strcmp(name, "REJECT") == 0)
        snprintf(rule->reject, sizeof(rule->reject), "%s port-unreachable",
                 line->family == 6 ? "icmpv6" : "icmp");
}

static void lead_to(struct rules_rule *rule, enum rules_verdict way, const char *chain)
{
    rule->verdict = way;
    free(rule->target);
    rule->target = text_format("%s", chain);
}

static void read_target(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    line->target = true;
    note_effect(rule, line, value);
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        if (strcmp(targets[i].name, value) != 0)
            continue;
        rule->verdict = targets[i].verdict;
        return;
    }
    lead_to(rule, RULES_JUMP, value);
}

static void read_goto(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    line->target = true;
    lead_to(rule, RULES_GOTO, value); /* never a verdict, also when it is called ACCEPT */
}

static void read_reject(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    snprintf(rule->reject, sizeof(rule->reject), "%s", value);
}

static void read_prefix(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    free(rule->log_prefix);
    rule->log_prefix = text_format("%s", value);
}

static void read_notrack(struct rules_rule *rule, struct xt_line *line, const char *value)
{
    rule->notrack = true;
}

/** An option, how many values follow it, and what it means. */
static const struct option {
    const char *name;
    int values;
    void (*read)(struct rules_rule *rule, struct xt_line *line, const char *value);
} options[] = {
    {"-p", 1, read_protocol},
    {"--protocol", 1, read_protocol},
    {"-s", 1, read_source},
    {"--source", 1, read_source},
    {"-d", 1, read_destination},
    {"--destination", 1, read_destination},
    {"-i", 1, read_input},
    {"--in-interface", 1, read_input},
    {"-o", 1, read_output},
    {"--out-interface", 1, read_output},
    {"-f", 0, read_fragment},
    {"-m", 1, read_module},
    {"--match", 1, read_module},
    {"-j", 1, read_target},
    {"--jump", 1, read_target},
    {"-g", 1, read_goto},
    {"--goto", 1, read_goto},
    {"--icmp-type", 1, read_type4},
    {"--icmpv6-type", 1, read_type6},
    {"--ctstate", 1, read_state},
    {"--state", 1, read_state},
    {"--ctdir", 1, read_direction},
    {"--ctstatus", 1, read_count},
    {"--ctproto", 1, read_protocol},
    {"--src-range", 1, read_source_range},
    {"--dst-range", 1, read_destination_range},
    {"--dst-type", 1, read_local},
    {"--pkt-type", 1, read_local},
    {"--src-type", 1, read_soft},
    {"--limit-iface-in", 0, read_soft},
    {"--hl-eq", 1, read_hl_eq},
    {"--hl-lt", 1, read_hl_lt},
    {"--hl-gt", 1, read_hl_gt},
    {"--ttl-eq", 1, read_hl_eq},
    {"--ttl-lt", 1, read_hl_lt},
    {"--ttl-gt", 1, read_hl_gt},
    {"--limit", 1, read_limit},
    {"--limit-burst", 1, read_burst},
    {"--hashlimit", 1, read_hash_within},
    {"--hashlimit-upto", 1, read_hash_within},
    {"--hashlimit-above", 1, read_hash_above},
    {"--hashlimit-burst", 1, read_burst},
    {"--hashlimit-mode", 1, read_hash_mode},
    {"--hashlimit-srcmask", 1, read_hash_mask},
    {"--hashlimit-name", 1, read_hash_name},
    {"--hashlimit-htable-max", 1, read_hash_size},
    {"--hashlimit-htable-expire", 1, read_hash_expire},
    {"--hashlimit-htable-size", 1, NULL},
    {"--hashlimit-htable-gcinterval", 1, NULL},
    {"--hashlimit-rate-match", 0, NULL},
    {"--hashlimit-dstmask", 1, NULL},
    {"--rt-type", 1, read_routing},
    {"--invert", 0, read_invert},
    {"--loose", 0, NULL},
    {"--validmark", 0, NULL},
    {"--accept-local", 0, NULL},
    {"--comment", 1, read_comment},
    {"--dport", 1, read_port},
    {"--sport", 1, read_port},
    {"--dports", 1, read_port},
    {"--sports", 1, read_port},
    {"--ports", 1, read_port},
    {"--destination-port", 1, read_port},
    {"--source-port", 1, read_port},
    {"--tcp-flags", 2, read_port},
    {"--syn", 0, read_port},
    {"--tcp-option", 1, read_port},
    {"--mss", 1, read_port},
    {"--chunk-types", 2, read_port},
    {"--espspi", 1, read_port},
    {"--ahspi", 1, read_port},
    {"--mac-source", 1, read_soft},
    {"--physdev-in", 1, read_soft},
    {"--physdev-out", 1, read_soft},
    {"--physdev-is-bridged", 0, read_soft},
    {"--physdev-is-in", 0, read_soft},
    {"--physdev-is-out", 0, read_soft},
    {"--length", 1, read_soft},
    {"--match-set", 2, read_soft},
    {"--uid-owner", 1, read_soft},
    {"--gid-owner", 1, read_soft},
    {"--probability", 1, read_soft},
    {"--every", 1, read_soft},
    {"--packet", 1, NULL},
    {"--mode", 1, NULL},
    {"--set", 0, NULL},
    {"--rcheck", 0, read_count},
    {"--update", 0, read_count},
    {"--remove", 0, NULL},
    {"--seconds", 1, NULL},
    {"--hitcount", 1, NULL},
    {"--reap", 0, NULL},
    {"--rttl", 0, NULL},
    {"--name", 1, NULL},
    {"--mask", 1, NULL},
    {"--rsource", 0, NULL},
    {"--rdest", 0, NULL},
    {"--connlimit-above", 1, read_count},
    {"--connlimit-upto", 1, read_within_count},
    {"--connlimit-mask", 1, NULL},
    {"--connlimit-saddr", 0, NULL},
    {"--connlimit-daddr", 0, NULL},
};

/** Options of targets that matter. */
static const struct option target_options[] = {
    {"--reject-with", 1, read_reject}, {"--log-prefix", 1, read_prefix}, {"--nflog-prefix", 1, read_prefix},
    {"--notrack", 0, read_notrack},    {"-m", 1, read_module}, /* "-j X -m comment" is how some write it */
    {"--comment", 1, read_comment},
};

static const struct option *find(const struct option *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return NULL;
}

static bool is_option(const char *word)
{
    return strcmp(word, "!") == 0 || (word[0] == '-' && (isalpha((unsigned char)word[1]) || word[1] == '-'));
}

/* The values of an option that nobody knows end where the next option begins. */
static void read_unknown(struct rules_rule *rule, struct xt_line *line, const char *option)
{
    const char *value = "";

    while (line->next < line->count && !is_option(line->words[line->next]))
        value = xt_next(line);
    if (!line->target)
        not_understood(rule, option, value);
}

void xt_read_option(struct rules_rule *rule, struct xt_line *line, const char *option)
{
    const struct option *found = line->target ? find(target_options, COUNT_OF(target_options), option)
                                              : find(options, COUNT_OF(options), option);
    const char *value = "";

    if (!found) {
        read_unknown(rule, line, option);
    } else {
        if (found->values > 0 && line->next < line->count && strcmp(line->words[line->next], "!") == 0) {
            line->negated = true; /* the old way: -s ! 10.0.0.0/8 */
            line->next++;
        }
        for (int i = 0; i < found->values; i++)
            value = xt_next(line);
        if (found->read)
            found->read(rule, line, value);
    }
    line->negated = false;
}
