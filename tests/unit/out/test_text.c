/* SPDX-License-Identifier: MIT */
/* Text: what a person sees. */
#include "sample.h"

#include <errno.h>

#include "out/human.h"
#include "out/text.h"

static const struct device devices[] = {
    {"path", {4, {10, 0, 0, 1}}, 1},
    {"path", {0}, 2},
    {"target", {4, {192, 0, 2, 70}}, 12},
};
static const char *const evidence[] = {"a TCP reset came back after 12 ms with TTL 63",
                                       "the host answers an echo request with TTL 61"};

static struct sample full(void)
{
    return (struct sample){"The port is closed.", 14,        0.93,        false,         {4, {192, 0, 2, 70}},
                           1700000000123456789,   212000000, &devices[0], {evidence, 2}, {devices, 3}};
}

static char *render(const struct layout *layout, const struct sample *sample)
{
    struct text text = {0};

    text_add_record(&text, layout, 0, &sample_schema, sample);
    return text_take(&text);
}

static void a_record_is_laid_out_by_its_styles(void **state)
{
    struct sample sample = full();
    _cleanup_free_ char *text = render(&(struct layout){80, false}, &sample);

    assert_string_equal(text, "The port is closed.\n"
                              "\n"
                              "Packets:    14\n"
                              "Confidence: 93 %\n"
                              "Deep:       no\n"
                              "Address:    192.0.2.70\n"
                              "When:       2023-11-14 22:13:20.123 UTC\n"
                              "Took:       212 ms\n"
                              "At:         path (address 10.0.0.1, hop 1)\n"
                              "\n"
                              "Evidence:\n"
                              "  1. a TCP reset came back after 12 ms with TTL 63\n"
                              "  2. the host answers an echo request with TTL 61\n"
                              "\n"
                              "Path:\n"
                              "  Where   Address     Hop\n"
                              "  path    10.0.0.1      1\n"
                              "  path    -             2\n"
                              "  target  192.0.2.70   12\n");
}

static void long_lines_wrap_with_a_hanging_indent(void **state)
{
    struct sample sample = sample_absent();
    _cleanup_free_ char *text = NULL;

    sample.evidence = (struct record_list){evidence, 1};
    text = render(&(struct layout){40, false}, &sample);
    assert_string_equal(text, "Deep: no\n"
                              "\n"
                              "Evidence:\n"
                              "  1. a TCP reset came back after 12 ms\n"
                              "     with TTL 63\n");
}

static void a_word_that_is_too_long_stays_whole(void **state)
{
    struct text text = {0};
    const char *word = "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff";

    layout_add_wrapped(&text, &(struct layout){20, false}, 0, word, false);
    assert_memory_equal(text_get(&text), word, strlen(word));
    text_deinit(&text);
}

static void indented_lines_and_line_ends_are_kept(void **state)
{
    _cleanup_text_ struct text text = {0};

    layout_add_wrapped(&text, &(struct layout){80, false}, 2, "one\n\n  type 3\n  code 3\n", false);
    assert_string_equal(text_get(&text), "one\n\n    type 3\n    code 3\n");
}

static void headings_are_bold_with_colour_only(void **state)
{
    struct sample sample = full();
    _cleanup_free_ char *plain = render(&(struct layout){80, false}, &sample);
    _cleanup_free_ char *bold = render(&(struct layout){80, true}, &sample);

    assert_null(strchr(plain, '\033'));
    assert_non_null(strstr(bold, "\033[1mThe port is closed.\033[0m\n"));
    assert_non_null(strstr(bold, "\033[1mEvidence:\033[0m\n"));
}

static void a_stranger_cannot_steer_the_terminal(void **state)
{
    struct sample sample = sample_absent();
    _cleanup_free_ char *text = NULL;

    sample.verdict = "name \033[2Jevil\xff\xc2\x9b"
                     "1m";
    text = render(&(struct layout){80, false}, &sample);
    assert_string_equal(text, "name \\x1b[2Jevil\xef\xbf\xbd\\x9b1m\n\nDeep: no\n");
}

static void records_of_a_tabular_schema_share_one_table(void **state)
{
    struct text_sink text;
    FILE *file = tmpfile();

    text_sink_init(&text, file, (struct layout){80, false});
    text.sink.begin(&text.sink, &device_schema);
    for (size_t i = 0; i < COUNT_OF(devices); i++)
        text.sink.record(&text.sink, &device_schema, &devices[i]);
    assert_int_equal(text.sink.end(&text.sink), 0);
    assert_string_equal(sample_written(file), "Where   Address     Hop\n"
                                              "path    10.0.0.1      1\n"
                                              "path    -             2\n"
                                              "target  192.0.2.70   12\n");
}

static void wide_tables_are_folded_into_the_width(void **state)
{
    const char *words = "a text that is much too long for a line of so few columns";
    struct device wide[] = {{words, {4, {10, 0, 0, 1}}, 1}, {"short", {4, {192, 0, 2, 70}}, 12}};
    _cleanup_text_ struct text text = {0};
    struct table table;

    table_init(&table, &device_schema);
    table_add(&table, &wide[0]);
    table_add(&table, &wide[1]);
    table_render(&text, &table, &(struct layout){50, false}, 2);
    table_deinit(&table);
    assert_string_equal(text_get(&text), "  Where                            Address     Hop\n"
                                         "  a text that is much too long     10.0.0.1      1\n"
                                         "  for a line of so few columns\n"
                                         "  short                            192.0.2.70   12\n");
}

static void records_stand_apart(void **state)
{
    struct sample sample = sample_absent();
    struct text_sink text;
    FILE *file = tmpfile();

    text_sink_init(&text, file, (struct layout){80, false});
    text.sink.record(&text.sink, &sample_schema, &sample);
    text.sink.record(&text.sink, &device_schema, &devices[0]);
    text.sink.record(&text.sink, &sample_schema, &sample);
    assert_int_equal(text.sink.end(&text.sink), 0);
    assert_string_equal(sample_written(file),
                        "Deep: no\n\nWhere  Address   Hop\npath   10.0.0.1    1\n\nDeep: no\n");
}

static void a_full_disk_is_reported_at_the_end(void **state)
{
    FILE *file = fopen("/dev/full", "w");
    struct text_sink text;

    text_sink_init(&text, file, (struct layout){80, false});
    text.sink.record(&text.sink, &device_schema, &devices[0]);
    assert_int_equal(text.sink.end(&text.sink), -ENOSPC);
    fclose(file);
}

static void assert_duration(int64_t duration_ns, const char *expected)
{
    _cleanup_text_ struct text text = {0};

    human_add_duration(&text, duration_ns);
    assert_string_equal(text_get(&text), expected);
}

static void durations_read_well(void **state)
{
    assert_duration(0, "0 s");
    assert_duration(7, "7 ns");
    assert_duration(1500, "1.5 us");
    assert_duration(212 * NS_PER_MS, "212 ms");
    assert_duration(3500 * NS_PER_MS, "3.5 s");
    assert_duration(90 * NS_PER_S, "1.5 min");
    assert_duration(-2 * NS_PER_S, "-2 s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_laid_out_by_its_styles),
        cmocka_unit_test(long_lines_wrap_with_a_hanging_indent),
        cmocka_unit_test(a_word_that_is_too_long_stays_whole),
        cmocka_unit_test(indented_lines_and_line_ends_are_kept),
        cmocka_unit_test(headings_are_bold_with_colour_only),
        cmocka_unit_test(a_stranger_cannot_steer_the_terminal),
        cmocka_unit_test(records_of_a_tabular_schema_share_one_table),
        cmocka_unit_test(wide_tables_are_folded_into_the_width),
        cmocka_unit_test(records_stand_apart),
        cmocka_unit_test(a_full_disk_is_reported_at_the_end),
        cmocka_unit_test(durations_read_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
