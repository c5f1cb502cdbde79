/* SPDX-License-Identifier: MIT */
/* Single values as people read them: "212 ms", "93 %", "yes". */
#include "out/human.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "out/utf8.h"
#include "out/value.h"

void human_add_duration(struct text *text, int64_t duration_ns)
{
    static const struct {
        int64_t ns;
        const char *unit;
    } units[] = {
        {3600 * NS_PER_S, "h"}, {60 * NS_PER_S, "min"}, {NS_PER_S, "s"},
        {NS_PER_MS, "ms"},      {NS_PER_US, "us"},      {1, "ns"},
    };
    size_t i = 0;

    if (duration_ns == 0) {
        text_add(text, "0 s");
        return;
    }
    while (i + 1 < COUNT_OF(units) && llabs(duration_ns) < units[i].ns)
        i++;
    text_add(text, "%.4g %s", (double)duration_ns / (double)units[i].ns, units[i].unit);
}

void human_add_clean(struct text *text, const char *string)
{
    char octets[4];
    size_t length;

    for (; *string; string += length) {
        uint32_t codepoint = utf8_next(string, &length);

        if (codepoint != '\n' && utf8_is_control(codepoint))
            text_add(text, "\\x%02x", (unsigned)codepoint);
        else
            text_add_octets(text, octets, utf8_put(codepoint, octets));
    }
}

/* Letters of a name without the unit at its end: the value has its own ("window_ns": "Window: 10 s"). */
static size_t title_length(const struct field *field)
{
    static const struct {
        const char *unit, *ending;
    } endings[] = {{"ns", "_ns"}, {"s", "_s"}, {"packets/s", "_pps"}};
    size_t length = strlen(field->name);

    for (size_t i = 0; field->unit && i < COUNT_OF(endings); i++) {
        size_t tail = strlen(endings[i].ending);

        if (!strcmp(field->unit, endings[i].unit) && length > tail &&
            !strcmp(field->name + length - tail, endings[i].ending))
            return length - tail;
    }
    return length;
}

/* Whether a word of a name is written in capitals. */
static bool is_acronym(const char *word, size_t length)
{
    static const char *const acronyms[] = {"icmp", "mac", "mtu", "ttl"};

    for (size_t i = 0; i < COUNT_OF(acronyms); i++)
        if (strlen(acronyms[i]) == length && memcmp(acronyms[i], word, length) == 0)
            return true;
    return false;
}

void human_add_title(struct text *text, const struct field *field)
{
    size_t length = title_length(field), word;

    if (field->title) {
        text_add(text, "%s", field->title);
        return;
    }
    for (size_t at = 0; at < length; at += word + 1) {
        const char *name = field->name + at;

        word = strcspn(name, "_");
        word = word < length - at ? word : length - at;
        text_add(text, "%s", at > 0 ? " " : "");
        for (size_t i = 0; i < word; i++)
            text_add(text, "%c",
                     (at == 0 && i == 0) || is_acronym(name, word) ? toupper((unsigned char)name[i])
                                                                   : name[i]);
    }
}

/* Letters of a unit in front of what makes it a plural: "addresses", "octets", but not "ms" or "packets/s".
 */
static int singular_length(const char *unit)
{
    size_t length = strlen(unit);

    if (length > 4 && !strcmp(unit + length - 4, "sses"))
        return (int)length - 2;
    return (int)length - (length > 3 && !strchr(unit, '/') && unit[length - 1] == 's');
}

/* The unit of a number, unless the name says it already ("packets_sent: 14"). */
static void add_unit(struct text *text, const struct field *field, bool one)
{
    if (field->unit && (!strstr(field->name, field->unit) || title_length(field) < strlen(field->name)))
        text_add(text, " %.*s", one ? singular_length(field->unit) : (int)strlen(field->unit), field->unit);
}

static void add_integer(struct text *text, const struct field *field, const void *record)
{
    if (field->unit && !strcmp(field->unit, "ns")) {
        human_add_duration(text, *(const int64_t *)value_of(field, record));
        return;
    }
    value_add_plain(text, field, record);
    add_unit(text, field, *(const int64_t *)value_of(field, record) == 1);
}

static void add_real(struct text *text, const struct field *field, const void *record)
{
    double value = *(const double *)value_of(field, record);

    if (field->unit && !strcmp(field->unit, "ratio")) {
        text_add(text, "%.*f %%", value > 0 && value < 0.01 ? 2 : 0, value * 100);
        return;
    }
    text_add(text, fabs(value) < 1000 ? "%.3g" : "%.0f", value);
    add_unit(text, field, false);
}

/* Milliseconds are enough to compare with a log. */
static void add_time(struct text *text, const struct field *field, const void *record)
{
    struct text precise = {0};

    value_add_plain(&precise, field, record); /* 2026-11-21T02:03:04.123456789Z */
    text_add(text, "%.10s %.12s UTC", text_get(&precise), text_get(&precise) + 11);
    text_deinit(&precise);
}

static void add_list(struct text *text, const struct field *field, const struct record_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        text_add(text, "%s", i > 0 ? ", " : "");
        if (field->of)
            human_add_object(text, field->of, value_item(field, list, i));
        else
            human_add_clean(text, value_string(list, i));
    }
}

void human_add_value(struct text *text, const struct field *field, const void *record)
{
    switch (field->type) {
    case FIELD_TEXT:
        human_add_clean(text, *(const char *const *)value_of(field, record));
        break;
    case FIELD_INTEGER:
        add_integer(text, field, record);
        break;
    case FIELD_REAL:
        add_real(text, field, record);
        break;
    case FIELD_BOOLEAN:
        text_add(text, "%s", *(const bool *)value_of(field, record) ? "yes" : "no");
        break;
    case FIELD_ADDRESS:
        value_add_plain(text, field, record);
        break;
    case FIELD_TIME:
        add_time(text, field, record);
        break;
    case FIELD_OBJECT:
        human_add_object(text, field->of, value_object(field, record));
        break;
    case FIELD_LIST:
        add_list(text, field, value_list(field, record));
        break;
    }
}

bool human_is_empty(const struct field *field, const void *record)
{
    if (field->style == STYLE_HIDDEN || value_is_absent(field, record))
        return true;
    if (field->type == FIELD_TEXT)
        return !(*(const char *const *)value_of(field, record))[0];
    return field->type == FIELD_LIST && value_list(field, record)->count == 0;
}

static bool is_inline(const struct field *field, bool headline)
{
    return field->style != STYLE_PARAGRAPH && (field->style == STYLE_HEADLINE) == headline;
}

/* The name of a part, in the middle of a line. */
static void add_label(struct text *text, const struct field *field)
{
    size_t start = text->length;

    human_add_title(text, field);
    if (!field->title && !isupper((unsigned char)text->data[start + 1]))
        text->data[start] = (char)tolower((unsigned char)text->data[start]);
    text_add(text, " ");
}

/* The parts of an object that are headlines, or those that are not. */
static size_t add_parts(struct text *text, const struct schema *schema, const void *record, bool headline)
{
    size_t parts = 0;

    for (const struct field *field = schema->fields; field->name; field++) {
        if (!is_inline(field, headline) || human_is_empty(field, record))
            continue;
        text_add(text, "%s", parts++ ? ", " : "");
        if (!headline)
            add_label(text, field);
        human_add_value(text, field, record);
    }
    return parts;
}

void human_add_object(struct text *text, const struct schema *schema, const void *record)
{
    _cleanup_text_ struct text rest = {0};
    size_t headlines = add_parts(text, schema, record, true);

    if (add_parts(&rest, schema, record, false) > 0)
        text_add(text, headlines ? " (%s)" : "%s", text_get(&rest));
}
