/* SPDX-License-Identifier: MIT */
/* The policy as a table: words, advice, what a template says when it is read back, what a matrix promises. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/macro.h"
#include "catalog/icmp.h"
#include "policy/matrix.h"
#include "policy/read.h"
#include "policy/template.h"

static void test_words(void **state)
{
    enum direction direction;
    enum verdict verdict;

    for (int i = 0; i < VERDICT_COUNT; i++) {
        assert_true(verdict_parse(verdict_name((enum verdict)i), &verdict));
        assert_int_equal(verdict, i);
    }
    for (int i = 0; i < DIRECTION_COUNT; i++) {
        assert_true(direction_parse(direction_name((enum direction)i), &direction));
        assert_int_equal(direction, i);
        assert_int_equal(strncmp(direction_name(direction), hook_name(direction_hook(direction)), 5), 0);
    }
    assert_false(verdict_parse("Accept", &verdict));
    assert_false(direction_parse("in", &direction));
}

static void test_advice(void **state)
{
    assert_int_equal(policy_advice(ROLE_HOST, DIRECTION_INPUT, 4, 3, 4), VERDICT_ANSWER);
    assert_int_equal(policy_advice(ROLE_HOST, DIRECTION_OUTPUT, 4, 8, 0), VERDICT_ACCEPT);
    assert_int_equal(policy_advice(ROLE_HOST, DIRECTION_INPUT, 4, 8, 0), VERDICT_LIMIT);
    assert_int_equal(policy_advice(ROLE_HOST, DIRECTION_OUTPUT, 6, 134, 0), VERDICT_DROP);
    assert_int_equal(policy_advice(ROLE_ROUTER, DIRECTION_OUTPUT, 6, 134, 0), VERDICT_LINK);
    assert_int_equal(policy_advice(ROLE_ROUTER, DIRECTION_OUTPUT, 6, 130, 0), VERDICT_LINK);
    assert_int_equal(policy_advice(ROLE_ROUTER, DIRECTION_FORWARD, 6, 135, 0), VERDICT_DROP);
    assert_int_equal(policy_advice(ROLE_EDGE, DIRECTION_FORWARD_IN, 4, 8, 0), VERDICT_LIMIT);
    assert_int_equal(policy_advice(ROLE_EDGE, DIRECTION_FORWARD_OUT, 4, 3, 3), VERDICT_DROP);
    assert_int_equal(policy_advice(ROLE_ROUTER, DIRECTION_INPUT, 4, 42, 0), VERDICT_DROP);
}

static void read_template(enum policy_role role, struct policy *policy)
{
    static const char *const outside[] = {"eth0", "ppp0"};
    _cleanup_text_ struct text text = {0};
    struct policy_problems problems;
    struct sonde_error error = {0};

    policy_add_template(&text, role, outside, role == ROLE_EDGE ? 2 : 0);
    if (policy_read(slice_of(text.data, text.length), "init", policy, &problems, &error) < 0)
        fail_msg("%s\n%s", error.what, text.data);
}

static void check_direction(const struct policy *policy, enum direction direction)
{
    for (uint8_t family = 4; family <= 6; family += 2)
        for (int pair = 0; pair < MATRIX_PAIRS; pair++) {
            struct policy_question question = {.family = family,
                                               .type = (uint8_t)(pair >> 8),
                                               .code = (uint8_t)pair,
                                               .direction = direction};
            enum verdict verdict = policy_decide(policy, &question, 0).verdict;
            enum verdict advice =
                policy_advice(policy->role, direction, family, question.type, question.code);

            if (verdict != advice)
                fail_msg("%s: ICMPv%d %d/%d in %s is %s, not %s", policy_role_name(policy->role), family,
                         question.type, question.code, direction_name(direction), verdict_name(verdict),
                         verdict_name(advice));
        }
}

static void test_template_is_the_advice(void **state)
{
    for (int role = 0; role < ROLE_COUNT; role++) {
        struct policy policy = {0};

        read_template((enum policy_role)role, &policy);
        assert_int_equal(policy.role, role);
        assert_int_equal(policy.outside_count, role == ROLE_EDGE ? 2 : 0);
        for (int direction = 0; direction < DIRECTION_COUNT; direction++)
            if (policy_filters(&policy, (enum direction)direction))
                check_direction(&policy, (enum direction)direction);
        policy_deinit(&policy);
    }
}

static const struct matrix_cell *cell(struct matrix *matrix, enum shape shape, uint8_t family, uint8_t type,
                                      uint8_t code)
{
    return matrix_at(matrix, shape, family, DIRECTION_INPUT, type, code);
}

static void test_promise(void **state)
{
    struct matrix *matrix = matrix_new();
    struct policy policy = {0};

    read_template(ROLE_HOST, &policy);
    policy.unlisted = VERDICT_REJECT;
    matrix_promise(matrix, &policy, 0);
    assert_int_equal(cell(matrix, SHAPE_PLAIN, 4, 3, 4)->fate, FATE_DROP);
    assert_int_equal(cell(matrix, SHAPE_ANSWER, 4, 3, 4)->fate, FATE_ACCEPT);
    assert_int_equal(cell(matrix, SHAPE_PLAIN, 6, 135, 0)->fate, FATE_DROP);
    assert_int_equal(cell(matrix, SHAPE_LINK, 6, 135, 0)->fate, FATE_ACCEPT);
    assert_int_equal(cell(matrix, SHAPE_PLAIN, 4, 8, 0)->fate, FATE_ACCEPT);
    assert_int_equal(cell(matrix, SHAPE_PLAIN, 4, 13, 0)->fate, FATE_REJECT);
    assert_int_equal(cell(matrix, SHAPE_PLAIN, 4, 5, 0)->fate, FATE_DROP); /* an error is not answered */
    assert_string_equal(matrix->rules[cell(matrix, SHAPE_PLAIN, 4, 3, 4)->rule], "sg:v4.3.4.input");
    assert_string_equal(matrix->rules[cell(matrix, SHAPE_PLAIN, 6, 2, 0)->rule], "sg:v6.2.input");
    assert_string_equal(matrix->rules[cell(matrix, SHAPE_PLAIN, 4, 5, 0)->rule], "sg:v4.unlisted.input");
    assert_int_equal(matrix_at(matrix, SHAPE_PLAIN, 4, DIRECTION_FORWARD, 8, 0)->fate, FATE_UNSEEN);
    assert_string_equal(fate_name(FATE_REJECT), "reject");
    assert_string_equal(shape_name(SHAPE_LINK), "link");
    policy_deinit(&policy);
    assert_null(matrix_free(matrix));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_advice),
        cmocka_unit_test(test_template_is_the_advice),
        cmocka_unit_test(test_promise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
