/* SPDX-License-Identifier: MIT */
/* The findings of a watch as incidents: what belongs together, the gravest first, each with its proof as
 * lines. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cmd/watch/line.h"
#include "cmd/watch/report/content.h"

enum { GRAVEST = 8 /* incidents that are listed before the pictures */ };

/* The incident, then the time: so all findings of an incident stand together. */
static int compare_findings(const void *left, const void *right)
{
    const struct watch_finding *a = &((const struct report_finding *)left)->finding;
    const struct watch_finding *b = &((const struct report_finding *)right)->finding;

    if (a->incident != b->incident)
        return a->incident < b->incident ? -1 : 1;
    if (a->first_ns != b->first_ns)
        return a->first_ns < b->first_ns ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

static int compare_incidents(const void *left, const void *right)
{
    const struct report_incident *a = left, *b = right;

    if (a->grade != b->grade)
        return a->grade > b->grade ? -1 : 1;
    if (a->packets != b->packets)
        return a->packets > b->packets ? -1 : 1;
    return a->first_ns < b->first_ns ? -1 : a->first_ns > b->first_ns;
}

static char *subject(const struct sonde_address *address, int64_t bits)
{
    char buffer[SONDE_ADDRESS_TEXT];

    if (!address->family)
        return NULL;
    sonde_address_format(address, buffer);
    return bits == INTEGER_ABSENT ? text_format("%s", buffer) : text_format("%s/%" PRId64, buffer, bits);
}

/* A kept packet as the lines that --print would have printed, one for each of its layers. */
static char *describe_sample(struct line_writer *writer, const struct finding_sample *sample)
{
    struct frame frame = {.time_ns = sample->time_ns,
                          .data = slice_of(sample->octets, sample->captured),
                          .length = sample->length,
                          .link = sample->link,
                          .interface = sample->interface};
    struct packet packets[PACKET_LAYERS_MAX];
    bool malformed;
    size_t count = packet_dissect(&frame, packets, &malformed);
    struct text text = {0};

    for (size_t i = 0; i < count; i++) {
        char line[LINE_MAX_OCTETS];
        size_t length = line_write(writer, &packets[i], line);

        if (length > 0) /* without its line end */
            text_add(&text, "%s%.*s", text.length ? "; " : "", (int)length - 1, line);
    }
    if (text.length == 0)
        text_add(&text, "a frame of %" PRIu32 " octets without an ICMP message", sample->length);
    return text_take(&text);
}

static void describe(struct report_finding *row, const struct finding *finding, struct line_writer *writer)
{
    watch_finding_init(&row->finding, finding);
    row->means = kind_row(finding->subject.kind)->means;
    row->source = subject(&finding->subject.source, row->finding.source_bits);
    row->target = subject(&finding->subject.target, row->finding.target_bits);
    for (size_t i = 0; i < finding->sample_count; i++)
        row->texts[row->lines.count++] = describe_sample(writer, &finding->samples[i]);
}

/* The lists point into their rows: to be called when these do not move any more. */
static void settle(struct report_finding *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rows[i].finding.excluded.items = rows[i].finding.excluded_texts;
        rows[i].lines.items = rows[i].texts;
    }
}

static enum severity grade_of(const struct watch_finding *finding)
{
    enum severity grade = SEVERITY_INFO;

    while (grade < SEVERITY_ALERT && strcmp(severity_name(grade), finding->severity) != 0)
        grade++;
    return grade;
}

static const struct report_finding *gravest(const struct report_finding *rows, size_t count)
{
    const struct report_finding *most = rows;

    for (size_t i = 1; i < count; i++)
        if (grade_of(&rows[i].finding) > grade_of(&most->finding))
            most = &rows[i];
    return most;
}

/* "Address sweep by 192.0.2.1, and 2 more findings" */
static char *headline_of(const struct report_finding *main, size_t others)
{
    struct text text = {0};

    text_add(&text, "%s", main->finding.title);
    if (main->source)
        text_add(&text, " by %s", main->source);
    else if (main->finding.merged != INTEGER_ABSENT)
        text_add(&text, " by many");
    if (main->target)
        text_add(&text, " %s %s", main->source ? "to" : "at", main->target);
    if (others)
        text_add(&text, ", and %zu more finding%s", others, others > 1 ? "s" : "");
    return text_take(&text);
}

static struct report_incident make_incident(const struct report_finding *rows, size_t count)
{
    const struct report_finding *main = gravest(rows, count);
    struct report_incident incident = {
        .headline = headline_of(main, count - 1),
        .grade = grade_of(&main->finding),
        .severity = main->finding.severity,
        .first_ns = rows[0].finding.first_ns,
        .last_ns = rows[0].finding.last_ns,
        .source = main->source,
        .target = main->target,
        .findings = {rows, count},
        .timeline = {rows, count > 1 ? count : 0},
    };

    for (size_t i = 0; i < count; i++) {
        incident.packets += rows[i].finding.packets;
        if (rows[i].finding.last_ns > incident.last_ns)
            incident.last_ns = rows[i].finding.last_ns;
    }
    return incident;
}

static void group(struct watch_report *report)
{
    size_t count;

    for (size_t at = 0; at < report->finding_count; at += count) {
        const struct report_finding *first = &report->findings[at];

        count = 1;
        while (at + count < report->finding_count && first[count].finding.incident == first->finding.incident)
            count++;
        report->incident_rows[report->incidents.count++] = make_incident(first, count);
    }
    qsort(report->incident_rows, report->incidents.count, sizeof(*report->incident_rows), compare_incidents);
    for (size_t i = 0; i < report->incidents.count; i++)
        report->incident_rows[i].number = (int64_t)i + 1;
    report->incidents.items = report->gravest.items = report->incident_rows;
    report->gravest.count = report->incidents.count;
    if (report->incidents.count <= GRAVEST + 2)
        return;
    report->gravest.count = GRAVEST;
    report->more = text_format("%zu, all described below", report->incidents.count - GRAVEST);
}

static void add_part(struct text *text, size_t count, const char *one, const char *many)
{
    if (count > 0)
        text_add(text, "%s%zu %s", text->length ? ", " : "", count, count > 1 ? many : one);
}

/* "3 incidents: 2 attacks, 1 warning." */
static char *judge(const struct watch_report *report, bool looked)
{
    size_t of_grade[SEVERITY_ALERT + 1] = {0}, count = report->incidents.count;
    _cleanup_text_ struct text parts = {0};

    if (!looked)
        return text_format("Only counted: no attack was looked for.");
    for (size_t i = 0; i < count; i++)
        of_grade[report->incident_rows[i].grade]++;
    add_part(&parts, of_grade[SEVERITY_ALERT], "attack", "attacks");
    add_part(&parts, of_grade[SEVERITY_WARNING], "warning", "warnings");
    add_part(&parts, of_grade[SEVERITY_INFO], "for information", "for information");
    if (of_grade[SEVERITY_ALERT])
        return text_format("%zu incident%s: %s.", count, count > 1 ? "s" : "", text_get(&parts));
    return text_format("Nothing that looks like an attack%s%s.", count ? ": " : "", text_get(&parts));
}

/* What limits the verdict, or NULL. */
static char *limits_of(const struct watch_report *report)
{
    const struct watch_summary *summary = &report->summary;
    struct text text = {0};

    if (summary->dropped_by_kernel)
        text_add(&text, "%" PRId64 " packets were lost before they could be read: there may have been more. ",
                 summary->dropped_by_kernel);
    if (summary->suppressed || summary->findings > (int64_t)report->finding_count)
        text_add(&text, "%" PRId64 " findings found no room in this report.",
                 summary->suppressed + summary->findings - (int64_t)report->finding_count);
    return text.length ? text_take(&text) : NULL;
}

int report_add_incidents(struct watch_report *report, const struct watch *watch)
{
    const struct findings *findings = watch->findings;
    struct line_writer *writer = line_writer_new();

    report->findings = calloc(findings->count + 1, sizeof(*report->findings));
    report->incident_rows = calloc(findings->count + 1, sizeof(*report->incident_rows));
    if (!writer || !report->findings || !report->incident_rows) {
        free(writer);
        return -ENOMEM;
    }
    for (size_t i = 0; i < findings->count; i++)
        describe(&report->findings[report->finding_count++], &findings->rows[i], writer);
    free(writer);
    qsort(report->findings, report->finding_count, sizeof(*report->findings), compare_findings);
    settle(report->findings, report->finding_count);
    group(report);
    report->verdict = judge(report, watch->options.kinds != 0);
    report->note = limits_of(report);
    return 0;
}
