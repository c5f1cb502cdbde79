/* SPDX-License-Identifier: MIT */
/* Everything that was asked and answered in one diagnosis, and what can be read from it directly. */
#ifndef SONDE_DIAGNOSE_EVIDENCE_H
#define SONDE_DIAGNOSE_EVIDENCE_H

#include "probe/probe.h"

/** What probes are sent for. */
enum question {
    ASK_ROUTE,        /* how would this machine send? */
    ASK_LISTENER,     /* what listens here (the target is this machine)? */
    ASK_NEIGHBOUR,    /* does the next hop answer on the link? */
    ASK_FIRST,        /* the target's own port */
    ASK_ECHO,         /* the host itself */
    ASK_TCP,          /* another TCP port of the host */
    ASK_UDP,          /* another UDP port of the host */
    ASK_LADDER,       /* rising TTLs towards the target's port */
    ASK_REFERENCE,    /* the same, in a way that a filter on the port spares: the host itself, or beside it */
    ASK_MALFORMED,    /* what hosts discard and careless filters answer */
    ASK_ACK,          /* an acknowledgement to the target's port */
    ASK_STREAM,       /* a real connection and a request */
    ASK_LARGE,        /* full-sized packets to the host */
    ASK_LARGE_LADDER, /* full-sized packets with rising TTLs */
    ASK_QUEUE,        /* a train of packets through the slowest hop */
    ASK_PROTOCOL,     /* a protocol nobody speaks */
    ASK_AGAIN,        /* the target's port, some time later */
    ASK_FRAGMENT,     /* the first fragment of the first probe; --deep */
    ASK_FRAGMENT_CONTROL, /* a first fragment that nothing should stop; --deep */
    ASK_COMPARE,          /* the host given by --compare */
    QUESTIONS
};

/** What a probe met, as far as all protocols have it in common. */
enum answer {
    ANSWER_PENDING, /* nothing yet, and still time */
    ANSWER_REPLY,   /* what a healthy service sends: echo reply, SYN-ACK, data */
    ANSWER_RESET,
    ANSWER_PORT,  /* port unreachable: 3/3, 1/4 */
    ANSWER_ADMIN, /* administratively prohibited: 3/9 3/10 3/13, 1/1 1/5 1/6 */
    ANSWER_HOST,  /* host or address unreachable: 3/1, 1/3 */
    ANSWER_NET,   /* net unreachable, no route: 3/0, 1/0 */
    ANSWER_TTL,   /* time to live exceeded: 11/0, 3/0 */
    ANSWER_BIG,   /* fragmentation needed, packet too big: 3/4, 2 */
    ANSWER_ERROR, /* any other ICMP error */
    ANSWER_LOCAL, /* this machine refused to send */
    ANSWER_SILENT,
    ANSWERS
};

/** The thing to be diagnosed. */
struct subject {
    struct sonde_address address;
    uint16_t port;                /* 0: the host itself */
    bool udp;                     /* the port is a UDP port */
    struct slice request;         /* what a client of this service sends first */
    bool greets;                  /* the service speaks first */
    struct sonde_address compare; /* of --compare, or family 0 */
    uint16_t control_ports[2];    /* random high ports for the TCP and UDP controls */
};

/** A probe that was sent, what for, and what it met. */
struct asked {
    struct probe probe;
    enum question question;
    int64_t sent_ns;
    int16_t reply; /* index of the decisive reply, or -1 */
};

enum { REPLIES_MAX = 128, HOPS_MAX = 32 };

/** The log of a diagnosis. */
struct evidence {
    struct subject subject;
    struct asked asked[PROBES_MAX];
    size_t asked_count;
    struct reply replies[REPLIES_MAX];
    size_t reply_count;
    unsigned packets_sent;
    int64_t start_ns, now_ns;
    struct route route; /* answer of ASK_ROUTE */
    bool route_known;
    bool raw;               /* this process makes its packets itself */
    unsigned refused;       /* replies that were not counted: late duplicates */
    bool silent[QUESTIONS]; /* patience has run out at least once; a late answer still counts */
};

/** Record a probe that is being sent. */
void evidence_sent(struct evidence *evidence, const struct probe *probe, enum question question,
                   int64_t now_ns);

/** Record an answer. A duplicate changes nothing; returns whether the answer counts. */
bool evidence_reply(struct evidence *evidence, const struct reply *reply);

/** The decisive reply of a probe, or NULL. */
const struct reply *evidence_of(const struct evidence *evidence, const struct asked *asked);

/** The first reply that any probe of a question got, or NULL; `asked` (may be NULL) tells which probe. */
const struct reply *evidence_first(const struct evidence *evidence, enum question question,
                                   const struct asked **asked);

/** Probes sent for a question. */
unsigned evidence_count(const struct evidence *evidence, enum question question);

/** Probes of a question that got an answer of any kind. */
unsigned evidence_answered(const struct evidence *evidence, enum question question);

/** The class of one reply. */
enum answer answer_class(const struct reply *reply);

/** A word for an answer: "reply", "port-unreachable", "silence". */
const char *answer_name(enum answer answer);

/** Routers between the sender of a packet and us, from its received TTL and the common initial values. */
int distance_of_ttl(int ttl);

/**
 * Routers between the target and us, from what the host itself sent.
 * @return the number, or -1 when nothing of the host was seen with its TTL
 */
int evidence_distance(const struct evidence *evidence);

/** Whether the host sent anything at all of its own. */
bool evidence_host_alive(const struct evidence *evidence);

/**
 * The round trip of a probe in ns.
 * @return -1 when there is no answer, or nobody can tell which of several equal datagrams it answers (as Karn
 *         and Partridge leave such samples out, RFC 6298 section 3)
 */
int64_t evidence_trip(const struct evidence *evidence, const struct asked *asked);

/** The longest round trip seen so far in ns; 0 before the first answer. */
int64_t evidence_slowest(const struct evidence *evidence);

/** The highest TTL of a ladder that a router answered; 0 if none. */
int evidence_ladder_end(const struct evidence *evidence, enum question ladder);

/** Probes of a ladder that were sent with a TTL. */
unsigned evidence_tries(const struct evidence *evidence, enum question ladder, int ttl);

/** What a ladder met at a TTL, or NULL. */
const struct reply *evidence_hop(const struct evidence *evidence, enum question ladder, int ttl);

/** The first TTL at which the target's own address said "time exceeded": somebody translates there. 0 if
 * none. */
int evidence_translator(const struct evidence *evidence);

/** The TTL of a router that is met again further on, not next to itself: packets loop there. 0 if there is
 * none. */
int evidence_loop(const struct evidence *evidence);

/** Whether an address is one of this machine's, as far as the route says. */
bool evidence_is_self(const struct evidence *evidence, const struct sonde_address *address);

#endif
