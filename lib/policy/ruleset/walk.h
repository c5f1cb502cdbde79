/* SPDX-License-Identifier: MIT */
/* What a rule set does with an ICMP message: which rule decides, and for how many of the packets. */
#ifndef SONDE_POLICY_RULESET_WALK_H
#define SONDE_POLICY_RULESET_WALK_H

#include "policy/matrix.h"
#include "policy/ruleset/model.h"

enum { WALK_HITS_MAX = 24 };

/** For how many of the packets in question something holds, in ascending order. */
enum holds {
    HOLDS_NOT,
    HOLDS_UNKNOWN,   /* cannot be judged */
    HOLDS_SOMETIMES, /* depends on what the question does not tell */
    HOLDS_ALWAYS,
};

/** A message in question. */
struct walk_question {
    uint8_t family, type, code;
    enum hook hook;
    enum shape shape;
    const char *in, *out; /* interfaces; NULL: one that no rule names */
    bool flood;           /* beyond every rate */
    bool bridge;          /* it passes a bridge, not the IP stack */
    bool tracked;         /* set by the walk: no rule takes it away from connection tracking */
};

/** A rule, or the policy of a chain, that decides. */
struct walk_hit {
    uint32_t rule;  /* or RULES_NONE: the chain's policy */
    uint32_t chain; /* the rule's, or the base chain whose policy it is */
    enum fate fate;
    enum holds holds;
};

/** What became of it. */
struct walk_result {
    struct walk_hit hits[WALK_HITS_MAX]; /* in the order in which they are passed */
    size_t count;                        /* of all, perhaps more than fit */
    enum holds accepted;                 /* by every chain */
    enum holds stopped;                  /* dropped or rejected by one */
    bool filtered;                       /* there is a chain at the hook that looks at such packets */
};

/** Whether a condition holds for the packets in question. */
enum holds walk_match(const struct rules *rules, const struct walk_question *question,
                      const struct rules_match *match);

/** Whether all conditions of a rule hold, that of its table's family included. */
enum holds walk_rule(const struct rules *rules, const struct walk_question *question,
                     const struct rules_rule *rule);

/** Send a message through all base chains of its way, following jumps. */
void walk(const struct rules *rules, const struct walk_question *question, struct walk_result *result);

/** The hit that has the last word: for most of the packets, the first that stops them, else the last. */
const struct walk_hit *walk_decider(const struct walk_result *result);

/** Whether it is certain that all such packets are stopped. */
bool walk_stops(const struct walk_result *result);

/** Whether it is certain that all such packets pass. */
bool walk_passes(const struct walk_result *result);

/** Whether the answer hangs on something that cannot be judged. */
bool walk_is_unknown(const struct walk_result *result);

/** Connection tracking's view of a message (nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c). */
uint32_t walk_state(const struct walk_question *question);

/** The hop limit of a message of its shape. */
uint32_t walk_hoplimit(const struct walk_question *question);

#endif
