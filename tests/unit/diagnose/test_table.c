/* SPDX-License-Identifier: MIT */
/* The likelihood table as data: complete, sane, and a probability distribution in each cell. */
#include <math.h>
#include <string.h>

#include "diagnose/infer.h"
#include "tests/unit/unit.h"

static bool has_cell(const struct hypothesis *row)
{
    for (int test = 0; test < TESTS; test++)
        if (row->cells[test].likely)
            return true;
    return false;
}

static void test_each_row_says_something(void **state)
{
    size_t count;
    const struct hypothesis *rows = hypotheses(&count);

    assert_in_range(count, 2, HYPOTHESES_MAX);
    for (size_t i = 0; i < count; i++) {
        assert_true(has_cell(&rows[i]));
        assert_true(rows[i].prior > 0 && rows[i].prior <= 1000);
        assert_true(rows[i].scope > 0 && rows[i].scope <= SCOPE_ANY);
        assert_in_range(rows[i].cause, 0, CAUSES - 1);
        assert_in_range(rows[i].at, AT_NOBODY, AT_REPORTER);
    }
}

/* name-unresolved needs no packet: report_unresolved says it. */
static void test_each_cause_has_a_row(void **state)
{
    size_t count;
    const struct hypothesis *rows = hypotheses(&count);

    for (int cause = 0; cause < CAUSES; cause++) {
        bool found = cause == CAUSE_NAME_UNRESOLVED;

        for (size_t i = 0; i < count; i++)
            found |= (int)rows[i].cause == cause;
        assert_true(found);
    }
}

static void test_cells_name_outcomes_that_exist(void **state)
{
    size_t count;
    const struct hypothesis *rows = hypotheses(&count);

    for (int test = 0; test < TESTS; test++) {
        const struct test_row *row = test_row((enum test)test);
        unsigned beyond = ~0u << row->outcomes;

        assert_in_range(row->outcomes, 2, OUTCOMES_MAX);
        assert_int_equal((row->telling | row->usual.likely | row->usual.sometimes | row->usual.may) & beyond,
                         0);
        for (size_t i = 0; i < count; i++) {
            const struct cell *cell = &rows[i].cells[test];

            assert_int_equal((cell->likely | cell->sometimes | cell->may) & beyond, 0);
            assert_int_equal(cell->likely & (cell->sometimes | cell->may), 0);
            assert_int_equal(cell->sometimes & cell->may, 0);
            assert_true(cell->likely || !(cell->sometimes | cell->may));
        }
    }
}

static void test_cells_are_distributions(void **state)
{
    size_t count;
    const struct hypothesis *rows = hypotheses(&count);

    for (size_t i = 0; i < count; i++)
        for (int test = 0; test < TESTS; test++) {
            double sum = 0;

            for (int outcome = 0; outcome < test_row((enum test)test)->outcomes; outcome++) {
                double p = cell_probability(&rows[i], (enum test)test, outcome);

                assert_true(p > 0 && p < 1);
                sum += p;
            }
            assert_true(fabs(sum - 1) < 1e-9);
        }
}

static void test_rows_differ(void **state)
{
    size_t count;
    const struct hypothesis *rows = hypotheses(&count);

    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(rows[i].cause != rows[j].cause || rows[i].scope != rows[j].scope ||
                        rows[i].at != rows[j].at ||
                        memcmp(rows[i].cells, rows[j].cells, sizeof(rows[i].cells)) != 0);
}

static void test_each_test_is_complete(void **state)
{
    for (int test = 0; test < TESTS; test++) {
        const struct test_row *row = test_row((enum test)test);

        assert_non_null(row->name);
        assert_non_null(row->read);
        assert_non_null(row->tell);
        assert_in_range(row->question, 0, QUESTIONS - 1);
        assert_true(row->surprise > 0 && row->surprise * row->outcomes < 1);
        for (int other = 0; other < test; other++)
            assert_string_not_equal(row->name, test_row((enum test)other)->name);
    }
}

static void test_each_cause_has_words(void **state)
{
    for (int cause = 0; cause < CAUSES; cause++) {
        const struct cause_row *row = cause_row((enum cause)cause);

        assert_non_null(row->name);
        assert_non_null(row->sentence);
        assert_non_null(strstr(row->sentence, row->state == STATE_REACHABLE ? "answers" : "."));
        assert_true(row->state == STATE_REACHABLE || (row->next[0] && row->decide));
        for (int other = 0; other < cause; other++)
            assert_string_not_equal(row->name, cause_row((enum cause)other)->name);
    }
}

/* The states that each cause may have by the exam's contract (examlib/contract.py); 'i' is impaired. */
static void test_states_agree_with_the_contract(void **state)
{
    static const struct {
        const char *cause;
        char kind;
    } contract[] = {
        {"open", 'h'},
        {"open-or-silent", 's'},
        {"port-closed", 'b'},
        {"bound-elsewhere", 'b'},
        {"backlog-full", 'b'},
        {"service-silent", 'i'},
        {"service-resets", 'i'},
        {"host-down", 'b'},
        {"firewall-drop", 'b'},
        {"firewall-reject", 'b'},
        {"syn-filtered", 'b'},
        {"source-banned", 'b'},
        {"connection-rate-limited", 'i'},
        {"icmp-filtered", 'i'},
        {"icmp-rate-limited", 'i'},
        {"no-route", 'b'},
        {"route-blackhole", 'b'},
        {"route-prohibited", 'b'},
        {"route-unreachable", 'b'},
        {"routing-loop", 'b'},
        {"return-path-lost", 'b'},
        {"gateway-down", 'b'},
        {"interface-down", 'b'},
        {"mtu-black-hole", 'i'},
        {"mtu-limited", 'h'},
        {"congestion", 'i'},
        {"nat-backend-down", 'b'},
        {"nat-backend-closed", 'b'},
        {"name-unresolved", 'b'},
    };

    assert_int_equal(COUNT_OF(contract), CAUSES);
    for (size_t i = 0; i < COUNT_OF(contract); i++) {
        const struct cause_row *row = cause_row((enum cause)i);

        assert_string_equal(row->name, contract[i].cause);
        assert_int_equal(row->state == STATE_REACHABLE, contract[i].kind == 'h');
        assert_true(contract[i].kind != 's' || row->state == STATE_UNKNOWN);
        assert_true(contract[i].kind != 'b' || row->state == STATE_UNREACHABLE ||
                    row->state == STATE_UNKNOWN);
    }
}

static void test_names(void **state)
{
    assert_string_equal(state_name(STATE_REACHABLE), "reachable");
    assert_string_equal(state_name(STATE_DEGRADED), "degraded");
    assert_string_equal(state_name(STATE_UNREACHABLE), "unreachable");
    assert_string_equal(state_name(STATE_UNKNOWN), "unknown");
    assert_null(where_name(WHERE_UNKNOWN));
    assert_string_equal(where_name(WHERE_LOCAL), "local");
    assert_string_equal(where_name(WHERE_PATH), "path");
    assert_string_equal(where_name(WHERE_TARGET), "target");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row_says_something),
        cmocka_unit_test(test_each_cause_has_a_row),
        cmocka_unit_test(test_cells_name_outcomes_that_exist),
        cmocka_unit_test(test_cells_are_distributions),
        cmocka_unit_test(test_rows_differ),
        cmocka_unit_test(test_each_test_is_complete),
        cmocka_unit_test(test_each_cause_has_words),
        cmocka_unit_test(test_states_agree_with_the_contract),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests_name("likelihood table", tests, NULL, NULL);
}
