/* SPDX-License-Identifier: MIT */
/* Which typing slips are recognised. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/suggest.h"

static const char *nearest(const char *typed)
{
    struct suggestion suggestion = {typed};
    const char *const words[] = {"json", "color", "compare", "timeout", "n"};

    for (size_t i = 0; i < 5; i++)
        suggestion_consider(&suggestion, words[i]);
    return suggestion.nearest;
}

static void slips_are_recognised(void **state)
{
    assert_string_equal(nearest("jsno"), "json");
    assert_string_equal(nearest("colour"), "color");
    assert_string_equal(nearest("timout"), "timeout");
    assert_string_equal(nearest("compar"), "compare");
}

static void strange_words_are_not(void **state)
{
    assert_null(nearest("frobnicate"));
    assert_null(nearest(""));
    assert_null(nearest("x"));
    assert_null(nearest("a-word-that-is-longer-than-any-option-we-have"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slips_are_recognised),
        cmocka_unit_test(strange_words_are_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
