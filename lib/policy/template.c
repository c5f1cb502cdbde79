/* SPDX-License-Identifier: MIT */
/* A policy file made of the catalog's advice: a line for each message that may pass, and why above it. */
#include "policy/template.h"

#include <string.h>

#include "catalog/icmp.h"

enum { WIDTH = 100 };

static const struct policy *policy_of(enum policy_role role)
{
    static const struct policy policies[ROLE_COUNT] = {
        [ROLE_HOST] = {.role = ROLE_HOST},
        [ROLE_ROUTER] = {.role = ROLE_ROUTER},
        [ROLE_EDGE] = {.role = ROLE_EDGE},
    };

    return &policies[role];
}

static enum verdict advice_for(enum policy_role role, enum direction direction,
                               const struct sonde_icmp_entry *row)
{
    uint8_t code = row->code == ICMP_ANY_CODE ? 0 : (uint8_t)row->code;

    /* a row for any code may not cover code 0; every type leaves one free */
    while (sonde_icmp_find(row->family, row->type, code) != row && code < 255)
        code++;
    return policy_advice(role, direction, row->family, row->type, code);
}

/* Whether anything of a row may pass. */
static bool passes(enum policy_role role, const struct sonde_icmp_entry *row)
{
    for (int direction = 0; direction < DIRECTION_COUNT; direction++)
        if (policy_filters(policy_of(role), (enum direction)direction) &&
            advice_for(role, (enum direction)direction, row) != VERDICT_DROP)
            return true;
    return false;
}

/* Whether the row for the other codes of a row's type lets something pass: then this one needs a line of its
 * own even if nothing of it does. */
static bool is_overlaid(enum policy_role role, const struct sonde_icmp_entry *row)
{
    const struct sonde_icmp_entry *other;

    for (size_t i = 0; (other = sonde_icmp_row(row->family, i)) != NULL; i++)
        if (other != row && other->code == ICMP_ANY_CODE && other->type <= row->type &&
            row->type <= other->type_last)
            return passes(role, other);
    return false;
}

/* A comment, filled up to the width. */
static void add_comment(struct text *text, const char *indent, const char *words, size_t length)
{
    size_t column = 0;

    while (length > 0) {
        size_t word = 0;

        while (word < length && words[word] != ' ')
            word++;
        if (column == 0 || column + 1 + word > WIDTH) {
            text_add(text, "%s%s#", column > 0 ? "\n" : "", indent);
            column = strlen(indent) + 1;
        }
        text_add(text, " %.*s", (int)word, words);
        column += 1 + word;
        words += word < length ? word + 1 : word;
        length -= word < length ? word + 1 : word;
    }
    text_add(text, "\n");
}

/* The first sentence of a reason, which is what a comment has room for. */
static size_t sentence_length(const char *reason)
{
    const char *end = strstr(reason, ". ");

    return end != NULL ? (size_t)(end - reason) + 1 : strlen(reason);
}

static void add_numbers(struct text *text, const struct sonde_icmp_entry *row)
{
    text_add(text, "%d", row->type);
    if (row->type_last > row->type)
        text_add(text, "-%d", row->type_last);
    if (row->code != ICMP_ANY_CODE)
        text_add(text, "/%d", row->code);
    if (row->code_last > row->code)
        text_add(text, "-%d", row->code_last);
}

static void add_row(struct text *text, enum policy_role role, const struct sonde_icmp_entry *row)
{
    static const char *const tiers[] = {"", " must pass.", " should pass.", "", "", ""};
    _cleanup_text_ struct text comment = {0};
    const char *separator = "";

    add_numbers(&comment, row);
    text_add(&comment, ":%s %.*s", tiers[row->tier], (int)sentence_length(row->filter_reason),
             row->filter_reason);
    add_comment(text, "  ", text_get(&comment), comment.length);
    text_add(text, "  %s: {", row->name);
    for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
        if (!policy_filters(policy_of(role), (enum direction)direction))
            continue;
        text_add(text, "%s%s: %s", separator, direction_name((enum direction)direction),
                 verdict_name(advice_for(role, (enum direction)direction, row)));
        separator = ", ";
    }
    text_add(text, "}\n");
}

static void add_family(struct text *text, enum policy_role role, uint8_t family)
{
    const struct sonde_icmp_entry *row;

    text_add(text, "\nipv%d:\n", family);
    for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++)
        if (passes(role, row) || is_overlaid(role, row))
            add_row(text, role, row);
}

static void add_head(struct text *text, enum policy_role role, const char *const *outside,
                     size_t outside_count)
{
    static const char *const roles[ROLE_COUNT] = {
        [ROLE_HOST] = "a machine that does not look at what it forwards",
        [ROLE_ROUTER] = "a machine that forwards between networks of one site",
        [ROLE_EDGE] = "a router between a site and the Internet",
    };

    text_add(text,
             "# Which ICMP may pass. `sonde guard lint FILE` checks it, `sonde guard rehearse FILE` tries "
             "it,\n# `sonde guard apply FILE --confirm-within 60s` puts it in force; sonde-guard(1).\n");
    text_add(text,
             "# Verdicts: accept; limit (accept within a rate); answer-only (what answers a packet of "
             "ours);\n# link-only (what cannot come from off the link); drop; reject (drop and say so).\n\n");
    text_add(text, "role: %-8s# host, router or edge: %s\n", policy_role_name(role), roles[role]);
    if (role == ROLE_EDGE) {
        text_add(text, "outside: [");
        for (size_t i = 0; i < outside_count; i++)
            text_add(text, "%s%s", i > 0 ? ", " : "", outside[i]);
        text_add(text, "]  # interfaces that lead to the Internet\n");
    }
    text_add(text, "\ndefaults:\n  unlisted: drop  # drop, reject or accept what no line names\n");
    text_add(text, "\n# Of each line with `limit`; `limit 50/second burst 100` on a line has its own.\n"
                   "limits:\n  source: 10/second burst 20      # of each IPv4 address, of each IPv6 /64\n"
                   "  total: 1000/second burst 2000   # of all sources together\n");
}

void policy_add_template(struct text *text, enum policy_role role, const char *const *outside,
                         size_t outside_count)
{
    add_head(text, role, outside, outside_count);
    add_family(text, role, 4);
    add_family(text, role, 6);
    text_add(text,
             "\n# Exceptions stand before the lines above. Each has an owner, a reason and a last day.\n"
             "exceptions:\n"
             "#  - ipv4: timestamp-request\n#    input: accept\n#    from: 192.0.2.0/24\n"
             "#    interface: eth1\n#    owner: netops\n#    reason: \"clock monitoring, TICKET-123\"\n"
             "#    expires: 2027-03-31\n");
}
