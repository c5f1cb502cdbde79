/* SPDX-License-Identifier: MIT */
/* What a policy may say of a message, and where it says it. */
#ifndef SONDE_POLICY_VERDICT_H
#define SONDE_POLICY_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

/** What becomes of a message. */
enum verdict {
    VERDICT_ACCEPT,
    VERDICT_LIMIT,  /* accept within a rate for each source and one for all */
    VERDICT_ANSWER, /* accept what answers a packet of ours (conntrack: established, related) */
    VERDICT_LINK,   /* accept what cannot come from off the link (hop limit 255, or link-local source) */
    VERDICT_DROP,
    VERDICT_REJECT, /* drop, and say so: administratively prohibited */
    VERDICT_COUNT,
};

/** The ways a message can take; the last two only matter to an edge, which has interfaces `outside`. */
enum direction {
    DIRECTION_INPUT,       /* to this host */
    DIRECTION_FORWARD,     /* through it */
    DIRECTION_OUTPUT,      /* from it */
    DIRECTION_FORWARD_IN,  /* through it, arriving from outside */
    DIRECTION_FORWARD_OUT, /* through it, leaving to the outside */
    DIRECTION_COUNT,
};

/** Hooks of netfilter at which a message is decided. */
enum hook { HOOK_INPUT, HOOK_FORWARD, HOOK_OUTPUT, HOOK_COUNT };

/** "accept", "limit", "answer-only", "link-only", "drop", "reject". */
const char *verdict_name(enum verdict verdict);

/** The verdict of a name. @return whether there is one */
bool verdict_parse(const char *name, enum verdict *verdict);

/** "input", "forward", "output", "forward-in", "forward-out". */
const char *direction_name(enum direction direction);

/** The direction of a name. @return whether there is one */
bool direction_parse(const char *name, enum direction *direction);

/** The hook that decides a direction. */
enum hook direction_hook(enum direction direction);

/** "input", "forward", "output". */
const char *hook_name(enum hook hook);

#endif
