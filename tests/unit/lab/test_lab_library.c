/* SPDX-License-Identifier: MIT */
/* The library of scenarios: what is shipped is right, and what is not there is said. */
#include "net/lab/library.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/unit/unit.h"

static char *folder; /* a library made for this test */

static char *shipped(void)
{
    const char *source = getenv("SONDE_SOURCE");

    assert_non_null(source);
    return text_format("%s/scenarios", source);
}

static void write_file(const char *name, const char *text)
{
    _cleanup_free_ char *path = text_format("%s/%s", folder, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void remove_file(const char *name)
{
    _cleanup_free_ char *path = text_format("%s/%s", folder, name);

    unlink(path);
}

static int make_folder(void **state)
{
    folder = text_format("/tmp/sonde-library-%d", (int)getpid());
    return mkdir(folder, 0700);
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"base.network", "own.network", "b.scenario", "a.scenario",
                                        "large.scenario"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        remove_file(names[i]);
    rmdir(folder);
    free(folder);
    return 0;
}

/* Each shipped scenario is one that a person can learn from and a program can judge. */
static void test_shipped(void **state)
{
    _cleanup_free_ char *library = shipped();
    struct sonde_error error = {0};
    struct library_names names;

    assert_int_equal(library_list(library, &names, &error), 0);
    assert_true(names.count >= 24);
    for (size_t i = 0; i < names.count; i++) {
        _cleanup_scenario_ struct scenario scenario = {0};

        if (library_load(library, names.items[i], &scenario, &error) < 0)
            fail_msg("%s", error.what);
        assert_string_equal(scenario.name, names.items[i]);
        assert_true(strlen(scenario.teach) > 60);
        assert_int_equal(scenario_find_host(&scenario, "client"), 0);
        assert_true(i == 0 || strcmp(names.items[i - 1], names.items[i]) < 0);
    }
    library_names_deinit(&names);
}

static void test_find(void **state)
{
    _cleanup_free_ char *library = shipped(), *found = library_find(library, NULL);
    struct sonde_error error = {0};

    assert_non_null(found);
    assert_string_equal(found, library);
    assert_null(library_find(folder, &error));
    assert_int_equal(error.code, SONDE_E_NOT_FOUND);
    assert_non_null(strstr(error.what, folder));
    assert_non_null(strstr(error.hint, "SONDE_SCENARIOS"));
}

static void test_unknown(void **state)
{
    static const char *const names[] = {"", "nothing", "..", "../../etc/passwd", "/etc/passwd", "Capital"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct scenario scenario;
        struct sonde_error error = {0};

        assert_int_equal(library_load(folder, names[i], &scenario, &error), SONDE_E_NOT_FOUND);
        assert_non_null(strstr(error.hint, "sonde lab list"));
        assert_int_equal(scenario.string_count, 0);
    }
}

#define HEAD "title t\nteach t\ntarget tcp://h:1\nexpect open\n"

/* A file of one's own extends what stands next to it, and else the library. */
static void test_path(void **state)
{
    _cleanup_free_ char *path = text_format("%s/a.scenario", folder), *library = shipped();
    _cleanup_scenario_ struct scenario scenario = {0}, other = {0};
    struct sonde_error error = {0};

    write_file("own.network", "host client\nhost lonely\n");
    write_file("a.scenario", HEAD "extend own.network\n");
    assert_int_equal(library_load(library, path, &scenario, &error), 0);
    assert_string_equal(scenario.name, "a");
    assert_int_equal(scenario.host_count, 2);
    write_file("a.scenario", HEAD "extend base.network\n");
    assert_int_equal(library_load(library, path, &other, &error), 0);
    assert_int_equal(other.host_count, 4);
}

static void test_mistake_names_file(void **state)
{
    _cleanup_free_ char *where = text_format("%s/b.scenario:5:6: ", folder);
    struct sonde_error error = {0};
    struct scenario scenario;

    write_file("b.scenario", HEAD "host CLIENT\n");
    assert_int_equal(library_load(folder, "b", &scenario, &error), SONDE_E_FORMAT);
    assert_memory_equal(error.what, where, strlen(where));
}

static void test_large(void **state)
{
    _cleanup_free_ char *text = malloc(SCENARIO_FILE_MAX + 2);
    struct sonde_error error = {0};
    struct scenario scenario;

    memset(text, '\n', SCENARIO_FILE_MAX + 1);
    text[SCENARIO_FILE_MAX + 1] = '\0';
    write_file("large.scenario", text);
    assert_int_equal(library_load(folder, "large", &scenario, &error), SONDE_E_FORMAT);
    assert_non_null(strstr(error.what, "larger than 65536 octets"));
}

static void test_no_folder(void **state)
{
    struct sonde_error error = {0};
    struct library_names names;

    assert_int_equal(library_list("/nonexistent", &names, &error), -ENOENT);
    assert_int_equal(names.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),   cmocka_unit_test(test_find),
        cmocka_unit_test(test_unknown),   cmocka_unit_test(test_path),
        cmocka_unit_test(test_large),     cmocka_unit_test(test_mistake_names_file),
        cmocka_unit_test(test_no_folder),
    };

    return cmocka_run_group_tests_name("lab library", tests, make_folder, remove_folder);
}
