/* SPDX-License-Identifier: MIT */
/* What a report of a review says besides the review itself: amounts by message over time, and what happened.
 */
#ifndef SONDE_CMD_GUARD_REVIEW_CONTENT_H
#define SONDE_CMD_GUARD_REVIEW_CONTENT_H

#include "cmd/guard/review/reviewing.h"
#include "out/document/figure.h"

enum { CONTENT_STEPS = 120, CONTENT_SERIES = 8 };

/** All messages of a name, in all directions, that met the same fate. */
struct content_series {
    char *name;       /* "IPv4 echo-request (8/0)" */
    const char *fate; /* "passed", "blocked" */
    bool passes;
    int64_t packets;
    uint64_t values[CONTENT_STEPS];
};

/** Amounts in a step, as the report's JSON has them. */
struct content_step {
    const char *message, *fate;
    int64_t time_ns, packets;
};

/** Something that happened, from the ledger. */
struct content_event {
    const char *kind, *text;
    int64_t first_ns, last_ns, times;
};

/** The report: sonde.guard.report/1. */
struct review_report {
    const char *verdict, *version;
    const struct review_summary *summary;
    struct record_list findings, advices, messages, history, events;
    struct content_series *series; /* the most packets first */
    size_t series_count;
    int64_t start_s, step_s;
    size_t step_count;
    struct content_step *steps;
    struct content_event *happened;
};

/** Rows of a document: a content_series, a content_event, and the advice with all of its words. */
extern const struct schema content_message_schema, content_event_schema, content_advice_schema;

/** Gather it. @param report released by review_report_deinit, also after an error @return 0 or an error */
int review_report_init(struct review_report *report, struct reviewing *run, struct sonde_error *error);

/** Free it. */
void review_report_deinit(struct review_report *report);

/** A picture of what passed, or of what was blocked. */
struct content_picture {
    struct figure_area area;
    struct figure_series series[CONTENT_SERIES + 1];
    struct figure_span spans[REVIEW_EVENTS];
    char *names[REVIEW_EVENTS];
    uint64_t others[CONTENT_STEPS];
};

/** Draw it; release it with content_picture_deinit. */
void content_picture_init(struct content_picture *picture, const struct review_report *report, bool passes);

/** Free it. */
void content_picture_deinit(struct content_picture *picture);

#endif
