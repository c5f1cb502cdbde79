/* SPDX-License-Identifier: MIT */
/* The option --report: the review as a document with pictures, or as one JSON object. */
#include "cmd/front/report_file.h"
#include "cmd/guard/review/content.h"

static void add_picture(struct document_sink *document, const struct review_report *report, bool passes)
{
    struct content_picture picture;

    content_picture_init(&picture, report, passes);
    document_add_area(document, &picture.area);
    content_picture_deinit(&picture);
}

static void add_rows(struct report_file *file, const char *title, const struct schema *schema,
                     const struct record_list *list)
{
    if (list->count == 0)
        return;
    document_add_title(&file->document, title);
    for (size_t i = 0; i < list->count; i++)
        report_file_add(file, schema, (const char *)list->items + i * schema->size);
}

static void add_findings(struct report_file *file, const struct reviewing *run)
{
    for (size_t i = 0; i < run->findings.count; i++)
        if (!reviewing_repeats(&run->findings.items[i]))
            report_file_add(file, &guard_finding_schema, &run->findings.items[i]);
}

/* The advice of one kind, each with its words. */
static void add_advices(struct report_file *file, const struct reviewing *run, enum review_action action)
{
    static const char *const titles[REVIEW_ACTION_COUNT] = {[REVIEW_INVESTIGATE] = "To look into",
                                                            [REVIEW_REMOVE] = "To remove",
                                                            [REVIEW_TIGHTEN] = "To tighten",
                                                            [REVIEW_WAIT] = "Not observed long enough",
                                                            [REVIEW_KEEP] = "To keep"};
    struct record_list list = {run->review.advices, run->review.counts[action]};

    for (int before = 0; before < (int)action; before++)
        list.items = (const struct review_advice *)list.items + run->review.counts[before];
    add_rows(file, titles[action], &content_advice_schema, &list);
}

static void add_document(struct report_file *file, const struct reviewing *run,
                         const struct review_report *report)
{
    report_file_add(file, &review_summary_schema, report->summary);
    add_picture(&file->document, report, true);
    add_picture(&file->document, report, false);
    add_findings(file, run);
    for (int action = 0; action < REVIEW_WAIT; action++)
        add_advices(file, run, (enum review_action)action);
    add_rows(file, "Messages by type and code", &content_message_schema, &report->messages);
    add_rows(file, "What happened to the policy", &content_event_schema, &report->events);
    add_advices(file, run, REVIEW_WAIT);
    add_advices(file, run, REVIEW_KEEP);
}

int reviewing_report(struct reviewing *run, struct sonde_error *error)
{
    struct report_file file = {0};
    struct review_report report;
    int code = report_file_open(&file, run->config->report, "sonde guard review", &run->file, 1, error),
        closed;

    if (code < 0)
        return code;
    code = review_report_init(&report, run, error);
    if (code == 0 && file.is_document)
        add_document(&file, run, &report);
    else if (code == 0)
        report_file_add(&file, &review_report_schema, &report);
    review_report_deinit(&report);
    closed = report_file_close(&file, code < 0 ? NULL : error);
    return code < 0 ? code : closed;
}
