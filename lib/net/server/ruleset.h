/* SPDX-License-Identifier: MIT */
/* This machine's firewall rules, as far as they could concern one port. */
#ifndef SONDE_NET_SERVER_RULESET_H
#define SONDE_NET_SERVER_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { RULESET_NAME_MAX = 64, RULESET_COMMENT_MAX = 128 /* NFT_USERDATA_MAXLEN of nft(8) */ };

/** What a rule does with a packet. */
enum ruleset_verdict { RULESET_ACCEPT, RULESET_DROP, RULESET_REJECT, RULESET_QUEUE };

/** A rule, or the policy of a chain. */
struct ruleset_rule {
    char family[8]; /* "ip", "ip6", "inet", "netdev", "bridge" */
    char table[RULESET_NAME_MAX], chain[RULESET_NAME_MAX];
    char hook[16]; /* of a base chain: "input", "output", ...; else empty */
    bool policy;   /* the chain's policy; no rule, and `handle` is 0 */
    bool certain;  /* every condition is about the question and holds; else some depend on the packet */
    int64_t handle;
    enum ruleset_verdict verdict;
    int64_t packets, bytes; /* of the rule's counter; -1 without one */
    char comment[RULESET_COMMENT_MAX];
};

/** What is asked: what happens to the first packet of an exchange? */
struct ruleset_question {
    uint8_t family; /* 4 or 6 */
    bool udp;       /* else TCP */
    uint16_t port;  /* destination port */
};

/** A ruleset; zero-initialise. */
struct ruleset {
    struct json_t *root;
};

/**
 * List the rules of the caller's network namespace: `nft -j list ruleset` in a child process.
 * @return 0; SONDE_E_UNSUPPORTED without nft; SONDE_E_PERMISSION when the kernel refuses; SONDE_E_FORMAT when
 * the answer is not understood; -ETIMEDOUT when nft takes longer than 5 s
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
 * The rules that could stop packets to a port: those that drop, reject or queue and whose conditions do not
 * exclude the port, and policies of drop. Behind a rule of the same chain that decides for certain, none
 * counts.
 * @param rules, max filled with at most as many, in the order of the ruleset
 * @return how many there are, perhaps more than max
 */
size_t ruleset_find(const struct ruleset *ruleset, const struct ruleset_question *question,
                    struct ruleset_rule *rules, size_t max);

#endif
