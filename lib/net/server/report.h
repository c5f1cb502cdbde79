/* SPDX-License-Identifier: MIT */
/* What this machine does with packets to one of its ports, as a record. */
#ifndef SONDE_NET_SERVER_REPORT_H
#define SONDE_NET_SERVER_REPORT_H

#include "base/record.h"
#include "net/server/judge.h"

/** A possible cause. */
struct server_cause_row {
    const char *cause;
    double confidence;
};

/** A socket of the port. */
struct server_socket_row {
    const char *bound; /* "0.0.0.0", "127.0.0.1%lo" */
    struct sonde_address address;
    int64_t port;
    const char *interface; /* NULL: any */
    bool takes;            /* the packets in question may get to it */
    int64_t queue, backlog;
    int64_t octets, octets_most;
    int64_t packets_dropped, packets_dropped_grown;
    const char *program;
    int64_t process;
};

/** A rule that decides. */
struct server_rule_row {
    const char *verdict; /* "accept", "drop", "reject", "queue", "translate" */
    const char *applies; /* "all", "most", "some", "few": of the packets */
    const char *where;   /* "inet filter input" */
    const char *family, *table, *chain, *hook;
    bool policy;
    int64_t handle;
    int64_t packets, packets_grown;
    const char *comment;
    const char *words; /* as nft writes it */
};

/** An interface. */
struct server_interface_row {
    const char *name;
    struct record_list addresses; /* const char * */
    bool up;
    const char *rp_filter; /* "off", "strict", "loose" */
    bool default_route;
    const char *arrival;  /* what becomes of the sender's packets here */
    const char *programs; /* "XDP", "tc" */
};

/** A counter that says something. */
struct server_counter_row {
    const char *name;
    int64_t value, grown;
    const char *meaning;
};

/** The record; free with server_report_free. */
struct server_report {
    const char *protocol;
    struct sonde_address address;
    int64_t port;
    int64_t family; /* INTEGER_ABSENT: IPv4 and IPv6 alike */
    struct sonde_address sender;
    const char *state; /* "reachable", "degraded", "unreachable", "unknown" */
    const char *sentence;
    struct record_list verdict;  /* struct server_cause_row */
    struct record_list evidence; /* const char * */
    struct record_list sockets;  /* struct server_socket_row */
    struct record_list rules;    /* struct server_rule_row */
    struct record_list interfaces;
    struct record_list counters;
    struct record_list next;   /* const char * */
    struct record_list limits; /* const char * */
    const char *firewall;      /* "seen", "no-permission" or "unseen" */
    int64_t watched_ns;        /* INTEGER_ABSENT: the kernel was asked once */
    struct record_list words;  /* all texts above that are on the heap, once each */
};

/** The schema `sonde.why.server/1`. */
extern const struct schema server_schema;

/**
 * Write the report of a judgement.
 * @param both whether the same holds for the other family
 * @return a report on the heap
 */
struct server_report *server_report_new(const struct server_view *view,
                                        const struct server_judgement *judgement, bool both);

/**
 * Add what was seen, in sentences.
 * @param report with its lists of sockets, rules, interfaces and counters filled
 */
void server_add_evidence(struct server_report *report, const struct server_view *view,
                         const struct server_judgement *judgement);

/** Take a sentence over into one of the report's lists of texts; an empty one is left out. */
void server_report_add(struct server_report *report, struct record_list *list, struct text *sentence);

/**
 * Free a report.
 * @param report may be NULL
 * @return NULL
 */
struct server_report *server_report_free(struct server_report *report);

#endif
