/* SPDX-License-Identifier: MIT */
/* What watch saw, as records. */
#ifndef SONDE_DETECT_REPORT_H
#define SONDE_DETECT_REPORT_H

#include "base/record.h"
#include "base/text.h"
#include "detect/watch.h"

/** One type and code: sonde.watch.count/1. */
struct watch_count {
    int64_t family, type, code;
    const char *name, *layer;
    int64_t packets, bytes;
};

/** The same by interface and direction: sonde.watch.interface/1. */
struct watch_interface_count {
    const char *interface, *direction;
    struct watch_count count;
};

/** A sender or receiver with many packets: sonde.watch.talker/1. */
struct watch_talker {
    const char *role; /* "sender" or "receiver" */
    struct sonde_address address;
    int64_t prefix; /* bits, absent for a whole address */
    int64_t packets, first_ns, last_ns;
};

/** What errors are about: sonde.watch.complaint/1. */
struct watch_complaint {
    struct sonde_address target;
    int64_t protocol, port; /* port: absent for a protocol without */
    const char *service;    /* or NULL */
    int64_t family, type, code;
    const char *name;
    int64_t packets, last_ns;
};

/** Packets of a type in a step of time: sonde.watch.history/1. */
struct watch_step {
    int64_t family, type, code; /* absent for all the others */
    const char *name;
    int64_t start_ns, step_ns, packets;
};

/** A finding: sonde.watch.finding/1. Its texts belong to the struct; release it with watch_finding_deinit. */
struct watch_finding {
    int64_t id, incident;
    const char *kind, *severity, *state, *title;
    int64_t first_ns, last_ns;
    struct sonde_address source, target;
    int64_t source_bits, target_bits; /* of prefixes, else absent */
    int64_t packets, merged;
    double confidence;
    const struct evidence *evidence;
    struct record_list excluded; /* sentences */
    const char *excluded_texts[INNOCENT_COUNT];
    char *summary, *advice, *next, *guard; /* next, guard: NULL when there is none */
    int64_t samples;                       /* packets kept as proof */
};

/** The end of it all: sonde.watch.summary/1. */
struct watch_summary {
    int64_t packets, icmp_packets, malformed, dropped_by_kernel, elapsed_ns;
    int64_t frames, fragments, not_ip, late;
    int64_t first_ns, last_ns;
    int64_t findings, alerts, warnings, suppressed;
    int64_t sources, source_evictions, targets, target_evictions, scan_evictions, echo_evictions,
        flow_evictions;
    int64_t not_broken_down, memory_octets;
};

extern const struct schema watch_count_schema, watch_interface_schema, watch_talker_schema,
    watch_complaint_schema, watch_history_schema, watch_finding_schema, watch_summary_schema;

/** Findings without their evidence and lists, as a table: for CSV. */
extern const struct schema watch_finding_row_schema;

/**
 * Walk through the counts that are not zero: outer before inner, IPv4 before IPv6, by type and code.
 * @param place where to go on; begin with 0
 * @return whether there was one; `count` is filled then
 */
bool watch_next_count(const struct watch *watch, uint32_t *place, struct watch_count *count);

/** Fill a finding's record. */
void watch_finding_init(struct watch_finding *record, const struct finding *finding);

/** Free its texts. */
void watch_finding_deinit(struct watch_finding *record);

/**
 * Fill the summary.
 * @param dropped_by_kernel of all captures together
 */
void watch_summarize(const struct watch *watch, uint64_t dropped_by_kernel, struct watch_summary *summary);

/** The name of a direction: "in", "out", or NULL when unknown. */
const char *watch_direction_name(uint8_t direction);

#endif
