/* SPDX-License-Identifier: MIT */
/* The schema of a record as a JSON Schema document, for those who read our JSON. */
#include "out/schema.h"

#include <string.h>

#include "out/json.h"

#define STEP 2 /* blanks for each level */

/* The members of a field's description, by type; objects and lists add their own. */
static const char *const types[] = {
    [FIELD_TEXT] = "\"type\": \"string\"",
    [FIELD_INTEGER] = "\"type\": \"integer\"",
    [FIELD_REAL] = "\"type\": \"number\"",
    [FIELD_BOOLEAN] = "\"type\": \"boolean\"",
    [FIELD_ADDRESS] = "\"type\": \"string\", \"anyOf\": [{\"format\": \"ipv4\"}, {\"format\": \"ipv6\"}]",
    [FIELD_TIME] = "\"type\": \"string\", \"format\": \"date-time\"",
    [FIELD_LIST] = "\"type\": \"array\"",
};

static void add_object(struct text *text, const struct schema *schema, const char *doc, int indent);

static void add_line(struct text *text, int indent)
{
    text_add(text, "\n%*s", indent, "");
}

static void add_member(struct text *text, const char *name, const char *value)
{
    text_add(text, "\"%s\": ", name);
    json_add_string(text, value);
}

static void add_field(struct text *text, const struct field *field, int indent)
{
    if (field->type == FIELD_OBJECT) {
        add_object(text, field->of, field->doc, indent);
        return;
    }
    text_add(text, "{%s", types[field->type]);
    if (field->doc) {
        text_add(text, ", ");
        add_member(text, "description", field->doc);
    }
    if (field->unit) {
        text_add(text, ", ");
        add_member(text, "x-unit", field->unit);
    }
    if (field->type == FIELD_LIST) {
        text_add(text, ", \"items\": ");
        if (field->of)
            add_object(text, field->of, field->of->doc, indent);
        else
            text_add(text, "{%s}", types[FIELD_TEXT]);
    }
    text_add(text, "}");
}

/* The members that are always there. */
static void add_required(struct text *text, const struct schema *schema)
{
    const char *separator = "";

    text_add(text, "\"required\": [");
    if (strchr(schema->name, '/')) {
        text_add(text, "\"schema\"");
        separator = ", ";
    }
    for (const struct field *field = schema->fields; field->name; field++) {
        if (field->type != FIELD_LIST && field->type != FIELD_BOOLEAN)
            continue;
        text_add(text, "%s\"%s\"", separator, field->name);
        separator = ", ";
    }
    text_add(text, "]");
}

static void add_properties(struct text *text, const struct schema *schema, int indent)
{
    const char *separator = "";

    text_add(text, "\"properties\": {");
    if (strchr(schema->name, '/')) {
        add_line(text, indent);
        text_add(text, "\"schema\": {\"const\": \"%s\"}", schema->name);
        separator = ",";
    }
    for (const struct field *field = schema->fields; field->name; field++) {
        text_add(text, "%s", separator);
        add_line(text, indent);
        text_add(text, "\"%s\": ", field->name);
        add_field(text, field, indent);
        separator = ",";
    }
    add_line(text, indent - STEP);
    text_add(text, "}");
}

/* What follows the opening brace of an object's description. */
static void add_body(struct text *text, const struct schema *schema, const char *doc, int indent)
{
    text_add(text, "\"type\": \"object\",");
    if (doc) {
        add_line(text, indent);
        add_member(text, "description", doc);
        text_add(text, ",");
    }
    add_line(text, indent);
    add_required(text, schema);
    text_add(text, ",");
    add_line(text, indent);
    add_properties(text, schema, indent + STEP);
    add_line(text, indent - STEP);
    text_add(text, "}");
}

static void add_object(struct text *text, const struct schema *schema, const char *doc, int indent)
{
    text_add(text, "{");
    add_line(text, indent + STEP);
    add_body(text, schema, doc, indent + STEP);
}

void schema_add_document(struct text *text, const struct schema *schema)
{
    text_add(text, "{");
    add_line(text, STEP);
    add_member(text, "$schema", "https://json-schema.org/draft/2020-12/schema");
    text_add(text, ",");
    add_line(text, STEP);
    add_member(text, "title", schema->name);
    text_add(text, ",");
    add_line(text, STEP);
    add_body(text, schema, schema->doc, STEP);
    text_add(text, "\n");
}
