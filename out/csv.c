/* SPDX-License-Identifier: MIT */
/* Flat records as CSV (RFC 4180). */
#include "out/csv.h"

#include <errno.h>
#include <string.h>

#include "out/utf8.h"
#include "out/value.h"

bool csv_can_render(const struct schema *schema)
{
    for (const struct field *field = schema->fields; field->name; field++)
        if (field->type == FIELD_OBJECT || field->type == FIELD_LIST)
            return false;
    return true;
}

static void add_string(struct text *text, const char *string)
{
    bool quoted = string[strcspn(string, ",\"\r\n")] != '\0' || string[0] == ' ';
    char octets[4];
    size_t length;

    text_add(text, quoted ? "\"" : "");
    for (; *string; string += length) {
        uint32_t codepoint = utf8_next(string, &length);

        text_add(text, codepoint == '"' ? "\"" : "");
        text_add_octets(text, octets, utf8_put(codepoint, octets));
    }
    text_add(text, quoted ? "\"" : "");
}

static void add_cell(struct text *text, const struct field *field, const void *record)
{
    if (value_is_absent(field, record))
        return;
    if (field->type == FIELD_TEXT)
        add_string(text, *(const char *const *)value_of(field, record));
    else
        value_add_plain(text, field, record);
}

static void sink_begin(struct sink *sink, const struct schema *schema)
{
    struct csv_sink *csv = (struct csv_sink *)sink;
    struct text line = {0};

    if (csv->schema == schema)
        return;
    if (!csv_can_render(schema))
        csv->stream.error = -ENOTSUP;
    text_add(&line, "%s", csv->schema ? "\r\n" : ""); /* another table */
    for (const struct field *field = schema->fields; field->name; field++)
        text_add(&line, "%s%s", field == schema->fields ? "" : ",", field->name);
    text_add(&line, "\r\n");
    stream_write(&csv->stream, &line);
    csv->schema = schema;
}

static void sink_record(struct sink *sink, const struct schema *schema, const void *record)
{
    struct csv_sink *csv = (struct csv_sink *)sink;
    struct text line = {0};

    sink_begin(sink, schema);
    for (const struct field *field = schema->fields; field->name; field++) {
        text_add(&line, "%s", field == schema->fields ? "" : ",");
        add_cell(&line, field, record);
    }
    text_add(&line, "\r\n");
    stream_write(&csv->stream, &line);
}

static int sink_end(struct sink *sink)
{
    return stream_end(&((struct csv_sink *)sink)->stream);
}

void csv_sink_init(struct csv_sink *csv, FILE *file)
{
    *csv = (struct csv_sink){{sink_begin, sink_record, sink_end}, {file, 0}, NULL};
}
