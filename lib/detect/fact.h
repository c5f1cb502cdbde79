/* SPDX-License-Identifier: MIT */
/* The numbers and words of which evidence is made; each is a row, so that every finding names them alike. */
#ifndef SONDE_DETECT_FACT_H
#define SONDE_DETECT_FACT_H

#include "base/address.h"
#include "base/record.h"

/* X(IDENTIFIER, json_name, FIELD_TYPE, unit, "what it says") */
#define FACTS(X)                                                                                             \
    X(OBSERVED, "observed", FIELD_REAL, NULL, "The number that crossed its threshold")                       \
    X(THRESHOLD, "threshold", FIELD_REAL, NULL, "What it had to reach")                                      \
    X(MEASURE, "measure", FIELD_TEXT, NULL, "What the two numbers count, such as \"targets in 10 s\"")       \
    X(WINDOW, "window_ns", FIELD_INTEGER, "ns", "The time in which it was counted")                          \
    X(RATE, "rate_pps", FIELD_REAL, "packets/s", "Packets a second")                                         \
    X(BASELINE, "baseline_pps", FIELD_REAL, "packets/s", "What is usual")                                    \
    X(OCTETS, "octets", FIELD_INTEGER, "octets", "Octets in all")                                            \
    X(DISTINCT_TARGETS, "distinct_targets", FIELD_INTEGER, "addresses", "Different targets, within 7 %")     \
    X(DISTINCT_SOURCES, "distinct_sources", FIELD_INTEGER, "addresses", "Different senders, within 7 %")     \
    X(ANSWERED_RATIO, "answered_ratio", FIELD_REAL, "ratio", "Of the questions, how many were answered")     \
    X(FAILED, "failed", FIELD_INTEGER, NULL, "Targets that did not answer")                                  \
    X(SUCCEEDED, "succeeded", FIELD_INTEGER, NULL, "Targets that answered")                                  \
    X(WALK, "walk", FIELD_REAL, NULL, "Log-likelihood ratio of the sequential test")                         \
    X(PATTERN, "pattern", FIELD_TEXT, NULL,                                                                  \
      "The order of the targets: sequential, descending, strided, permuted")                                 \
    X(RUN, "run", FIELD_INTEGER, "addresses", "Longest run of addresses in one direction")                   \
    X(STRIDE, "stride", FIELD_INTEGER, "addresses", "Distance between targets in that run")                  \
    X(FIRST_TARGET, "first_target", FIELD_ADDRESS, NULL, "Where the run began")                              \
    X(LAST_TARGET, "last_target", FIELD_ADDRESS, NULL, "Where it is")                                        \
    X(COVERAGE, "coverage", FIELD_REAL, "ratio", "Share of the target prefix that was asked")                \
    X(TOOL, "tool", FIELD_TEXT, NULL, "The program whose packets look like this")                            \
    X(QUERIES, "queries", FIELD_TEXT, NULL, "Which questions were asked")                                    \
    X(ICMP_TYPE, "icmp_type", FIELD_INTEGER, NULL, "Type of the messages")                                   \
    X(ICMP_CODE, "icmp_code", FIELD_INTEGER, NULL, "Code of the messages")                                   \
    X(ICMP_NAME, "icmp_name", FIELD_TEXT, NULL, "Name of the messages")                                      \
    X(HOPS, "hops", FIELD_INTEGER, NULL, "Routers that answered")                                            \
    X(TTL, "ttl", FIELD_INTEGER, NULL, "Time to live or hop limit of the packet")                            \
    X(FRAGMENT_END, "fragment_end", FIELD_INTEGER, "octets", "Where the last fragment would end")            \
    X(FRAGMENTS, "fragments", FIELD_INTEGER, NULL, "Fragments of one packet")                                \
    X(REQUESTS, "requests", FIELD_INTEGER, "packets", "Requests seen")                                       \
    X(REPLIES, "replies", FIELD_INTEGER, "packets", "Replies seen")                                          \
    X(ORPHANS, "orphan_replies", FIELD_INTEGER, "packets", "Replies that nobody had asked for")              \
    X(ALTERED, "altered_replies", FIELD_INTEGER, "packets", "Replies whose data is not that of the request") \
    X(ENTROPY, "entropy", FIELD_REAL, "bits/octet", "Entropy of the payload")                                \
    X(PAYLOAD, "payload", FIELD_TEXT, NULL, "What the payload looks like")                                   \
    X(PAYLOAD_MEAN, "payload_mean", FIELD_REAL, "octets", "Mean size of the payload")                        \
    X(FACTS_MET, "facts_met", FIELD_INTEGER, NULL, "How many independent signs were there")                  \
    X(GATEWAY, "gateway", FIELD_ADDRESS, NULL, "The first hop that the message asks for")                    \
    X(ROUTER_MAC, "router_mac", FIELD_TEXT, NULL, "Link address of the sender")                              \
    X(CHECK, "check", FIELD_TEXT, NULL, "The check that failed")                                             \
    X(CHANGE, "change", FIELD_TEXT, NULL, "What changed, before and after")                                  \
    X(LIFETIME, "lifetime_s", FIELD_INTEGER, "s", "Router lifetime")                                         \
    X(MTU, "mtu", FIELD_INTEGER, "octets", "The MTU that the message asks for")                              \
    X(MTU_BEFORE, "mtu_before", FIELD_INTEGER, "octets", "The MTU asked for before")                         \
    X(QUOTED_PROTOCOL, "quoted_protocol", FIELD_TEXT, NULL, "Protocol of the quoted packet")                 \
    X(QUOTED_SOURCE, "quoted_source", FIELD_ADDRESS, NULL, "Source of the quoted packet")                    \
    X(QUOTED_TARGET, "quoted_target", FIELD_ADDRESS, NULL, "Destination of the quoted packet")               \
    X(QUOTED_SOURCE_PORT, "quoted_source_port", FIELD_INTEGER, NULL, "Source port of the quoted packet")     \
    X(QUOTED_PORT, "quoted_port", FIELD_INTEGER, NULL, "Destination port of the quoted packet")              \
    X(QUOTED_SEQUENCE, "quoted_sequence", FIELD_INTEGER, NULL, "TCP sequence number of the quote")           \
    X(FLOW_SEQUENCE, "flow_sequence", FIELD_INTEGER, NULL, "TCP sequence number last sent by that flow")     \
    X(SERVICE, "service", FIELD_TEXT, NULL, "Name of the service of the quoted port")                        \
    X(SOCKET, "socket", FIELD_TEXT, NULL, "What this host's own socket table says of the quoted flow")       \
    X(REPORTERS, "reporters", FIELD_INTEGER, "addresses", "Different senders of the errors")                 \
    X(CLIENTS, "clients", FIELD_INTEGER, "addresses", "Different hosts whose packets failed")                \
    X(ADVERTISED, "answered_neighbors", FIELD_INTEGER, NULL, "Solicitations that were answered")             \
    X(SOLICITED, "solicited", FIELD_INTEGER, NULL, "Solicitations seen")                                     \
    X(PERIOD, "period_ns", FIELD_INTEGER, "ns", "Time between two of them, when steady")

#define FACT_IDENTIFIER(identifier, name, type, unit, doc) FACT_##identifier,
/** Which facts there are. */
enum fact { FACTS(FACT_IDENTIFIER) FACT_COUNT };
#undef FACT_IDENTIFIER

/** The value of a fact; which member counts is said by its row. */
union fact_value {
    int64_t integer;
    double real;
    const char *text; /* of static storage */
    struct sonde_address address;
};

/** The facts of one finding, in the order of enum fact; absent ones are marked as record.h says. */
struct evidence {
    union fact_value facts[FACT_COUNT];
};

/** How evidence is rendered: a member for each fact that is there. */
extern const struct schema evidence_schema;

/** Forget every fact. */
void evidence_clear(struct evidence *evidence);

/** State a number. Works for FIELD_INTEGER and FIELD_REAL facts. */
void evidence_number(struct evidence *evidence, enum fact fact, double value);

/** State a word of static storage. */
void evidence_text(struct evidence *evidence, enum fact fact, const char *text);

/** State an address. */
void evidence_address(struct evidence *evidence, enum fact fact, struct sonde_address address);

#endif
