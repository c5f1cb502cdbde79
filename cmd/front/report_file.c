/* SPDX-License-Identifier: MIT */
/* A report in a file, besides the normal output: HTML, Markdown or JSON by the file's name. */
#include "cmd/front/report_file.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "out/document/html.h"
#include "out/document/markdown.h"
#include "out/human.h"

/** What the ending of a name means; JSON has no document format. */
static const struct ending {
    const char *ending;
    const struct document_format *format;
} endings[] = {{".html", &html_format}, {".md", &markdown_format}, {".json", NULL}};

static const struct ending *find_ending(const char *path)
{
    const char *point = strrchr(path, '.');

    for (size_t i = 0; point && i < COUNT_OF(endings); i++)
        if (!strcmp(point, endings[i].ending))
            return &endings[i];
    return NULL;
}

static char *make_title(const char *words, char *const *subjects, size_t count)
{
    struct text title = {0};

    text_add(&title, "%s", words);
    for (size_t i = 0; i < count; i++) {
        text_add(&title, " ");
        human_add_clean(&title, subjects[i]);
    }
    return text_take(&title);
}

static char *make_footer(void)
{
    time_t now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    return text_format("sonde %s, %04d-%02d-%02d %02d:%02d UTC", SONDE_VERSION, utc.tm_year + 1900,
                       utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min);
}

int report_file_open(struct report_file *report, const char *path, const char *words, char *const *subjects,
                     size_t count, struct sonde_error *error)
{
    const struct ending *ending = find_ending(path);

    if (!ending)
        return error_set(error, SONDE_E_USAGE,
                         "the report %s is of no known format: its name is to end in .html, .md or .json",
                         path);
    report->file = fopen(path, "we");
    if (!report->file)
        return error_set(error, -errno, "cannot write the report %s: %s", path, strerror(errno));
    report->path = path;
    report->title = make_title(words, subjects, count);
    report->footer = make_footer();
    report->is_document = ending->format != NULL;
    if (report->is_document) {
        document_sink_init(&report->document, report->file, ending->format, report->title, report->footer);
        report->sink = &report->document.sink;
    } else {
        json_sink_init(&report->json, report->file);
        report->sink = &report->json.sink;
    }
    return 0;
}

void report_file_add(struct report_file *report, const struct schema *schema, const void *record)
{
    if (!report->sink)
        return;
    report->sink->begin(report->sink, schema);
    report->sink->record(report->sink, schema, record);
}

int report_file_close(struct report_file *report, struct sonde_error *error)
{
    int code;

    if (!report->sink)
        return 0;
    code = report->sink->end(report->sink);
    if (fclose(report->file) && code == 0)
        code = -errno;
    free(report->title);
    free(report->footer);
    if (code < 0)
        error_set(error, code, "the report %s is incomplete: %s", report->path, strerror(-code));
    *report = (struct report_file){0};
    return code;
}
