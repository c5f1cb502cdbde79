/* SPDX-License-Identifier: MIT */
/* What a report of `sonde watch` says: one record with everything in it, and its pictures. */
#ifndef SONDE_CMD_WATCH_REPORT_CONTENT_H
#define SONDE_CMD_WATCH_REPORT_CONTENT_H

#include "cmd/watch/report/collect.h"
#include "cmd/watch/watching.h"
#include "out/document/figure.h"

/** A finding with the packets that prove it, as lines. */
struct report_finding {
    struct watch_finding finding;
    const char *means;     /* what this kind of finding is */
    char *source, *target; /* addresses or prefixes; NULL for many */
    struct record_list lines;
    char *texts[FINDING_SAMPLES];
};

/** Findings that belong together. */
struct report_incident {
    int64_t number; /* in the report, the gravest first */
    char *headline;
    enum severity grade;
    const char *severity;
    int64_t first_ns, last_ns, packets;
    const char *source, *target; /* of its gravest finding */
    struct record_list findings; /* struct report_finding, by time */
    struct record_list timeline; /* the same, when there are several */
};

/** A question or an answer of the sample. */
struct report_point {
    struct sonde_address source, target;
    int64_t time_ns;
    bool answered;
};

/** All of a report: sonde.watch.report/1. */
struct watch_report {
    char *verdict, *note;
    const char *version;
    struct record_list captures; /* names */
    const char *names[DRIVE_CAPTURES_MAX];
    struct watch_summary summary;
    const struct watch_summary *summary_object;
    struct record_list incidents, counts, interfaces, talkers, history, questions;
    struct record_list gravest;      /* the first of the incidents */
    char *more;                      /* that there are others; NULL when there are none */
    int64_t left_out;                /* rows of counts and interfaces */
    struct report_finding *findings; /* all of them, incident by incident */
    size_t finding_count;
    struct report_incident *incident_rows;
    struct report_point *points;
    struct collect collect;
};

/** All of it as one object. */
extern const struct schema watch_report_schema;

/** What a document says of a watch_report: the verdict and what was read, before and after the pictures. */
extern const struct schema report_overview_schema;

/** One struct report_incident as a part of a document: of several findings, or of one. */
extern const struct schema report_incident_schema, report_single_schema;

/** What was read and what was lost: a watch_summary in full. */
extern const struct schema report_summary_schema;

/**
 * Gather everything.
 * @param report released by report_content_deinit, also after an error
 * @return 0 or -ENOMEM
 */
int report_content_init(struct watch_report *report, const struct watching *watching);

/** Free it. */
void report_content_deinit(struct watch_report *report);

/** The findings of a watch as incidents: fills `incidents`, `verdict` and `note`. Returns 0 or -ENOMEM. */
int report_add_incidents(struct watch_report *report, const struct watch *watch);

/** Amounts of each type over time. */
struct report_timeline {
    struct figure_area area;
    struct figure_series *series;
    struct figure_span *spans;
    uint64_t *values;
    char **names;
};

/** Draw the history of a watch, and its incidents above. Returns 0 or -ENOMEM; release it in any case. */
int report_timeline_init(struct report_timeline *timeline, const struct watch_report *report,
                         const struct history *history);

/** Free it. */
void report_timeline_deinit(struct report_timeline *timeline);

/** Who asked whom. */
struct report_scatter {
    struct figure_scatter scatter;
    struct figure_point *points;
    struct figure_band *columns, *bands;
};

/** Draw the sample of questions and answers. Returns 0 or -ENOMEM; release it in any case. */
int report_scatter_init(struct report_scatter *made, const struct watch_report *report);

/** Free it. */
void report_scatter_deinit(struct report_scatter *made);

#endif
