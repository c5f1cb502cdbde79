/* SPDX-License-Identifier: MIT */
/* Records as a document: which parts a record has is decided here, a format says how each part is written. */
#ifndef SONDE_OUT_DOCUMENT_DOCUMENT_H
#define SONDE_OUT_DOCUMENT_DOCUMENT_H

#include "base/record.h"
#include "out/document/figure.h"
#include "out/stream.h"
#include "out/table.h"

/** Cleaned texts in a row; a line end inside of one separates its paragraphs. */
struct document_texts {
    char **items;
    size_t count;
};

/** How a format writes each part. All words are free of controls, but not yet escaped. */
struct document_format {
    /** What comes before the first record. */
    void (*begin)(struct text *text, const char *title);
    /** What comes after the last record. */
    void (*end)(struct text *text, const char *footer);
    /** One prominent sentence; level 2 is a record, deeper ones are objects in it. `grade` is how grave it
     * is: "alert", "warning", "info", or NULL. */
    void (*headline)(struct text *text, int level, const char *words, const char *grade);
    /** The title of what follows. */
    void (*title)(struct text *text, int level, const char *words);
    /** Titles and values; both have the same count. Values with a mark in `code` are commands. */
    void (*pairs)(struct text *text, const struct document_texts *titles, const struct document_texts *values,
                  const bool *code);
    /** Running text. */
    void (*paragraph)(struct text *text, const char *words);
    /** A list, numbered or with bullets. */
    void (*items)(struct text *text, const struct document_texts *items, bool numbered);
    /** Lines in letters of equal width. */
    void (*code)(struct text *text, const struct document_texts *lines);
    /** A table: columns without any value are to be left out. */
    void (*table)(struct text *text, const struct table *table);
    /** Amounts over time; its names are not cleaned. Nothing when there are none. */
    void (*area)(struct text *text, const struct figure_area *area);
    /** Points between two axes; its names are not cleaned. Nothing when there are none. */
    void (*scatter)(struct text *text, const struct figure_scatter *scatter);
};

/** A sink that writes a document. */
struct document_sink {
    struct sink sink;
    struct stream stream;
    const struct document_format *format;
    const char *title, *footer;
    struct table table; /* rows of a tabular schema that are waiting for their widths */
    bool started;       /* the beginning of the document is written */
};

/**
 * Prepare a sink; its `end` releases what it holds.
 * @param document the sink
 * @param file where the document goes; stays the caller's
 * @param format how it is written
 * @param title heading of the whole document
 * @param footer one line at its end: what wrote it, and when
 */
void document_sink_init(struct document_sink *document, FILE *file, const struct document_format *format,
                        const char *title, const char *footer);

/** Write the title of what follows, as high as the headline of a record. */
void document_add_title(struct document_sink *document, const char *words);

/** Write running text. */
void document_add_paragraph(struct document_sink *document, const char *words);

/** Write amounts over time. */
void document_add_area(struct document_sink *document, const struct figure_area *area);

/** Write points between two axes. */
void document_add_scatter(struct document_sink *document, const struct figure_scatter *scatter);

/** Whether any row of a table has a value in a column. */
bool document_column_is_used(const struct table *table, size_t column);

/** The cell of a table, or "-" for a value that is absent. */
const char *document_cell(const struct table *table, size_t row, size_t column);

/**
 * The field of a column of a table.
 * @param column counts visible fields only
 */
const struct field *document_column(const struct table *table, size_t column);

/** Whether numbers stand in a column, which are written to the right. */
bool document_column_is_number(const struct field *field);

#endif
