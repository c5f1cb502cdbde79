/* SPDX-License-Identifier: MIT */
/* The fields of sonde.why.server/1. */
#include "net/server/report.h"

#define FIELD(type, member, kind, ...)                                                                       \
    {                                                                                                        \
#member, kind, offsetof(struct type, member), __VA_ARGS__                                            \
    }

static const struct field cause_fields[] = {
    FIELD(server_cause_row, cause, FIELD_TEXT, NULL, "a word of the vocabulary", NULL, STYLE_LINE, "Cause"),
    FIELD(server_cause_row, confidence, FIELD_REAL, "ratio", "probability that it is the cause", NULL,
          STYLE_LINE, "Confidence"),
    {0},
};
static const struct schema cause_schema = {"cause", "A possible cause.", sizeof(struct server_cause_row),
                                           cause_fields};

static const struct field socket_fields[] = {
    FIELD(server_socket_row, bound, FIELD_TEXT, NULL, "address and interface as people write them", NULL,
          STYLE_LINE, "Bound to"),
    FIELD(server_socket_row, address, FIELD_ADDRESS, NULL, "what it is bound to; 0.0.0.0 and :: are all",
          NULL, STYLE_HIDDEN, NULL),
    FIELD(server_socket_row, port, FIELD_INTEGER, NULL, "its port", NULL, STYLE_HIDDEN, NULL),
    FIELD(server_socket_row, interface, FIELD_TEXT, NULL, "the only interface it takes packets from", NULL,
          STYLE_HIDDEN, NULL),
    FIELD(server_socket_row, takes, FIELD_BOOLEAN, NULL, "whether the packets in question get to it", NULL,
          STYLE_LINE, "Takes them"),
    FIELD(server_socket_row, queue, FIELD_INTEGER, NULL, "connections that wait to be accepted", NULL,
          STYLE_LINE, "Waiting"),
    FIELD(server_socket_row, backlog, FIELD_INTEGER, NULL, "how many may wait", NULL, STYLE_LINE, "Backlog"),
    FIELD(server_socket_row, octets, FIELD_INTEGER, "octets", "memory of unread datagrams", NULL, STYLE_LINE,
          "Unread"),
    FIELD(server_socket_row, octets_most, FIELD_INTEGER, "octets", "how much of it there may be", NULL,
          STYLE_LINE, "Buffer"),
    FIELD(server_socket_row, packets_dropped, FIELD_INTEGER, "packets", "packets it had no room for", NULL,
          STYLE_LINE, "Dropped"),
    FIELD(server_socket_row, packets_dropped_grown, FIELD_INTEGER, "packets", "of these, while watching",
          NULL, STYLE_LINE, "Watched"),
    FIELD(server_socket_row, program, FIELD_TEXT, NULL, "the program that holds it", NULL, STYLE_LINE,
          "Program"),
    FIELD(server_socket_row, process, FIELD_INTEGER, NULL, "the number of its process", NULL, STYLE_LINE,
          "Process"),
    {0},
};
static const struct schema socket_schema = {"socket", "A socket of the port.",
                                            sizeof(struct server_socket_row), socket_fields};

static const struct field rule_fields[] = {
    FIELD(server_rule_row, verdict, FIELD_TEXT, NULL, "accept, drop, reject, queue or translate", NULL,
          STYLE_LINE, "Verdict"),
    FIELD(server_rule_row, applies, FIELD_TEXT, NULL, "to which of the packets: all, most, some or few", NULL,
          STYLE_LINE, "Packets"),
    FIELD(server_rule_row, where, FIELD_TEXT, NULL, "family, table and chain", NULL, STYLE_LINE, "Chain"),
    FIELD(server_rule_row, family, FIELD_TEXT, NULL, "of its table", NULL, STYLE_HIDDEN, NULL),
    FIELD(server_rule_row, table, FIELD_TEXT, NULL, "its table", NULL, STYLE_HIDDEN, NULL),
    FIELD(server_rule_row, chain, FIELD_TEXT, NULL, "its chain", NULL, STYLE_HIDDEN, NULL),
    FIELD(server_rule_row, hook, FIELD_TEXT, NULL, "from which the chain is reached", NULL, STYLE_HIDDEN,
          NULL),
    FIELD(server_rule_row, policy, FIELD_BOOLEAN, NULL, "whether it is the policy of the chain, no rule",
          NULL, STYLE_HIDDEN, NULL),
    FIELD(server_rule_row, handle, FIELD_INTEGER, NULL, "its number for nft", NULL, STYLE_LINE, "Handle"),
    FIELD(server_rule_row, packets, FIELD_INTEGER, "packets", "its counter, if it has one", NULL, STYLE_LINE,
          "Counted"),
    FIELD(server_rule_row, packets_grown, FIELD_INTEGER, "packets", "of these, while watching", NULL,
          STYLE_LINE, "Watched"),
    FIELD(server_rule_row, comment, FIELD_TEXT, NULL, "what its author says", NULL, STYLE_HIDDEN, NULL),
    FIELD(server_rule_row, words, FIELD_TEXT, NULL, "the rule as nft writes it", NULL, STYLE_LINE, "Rule"),
    {0},
};
static const struct schema rule_schema = {"rule", "A firewall rule that decides about the packets.",
                                          sizeof(struct server_rule_row), rule_fields};

static const struct field interface_fields[] = {
    FIELD(server_interface_row, name, FIELD_TEXT, NULL, "its name", NULL, STYLE_LINE, "Interface"),
    FIELD(server_interface_row, up, FIELD_BOOLEAN, NULL, "whether it is up and has a carrier", NULL,
          STYLE_LINE, "Up"),
    FIELD(server_interface_row, addresses, FIELD_LIST, NULL, "its addresses", NULL, STYLE_LINE, "Addresses"),
    FIELD(server_interface_row, rp_filter, FIELD_TEXT, NULL,
          "check of the way back of IPv4 packets: off, strict or loose", NULL, STYLE_LINE, "rp_filter"),
    FIELD(server_interface_row, default_route, FIELD_BOOLEAN, NULL, "an IPv4 default route leaves by it",
          NULL, STYLE_LINE, "Default route"),
    FIELD(server_interface_row, arrival, FIELD_TEXT, NULL, "what becomes of packets of the sender here", NULL,
          STYLE_LINE, "Of the sender"),
    FIELD(server_interface_row, programs, FIELD_TEXT, NULL, "what sees packets before the firewall", NULL,
          STYLE_LINE, "Programs"),
    {0},
};
static const struct schema interface_schema = {"interface", "An interface.",
                                               sizeof(struct server_interface_row), interface_fields};

static const struct field counter_fields[] = {
    FIELD(server_counter_row, name, FIELD_TEXT, NULL, "its name for nstat", NULL, STYLE_LINE, "Counter"),
    FIELD(server_counter_row, value, FIELD_INTEGER, NULL, "since the start", NULL, STYLE_LINE, "Value"),
    FIELD(server_counter_row, grown, FIELD_INTEGER, NULL, "while watching", NULL, STYLE_LINE, "Watched"),
    FIELD(server_counter_row, meaning, FIELD_TEXT, NULL, "what it counts", NULL, STYLE_LINE, "Meaning"),
    {0},
};
static const struct schema counter_schema = {"counter", "A counter of the kernel.",
                                             sizeof(struct server_counter_row), counter_fields};

static const struct field report_fields[] = {
    FIELD(server_report, protocol, FIELD_TEXT, NULL, "tcp or udp", NULL, STYLE_HIDDEN, NULL),
    FIELD(server_report, address, FIELD_ADDRESS, NULL, "the address that was asked about; absent: all", NULL,
          STYLE_HIDDEN, NULL),
    FIELD(server_report, port, FIELD_INTEGER, NULL, "the port", NULL, STYLE_HIDDEN, NULL),
    FIELD(server_report, family, FIELD_INTEGER, NULL, "4 or 6; absent: both alike", NULL, STYLE_HIDDEN, NULL),
    FIELD(server_report, sender, FIELD_ADDRESS, NULL, "whose packets were asked about; absent: anybody's",
          NULL, STYLE_HIDDEN, NULL),
    FIELD(server_report, state, FIELD_TEXT, NULL, "reachable, degraded, unreachable or unknown", NULL,
          STYLE_HIDDEN, NULL),
    FIELD(server_report, sentence, FIELD_TEXT, NULL, "the verdict for people", NULL, STYLE_HEADLINE, NULL),
    FIELD(server_report, verdict, FIELD_LIST, NULL, "possible causes, most probable first", &cause_schema,
          STYLE_TABLE, "Verdict"),
    FIELD(server_report, evidence, FIELD_LIST, NULL, "what was seen", NULL, STYLE_NUMBERED, "Evidence"),
    FIELD(server_report, sockets, FIELD_LIST, NULL, "sockets of the port", &socket_schema, STYLE_TABLE,
          "Sockets"),
    FIELD(server_report, rules, FIELD_LIST, NULL, "rules that decide, in the order they are passed",
          &rule_schema, STYLE_TABLE, "Firewall rules that decide"),
    FIELD(server_report, interfaces, FIELD_LIST, NULL, "where packets arrive", &interface_schema,
          STYLE_HIDDEN, NULL),
    FIELD(server_report, counters, FIELD_LIST, NULL, "counters of losses that are not 0", &counter_schema,
          STYLE_TABLE, "Counters of this machine"),
    FIELD(server_report, next, FIELD_LIST, NULL, "what to do", NULL, STYLE_BULLETS, "Next"),
    FIELD(server_report, limits, FIELD_LIST, NULL, "what could not be looked at", NULL, STYLE_BULLETS,
          "Not looked at"),
    FIELD(server_report, firewall, FIELD_TEXT, NULL,
          "whether its rules were seen: seen, no-permission, unseen", NULL, STYLE_HIDDEN, NULL),
    FIELD(server_report, watched_ns, FIELD_INTEGER, "ns",
          "how long was watched; absent: the kernel was asked once", NULL, STYLE_HIDDEN, NULL),
    {0},
};
const struct schema server_schema = {"sonde.why.server/1",
                                     "What this machine does with packets to one of its ports.",
                                     sizeof(struct server_report), report_fields};
