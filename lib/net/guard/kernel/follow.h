/* SPDX-License-Identifier: MIT */
/* What became of each message of a batch, followed through the kernel's account of its steps. */
#ifndef SONDE_NET_GUARD_KERNEL_FOLLOW_H
#define SONDE_NET_GUARD_KERNEL_FOLLOW_H

#include "base/text.h"
#include "net/guard/kernel/message.h"
#include "net/guard/kernel/rulebook.h"
#include "net/guard/trace.h"

/** What became of a message. */
struct outcome {
    bool seen;                           /* it entered the machine */
    bool unasked;                        /* an answer whose question did not get through: it was not sent */
    bool arrived;                        /* it passed every rule */
    struct rulebook_rule *dropped;       /* the rule that dropped it */
    struct rulebook_chain *dropped_end;  /* or the chain whose policy did */
    struct rulebook_rule *queued;        /* a rule that handed it to a program */
    struct rulebook_rule *accepted;      /* the last rule at the hook in question that accepted it */
    struct rulebook_chain *accepted_end; /* or the last chain whose policy did */
};

/** Where a step of a message goes, for those who want to tell all of them. */
typedef void follow_step(void *context, size_t message, const struct trace_event *event,
                         const struct rulebook_rule *rule, const struct rulebook_chain *chain);

/** A follower of one batch; everything above the line is the caller's. */
struct follower {
    const struct rulebook *book;
    int hook; /* NF_INET_* that decides */
    const struct message *messages;
    struct outcome *outcomes; /* zeroed */
    size_t count;
    follow_step *step; /* NULL: nobody wants to know */
    void *context;
    /* -- */
    size_t next; /* the first message not yet seen */
    bool ended;  /* the mark behind the last message came */
};

/** Take an event; a trace_listener whose context is the follower. */
void follow(void *follower, const struct trace_event *event);

/** The fate of a followed message. */
enum fate outcome_fate(const struct outcome *outcome, const struct rulebook *book);

/** Append the rules that mark probes, to be loaded last: they come first and last at every hook.
 * @param interfaces where probes enter, count of them */
void follow_add_rules(struct text *text, const char *const *interfaces, size_t count);

enum { FOLLOW_MARK = 0x736f6e64 /* the mark (SO_MARK) of what this host itself sends */ };

/** The link addresses by which frames are told to be traced from the hook in question on, to be traced from
 * their arrival on, and to end a batch. Most messages reach the hook, and the way there costs as much as the
 * hook. */
extern const uint8_t follow_source[6], follow_whole[6], follow_end[6];

#endif
