/* SPDX-License-Identifier: MIT */
/* The rules that a message may meet, in their order; types and codes with the same ones form a class. */
#ifndef SONDE_POLICY_TARGET_LINEUP_H
#define SONDE_POLICY_TARGET_LINEUP_H

#include "policy/policy.h"

/** What is asked for: the rules of a family in a direction, as they are now. */
struct lineup_query {
    const struct policy *policy;
    uint8_t family;
    enum direction direction;
    int64_t now_s;
};

/** The rules that a message may meet; the last one always decides, or what is unlisted decides. */
struct lineup {
    const struct policy_rule **rules; /* has room for all rules of the policy; owned by the caller */
    size_t count;
    bool decided; /* the last rule decides every message that comes to it */
};

/** The codes of a type by class. */
struct lineup_codes {
    uint8_t first[256]; /* of each code: the lowest code that meets the same rules */
    uint8_t usual;      /* the lowest code of the class with the most codes */
    bool same;          /* all codes are of one class */
};

/** The rules that a message may meet. @param lineup its `rules` has room for all rules of the policy */
void lineup_find(const struct lineup_query *query, uint8_t type, uint8_t code, struct lineup *lineup);

/** Whether any rule names a type, whatever its code. */
bool lineup_any(const struct lineup_query *query, uint8_t type);

/** Whether any rule that may decide a type limits it. */
bool lineup_limits(const struct lineup_query *query, uint8_t type);

/** Sort the codes of a type into classes. */
void lineup_sort(const struct lineup_query *query, uint8_t type, struct lineup_codes *codes);

/** Whether every code of two types meets the same rules, in a way that makes no difference: rejected or not,
 * and by the same hop limit. */
bool lineup_same(const struct lineup_query *query, uint8_t type, uint8_t other);

#endif
