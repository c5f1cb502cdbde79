/* SPDX-License-Identifier: MIT */
/* What a report of `sonde watch` says, gathered from the engine when the watch ends. */
#include "cmd/watch/report/content.h"

#include <errno.h>

static int add_points(struct watch_report *report, const struct watch *watch)
{
    size_t count = watch->scatter_seen < WATCH_SCATTER ? (size_t)watch->scatter_seen : WATCH_SCATTER;

    report->points = calloc(count + 1, sizeof(*report->points));
    if (!report->points)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct scatter_point *point = &watch->scatter[i];

        report->points[i] =
            (struct report_point){point->source, point->target, point->time_ns, point->answered};
    }
    report->questions = (struct record_list){report->points, count};
    return 0;
}

static struct record_list list_of(const struct collect_rows *rows)
{
    return (struct record_list){rows->items, rows->count};
}

static int add_tables(struct watch_report *report, const struct watching *watching)
{
    struct collect_rows *rows = report->collect.rows;
    int code = collect_init(&report->collect);

    if (code < 0)
        return code;
    watching_emit_tables(watching, &report->collect.sink, true);
    collect_sort(&rows[0]);
    collect_sort(&rows[1]);
    report->counts = list_of(&rows[0]);
    report->interfaces = list_of(&rows[1]);
    report->talkers = list_of(&rows[2]);
    report->history = list_of(&rows[3]);
    report->left_out = report->collect.left_out;
    return 0;
}

int report_content_init(struct watch_report *report, const struct watching *watching)
{
    int code;

    *report = (struct watch_report){.version = SONDE_VERSION};
    report->captures.items = report->names;
    for (size_t i = 0; i < watching->drive.capture_count; i++)
        report->names[report->captures.count++] = watching->drive.captures[i]->name;
    watch_summarize(watching->watch, drive_statistics(&watching->drive).dropped_by_kernel, &report->summary);
    report->summary_object = &report->summary;
    code = report_add_incidents(report, watching->watch);
    if (code == 0)
        code = add_tables(report, watching);
    return code < 0 ? code : add_points(report, watching->watch);
}

void report_content_deinit(struct watch_report *report)
{
    for (size_t i = 0; i < report->finding_count; i++) {
        struct report_finding *row = &report->findings[i];

        for (size_t line = 0; line < row->lines.count; line++)
            free(row->texts[line]);
        free(row->source);
        free(row->target);
        watch_finding_deinit(&row->finding);
    }
    for (size_t i = 0; i < report->incidents.count; i++)
        free(report->incident_rows[i].headline);
    free(report->findings);
    free(report->incident_rows);
    free(report->points);
    free(report->verdict);
    free(report->note);
    free(report->more);
    collect_deinit(&report->collect);
}
