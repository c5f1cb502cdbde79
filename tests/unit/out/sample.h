/* SPDX-License-Identifier: MIT */
/* A record with every kind of field, and a way to see what a sink wrote. */
#ifndef SONDE_TESTS_UNIT_OUT_SAMPLE_H
#define SONDE_TESTS_UNIT_OUT_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"
#include "base/record.h"

/** A nested object: a device. */
struct device {
    const char *where;
    struct sonde_address address;
    int64_t hop;
};

/** One record with all field types. */
struct sample {
    const char *verdict;
    int64_t packets;
    double confidence;
    bool deep;
    struct sonde_address address;
    int64_t when_ns;
    int64_t elapsed_ns;
    const struct device *at;
    struct record_list evidence; /* of const char * */
    struct record_list path;     /* of struct device */
};

#define DEVICE(member) offsetof(struct device, member)
#define SAMPLE(member) offsetof(struct sample, member)

static const struct schema device_schema = {
    "device",
    "a device on the path",
    sizeof(struct device),
    (const struct field[]){
        {"where", FIELD_TEXT, DEVICE(where), NULL, "local, path or target", .style = STYLE_HEADLINE},
        {"address", FIELD_ADDRESS, DEVICE(address), NULL, "one of its addresses"},
        {"hop", FIELD_INTEGER, DEVICE(hop), NULL, "number on the path"},
        {0},
    },
    .tabular = true,
};

static const struct schema sample_schema = {
    "sonde.sample/1",
    "a sample",
    sizeof(struct sample),
    (const struct field[]){
        {"verdict", FIELD_TEXT, SAMPLE(verdict), NULL, "one sentence", .style = STYLE_HEADLINE},
        {"packets", FIELD_INTEGER, SAMPLE(packets), "packets", "how many were sent"},
        {"confidence", FIELD_REAL, SAMPLE(confidence), "ratio", "how sure"},
        {"deep", FIELD_BOOLEAN, SAMPLE(deep), NULL, "whether slow tests ran"},
        {"address", FIELD_ADDRESS, SAMPLE(address), NULL, "of the target"},
        {"when", FIELD_TIME, SAMPLE(when_ns), NULL, "begin"},
        {"elapsed_ns", FIELD_INTEGER, SAMPLE(elapsed_ns), "ns", "duration", .title = "Took"},
        {"at", FIELD_OBJECT, SAMPLE(at), NULL, "the device to blame", &device_schema},
        {"evidence", FIELD_LIST, SAMPLE(evidence), NULL, "what was seen", .style = STYLE_NUMBERED},
        {"path", FIELD_LIST, SAMPLE(path), NULL, "the devices", &device_schema, STYLE_TABLE},
        {0},
    },
};

/** A record in which everything that can be absent is. */
static inline struct sample sample_absent(void)
{
    return (struct sample){.packets = INTEGER_ABSENT,
                           .confidence = NAN,
                           .when_ns = INTEGER_ABSENT,
                           .elapsed_ns = INTEGER_ABSENT};
}

/** An address from its text. */
static inline struct sonde_address sample_address(const char *text)
{
    struct sonde_address address = {0};

    assert_int_equal(sonde_address_parse(text, &address), 0);
    return address;
}

/** What was written to a file made by tmpfile(); closes it. */
static inline const char *sample_written(FILE *file)
{
    static char text[8192];
    size_t length;

    rewind(file);
    length = fread(text, 1, sizeof(text) - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

#endif
