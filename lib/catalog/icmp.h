/* SPDX-License-Identifier: MIT */
/* Every ICMP type and code: what it is called, what it says, and what to do about it. */
#ifndef SONDE_CATALOG_ICMP_H
#define SONDE_CATALOG_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ICMP_ANY_CODE = -1 };

/** Where a number stands in its registry. */
enum icmp_status { ICMP_CURRENT, ICMP_DEPRECATED, ICMP_EXPERIMENTAL, ICMP_RESERVED, ICMP_UNASSIGNED };

/** What a filter should do, for a place (RFC 4890 and guard's policy table). */
enum icmp_advice { ADVISE_ACCEPT, ADVISE_LIMIT, ADVISE_STATE, ADVISE_LINK, ADVISE_DROP, ADVISE_POLICY };

/** Advice for each place: host and router themselves, transit, network edge. */
struct icmp_filtering {
    enum icmp_advice host_in, host_out, router_self, transit, edge_in, edge_out;
};

/** One type and code, or a range of them. */
struct sonde_icmp_entry {
    uint8_t family;          /* 4 or 6 */
    uint8_t type, type_last; /* type_last == type but for ranges of types */
    int16_t code, code_last; /* ICMP_ANY_CODE covers the codes that no other row covers */
    const char *name;        /* "port-unreachable" */
    const char *title;       /* "Destination unreachable: port unreachable" */
    enum icmp_status status;
    const char *says;   /* what the message says, one sentence */
    const char *sender; /* who sends it */
    const char *causes; /* why one sees it; alternatives are separated by "; " */
    const char *action; /* what to do */
    struct icmp_filtering filter;
    uint8_t tier;      /* of the advice: 1 must not be dropped, 2 should not, 3 and 4 site policy, 5 drop */
    uint8_t hop_limit; /* that a message from the link has: 255 (RFC 4861), 1 (MLD, MRD), 0: any */
    const char *filter_reason; /* what breaks when it is dropped, what is risked when it is not */
    const char *rfc;           /* "RFC 792; RFC 1122 3.2.2.1" */
};

/**
 * Find the row for a type and code; every pair of octets has one.
 * @param family 4 or 6
 * @return the most specific row, never NULL
 */
const struct sonde_icmp_entry *sonde_icmp_find(uint8_t family, uint8_t type, uint8_t code);

/**
 * Find a row by its name.
 * @param family 4, 6, or 0 for both, IPv4 first
 * @param name "port-unreachable"; case, spaces, underscores and hyphens do not matter
 * @return the row or NULL
 */
const struct sonde_icmp_entry *sonde_icmp_find_name(uint8_t family, const char *name);

/**
 * A row by its position; the rows of a family are in order of type, and the codes of a type stand
 * before the row that covers its other codes.
 * @param family 4 or 6
 * @param index from 0
 * @return the row, or NULL after the last
 */
const struct sonde_icmp_entry *sonde_icmp_row(uint8_t family, size_t index);

/** Whether two names are the same apart from case, spaces, underscores and hyphens. */
bool icmp_name_equal(const char *a, const char *b);

/** A word for an advice: "accept", "limit", "answer-only", "link-only", "drop", "site-policy". */
const char *icmp_advice_name(enum icmp_advice advice);

/** A word for a status: "current", "deprecated", "experimental", "reserved", "unassigned". */
const char *icmp_status_name(enum icmp_status status);

#endif
