/* SPDX-License-Identifier: MIT */
/* Records as JSON, one object a line (NDJSON). */
#include "out/json.h"

#include <string.h>

#include "out/utf8.h"
#include "out/value.h"

static void add_codepoint(struct text *text, uint32_t codepoint)
{
    char octets[4];

    if (codepoint == '"' || codepoint == '\\')
        text_add(text, "\\%c", (int)codepoint);
    else if (utf8_is_control(codepoint)) /* a terminal that shows the line must not obey it */
        text_add(text, "\\u%04x", (unsigned)codepoint);
    else
        text_add_octets(text, octets, utf8_put(codepoint, octets));
}

void json_add_string(struct text *text, const char *string)
{
    size_t length;

    text_add_octets(text, "\"", 1);
    for (; *string; string += length)
        add_codepoint(text, utf8_next(string, &length));
    text_add_octets(text, "\"", 1);
}

static void add_list(struct text *text, const struct field *field, const struct record_list *list)
{
    text_add_octets(text, "[", 1);
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            text_add_octets(text, ",", 1);
        if (field->of)
            json_add_record(text, field->of, value_item(field, list, i));
        else
            json_add_string(text, value_string(list, i));
    }
    text_add_octets(text, "]", 1);
}

static void add_value(struct text *text, const struct field *field, const void *record)
{
    bool quoted = field->type == FIELD_ADDRESS || field->type == FIELD_TIME;

    switch (field->type) {
    case FIELD_TEXT:
        json_add_string(text, *(const char *const *)value_of(field, record));
        break;
    case FIELD_OBJECT:
        json_add_record(text, field->of, value_object(field, record));
        break;
    case FIELD_LIST:
        add_list(text, field, value_list(field, record));
        break;
    default:
        text_add(text, quoted ? "\"" : "");
        value_add_plain(text, field, record);
        text_add(text, quoted ? "\"" : "");
    }
}

void json_add_record(struct text *text, const struct schema *schema, const void *record)
{
    const char *separator = "";

    text_add_octets(text, "{", 1);
    if (strchr(schema->name, '/')) {
        text_add(text, "\"schema\":\"%s\"", schema->name);
        separator = ",";
    }
    for (const struct field *field = schema->fields; field->name; field++) {
        if (value_is_absent(field, record))
            continue;
        text_add(text, "%s\"%s\":", separator, field->name);
        add_value(text, field, record);
        separator = ",";
    }
    text_add_octets(text, "}", 1);
}

static void sink_begin(struct sink *sink, const struct schema *schema)
{
    /* each line names its schema itself */
}

static void sink_record(struct sink *sink, const struct schema *schema, const void *record)
{
    struct json_sink *json = (struct json_sink *)sink;
    struct text line = {0};

    json_add_record(&line, schema, record);
    text_add_octets(&line, "\n", 1);
    stream_write(&json->stream, &line);
}

static int sink_end(struct sink *sink)
{
    return stream_end(&((struct json_sink *)sink)->stream);
}

void json_sink_init(struct json_sink *json, FILE *file)
{
    *json = (struct json_sink){{sink_begin, sink_record, sink_end}, {file, 0}};
}
