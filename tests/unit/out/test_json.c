/* SPDX-License-Identifier: MIT */
/* JSON: what a program that reads the lines relies on. */
#include "sample.h"

#include <errno.h>

#include "out/json.h"

static char *render(const struct sample *sample)
{
    struct text text = {0};

    json_add_record(&text, &sample_schema, sample);
    return text_take(&text);
}

static void assert_string(const char *input, const char *expected)
{
    _cleanup_text_ struct text text = {0};

    json_add_string(&text, input);
    assert_string_equal(text_get(&text), expected);
}

static void absent_fields_are_left_out_but_lists_stay(void **state)
{
    struct sample sample = sample_absent();
    _cleanup_free_ char *json = render(&sample);

    assert_string_equal(json, "{\"schema\":\"sonde.sample/1\",\"deep\":false,\"evidence\":[],\"path\":[]}");
}

static void every_field_type_is_rendered(void **state)
{
    const struct device devices[] = {{"path", sample_address("10.0.0.1"), 1},
                                     {"target", sample_address("2001:db8::1"), INTEGER_ABSENT}};
    const char *const evidence[] = {"first", "second"};
    struct sample sample = {
        "closed", 14,          0.93,          true,        sample_address("192.0.2.7"), 1700000000000000001,
        0,        &devices[0], {evidence, 2}, {devices, 2}};
    _cleanup_free_ char *json = render(&sample);

    assert_string_equal(
        json, "{\"schema\":\"sonde.sample/1\",\"verdict\":\"closed\",\"packets\":14,\"confidence\":0.93,"
              "\"deep\":true,\"address\":\"192.0.2.7\",\"when\":\"2023-11-14T22:13:20.000000001Z\","
              "\"elapsed_ns\":0,\"at\":{\"where\":\"path\",\"address\":\"10.0.0.1\",\"hop\":1},"
              "\"evidence\":[\"first\",\"second\"],\"path\":[{\"where\":\"path\",\"address\":\"10.0.0.1\","
              "\"hop\":1},"
              "{\"where\":\"target\",\"address\":\"2001:db8::1\"}]}");
}

static void strings_are_escaped(void **state)
{
    assert_string("", "\"\"");
    assert_string("a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
    assert_string("\x01\t\n\r\x1b[31m\x7f", "\"\\u0001\\u0009\\u000a\\u000d\\u001b[31m\\u007f\"");
    assert_string("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80", "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80\"");
}

static void invalid_utf8_becomes_the_replacement_character(void **state)
{
    assert_string("a\xff"
                  "b",
                  "\"a\xef\xbf\xbd"
                  "b\"");
    assert_string("\xc3", "\"\xef\xbf\xbd\"");
    assert_string("\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void numbers_keep_their_value(void **state)
{
    struct sample sample = sample_absent();
    _cleanup_free_ char *big = NULL, *small = NULL;

    sample.packets = INT64_MAX;
    sample.confidence = 0.1 + 0.2;
    big = render(&sample);
    assert_non_null(strstr(big, "\"packets\":9223372036854775807,\"confidence\":0.30000000000000004,"));
    sample.packets = INT64_MIN + 1;
    sample.confidence = INFINITY;
    sample.when_ns = -1;
    small = render(&sample);
    assert_non_null(strstr(small, "\"packets\":-9223372036854775807,\"deep\""));
    assert_non_null(strstr(small, "\"when\":\"1969-12-31T23:59:59.999999999Z\""));
}

static void a_sink_writes_one_line_for_each_record(void **state)
{
    struct sample sample = sample_absent();
    struct device device = {"local", {0}, 0};
    struct json_sink json;
    FILE *file = tmpfile();

    json_sink_init(&json, file);
    json.sink.begin(&json.sink, &sample_schema);
    json.sink.record(&json.sink, &sample_schema, &sample);
    json.sink.record(&json.sink, &device_schema, &device);
    assert_int_equal(json.sink.end(&json.sink), 0);
    assert_string_equal(sample_written(file),
                        "{\"schema\":\"sonde.sample/1\",\"deep\":false,\"evidence\":[],\"path\":[]}\n"
                        "{\"where\":\"local\",\"hop\":0}\n");
}

static void a_full_disk_is_reported_at_the_end(void **state)
{
    struct sample sample = sample_absent();
    FILE *file = fopen("/dev/full", "w");
    struct json_sink json;

    json_sink_init(&json, file);
    json.sink.record(&json.sink, &sample_schema, &sample);
    json.sink.record(&json.sink, &sample_schema, &sample);
    assert_int_equal(json.sink.end(&json.sink), -ENOSPC);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent_fields_are_left_out_but_lists_stay),
        cmocka_unit_test(every_field_type_is_rendered),
        cmocka_unit_test(strings_are_escaped),
        cmocka_unit_test(invalid_utf8_becomes_the_replacement_character),
        cmocka_unit_test(numbers_keep_their_value),
        cmocka_unit_test(a_sink_writes_one_line_for_each_record),
        cmocka_unit_test(a_full_disk_is_reported_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
