/* SPDX-License-Identifier: MIT */
/* What a reviewer of rules says: G001 to G052, a row each, and the findings made of them. */
#ifndef SONDE_POLICY_FINDING_H
#define SONDE_POLICY_FINDING_H

#include <stddef.h>
#include <stdint.h>

#include "base/record.h"
#include "base/text.h"

/** How bad it is. */
enum guard_severity { GUARD_NOTE, GUARD_WARNING, GUARD_ERROR };

/** A rule of the reviewer. */
struct guard_check {
    const char *id; /* "G001" */
    enum guard_severity severity;
    const char *title;  /* what is wrong, one sentence */
    const char *advice; /* what to do, one sentence */
    const char *source; /* "RFC 4890 4.3.1; CIS 3.3.2" */
};

/** A finding: the record sonde.guard.finding/1. Strings belong to its list. */
struct guard_finding {
    const char *id;       /* "G001" */
    const char *severity; /* "error", "warning", "note", or "cannot-judge" */
    const char *rule;     /* "inet filter input handle 7", "guard.yaml:12:5", "sysctl net.ipv4...", or NULL */
    int64_t family, type, code; /* INTEGER_ABSENT: of no particular one */
    const char *message;        /* what is wrong here, one sentence */
    const char
        *witness;    /* the packet that proves it: "ICMPv4 3/4 to input from 192.0.2.1: dropped", or NULL */
    const char *fix; /* a unified diff, a command, or NULL */
    const char *source;
    const char *advice;
};

extern const struct schema guard_finding_schema;

/** A list of findings; zero-initialise. Owns every string of theirs. */
struct guard_findings {
    struct guard_finding *items;
    size_t count, capacity;
};

/** The row of a check. @param id "G001" @return never NULL for an id that exists */
const struct guard_check *guard_check_find(const char *id);

/** The rows in order; NULL after the last. */
const struct guard_check *guard_check_row(size_t index);

/** Begin a finding: id, severity, source and advice of its row, everything else absent.
 * @param message printf format
 * @return it, valid until the next one is added; its strings are set by guard_finding_set */
struct guard_finding *guard_findings_add(struct guard_findings *findings, const char *id, const char *message,
                                         ...) FORMAT(3, 4);

/** Set a text of a finding (rule, witness, fix) from a printf format; frees what it was. */
void guard_finding_set(const char **member, const char *format, ...) FORMAT(2, 3);

/** Free all; the list is empty afterwards. */
void guard_findings_deinit(struct guard_findings *findings);

#endif
