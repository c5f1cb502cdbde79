/* SPDX-License-Identifier: MIT */
/* This machine's firewall rules, and what they do to the first packet of an exchange. */
#ifndef SONDE_NET_SERVER_RULES_RULESET_H
#define SONDE_NET_SERVER_RULES_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/error.h"
#include "base/text.h"

enum {
    RULESET_NAME_MAX = 64,
    RULESET_COMMENT_MAX = 128, /* NFT_USERDATA_MAXLEN of nft(8) */
    RULESET_TRACE_MAX = 48,
};

/** What a rule does with a packet. */
enum ruleset_verdict { RULESET_ACCEPT, RULESET_DROP, RULESET_REJECT, RULESET_QUEUE, RULESET_TRANSLATE };

/** For how many of the packets in question something holds, in ascending order. */
enum truth {
    TRUTH_NO,
    TRUTH_RARELY, /* for some senders, or beyond a rate */
    TRUTH_MAYBE,  /* depends on what the question does not tell */
    TRUTH_OFTEN,  /* for all but some senders, or within a rate */
    TRUTH_YES,
};

/** A rule that decides, or the policy of a chain. */
struct ruleset_rule {
    char family[8]; /* "ip", "ip6", "inet", "netdev", "bridge" */
    char table[RULESET_NAME_MAX], chain[RULESET_NAME_MAX];
    char hook[16]; /* of the base chain from which it is reached: "input", "prerouting", ... */
    bool policy;   /* the chain's policy; no rule, and `handle` is 0 */
    int64_t handle;
    enum ruleset_verdict verdict;
    enum truth applies;     /* to how many of the packets */
    int64_t packets, bytes; /* of the rule's counter; -1 without one */
    char comment[RULESET_COMMENT_MAX];
    struct sonde_address to; /* of RULESET_TRANSLATE; family 0: this machine itself */
    uint16_t to_port;        /* of RULESET_TRANSLATE; 0: as before */
};

/** A ruleset; zero-initialise. */
struct ruleset {
    struct json_t *root;
    char *text; /* what nft writes for people, with handles; NULL when it was not read */
};

/** What is asked: what happens to the first packet of an exchange? */
struct ruleset_question {
    uint8_t family;                           /* 4 or 6 */
    bool udp;                                 /* else TCP */
    uint16_t port;                            /* destination port */
    struct sonde_address source, destination; /* family 0: any */
    const char *interface;                    /* where it arrives; NULL: any but the loopback interface */
    bool translated;                          /* its destination was translated (DNAT) */
};

/** What the chains of a hook do to the packets in question. */
struct ruleset_trace {
    struct ruleset_rule rules[RULESET_TRACE_MAX]; /* that decide, in the order in which they are passed */
    size_t count;                                 /* of all, perhaps more than fit */
    enum truth stopped;                           /* dropped, rejected or queued */
    enum truth passed;                            /* accepted by every chain */
    bool incomplete;                              /* the rules were too many to go through */
};

/**
 * List the rules of the caller's network namespace: `nft list ruleset` in a child process.
 * @return 0; SONDE_E_UNSUPPORTED without nft; SONDE_E_PERMISSION when the kernel refuses; SONDE_E_FORMAT when
 * the answer is not understood; -ETIMEDOUT when nft takes longer than a minute
 */
int ruleset_read(struct ruleset *ruleset, struct sonde_error *error);

/**
 * Take the rules from what nft wrote (libnftables-json(5)).
 * @return 0 or SONDE_E_FORMAT
 */
int ruleset_parse(struct ruleset *ruleset, const char *text, size_t length, struct sonde_error *error);

/** Free the ruleset; it is empty afterwards. */
void ruleset_deinit(struct ruleset *ruleset);

/**
 * Send a packet through the chains of a hook, following jumps. Where a condition is about something that the
 * question does not tell, both ways are gone. Each chain is gone through even if an earlier one stops the
 * packets.
 * @param hook "ingress", "prerouting", "input" or "forward"
 * @param trace filled
 */
void ruleset_trace(const struct ruleset *ruleset, const struct ruleset_question *question, const char *hook,
                   struct ruleset_trace *trace);

/**
 * Append the words of a rule as nft writes them, without its counter; nothing if they are not known.
 * @param rule of this ruleset
 */
void ruleset_add_text(const struct ruleset *ruleset, const struct ruleset_rule *rule, struct text *text);

/** Whether the table of a chain is switched off (flags dormant), which nft -j does not say either. */
bool ruleset_is_dormant(const struct ruleset *ruleset, const struct ruleset_rule *chain);

/**
 * Whether a base chain of a device sees the packets of an interface; true when that is not known. nft -j does
 * not name the devices.
 * @param chain its family, table and name; its handle is 0
 */
bool ruleset_hooks_device(const struct ruleset *ruleset, const struct ruleset_rule *chain,
                          const char *device);

#endif
