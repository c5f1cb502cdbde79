/* SPDX-License-Identifier: MIT */
/* The report of a diagnosis: verdict, evidence, path, advice. */
#ifndef SONDE_DIAGNOSE_REPORT_H
#define SONDE_DIAGNOSE_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/record.h"

struct diagnosis;

/** What was diagnosed. */
struct sonde_why_target {
    const char *protocol; /* "tcp", "udp" or "icmp" */
    const char *name;     /* as the user wrote it, or NULL */
    struct sonde_address address;
    int64_t port; /* INTEGER_ABSENT for a bare host */
};

/** The device to blame. */
struct sonde_why_place {
    const char *where; /* "local", "path" or "target" */
    struct sonde_address address;
    int64_t hop; /* 1 is the first router; INTEGER_ABSENT when unknown */
};

/** One possible cause. */
struct sonde_why_cause {
    const char *cause;
    double confidence;                /* probability that cause and place are both right */
    const struct sonde_why_place *at; /* NULL: unknown */
    const char *place;                /* the same in words */
};

/** One router of the path. */
struct sonde_why_hop {
    int64_t hop;
    struct sonde_address address; /* family 0: did not answer */
    double rtt_ms;                /* NAN: did not answer */
    const char *note;             /* what it has to do with the verdict, or NULL */
};

/** What became of one address of a name that has several. */
struct sonde_why_address {
    struct sonde_address address;
    const char *state, *cause;
    double confidence;
};

/** A report. Owned by whoever got it; free with sonde_why_report_free. */
struct sonde_why_report {
    const struct sonde_why_target *target;
    const char *state;            /* "reachable", "degraded", "unreachable", "unknown" */
    const char *sentence;         /* the verdict for people */
    struct record_list verdict;   /* struct sonde_why_cause, most probable first, at most three */
    struct record_list addresses; /* struct sonde_why_address, if the name has several */
    struct record_list evidence;  /* const char * */
    struct record_list path;      /* struct sonde_why_hop */
    struct record_list next;      /* const char * */
    struct record_list limits;    /* const char *: what could not be looked at, and what would allow it */
    int64_t packets_sent;
    int64_t elapsed_ns;
};

/** The schema `sonde.why/1`. */
extern const struct schema sonde_why_schema;

/**
 * Write the report of a finished diagnosis.
 * @param name what the user asked for, or NULL
 * @return a report on the heap
 */
struct sonde_why_report *report_new(const struct diagnosis *diagnosis, const char *name);

/**
 * Write the report about a name without an address.
 * @param name the name
 * @param udp, port of the target; port 0 for a bare host
 * @param why one sentence from the resolver
 */
struct sonde_why_report *report_unresolved(const char *name, bool udp, uint16_t port, const char *why);

/** Add a sentence to one of the report's lists of text; the sentence is copied. */
void report_add(struct record_list *list, const char *sentence);

/** Add one address to the list of those that a name has. */
void report_add_address(struct sonde_why_report *report, struct sonde_why_address address);

/** Put a sentence before the verdict. */
void report_prefix(struct sonde_why_report *report, const char *sentence);

/**
 * Make one report of those of a name's addresses: the first that fails, else the first, with a line for each.
 * @param reports one or more, in the order of the addresses
 * @return the index of the report that speaks for all
 */
size_t report_join(struct sonde_why_report *const *reports, size_t count);

/**
 * Free a report.
 * @param report may be NULL
 * @return NULL
 */
struct sonde_why_report *sonde_why_report_free(struct sonde_why_report *report);

#endif
