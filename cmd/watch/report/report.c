/* SPDX-License-Identifier: MIT */
/* The option --report: what the watch saw as a document with pictures, or as one JSON object. */
#include <errno.h>
#include <string.h>

#include "cmd/front/report_file.h"
#include "cmd/watch/outputs.h"
#include "cmd/watch/report/content.h"

struct report_output {
    const struct watching *watching;
    struct report_file file;
};

static int open_report(struct watching *watching, void **state, struct sonde_error *error)
{
    const char *path = watching->config->report;
    char *names[DRIVE_CAPTURES_MAX];
    size_t count = watching->drive.capture_count;
    struct report_output *output;
    int code;

    if (!path)
        return 0;
    output = calloc(1, sizeof(*output));
    if (!output)
        return error_set(error, -ENOMEM, "no memory for the report");
    for (size_t i = 0; i < count; i++)
        names[i] = (char *)watching->drive.captures[i]->name;
    output->watching = watching;
    code = report_file_open(&output->file, path, "sonde watch", names, count, error);
    if (code < 0) {
        free(output);
        return code;
    }
    *state = output;
    return 0;
}

static int add_pictures(struct document_sink *document, const struct watch_report *report,
                        const struct history *history)
{
    struct report_timeline timeline;
    struct report_scatter scatter;
    int code = report_timeline_init(&timeline, report, history);

    if (code == 0)
        document_add_area(document, &timeline.area);
    report_timeline_deinit(&timeline);
    if (code < 0)
        return code;
    code = report_scatter_init(&scatter, report);
    if (code == 0)
        document_add_scatter(document, &scatter.scatter);
    report_scatter_deinit(&scatter);
    return code;
}

static void add_table(struct document_sink *document, const char *title, const struct collect_rows *rows)
{
    if (rows->count == 0)
        return;
    document_add_title(document, title);
    for (size_t i = 0; i < rows->count; i++)
        document->sink.record(&document->sink, rows->schema, rows->items + i * rows->schema->size);
}

/* The verdict, the pictures, then what is behind them. */
static int add_document(struct report_file *file, const struct watch_report *report,
                        const struct history *history)
{
    static const char *const titles[] = {"Messages by type and code", "The same by interface and direction",
                                         "Who sends and receives the most"};
    struct document_sink *document = &file->document;
    int code;

    report_file_add(file, &report_overview_schema, report);
    code = add_pictures(document, report, history);
    for (size_t i = 0; i < report->incidents.count; i++) {
        const struct report_incident *incident = &report->incident_rows[i];

        report_file_add(file, incident->findings.count > 1 ? &report_incident_schema : &report_single_schema,
                        incident);
    }
    for (size_t i = 0; i < COUNT_OF(titles); i++)
        add_table(document, titles[i], &report->collect.rows[i]);
    if (report->left_out > 0)
        document_add_paragraph(document, "Rows with the fewest packets found no room in these tables.");
    document_add_title(document, "How well the watch could see");
    report_file_add(file, &report_summary_schema, &report->summary);
    return code;
}

static int close_report(void *state, struct sonde_error *error)
{
    struct report_output *output = state;
    struct watch_report report;
    int code = report_content_init(&report, output->watching), closed;

    if (code == 0 && output->file.is_document)
        code = add_document(&output->file, &report, output->watching->watch->history);
    else if (code == 0)
        report_file_add(&output->file, &watch_report_schema, &report);
    report_content_deinit(&report);
    if (code < 0)
        error_set(error, code, "no memory for the report");
    closed = report_file_close(&output->file, code < 0 ? NULL : error);
    free(output);
    return code < 0 ? code : closed;
}

const struct watch_output report_output = {"report", open_report, NULL, NULL, close_report};
