/* SPDX-License-Identifier: MIT */
/* The policy: which ICMP may pass, by family, type, code, direction and interface. */
#ifndef SONDE_POLICY_POLICY_H
#define SONDE_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "policy/verdict.h"

enum { POLICY_ANY_CODE = -1, POLICY_INTERFACE_MAX = 16, POLICY_NEVER = 0 };

/** The role of a machine; chooses the column of the catalog's advice. */
enum policy_role { ROLE_HOST, ROLE_ROUTER, ROLE_EDGE, ROLE_COUNT };

/** A rate of packets: a token bucket. */
struct policy_rate {
    uint32_t packets;  /* in each period */
    uint32_t period_s; /* 1, 60, 3600 */
    uint32_t burst;    /* packets */
};

/** The buckets that `limit` fills: one for each source (IPv6: each /64), one behind them for all. */
struct policy_limit {
    struct policy_rate source, total;
};

/** Where in the file something is said; line 0: nowhere, it follows from the role. */
struct policy_place {
    uint32_t line, column; /* from 1 */
};

/** A rule: what becomes of the messages of one row in one direction; exceptions are rules, too. */
struct policy_rule {
    char *id; /* "v4.3.4.input", or the exception's own: "x1.v4.13.input"; stable while types and codes are */
    uint8_t family;          /* 4 or 6 */
    uint8_t type, type_last; /* a range of types, or one */
    int16_t code, code_last; /* POLICY_ANY_CODE: all codes that no other rule of this direction names */
    enum direction direction;
    enum verdict verdict;
    struct policy_limit limit; /* of VERDICT_LIMIT; filled with the policy's default when the file has none */
    char interface[POLICY_INTERFACE_MAX]; /* only there; empty: anywhere */
    bool exception;
    bool override;               /* `i-know-this-breaks` names what this breaks */
    struct sonde_address source; /* exceptions: only from this prefix; family 0: from anywhere */
    uint8_t source_length;       /* bits */
    char *owner, *reason;        /* NULL: not said */
    int64_t expires_s;           /* exceptions: seconds since 1970 at which it ends; POLICY_NEVER */
    struct policy_place place;
};

/** A policy; zero-initialise. Rules stand in the order in which they are tried: exceptions first, then the
 * more specific before the less specific. */
struct policy {
    enum policy_role role;
    enum verdict unlisted; /* of what no rule names: drop, reject or accept */
    struct policy_limit limit;
    char (*outside)[POLICY_INTERFACE_MAX]; /* interfaces of an edge that lead to the Internet */
    size_t outside_count;
    struct policy_rule *rules;
    size_t rule_count, rule_capacity;
};

/** What a policy says of a message. */
struct policy_decision {
    enum verdict verdict;
    const struct policy_rule *rule; /* NULL: none names it (`unlisted`), or the direction is not filtered */
};

/** A message in question. */
struct policy_question {
    uint8_t family, type, code;
    enum direction direction;
    const char *interface;       /* NULL: one that no rule names */
    struct sonde_address source; /* family 0: one that no exception names */
};

/** "host", "router", "edge". */
const char *policy_role_name(enum policy_role role);

/** Whether a role filters a direction; a host does not look at what it forwards (containers). */
bool policy_filters(const struct policy *policy, enum direction direction);

/**
 * The table of the policy, read aloud: what becomes of a message.
 * @param now_s seconds since 1970; an expired exception does not count
 */
struct policy_decision policy_decide(const struct policy *policy, const struct policy_question *question,
                                     int64_t now_s);

/** What the catalog advises a role for a message in a direction, and the tier of that advice.
 * @param direction one that the role filters
 * @return never VERDICT_REJECT
 */
enum verdict policy_advice(enum policy_role role, enum direction direction, uint8_t family, uint8_t type,
                           uint8_t code);

/** Append a rule; takes over its strings. */
void policy_add_rule(struct policy *policy, const struct policy_rule *rule);

/** Free everything; the policy is empty afterwards. */
void policy_deinit(struct policy *policy);

#endif
