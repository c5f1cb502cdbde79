/* SPDX-License-Identifier: MIT */
/* What the record of a report is made of, and which parts of it a document shows where. */
#include "cmd/watch/report/content.h"

#define MEMBER(name) offsetof(struct report_finding, name)

/* As sonde.watch.finding/1 names them, in the order in which people read them. */
static const struct field finding_fields[] = {
    {"summary", FIELD_TEXT, MEMBER(finding.summary), .doc = "The finding in one sentence",
     .style = STYLE_HEADLINE},
    {"id", FIELD_INTEGER, MEMBER(finding.id), .doc = "Number of the finding", .style = STYLE_HIDDEN},
    {"kind", FIELD_TEXT, MEMBER(finding.kind), .doc = "What was found"},
    {"means", FIELD_TEXT, MEMBER(means), .doc = "What that is"},
    {"severity", FIELD_TEXT, MEMBER(finding.severity),
     .doc = "info: context; warning: something is broken or odd; alert: an attack", .style = STYLE_GRADE},
    {"confidence", FIELD_REAL, MEMBER(finding.confidence), "ratio", "How sure this is"},
    {"source", FIELD_TEXT, MEMBER(source), .doc = "Who does it, an address or prefix; absent for many"},
    {"target", FIELD_TEXT, MEMBER(target), .doc = "Whom it concerns, an address or prefix; absent for many"},
    {"first_seen", FIELD_TIME, MEMBER(finding.first_ns), .doc = "First packet"},
    {"last_seen", FIELD_TIME, MEMBER(finding.last_ns), .doc = "Last packet"},
    {"packets", FIELD_INTEGER, MEMBER(finding.packets), .doc = "Packets that belong to it"},
    {"merged", FIELD_INTEGER, MEMBER(finding.merged), .doc = "Further subjects that were too many to list"},
    {"evidence", FIELD_OBJECT, MEMBER(finding.evidence), .doc = "The numbers that prove it",
     .of = &evidence_schema, .style = STYLE_PARAGRAPH},
    {"excluded", FIELD_LIST, MEMBER(finding.excluded), .doc = "Why the innocent explanations do not hold",
     .style = STYLE_BULLETS, .title = "Why it is nothing innocent"},
    {"lines", FIELD_LIST, MEMBER(lines), .doc = "Packets kept as proof, as --print prints them",
     .style = STYLE_CODE, .title = "Packets that prove it"},
    {"advice", FIELD_TEXT, MEMBER(finding.advice), .doc = "What to do", .style = STYLE_PARAGRAPH,
     .title = "What to do"},
    {"next", FIELD_TEXT, MEMBER(finding.next), .doc = "The next command to run", .style = STYLE_CODE,
     .title = "Next command"},
    {"guard", FIELD_TEXT, MEMBER(finding.guard), .doc = "A rule for a guard policy that helps",
     .style = STYLE_CODE, .title = "Guard rule"},
    {0},
};

static const struct schema finding_schema = {"finding", "A finding with its proof",
                                             sizeof(struct report_finding), finding_fields};

/* A row for each finding of an incident. */
static const struct field step_fields[] = {
    {"first_seen", FIELD_TIME, MEMBER(finding.first_ns), .title = "Time"},
    {"kind", FIELD_TEXT, MEMBER(finding.kind)},
    {"severity", FIELD_TEXT, MEMBER(finding.severity)},
    {"source", FIELD_TEXT, MEMBER(source)},
    {"target", FIELD_TEXT, MEMBER(target)},
    {"packets", FIELD_INTEGER, MEMBER(finding.packets)},
    {0},
};

static const struct schema step_schema = {"step", "A finding as a row", sizeof(struct report_finding),
                                          step_fields};

#undef MEMBER
#define MEMBER(name) offsetof(struct report_incident, name)

static const struct field incident_fields[] = {
    {"headline", FIELD_TEXT, MEMBER(headline), .doc = "What happened", .style = STYLE_HEADLINE},
    {"number", FIELD_INTEGER, MEMBER(number), .doc = "Number of the incident in this report",
     .title = "Incident"},
    {"severity", FIELD_TEXT, MEMBER(severity), .doc = "That of its gravest finding", .style = STYLE_GRADE},
    {"first_seen", FIELD_TIME, MEMBER(first_ns), .doc = "First packet"},
    {"last_seen", FIELD_TIME, MEMBER(last_ns), .doc = "Last packet"},
    {"source", FIELD_TEXT, MEMBER(source), .doc = "Who does it; absent for many"},
    {"target", FIELD_TEXT, MEMBER(target), .doc = "Whom it concerns; absent for many"},
    {"packets", FIELD_INTEGER, MEMBER(packets), .doc = "Packets of all its findings"},
    {"findings", FIELD_LIST, MEMBER(findings), .doc = "What was found, by time", .of = &finding_schema,
     .style = STYLE_SECTIONS},
    {0},
};

static const struct schema incident_schema = {"incident", "Findings that belong together",
                                              sizeof(struct report_incident), incident_fields};

/* In a document its findings stand in a table first. */
static const struct field told_fields[] = {
    {"headline", FIELD_TEXT, MEMBER(headline), .style = STYLE_HEADLINE},
    {"number", FIELD_INTEGER, MEMBER(number), .title = "Incident"},
    {"severity", FIELD_TEXT, MEMBER(severity), .style = STYLE_GRADE},
    {"first_seen", FIELD_TIME, MEMBER(first_ns)},
    {"last_seen", FIELD_TIME, MEMBER(last_ns)},
    {"packets", FIELD_INTEGER, MEMBER(packets)},
    {"timeline", FIELD_LIST, MEMBER(timeline), .of = &step_schema, .style = STYLE_TABLE},
    {"findings", FIELD_LIST, MEMBER(findings), .of = &finding_schema, .style = STYLE_SECTIONS},
    {0},
};

const struct schema report_incident_schema = {"told", "An incident in a document",
                                              sizeof(struct report_incident), told_fields};

/* What its only finding says is not said twice. */
static const struct field single_fields[] = {
    {"headline", FIELD_TEXT, MEMBER(headline), .style = STYLE_HEADLINE},
    {"number", FIELD_INTEGER, MEMBER(number), .title = "Incident"},
    {"severity", FIELD_TEXT, MEMBER(severity), .style = STYLE_GRADE},
    {"findings", FIELD_LIST, MEMBER(findings), .of = &finding_schema, .style = STYLE_SECTIONS},
    {0},
};

const struct schema report_single_schema = {"told", "An incident of one finding in a document",
                                            sizeof(struct report_incident), single_fields};

/* The list of all incidents at the beginning. */
static const struct field row_fields[] = {
    {"number", FIELD_INTEGER, MEMBER(number), .title = "No"},
    {"severity", FIELD_TEXT, MEMBER(severity)},
    {"headline", FIELD_TEXT, MEMBER(headline), .title = "What"},
    {"first_seen", FIELD_TIME, MEMBER(first_ns), .title = "From"},
    {"packets", FIELD_INTEGER, MEMBER(packets)},
    {0},
};

static const struct schema row_schema = {"row", "An incident as a row", sizeof(struct report_incident),
                                         row_fields};

#undef MEMBER
#define MEMBER(name) offsetof(struct report_point, name)

static const struct field point_fields[] = {
    {"time", FIELD_TIME, MEMBER(time_ns), .doc = "When"},
    {"source", FIELD_ADDRESS, MEMBER(source), .doc = "Who asked"},
    {"target", FIELD_ADDRESS, MEMBER(target), .doc = "Who was asked"},
    {"answered", FIELD_BOOLEAN, MEMBER(answered), .doc = "Whether this is the answer, not the question"},
    {0},
};

static const struct schema point_schema = {"question", "A question or an answer to it",
                                           sizeof(struct report_point), point_fields};

#undef MEMBER
#define MEMBER(name) offsetof(struct watch_report, name)

static const struct field report_fields[] = {
    {"verdict", FIELD_TEXT, MEMBER(verdict), .doc = "All of it in one sentence", .style = STYLE_HEADLINE},
    {"limits", FIELD_TEXT, MEMBER(note), .doc = "Why the verdict may be incomplete"},
    {"version", FIELD_TEXT, MEMBER(version), .doc = "Of the program"},
    {"captures", FIELD_LIST, MEMBER(captures), .doc = "Files and interfaces that were read"},
    {"summary", FIELD_OBJECT, MEMBER(summary_object), .doc = "What was read, and what was lost",
     .of = &watch_summary_schema},
    {"incidents", FIELD_LIST, MEMBER(incidents), .doc = "What happened, the gravest and largest first",
     .of = &incident_schema},
    {"counts", FIELD_LIST, MEMBER(counts), .doc = "Messages by type and code, the most first",
     .of = &watch_count_schema},
    {"interfaces", FIELD_LIST, MEMBER(interfaces), .doc = "The same by interface and direction",
     .of = &watch_interface_schema},
    {"rows_left_out", FIELD_INTEGER, MEMBER(left_out),
     .doc = "Rows of both with fewer packets than those here"},
    {"talkers", FIELD_LIST, MEMBER(talkers), .doc = "Who sends and who receives the most",
     .of = &watch_talker_schema},
    {"history", FIELD_LIST, MEMBER(history), .doc = "Messages of each type over time",
     .of = &watch_history_schema},
    {"questions", FIELD_LIST, MEMBER(questions), .doc = "A random sample of who asked whom",
     .of = &point_schema},
    {0},
};

const struct schema watch_report_schema = {"sonde.watch.report/1",
                                           "Everything that a watch saw, as --report writes it",
                                           sizeof(struct watch_report), report_fields};

static const struct field overview_fields[] = {
    {"verdict", FIELD_TEXT, MEMBER(verdict), .style = STYLE_HEADLINE},
    {"limits", FIELD_TEXT, MEMBER(note), .title = "But"},
    {"captures", FIELD_LIST, MEMBER(captures), .title = "Read from"},
    {"from", FIELD_TIME, MEMBER(summary.first_ns)},
    {"to", FIELD_TIME, MEMBER(summary.last_ns)},
    {"elapsed_ns", FIELD_INTEGER, MEMBER(summary.elapsed_ns), "ns", .title = "Lasted"},
    {"packets", FIELD_INTEGER, MEMBER(summary.packets), .title = "IP packets"},
    {"icmp_packets", FIELD_INTEGER, MEMBER(summary.icmp_packets), .title = "ICMP packets"},
    {"dropped_by_kernel", FIELD_INTEGER, MEMBER(summary.dropped_by_kernel), .title = "Lost by the kernel"},
    {"malformed", FIELD_INTEGER, MEMBER(summary.malformed), .title = "Malformed"},
    {"gravest", FIELD_LIST, MEMBER(gravest), .of = &row_schema, .style = STYLE_TABLE, .title = "Incidents"},
    {"more", FIELD_TEXT, MEMBER(more), .title = "Further incidents"},
    {0},
};

const struct schema report_overview_schema = {"overview", "What a report begins with",
                                              sizeof(struct watch_report), overview_fields};

#undef MEMBER
#define MEMBER(name) offsetof(struct watch_summary, name)

static const struct field summary_fields[] = {
    {"frames", FIELD_INTEGER, MEMBER(frames), .title = "Frames read"},
    {"not_ip", FIELD_INTEGER, MEMBER(not_ip), .title = "Frames without IP"},
    {"fragments", FIELD_INTEGER, MEMBER(fragments), .title = "Later fragments of ICMP, without a type"},
    {"findings", FIELD_INTEGER, MEMBER(findings), .title = "Findings"},
    {"suppressed", FIELD_INTEGER, MEMBER(suppressed), .title = "Findings without room"},
    {"sources", FIELD_INTEGER, MEMBER(sources), .title = "Senders remembered"},
    {"source_evictions", FIELD_INTEGER, MEMBER(source_evictions),
     .title = "Senders forgotten for lack of room"},
    {"targets", FIELD_INTEGER, MEMBER(targets), .title = "Receivers remembered"},
    {"target_evictions", FIELD_INTEGER, MEMBER(target_evictions),
     .title = "Receivers forgotten for lack of room"},
    {"scan_evictions", FIELD_INTEGER, MEMBER(scan_evictions), .title = "Possible scanners forgotten"},
    {"echo_evictions", FIELD_INTEGER, MEMBER(echo_evictions), .title = "Echo requests forgotten"},
    {"flow_evictions", FIELD_INTEGER, MEMBER(flow_evictions), .title = "Flows forgotten"},
    {"not_broken_down", FIELD_INTEGER, MEMBER(not_broken_down),
     .title = "Messages not told apart by interface"},
    {"memory_octets", FIELD_INTEGER, MEMBER(memory_octets), "octets", .title = "Memory of all tables"},
    {0},
};

const struct schema report_summary_schema = {"summary", "How well the watch could see",
                                             sizeof(struct watch_summary), summary_fields};
