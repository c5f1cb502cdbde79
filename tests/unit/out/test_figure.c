/* SPDX-License-Identifier: MIT */
/* Pictures of documents: what is drawn for little, much and nothing, and that no name becomes mark-up. */
#include "sample.h"

#include "out/document/axis.h"
#include "out/document/html.h"
#include "out/document/markdown.h"

#define START (INT64_C(1767603600) * NS_PER_S) /* 2026-01-05 09:00:00 */

static const uint64_t few[] = {3, 3, 0, 1}, many[] = {1, 0, 0, 4};
static const struct figure_series series[] = {{"echo <b>", few}, {"redirect", many}};
static const struct figure_span spans[] = {{"1 sweep & more", "alert", START, START + 2 * NS_PER_S},
                                           {"2 other", NULL, START + NS_PER_S, START + 9 * NS_PER_S}};

static struct figure_area steps(void)
{
    return (struct figure_area){"Types", "How <many>.", "packets", START, NS_PER_S, 4, series,
                                2,       "incidents",   spans,     2};
}

static const struct figure_band columns[] = {{"10.0.0.1", 0, 0.5}, {"<evil>", 0.5, 1}};
static const struct figure_band bands[] = {{"192.0.2.0/24", 0, 1}};
static const struct figure_point points[] = {
    {0.25, 0.125, 0, 0, 0}, {0.25, 0.125, 0, 0, 1}, {0.3, 0.375, 0, 1, 0}, {0.75, 0.875, 1, 3, 0}};

static struct figure_scatter sample_scatter(void)
{
    return (struct figure_scatter){"Who", NULL, "sources", "targets", {"asked", "answered"}, columns, 2,
                                   bands, 1,    points,    4};
}

static const char *draw_area(const struct document_format *format, const struct figure_area *area)
{
    static struct text text;

    text_deinit(&text);
    format->area(&text, area);
    return text_get(&text);
}

static const char *draw_scatter(const struct document_format *format, const struct figure_scatter *scatter)
{
    static struct text text;

    text_deinit(&text);
    format->scatter(&text, scatter);
    return text_get(&text);
}

static void expect(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in: %s", part, text);
}

static void ticks_are_round_numbers(void **state)
{
    static const struct {
        double limit;
        unsigned most;
        double step;
    } cases[] = {{10, 5, 2}, {1, 5, 0.2}, {7, 5, 2}, {1000, 4, 500}, {0.03, 3, 0.01}, {1e19, 5, 2e18}};

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_true(fabs(axis_step(cases[i].limit, cases[i].most) / cases[i].step - 1) < 1e-9);
}

static void ticks_of_time_are_round_times(void **state)
{
    static const struct {
        int64_t length_s, step_s;
    } cases[] = {{4, 1},
                 {60, 10},
                 {3600, 600},
                 {86400, 3 * 3600},
                 {7 * 86400, 86400},
                 {90 * 86400, 10 * 86400},
                 {INT64_C(20) * 365 * 86400, INT64_C(1000) * 86400}};

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(axis_time_step(cases[i].length_s * NS_PER_S, 9), cases[i].step_s * NS_PER_S);
}

static void numbers_at_an_axis_are_short(void **state)
{
    static const struct {
        double number;
        const char *words;
    } cases[] = {{0, "0"},        {0.25, "0.25"},      {1, "1"},     {9999, "9999"},
                 {10000, "10 k"}, {123456, "123.5 k"}, {3e6, "3 M"}, {1.8446744e19, "18.45 E"}};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        _cleanup_text_ struct text text = {0};

        axis_add_number(&text, cases[i].number);
        assert_string_equal(text_get(&text), cases[i].words);
    }
}

static void times_at_an_axis_are_utc(void **state)
{
    _cleanup_text_ struct text text = {0};

    axis_add_time(&text, START, NS_PER_S);
    text_add(&text, "|");
    axis_add_time(&text, START, 60 * NS_PER_S);
    text_add(&text, "|");
    axis_add_time(&text, START, 86400 * NS_PER_S);
    text_add(&text, "|");
    axis_add_day(&text, START);
    assert_string_equal(text_get(&text), "09:00:00|09:00|01-05|2026-01-05");
}

/* The second series lies on the first: (1,0,0,4) on (3,3,0,1), of which 5 are as high as the picture. */
static void amounts_are_steps_on_top_of_each_other(void **state)
{
    struct figure_area area = steps();
    const char *page = draw_area(&html_format, &area);

    expect(page,
           "<path class=\"c0\" d=\"M56 126H440V240H632V202H824V240H56Z\"><title>echo &lt;b&gt;</title>");
    expect(page, "<path class=\"c1\" d=\"M56 88H248V126H440V240H632V50H824V202H632V240H440V126H56Z\">");
    expect(page, "<text class=\"mid\" x=\"248\" y=\"257\">09:00:01</text>");
    expect(page, "<text class=\"soft\" x=\"56\" y=\"274\">2026-01-05 UTC, steps of 1 s</text>");
    expect(page, "How &lt;many&gt;.");
}

static void what_lasted_is_a_bar(void **state)
{
    struct figure_area area = steps();
    const char *page = draw_area(&html_format, &area);

    expect(page, "<rect class=\"alert\" x=\"56\" y=\"2\" width=\"384\" height=\"14\"><title>1 sweep &amp; "
                 "more</title>");
    expect(page,
           "<rect class=\"info\" x=\"248\" y=\"20\" width=\"576\" height=\"14\"><title>2 other</title>");
    expect(page, "incidents");
}

/* More bars at once than there are lanes: the first ones are drawn, the others counted. */
static void bars_without_room_are_counted(void **state)
{
    struct figure_area area = steps();
    struct figure_span crowd[10];
    const char *page;

    for (size_t i = 0; i < COUNT_OF(crowd); i++)
        crowd[i] = spans[0];
    area.spans = crowd;
    area.span_count = COUNT_OF(crowd);
    page = draw_area(&html_format, &area);
    expect(page, "and 4 more, listed below");
}

static void nothing_is_no_picture(void **state)
{
    struct figure_area area = steps();
    struct figure_scatter scatter = sample_scatter();
    static const uint64_t zeros[4];
    const struct figure_series quiet = {"quiet", zeros};

    scatter.point_count = 0;
    assert_string_equal(draw_scatter(&html_format, &scatter), "");
    assert_string_equal(draw_scatter(&markdown_format, &scatter), "");
    area.series = &quiet;
    area.series_count = 1;
    assert_string_equal(draw_area(&html_format, &area), "");
    area.step_count = 0;
    assert_string_equal(draw_area(&html_format, &area), "");
    assert_string_equal(draw_area(&markdown_format, &area), "");
}

static void a_single_step_and_huge_numbers_fit(void **state)
{
    static const uint64_t huge[] = {UINT64_MAX};
    const struct figure_series only = {"flood", huge};
    struct figure_area area = {.title = "One",
                               .unit = "packets",
                               .start_ns = START,
                               .step_ns = 512 * NS_PER_S,
                               .step_count = 1,
                               .series = &only,
                               .series_count = 1};
    const char *page = draw_area(&html_format, &area);

    expect(page, "<path class=\"c0\" d=\"M56 14H824V204H56Z\">");
    assert_null(strstr(page, "nan"));
    assert_null(strstr(page, "inf"));
}

static void points_are_a_path_for_each_column_and_mark(void **state)
{
    struct figure_scatter scatter = sample_scatter();
    const char *page = draw_scatter(&html_format, &scatter);

    expect(page, "<title>10.0.0.1: targets 2, asked 2, answered 1</title>");
    expect(page, "<path class=\"m0\" d=\"M316.5 401.5h4M350.2 296.5h4\"/>");
    expect(page, "<path class=\"m1\" d=\"M318.5 401.5h0\"/>");
    expect(page, "<title>&lt;evil&gt;: targets 1, asked 1, answered 0</title>");
    expect(page, ">192.0.2.0/24</text>");
    assert_null(strstr(page, "<evil"));
}

static void long_names_lose_their_middle(void **state)
{
    struct figure_scatter scatter = sample_scatter();
    const struct figure_band long_band = {"2001:db8:1234:5678:9abc:def0:1234:5678", 0, 1};

    scatter.bands = &long_band;
    expect(draw_scatter(&html_format, &scatter), ">2001:db8:12..0:1234:5678</text>");
}

static void markdown_has_numbers_and_blocks(void **state)
{
    struct figure_area area = steps();
    struct figure_scatter scatter = sample_scatter();

    assert_string_equal(draw_area(&markdown_format, &area),
                        "\n### Types\n\n"
                        "| Name | packets | most a second | from 2026-01-05 09:00:00 to 09:00:04 UTC |\n"
                        "| --- | ---: | ---: | --- |\n"
                        "| echo \\<b\\> | 7 | 3 | \u2588\u2588\u00a0\u2583 |\n"
                        "| redirect | 5 | 4 | \u2582\u00a0\u00a0\u2588 |\n");
    assert_string_equal(draw_scatter(&markdown_format, &scatter), "\n### Who\n\n"
                                                                  "| sources | targets | asked | answered |\n"
                                                                  "| --- | ---: | ---: | ---: |\n"
                                                                  "| 10.0.0.1 | 2 | 2 | 1 |\n"
                                                                  "| \\<evil\\> | 1 | 1 | 0 |\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round_numbers),
        cmocka_unit_test(ticks_of_time_are_round_times),
        cmocka_unit_test(numbers_at_an_axis_are_short),
        cmocka_unit_test(times_at_an_axis_are_utc),
        cmocka_unit_test(amounts_are_steps_on_top_of_each_other),
        cmocka_unit_test(what_lasted_is_a_bar),
        cmocka_unit_test(bars_without_room_are_counted),
        cmocka_unit_test(nothing_is_no_picture),
        cmocka_unit_test(a_single_step_and_huge_numbers_fit),
        cmocka_unit_test(points_are_a_path_for_each_column_and_mark),
        cmocka_unit_test(long_names_lose_their_middle),
        cmocka_unit_test(markdown_has_numbers_and_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
