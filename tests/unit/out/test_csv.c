/* SPDX-License-Identifier: MIT */
/* CSV: RFC 4180 quoting and one header line. */
#include "sample.h"

#include "out/csv.h"

static void rows_follow_one_header_line(void **state)
{
    const struct device devices[] = {{"say \"hi\", all", sample_address("10.0.0.1"), 1},
                                     {NULL, {0}, INTEGER_ABSENT},
                                     {"two\nlines", {0}, -4},
                                     {"bad\xff", {0}, 0}};
    FILE *file = tmpfile();
    struct csv_sink csv;

    csv_sink_init(&csv, file);
    csv.sink.begin(&csv.sink, &device_schema);
    for (size_t i = 0; i < 4; i++)
        csv.sink.record(&csv.sink, &device_schema, &devices[i]);
    assert_int_equal(csv.sink.end(&csv.sink), 0);
    assert_string_equal(sample_written(file), "where,address,hop\r\n"
                                              "\"say \"\"hi\"\", all\",10.0.0.1,1\r\n"
                                              ",,\r\n"
                                              "\"two\nlines\",,-4\r\n"
                                              "bad\xef\xbf\xbd,,0\r\n");
}

static void an_empty_answer_still_has_its_header(void **state)
{
    FILE *file = tmpfile();
    struct csv_sink csv;

    csv_sink_init(&csv, file);
    csv.sink.begin(&csv.sink, &device_schema);
    assert_int_equal(csv.sink.end(&csv.sink), 0);
    assert_string_equal(sample_written(file), "where,address,hop\r\n");
}

static void only_flat_records_fit(void **state)
{
    assert_true(csv_can_render(&device_schema));
    assert_false(csv_can_render(&sample_schema));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_follow_one_header_line),
        cmocka_unit_test(an_empty_answer_still_has_its_header),
        cmocka_unit_test(only_flat_records_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
