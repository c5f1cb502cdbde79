/* SPDX-License-Identifier: MIT */
/* Documents: the same record as Markdown and as HTML, and that no word of a stranger becomes mark-up. */
#include "sample.h"

#include <errno.h>

#include "out/document/html.h"
#include "out/document/markdown.h"

static const struct device devices[] = {
    {"path", {4, {10, 0, 0, 1}}, 1},
    {"path", {0}, INTEGER_ABSENT},
};
static const char *const evidence[] = {"a reset after 12 ms", "2 | 3 <b>bold</b> *words*\nsecond line"};

static struct sample full(void)
{
    return (struct sample){"The port is closed & shut.",
                           14,
                           0.93,
                           false,
                           {4, {192, 0, 2, 70}},
                           INTEGER_ABSENT,
                           212000000,
                           &devices[0],
                           {evidence, 2},
                           {devices, 2}};
}

/* What a sink writes for some records of the sample's schema. */
static const char *render(const struct document_format *format, const struct sample *samples, size_t count)
{
    struct document_sink document;
    FILE *file = tmpfile();

    assert_non_null(file);
    document_sink_init(&document, file, format, "sonde why a<b", "sonde 1, today");
    for (size_t i = 0; i < count; i++) {
        document.sink.begin(&document.sink, &sample_schema);
        document.sink.record(&document.sink, &sample_schema, &samples[i]);
    }
    assert_int_equal(document.sink.end(&document.sink), 0);
    return sample_written(file);
}

static void markdown_is_laid_out_by_styles(void **state)
{
    struct sample sample = full();

    assert_string_equal(render(&markdown_format, &sample, 1), "# sonde why a\\<b\n"
                                                              "\n"
                                                              "## The port is closed \\& shut.\n"
                                                              "\n"
                                                              "- **Packets:** 14\n"
                                                              "- **Confidence:** 93 %\n"
                                                              "- **Deep:** no\n"
                                                              "- **Address:** 192.0.2.70\n"
                                                              "- **Took:** 212 ms\n"
                                                              "- **At:** path (address 10.0.0.1, hop 1)\n"
                                                              "\n"
                                                              "### Evidence\n"
                                                              "\n"
                                                              "1. a reset after 12 ms\n"
                                                              "2. 2 \\| 3 \\<b\\>bold\\</b\\> \\*words\\*\\\n"
                                                              "   second line\n"
                                                              "\n"
                                                              "### Path\n"
                                                              "\n"
                                                              "| Where | Address | Hop |\n"
                                                              "| --- | --- | ---: |\n"
                                                              "| path | 10.0.0.1 | 1 |\n"
                                                              "| path | - | - |\n"
                                                              "\n"
                                                              "---\n"
                                                              "\n"
                                                              "sonde 1, today\n");
}

/* What stands between two marks of a text, the first included. */
static char *between(const char *text, const char *from, const char *to)
{
    const char *start = strstr(text, from), *stop = start ? strstr(start, to) : NULL;

    assert_non_null(stop);
    return strndup(start, (size_t)(stop - start));
}

static void html_is_laid_out_by_styles(void **state)
{
    struct sample sample = full();
    const char *page = render(&html_format, &sample, 1);
    char *body = between(page, "<body>", "<footer>");

    assert_string_equal(body, "<body>\n"
                              "<h1>sonde why a&lt;b</h1>\n"
                              "<h2>The port is closed &amp; shut.</h2>\n"
                              "<dl>\n"
                              "<dt>Packets</dt>\n<dd>14</dd>\n"
                              "<dt>Confidence</dt>\n<dd>93 %</dd>\n"
                              "<dt>Deep</dt>\n<dd>no</dd>\n"
                              "<dt>Address</dt>\n<dd>192.0.2.70</dd>\n"
                              "<dt>Took</dt>\n<dd>212 ms</dd>\n"
                              "<dt>At</dt>\n<dd>path (address 10.0.0.1, hop 1)</dd>\n"
                              "</dl>\n"
                              "<h3>Evidence</h3>\n"
                              "<ol>\n"
                              "<li>a reset after 12 ms</li>\n"
                              "<li>2 | 3 &lt;b&gt;bold&lt;/b&gt; *words*<br>\nsecond line</li>\n"
                              "</ol>\n"
                              "<h3>Path</h3>\n"
                              "<div class=\"wide\"><table>\n"
                              "<tr><th>Where</th><th>Address</th><th class=\"number\">Hop</th></tr>\n"
                              "<tr><td>path</td><td>10.0.0.1</td><td class=\"number\">1</td></tr>\n"
                              "<tr><td>path</td><td>-</td><td class=\"number\">-</td></tr>\n"
                              "</table></div>\n");
    free(body);
    assert_non_null(strstr(page, "<title>sonde why a&lt;b</title>"));
    assert_non_null(strstr(page, "<footer>sonde 1, today</footer>\n</body>\n</html>\n"));
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "http:"));
    assert_null(strstr(page, "https:"));
}

static void a_document_is_whole_without_any_record(void **state)
{
    assert_string_equal(render(&markdown_format, NULL, 0), "# sonde why a\\<b\n\n---\n\nsonde 1, today\n");
    assert_non_null(strstr(render(&html_format, NULL, 0), "</body>\n</html>\n"));
}

static void absent_values_leave_no_trace(void **state)
{
    struct sample sample = sample_absent();

    assert_string_equal(render(&markdown_format, &sample, 1),
                        "# sonde why a\\<b\n\n- **Deep:** no\n\n---\n\nsonde 1, today\n");
}

static void several_records_have_one_frame(void **state)
{
    struct sample samples[2] = {full(), full()};
    const char *page = render(&html_format, samples, 2), *second;

    second = strstr(strstr(page, "<h2>") + 1, "<h2>");
    assert_non_null(second);
    assert_null(strstr(second + 1, "<h2>"));
    assert_null(strstr(strstr(page, "<html") + 1, "<html"));
    assert_null(strstr(strstr(page, "<footer") + 1, "<footer"));
}

/* A line that begins like a heading, a list, a rule or code, and what becomes of it. */
static void words_of_strangers_stay_words_in_markdown(void **state)
{
    static const struct {
        const char *words, *line;
    } cases[] = {
        {"# no heading", "## \\# no heading\n"},
        {"- no list", "## \\- no list\n"},
        {"12. no list", "## 12\\. no list\n"},
        {"7) no list", "## 7\\) no list\n"},
        {"127.0.0.1 is no list", "## 127.0.0.1 is no list\n"},
        {"    no code", "## no code\n"},
        {"[no](link) ![no](picture)", "## \\[no\\](link) !\\[no\\](picture)\n"},
        {"a_b_c `no code` ~~kept~~ \\", "## a\\_b\\_c \\`no code\\` \\~\\~kept\\~\\~ \\\\\n"},
        {"one\n# two", "## one \\# two\n"},
        {"\033[31mred", "## \\\\x1b\\[31mred\n"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sample sample = sample_absent();
        const char *page;

        sample.verdict = cases[i].words;
        page = render(&markdown_format, &sample, 1);
        if (!strstr(page, cases[i].line))
            fail_msg("not %s but %s", cases[i].line, page);
    }
}

static void words_of_strangers_stay_words_in_html(void **state)
{
    struct sample sample = sample_absent();
    char *headline;

    sample.verdict = "</h2><script>alert(\"x\" + 'y')</script>\xff\033[0m";
    headline = between(render(&html_format, &sample, 1), "<h2>", "\n");
    assert_string_equal(headline,
                        "<h2>&lt;/h2&gt;&lt;script&gt;alert(&quot;x&quot; + &#39;y&#39;)&lt;/script&gt;"
                        "\xef\xbf\xbd\\x1b[0m</h2>");
    free(headline);
}

/* Records of a tabular schema are rows of one table. */
static void tabular_records_become_one_table(void **state)
{
    struct document_sink document;
    FILE *file = tmpfile();

    assert_non_null(file);
    document_sink_init(&document, file, &markdown_format, "devices", "end");
    for (size_t i = 0; i < 2; i++) {
        document.sink.begin(&document.sink, &device_schema);
        document.sink.record(&document.sink, &device_schema, &devices[i]);
    }
    assert_int_equal(document.sink.end(&document.sink), 0);
    assert_string_equal(sample_written(file), "# devices\n"
                                              "\n"
                                              "| Where | Address | Hop |\n"
                                              "| --- | --- | ---: |\n"
                                              "| path | 10.0.0.1 | 1 |\n"
                                              "| path | - | - |\n"
                                              "\n"
                                              "---\n"
                                              "\n"
                                              "end\n");
}

static void a_full_disk_is_an_error(void **state)
{
    struct document_sink document;
    struct sample sample = full();
    FILE *file = fopen("/dev/full", "w");

    assert_non_null(file);
    document_sink_init(&document, file, &html_format, "title", "footer");
    document.sink.begin(&document.sink, &sample_schema);
    document.sink.record(&document.sink, &sample_schema, &sample);
    assert_int_equal(document.sink.end(&document.sink), -ENOSPC);
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markdown_is_laid_out_by_styles),
        cmocka_unit_test(html_is_laid_out_by_styles),
        cmocka_unit_test(a_document_is_whole_without_any_record),
        cmocka_unit_test(absent_values_leave_no_trace),
        cmocka_unit_test(several_records_have_one_frame),
        cmocka_unit_test(words_of_strangers_stay_words_in_markdown),
        cmocka_unit_test(words_of_strangers_stay_words_in_html),
        cmocka_unit_test(tabular_records_become_one_table),
        cmocka_unit_test(a_full_disk_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
