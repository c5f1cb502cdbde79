/* SPDX-License-Identifier: MIT */
/* What every sink needs of a field: where it is, whether it is absent, and its plain text. */
#include "out/value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/address.h"

const void *value_of(const struct field *field, const void *record)
{
    return (const char *)record + field->offset;
}

const void *value_object(const struct field *field, const void *record)
{
    return *(const void *const *)value_of(field, record);
}

const struct record_list *value_list(const struct field *field, const void *record)
{
    return value_of(field, record);
}

const void *value_item(const struct field *field, const struct record_list *list, size_t index)
{
    return (const char *)list->items + index * field->of->size;
}

const char *value_string(const struct record_list *list, size_t index)
{
    return ((const char *const *)list->items)[index];
}

bool value_is_absent(const struct field *field, const void *record)
{
    const void *value = value_of(field, record);

    switch (field->type) {
    case FIELD_TEXT:
        return !*(const char *const *)value;
    case FIELD_INTEGER:
    case FIELD_TIME:
        return *(const int64_t *)value == INTEGER_ABSENT;
    case FIELD_REAL:
        return !isfinite(*(const double *)value); /* JSON has no infinity either */
    case FIELD_ADDRESS:
        return ((const struct sonde_address *)value)->family == 0;
    case FIELD_OBJECT:
        return !value_object(field, record);
    case FIELD_BOOLEAN:
    case FIELD_LIST:
        return false;
    }
    return true;
}

/* The shortest form that reads back as the same number. */
static void add_real(struct text *text, double value)
{
    char form[32];
    int digits = 15;

    do
        snprintf(form, sizeof(form), "%.*g", digits, value);
    while (strtod(form, NULL) != value && ++digits <= 17);
    text_add(text, "%s", form);
}

static void add_address(struct text *text, const struct sonde_address *address)
{
    char form[SONDE_ADDRESS_TEXT];

    text_add(text, "%s", sonde_address_format(address, form));
}

static void add_time(struct text *text, int64_t time_ns)
{
    int64_t ns = time_ns % NS_PER_S, seconds = time_ns / NS_PER_S - (ns < 0);
    struct tm utc;

    if (ns < 0)
        ns += NS_PER_S;
    gmtime_r(&(time_t){seconds}, &utc);
    text_add(text, "%04d-%02d-%02dT%02d:%02d:%02d.%09" PRId64 "Z", utc.tm_year + 1900, utc.tm_mon + 1,
             utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, ns);
}

void value_add_plain(struct text *text, const struct field *field, const void *record)
{
    const void *value = value_of(field, record);

    switch (field->type) {
    case FIELD_INTEGER:
        text_add(text, "%" PRId64, *(const int64_t *)value);
        break;
    case FIELD_REAL:
        add_real(text, *(const double *)value);
        break;
    case FIELD_BOOLEAN:
        text_add(text, "%s", *(const bool *)value ? "true" : "false");
        break;
    case FIELD_ADDRESS:
        add_address(text, value);
        break;
    case FIELD_TIME:
        add_time(text, *(const int64_t *)value);
        break;
    case FIELD_TEXT:
    case FIELD_OBJECT:
    case FIELD_LIST:
        break;
    }
}
