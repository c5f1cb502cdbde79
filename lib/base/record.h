/* SPDX-License-Identifier: MIT */
/* Records: plain structs with a constant schema, and the sinks that render them. */
#ifndef SONDE_BASE_RECORD_H
#define SONDE_BASE_RECORD_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** How a field is stored in its struct, and when it counts as absent. */
enum field_type {
    FIELD_TEXT,    /* const char *; NULL is absent */
    FIELD_INTEGER, /* int64_t; INTEGER_ABSENT is absent */
    FIELD_REAL,    /* double; NAN is absent */
    FIELD_BOOLEAN, /* bool; never absent */
    FIELD_ADDRESS, /* struct sonde_address; family 0 is absent */
    FIELD_TIME,    /* int64_t ns since 1970-01-01 UTC, rendered as RFC 3339; INTEGER_ABSENT is absent */
    FIELD_OBJECT,  /* const struct of the schema `of`, by pointer; NULL is absent */
    FIELD_LIST, /* struct record_list of structs of the schema `of`, or of const char * when `of` is NULL */
};

#define INTEGER_ABSENT INT64_MIN

/** How the text sink lays a field out; other sinks ignore it. */
enum field_style {
    STYLE_LINE,      /* "title: value" (the default) */
    STYLE_HIDDEN,    /* for programs only */
    STYLE_HEADLINE,  /* one prominent sentence without a title */
    STYLE_PARAGRAPH, /* title on a line of its own, wrapped text below */
    STYLE_NUMBERED,  /* a list: title, then "1. ..." */
    STYLE_BULLETS,   /* a list: title, then "- ..." */
    STYLE_TABLE,     /* a list of objects: title, then aligned columns with their titles */
    STYLE_SECTIONS,  /* a list of objects: each laid out like a record of its own, without a title */
    STYLE_CODE,      /* a command, or a list of lines of a log: in letters of equal width */
    STYLE_GRADE,     /* a line; its word (alert, warning, info) also colours the headline of the record */
};

struct schema;

/** One field of a record. */
struct field {
    const char *name; /* snake_case; NULL ends the list */
    enum field_type type;
    size_t offset;
    const char *unit;        /* "ns", "packets", "ratio" or NULL */
    const char *doc;         /* one sentence, for the JSON Schema and the manual */
    const struct schema *of; /* of objects and lists */
    enum field_style style;
    const char *title; /* heading for people; NULL means the name */
};

/** A kind of record. */
struct schema {
    const char *name; /* "sonde.why/1"; nested objects have a plain name and get no schema member */
    const char *doc;
    size_t size; /* octets of the struct */
    const struct field *fields;
    bool tabular; /* for people, the records of a run are rows of one table; a flat one can be CSV */
};

/** A list inside a record; owned by whoever owns the record. */
struct record_list {
    const void *items; /* structs in a row, or const char *[] */
    size_t count;
};

/** Where records go. An implementation embeds it as its first member. */
struct sink {
    /** Before the first record of a schema. */
    void (*begin)(struct sink *sink, const struct schema *schema);
    /** One record. */
    void (*record)(struct sink *sink, const struct schema *schema, const void *record);
    /** After the last record; flushes. Returns 0 or -errno of the output. */
    int (*end)(struct sink *sink);
};

#endif
