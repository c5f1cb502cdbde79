/* SPDX-License-Identifier: MIT */
/* One line of a firewall's log: which packet it speaks of, and what became of it. */
#ifndef SONDE_DIAGNOSE_LOG_LINE_H
#define SONDE_DIAGNOSE_LOG_LINE_H

#include <stdbool.h>

#include "base/address.h"
#include "base/slice.h"

/** What the firewall says it did. */
enum log_action {
    LOG_SEEN, /* the line does not say */
    LOG_PASSED,
    LOG_DROPPED,
    LOG_REJECTED,
};

/** A packet as a log describes it. */
struct log_packet {
    struct sonde_address source, destination; /* family 0: not said */
    uint8_t protocol;                         /* IPPROTO_..., or 0 */
    int32_t source_port, destination_port;    /* -1: not said */
};

/** A line. The slices point into it. */
struct log_line {
    const char *format; /* whose log it is: "netfilter", "pf", "Cisco ASA", ... */
    enum log_action action;
    struct log_packet packet;
    struct log_packet quoted; /* the packet that an ICMP error in the log quotes; protocol 0: none */
    struct slice time;        /* as it stands in the line, or empty */
    struct slice rule;        /* the prefix, access list or number of the rule, or empty */
    struct slice in, out;     /* interfaces, or empty */
};

/**
 * Read a line of iptables, nft, ufw, firewalld or Shorewall (kernel log, with or without what syslog and the
 * journal put in front), of pf (tcpdump -e and filterlog), Cisco ASA and IOS, FortiGate or Windows.
 * @param text a line without its end
 * @param line filled on success; points into the text
 * @return whether it speaks of a packet with a destination
 */
bool log_line_parse(struct slice text, struct log_line *line);

/** Inside of the parser: lines of other firewalls than the kernel's. The line is all zero but for its ports.
 */
bool log_line_parse_other(struct slice text, struct log_line *line);

/** Inside of the parser: a protocol by name or number, or 0. */
uint8_t log_protocol(struct slice word);

/** Inside of the parser: a number up to 65535, or -1. */
int32_t log_number(struct slice word);

/** Inside of the parser: whether a slice is a word, in any case. */
bool log_is(struct slice slice, const char *word);

/** Inside of the parser: what a word such as "DROP", "denied" or "ufw-block" says; LOG_SEEN when nothing. */
enum log_action log_action_of(struct slice words);

/** Inside of the parser: an address, perhaps with a zone; returns whether it is one. */
bool log_address(struct slice word, struct sonde_address *address);

#endif
