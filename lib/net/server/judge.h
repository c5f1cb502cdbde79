/* SPDX-License-Identifier: MIT */
/* From what the kernel says to a verdict: what becomes of packets to a port of this machine. */
#ifndef SONDE_NET_SERVER_JUDGE_H
#define SONDE_NET_SERVER_JUDGE_H

#include "base/text.h"
#include "diagnose/cause.h"
#include "net/server/facts.h"

enum { SERVER_CAUSES_MAX = 4 };

/** Which port is asked about. */
struct server_question {
    bool udp; /* else TCP */
    uint16_t port;
    struct sonde_address address; /* of this machine; family 0: all */
    uint8_t family;               /* 4 or 6; 0: both */
};

/** The question with everything that bears on it. */
struct server_view {
    const struct server_facts *facts;
    struct server_question question;       /* its family is never 0 */
    bool says_family;                      /* IPv4 and IPv6 differ, so that sentences name theirs */
    uint16_t port;                         /* where the packets end up, perhaps after a translation */
    struct ruleset_trace trace;            /* of all hooks that the packets pass */
    struct ruleset_trace before;           /* the same before watching, for its counters */
    const struct ruleset_rule *stopper;    /* the rule that stops most of them, or NULL */
    const struct ruleset_rule *translator; /* the rule that sends all of them elsewhere, or NULL */
    struct sonde_address address;          /* where they end up on this machine; family 0: any */
    bool forwarded;                        /* to another machine */
};

/** A possible cause. */
struct server_cause {
    enum cause cause;
    double confidence;
    struct text sentence;
    const char *const *next; /* ends with NULL */
};

/** What becomes of the packets. */
struct server_judgement {
    struct server_cause causes[SERVER_CAUSES_MAX]; /* most probable first */
    size_t count;
    enum state state;
};

/** Send the question through rules and sockets. The view points into the facts and into itself. */
void server_view_init(struct server_view *view, const struct server_facts *facts,
                      const struct server_question *question, uint8_t family);

/** Judge. Free the result with server_judgement_deinit. */
void server_judge(const struct server_view *view, struct server_judgement *judgement);

/** Free the sentences. */
void server_judgement_deinit(struct server_judgement *judgement);

/** Whether a socket is one of those the question is about, wherever it is bound. */
bool server_view_has(const struct server_view *view, const struct server_socket *socket);

/** Whether the packets in question may get to a socket. */
bool server_view_takes(const struct server_view *view, const struct server_socket *socket);

/** Append "python3 on 0.0.0.0": the sockets of the port that take the packets, or those that do not; how
 * many. */
size_t server_add_sockets(struct text *text, const struct server_view *view, bool taking);

/** Append "8443/tcp" or "192.0.2.1:8443/tcp". */
void server_add_target(struct text *text, const struct server_question *question);

/** Append `rule 5 of chain input, table inet filter ("CHG-4711")`. */
void server_add_rule(struct text *text, const struct ruleset_rule *rule);

/** Append the address of a socket: "0.0.0.0", "::", "127.0.0.1%lo". */
void server_add_bound(struct text *text, const struct server_facts *facts,
                      const struct server_socket *socket);

#endif
