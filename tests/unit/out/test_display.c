/* SPDX-License-Identifier: MIT */
/* Parts of a display that need no terminal: pages of wrapped text, and bars. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "out/display/page.h"
#include "out/display/spark.h"
#include "out/layout.h"

static void bars_are_as_high_as_their_part(void **state)
{
    const uint64_t values[] = {0, 1, 8, 4, 9, 16};
    char text[6 * SPARK_OCTETS + 1];

    (void)state;
    spark_write(values, 6, 8, true, text);
    assert_string_equal(text, " ▁▄▂▅█");
    spark_write(values, 6, 8, false, text);
    assert_string_equal(text, " _=.+#");
    spark_write(values, 4, 8, true, text);
    assert_string_equal(text, " ▁█▄");
    spark_write((const uint64_t[]){0, 1, UINT64_MAX}, 3, 0, true, text);
    assert_string_equal(text, " ▁█");
    spark_write(values, 0, 8, true, text);
    assert_string_equal(text, "");
}

static const char *text_of(const struct page *page, size_t line)
{
    return page->octets.data + page->lines[line].text;
}

static void text_is_wrapped_beside_its_label(void **state)
{
    struct page page = {0};

    (void)state;
    page_begin(&page, PAGE_LABEL + LAYOUT_LEAST);
    page_add_heading(&page, "First");
    page_add_field(&page, "Label", "words that are wrapped here");
    page_field(&page, "Number", "%d %%", 7);
    page_add_heading(&page, "Second");
    page_add_item(&page, "one");
    page_add_raw(&page, "raw  line that is longer than the page may be, and stays whole");
    assert_int_equal(page.count, 8);
    assert_string_equal(text_of(&page, 0), "First");
    assert_int_equal(page.lines[0].style, DISPLAY_STRONG);
    assert_string_equal(text_of(&page, 1), "words that are");
    assert_string_equal(page.octets.data + page.lines[1].label, "Label");
    assert_int_equal(page.lines[1].indent, PAGE_LABEL);
    assert_string_equal(text_of(&page, 2), "wrapped here");
    assert_int_equal(page.lines[2].label, 0);
    assert_string_equal(text_of(&page, 3), "7 %");
    assert_string_equal(text_of(&page, 4), "");
    assert_string_equal(text_of(&page, 6), "one");
    assert_string_equal(page.octets.data + page.lines[6].label, "-");
    assert_string_equal(text_of(&page, 7), "raw  line that is longer than the page may be, and stays whole");
    page_begin(&page, 80);
    assert_int_equal(page.count, 0);
    for (int i = 0; i < 2 * PAGE_LINES; i++)
        page_add(&page, DISPLAY_PLAIN, 0, "line");
    assert_int_equal(page.count, PAGE_LINES);
    page_deinit(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_are_as_high_as_their_part),
        cmocka_unit_test(text_is_wrapped_beside_its_label),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
