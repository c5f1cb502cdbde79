/* SPDX-License-Identifier: MIT */
/* The option parser: every style of writing an option, and every way to get it wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/address.h"
#include "cmd/front/options.h"

struct config {
    bool flag, quiet;
    uint8_t family;
    const char *file;
    struct option_texts compare;
    int64_t count, wait_ns, size;
    int color;
    struct sonde_address source;
};

#define AT(member) offsetof(struct config, member)

static const struct option_row rows[] = {
    {"flag", 'f', OPTION_FLAG, AT(flag)},
    {"quiet", 'q', OPTION_FLAG, AT(quiet)},
    {"ipv4", '4', OPTION_FAMILY4, AT(family)},
    {"ipv6", '6', OPTION_FAMILY6, AT(family)},
    {"file", 'F', OPTION_TEXT, AT(file), "FILE"},
    {"compare", 0, OPTION_TEXTS, AT(compare), "HOST"},
    {"count", 'c', OPTION_NUMBER, AT(count), .min = 1, .max = 10},
    {"timeout", 'W', OPTION_DURATION, AT(wait_ns), .min = NS_PER_MS, .max = 60 * NS_PER_S},
    {"size", 's', OPTION_SIZE, AT(size)},
    {"color", 0, OPTION_CHOICE, AT(color), .choices = "auto|always|never"},
    {"source", 'S', OPTION_ADDRESS, AT(source)},
    {0},
};

/* One run of the parser. */
struct outcome {
    struct config config;
    struct sonde_error error;
    char *arguments[16];
    size_t operands;
    int result;
};

static struct outcome outcome;

static void release(void)
{
    options_deinit(&(struct option_set){rows, &outcome.config}, 1);
}

/* Parse a list of words that ends with NULL. */
static void parse(const char *const *words)
{
    size_t count = 0;

    release();
    outcome = (struct outcome){.config = {.count = 3}};
    for (; words[count]; count++)
        outcome.arguments[count] = (char *)words[count];
    outcome.result = options_parse(&(struct option_set){rows, &outcome.config}, 1, outcome.arguments, count,
                                   &outcome.operands, &outcome.error);
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

#define ASSERT_REFUSED(sentence, ...)                                                                        \
    do {                                                                                                     \
        PARSE(__VA_ARGS__);                                                                                  \
        assert_int_equal(outcome.result, SONDE_E_USAGE);                                                     \
        assert_string_equal(outcome.error.what, sentence);                                                   \
    } while (0)

static void values_are_written_in_every_style(void **state)
{
    PARSE("--count=7", "--file", "a", "-W500ms", "-s", "1K", "-fq6", "--color=never", "-S", "2001:db8::1");
    assert_int_equal(outcome.result, 0);
    assert_int_equal(outcome.config.count, 7);
    assert_string_equal(outcome.config.file, "a");
    assert_int_equal(outcome.config.wait_ns, 500 * NS_PER_MS);
    assert_int_equal(outcome.config.size, 1024);
    assert_true(outcome.config.flag && outcome.config.quiet);
    assert_int_equal(outcome.config.family, 6);
    assert_int_equal(outcome.config.color, 2);
    assert_int_equal(outcome.config.source.family, 6);
    assert_int_equal(outcome.operands, 0);
}

static void grouped_letters_may_end_in_a_value(void **state)
{
    PARSE("-fc4", "-4qc", "5");
    assert_int_equal(outcome.result, 0);
    assert_int_equal(outcome.config.count, 5);
    assert_true(outcome.config.flag && outcome.config.quiet);
    assert_int_equal(outcome.config.family, 4);
}

static void operands_and_options_mix(void **state)
{
    PARSE("one", "-f", "-", "--count", "2", "two");
    assert_int_equal(outcome.result, 0);
    assert_int_equal(outcome.operands, 3);
    assert_string_equal(outcome.arguments[0], "one");
    assert_string_equal(outcome.arguments[1], "-");
    assert_string_equal(outcome.arguments[2], "two");
}

static void what_follows_two_hyphens_is_untouched(void **state)
{
    PARSE("run", "closed", "--", "ping", "-c1", "--", "--flag", "-x");
    assert_int_equal(outcome.result, 0);
    assert_int_equal(outcome.operands, 7);
    assert_string_equal(outcome.arguments[3], "-c1");
    assert_string_equal(outcome.arguments[4], "--");
    assert_string_equal(outcome.arguments[6], "-x");
    assert_false(outcome.config.flag);
}

static void lists_collect_their_values_and_others_keep_the_last(void **state)
{
    PARSE("--compare=a", "-c2", "--compare", "b", "-c3", "-4", "-6");
    assert_int_equal(outcome.config.compare.count, 2);
    assert_string_equal(outcome.config.compare.items[0], "a");
    assert_string_equal(outcome.config.compare.items[1], "b");
    assert_int_equal(outcome.config.count, 3);
    assert_int_equal(outcome.config.family, 6);
}

static void defaults_stay_without_options(void **state)
{
    PARSE("host");
    assert_int_equal(outcome.config.count, 3);
    assert_int_equal(outcome.config.compare.count, 0);
    assert_null(outcome.config.file);
}

static void unknown_options_name_the_nearest(void **state)
{
    ASSERT_REFUSED("there is no option --colour", "--colour=never");
    assert_string_equal(outcome.error.hint, "Did you mean --color?");
    ASSERT_REFUSED("there is no option --frobnicate", "--frobnicate");
    assert_string_equal(outcome.error.hint, "");
    ASSERT_REFUSED("there is no option -x", "-fx");
    ASSERT_REFUSED("there is no option --coun", "--coun=2"); /* scripts must not depend on abbreviations */
}

static void missing_and_needless_values_are_refused(void **state)
{
    ASSERT_REFUSED("--file needs a value: --file=FILE", "--file");
    ASSERT_REFUSED("--file needs a value: --file=FILE", "-F", "--flag");
    ASSERT_REFUSED("--color needs a value: --color=auto|always|never", "--color");
    ASSERT_REFUSED("--flag takes no value", "--flag=yes");
}

static void a_value_may_begin_with_a_hyphen_when_attached(void **state)
{
    PARSE("--file=-x", "-F-", "--file", "-");
    assert_int_equal(outcome.result, 0);
    assert_string_equal(outcome.config.file, "-");
    PARSE("-F-x");
    assert_string_equal(outcome.config.file, "-x");
}

static void values_are_checked(void **state)
{
    ASSERT_REFUSED("--count wants a whole number (1 to 10), not '11'", "-c11");
    ASSERT_REFUSED("--count wants a whole number (1 to 10), not '-5'", "--count", "-5");
    ASSERT_REFUSED("--count wants a whole number (1 to 10), not ''", "--count=");
    ASSERT_REFUSED("--timeout wants a duration such as 500ms or 2s (1 ms to 1 min), not '2h'", "-W", "2h");
    ASSERT_REFUSED("--size wants a size such as 1500 or 1K, not '-1'", "-s", "-1");
    ASSERT_REFUSED("--color wants one of auto|always|never, not 'red'", "--color", "red");
    ASSERT_REFUSED("--source wants an IPv4 or IPv6 address, not '10.0.0'", "-S", "10.0.0");
    assert_int_equal(outcome.config.count, 3);
}

static int tear_down(void **state)
{
    release();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_written_in_every_style),
        cmocka_unit_test(grouped_letters_may_end_in_a_value),
        cmocka_unit_test(operands_and_options_mix),
        cmocka_unit_test(what_follows_two_hyphens_is_untouched),
        cmocka_unit_test(lists_collect_their_values_and_others_keep_the_last),
        cmocka_unit_test(defaults_stay_without_options),
        cmocka_unit_test(unknown_options_name_the_nearest),
        cmocka_unit_test(missing_and_needless_values_are_refused),
        cmocka_unit_test(a_value_may_begin_with_a_hyphen_when_attached),
        cmocka_unit_test(values_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
