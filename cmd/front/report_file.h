/* SPDX-License-Identifier: MIT */
/* A report in a file, besides the normal output: HTML, Markdown or JSON by the file's name. */
#ifndef SONDE_CMD_FRONT_REPORT_FILE_H
#define SONDE_CMD_FRONT_REPORT_FILE_H

#include <stdio.h>

#include "base/error.h"
#include "out/document/document.h"
#include "out/json.h"

/** A report file; zero-initialised there is none, and closing or writing it does nothing. */
struct report_file {
    const char *path;
    FILE *file;
    char *title, *footer;
    bool is_document;  /* `document` is in use: it takes titles and pictures too */
    struct sink *sink; /* one of the two below */
    union {
        struct json_sink json;
        struct document_sink document;
    };
};

/**
 * Create the file, before the sandbox forbids it.
 * @param path ends in .html, .md or .json; must outlive the report
 * @param words the command without what it is about, for the heading: "sonde why"
 * @param subjects, count what it is about
 * @return 0; SONDE_E_USAGE for another ending; -errno when the file cannot be written
 */
int report_file_open(struct report_file *report, const char *path, const char *words, char *const *subjects,
                     size_t count, struct sonde_error *error);

/** Write a record. */
void report_file_add(struct report_file *report, const struct schema *schema, const void *record);

/**
 * Finish and close the file.
 * @return 0 or -errno when something could not be written
 */
int report_file_close(struct report_file *report, struct sonde_error *error);

#endif
