/* SPDX-License-Identifier: MIT */
/* Whether the condition of a firewall rule holds for the packets in question (libnftables-json(5)). */
#ifndef SONDE_NET_SERVER_RULES_CONDITION_H
#define SONDE_NET_SERVER_RULES_CONDITION_H

#include <jansson.h>

#include "net/server/rules/ruleset.h"

/** What a condition is evaluated for, and where sets are looked up. */
struct scope {
    const json_t *objects; /* of the ruleset */
    const struct ruleset_question *question;
    const char *family, *table; /* of the chain that is looked at */
};

/** What a condition looks at. */
enum subject {
    SUBJECT_OTHER, /* something that the question does not tell */
    SUBJECT_PORT,
    SUBJECT_PROTOCOL,
    SUBJECT_FAMILY,
    SUBJECT_STATE,
    SUBJECT_STATUS,
    SUBJECT_INTERFACE,
    SUBJECT_SOURCE,
    SUBJECT_DESTINATION,
    SUBJECT_DESTINATION_TYPE,
    SUBJECT_PACKET_TYPE,
    SUBJECT_FLAGS,
    SUBJECT_WAY_BACK, /* the reverse-path check: the interface by which the sender is reached */
};

/** Both hold. */
enum truth truth_and(enum truth a, enum truth b);

/** One of them holds. */
enum truth truth_or(enum truth a, enum truth b);

/** The inverse. */
enum truth truth_not(enum truth truth);

/** The condition of a "match" statement. */
enum truth condition_match(const struct scope *scope, const json_t *match);

/** Whether the key of a map, {"payload": ...} or the like, has a value. */
enum truth condition_key(const struct scope *scope, const json_t *key, const json_t *value);

/** Whether something has a value, is in a list, a range, a prefix or a set. */
enum truth condition_holds(const struct scope *scope, enum subject subject, const json_t *value);

/**
 * A condition of iptables that nft -j only names ("conntrack"), from the text that nft writes for the rule.
 * @param name of the xt match
 * @param text of the whole rule
 */
enum truth condition_xt(const struct scope *scope, const char *name, const char *text);

/** A named set or map, whose elements are its member "elem" unless it is empty; NULL when there is none. */
const json_t *condition_find_set(const struct scope *scope, const char *name);

#endif
