/* SPDX-License-Identifier: MIT */
/* Numbers, durations and sizes as people type them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/macro.h"
#include "cmd/front/values.h"

typedef int parser(const char *text, int64_t *value);

static void assert_value(parser *parse, const char *text, int64_t expected)
{
    int64_t value = 77;

    if (parse(text, &value) != 0 || value != expected)
        fail_msg("'%s' gives %lld", text, (long long)value);
}

static void assert_refused(parser *parse, const char *text, int result)
{
    int64_t value = 77;

    if (parse(text, &value) != result || value != 77)
        fail_msg("'%s' is taken for %lld", text, (long long)value);
}

static void durations(void **state)
{
    assert_value(value_duration, "500ms", 500 * NS_PER_MS);
    assert_value(value_duration, "2s", 2 * NS_PER_S);
    assert_value(value_duration, "1m", 60 * NS_PER_S);
    assert_value(value_duration, "1h", 3600 * NS_PER_S);
    assert_value(value_duration, "3", 3 * NS_PER_S);
    assert_value(value_duration, "0.2", 200 * NS_PER_MS);
    assert_value(value_duration, "1.25ms", 1250 * NS_PER_US);
    assert_value(value_duration, "0.1234567891", 123456789);
    assert_value(value_duration, "9223372036s", INT64_C(9223372036000000000));
    assert_refused(value_duration, "9223372037s", -ERANGE);
    assert_refused(value_duration, "99999999999999999999", -ERANGE);
    for (size_t i = 0; i < 9; i++)
        assert_refused(value_duration,
                       (const char *[]){"", "s", "-1s", "1 s", "1.s", ".5", "1w", "1ms2", "0x10"}[i],
                       -EINVAL);
}

static void sizes(void **state)
{
    assert_value(value_size, "1500", 1500);
    assert_value(value_size, "1K", 1024);
    assert_value(value_size, "2M", 2 << 20);
    assert_value(value_size, "1G", 1 << 30);
    assert_refused(value_size, "1.5K", -EINVAL);
    assert_refused(value_size, "1KB", -EINVAL);
    assert_refused(value_size, "9999999999G", -ERANGE);
}

static void numbers(void **state)
{
    assert_value(value_number, "0", 0);
    assert_value(value_number, "-12", -12);
    assert_value(value_number, "9223372036854775807", INT64_MAX);
    assert_refused(value_number, "9223372036854775808", -ERANGE);
    for (size_t i = 0; i < 6; i++)
        assert_refused(value_number, (const char *[]){"", "-", " 1", "+1", "1x", "1e3"}[i], -EINVAL);
}

static void choices(void **state)
{
    int index = 9;

    assert_int_equal(value_choice("auto|always|never", "auto", &index), 0);
    assert_int_equal(index, 0);
    assert_int_equal(value_choice("auto|always|never", "never", &index), 0);
    assert_int_equal(index, 2);
    assert_int_equal(value_choice("auto|always|never", "al", &index), -EINVAL);
    assert_int_equal(value_choice("auto|always|never", "auto|always", &index), -EINVAL);
    assert_int_equal(value_choice("auto|always|never", "", &index), -EINVAL);
    assert_int_equal(index, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations),
        cmocka_unit_test(sizes),
        cmocka_unit_test(numbers),
        cmocka_unit_test(choices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
