/* SPDX-License-Identifier: MIT */
/* Differences of matrices in readable groups; plans as words, what is refused, what traffic would have met.
 */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/macro.h"
#include "policy/plan.h"

enum { INPUT = 1 << DIRECTION_INPUT };

struct list {
    struct difference items[16];
    size_t count;
};

static void hear(void *context, const struct difference *difference)
{
    struct list *list = context;

    assert_true(list->count < COUNT_OF(list->items));
    list->items[list->count++] = *difference;
}

static void set(struct matrix *matrix, enum shape shape, uint8_t family, uint8_t type, uint8_t code,
                enum fate fate)
{
    matrix_at(matrix, shape, family, DIRECTION_INPUT, type, code)->fate = (uint8_t)fate;
}

static struct matrix *accepting(void)
{
    struct matrix *matrix = matrix_new();

    matrix_accept(matrix);
    return matrix;
}

/* Single codes, runs of codes, and types that differ in all their codes. */
static void test_groups(void **state)
{
    static const char *const texts[] = {"3/4", "3/13-15", "40-42", "43", "44/0-254"};
    struct matrix *before = accepting(), *after = accepting();
    struct list list = {0};
    char text[DIFFERENCE_TEXT_MAX];

    set(after, SHAPE_PLAIN, 4, 3, 4, FATE_DROP);
    for (unsigned code = 13; code <= 15; code++)
        set(after, SHAPE_PLAIN, 4, 3, (uint8_t)code, FATE_DROP);
    for (unsigned type = 40; type <= 44; type++)
        for (unsigned code = 0; code < 256; code++)
            if (type < 44 || code < 255)
                set(after, SHAPE_PLAIN, 4, (uint8_t)type, (uint8_t)code,
                    type == 43 ? FATE_REJECT : FATE_DROP);
    /* 43 is a type that the kernel never answers, but as a fate of its own it is a group of its own. */
    assert_int_equal(difference_find(before, after, INPUT, hear, &list), 1 + 3 + 4 * 256 + 255);
    assert_int_equal(list.count, COUNT_OF(texts));
    for (size_t i = 0; i < list.count; i++)
        assert_string_equal(difference_text(&list.items[i], text), texts[i]);
    assert_int_equal(list.items[2].pairs, 3 * 256);
    matrix_free(before);
    matrix_free(after);
}

static void test_kept(void **state)
{
    static const struct {
        uint8_t family, type;
        enum fate promised, seen;
        bool kept;
    } rows[] = {
        {4, 8, FATE_ACCEPT, FATE_ACCEPT, true}, {4, 8, FATE_ACCEPT, FATE_DROP, false},
        {4, 8, FATE_REJECT, FATE_DROP, false}, /* the kernel answers an echo request */
        {4, 3, FATE_DROP, FATE_REJECT, true},  /* and never an error (RFC 1122 3.2.2) */
        {6, 1, FATE_DROP, FATE_REJECT, true},   {6, 128, FATE_DROP, FATE_REJECT, false},
        {4, 8, FATE_UNSEEN, FATE_DROP, true},   {4, 8, FATE_ACCEPT, FATE_UNSEEN, true},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(difference_kept(rows[i].family, rows[i].type, rows[i].promised, rows[i].seen),
                         rows[i].kept);
}

static void test_words(void **state)
{
    struct matrix *matrix = matrix_new();

    assert_string_equal(plan_word(matrix, 4, DIRECTION_INPUT, 0, 0), "unseen");
    set(matrix, SHAPE_PLAIN, 4, 0, 0, FATE_DROP);
    assert_string_equal(plan_word(matrix, 4, DIRECTION_INPUT, 0, 0), "drop");
    set(matrix, SHAPE_ANSWER, 4, 0, 0, FATE_ACCEPT);
    assert_string_equal(plan_word(matrix, 4, DIRECTION_INPUT, 0, 0), "answer-only");
    set(matrix, SHAPE_PLAIN, 6, 135, 0, FATE_DROP);
    set(matrix, SHAPE_LINK, 6, 135, 0, FATE_ACCEPT);
    assert_string_equal(plan_word(matrix, 6, DIRECTION_INPUT, 135, 0), "link-only");
    set(matrix, SHAPE_PLAIN, 4, 8, 0, FATE_REJECT);
    assert_string_equal(plan_word(matrix, 4, DIRECTION_INPUT, 8, 0), "reject");
    set(matrix, SHAPE_PLAIN, 4, 8, 0, FATE_ACCEPT);
    assert_string_equal(plan_word(matrix, 4, DIRECTION_INPUT, 8, 0), "accept");
    matrix_free(matrix);
}

static const struct plan_change *find(const struct plan *plan, int64_t family, int64_t type, int64_t code)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->changes[i].family == family && plan->changes[i].type == type &&
            plan->changes[i].code == code)
            return &plan->changes[i];
    return NULL;
}

/* Dropping what must pass is refused; letting in only what answers is not, nor dropping what nobody needs. */
static void test_refused(void **state)
{
    struct matrix *now = accepting(), *then = accepting();
    struct plan plan = {0};

    set(then, SHAPE_PLAIN, 4, 3, 4, FATE_DROP);
    set(then, SHAPE_ANSWER, 4, 3, 4, FATE_DROP);
    set(then, SHAPE_LINK, 4, 3, 4, FATE_DROP);
    set(then, SHAPE_PLAIN, 6, 2, 0, FATE_DROP); /* answers still pass */
    set(then, SHAPE_PLAIN, 4, 4, 0, FATE_DROP);
    set(then, SHAPE_ANSWER, 4, 4, 0, FATE_DROP);
    set(then, SHAPE_LINK, 4, 4, 0, FATE_DROP);
    plan_make(&plan, now, then, INPUT, ROLE_HOST);
    assert_int_equal(plan.count, 3);
    assert_int_equal(plan.refused, 1);
    assert_true(find(&plan, 4, 3, 4)->refused);
    assert_int_equal(find(&plan, 4, 3, 4)->tier, 1);
    assert_string_equal(find(&plan, 4, 3, 4)->from, "accept");
    assert_string_equal(find(&plan, 4, 3, 4)->to, "drop");
    assert_string_equal(find(&plan, 4, 3, 4)->messages, "3/4");
    assert_string_equal(find(&plan, 6, 2, 0)->to, "answer-only");
    assert_false(find(&plan, 6, 2, 0)->refused);
    assert_false(find(&plan, 4, 4, 0)->refused);
    plan_deinit(&plan);
    matrix_free(now);
    matrix_free(then);
}

static void test_traffic(void **state)
{
    struct matrix *now = accepting(), *then = accepting();
    struct plan plan = {0};
    struct plan_message message = {
        .family = 4, .type = 3, .code = 1, .packets = 1, .flow = 7, .source = {4, {192, 0, 2, 1}}};

    set(then, SHAPE_PLAIN, 4, 3, 1, FATE_DROP);
    plan_make(&plan, now, then, INPUT, ROLE_HOST);
    plan_count(&plan, &message);
    message.flow = 8; /* another flow of the same sender */
    plan_count(&plan, &message);
    message.source.bytes[3] = 2; /* the same flow by another one */
    plan_count(&plan, &message);
    message.shape = SHAPE_ANSWER; /* what answers still passes */
    plan_count(&plan, &message);
    message.type = 8; /* nothing changes for it */
    plan_count(&plan, &message);
    assert_int_equal(plan.messages, 5);
    assert_int_equal(plan.changed, 3);
    assert_int_equal(plan.dropped, 3);
    assert_int_equal(plan.changes[0].packets, 3);
    assert_int_equal(plan.changes[0].flows, 2);
    assert_int_equal(plan.changes[0].sources, 2);
    plan_deinit(&plan);
    matrix_free(now);
    matrix_free(then);
}

/* More senders than the first table of them holds. */
static void test_many_sources(void **state)
{
    struct matrix *now = accepting(), *then = accepting();
    struct plan plan = {0};

    set(then, SHAPE_PLAIN, 4, 8, 0, FATE_DROP);
    plan_make(&plan, now, then, INPUT, ROLE_HOST);
    for (unsigned i = 0; i < 20000; i++)
        plan_count(&plan, &(struct plan_message){.family = 4,
                                                 .type = 8,
                                                 .packets = 1,
                                                 .flow = 1 + i % 3000,
                                                 .source = {4, {10, 0, (uint8_t)(i >> 8), (uint8_t)i}}});
    assert_int_equal(plan.changes[0].packets, 20000);
    assert_int_equal(plan.changes[0].sources, 20000);
    assert_int_equal(plan.changes[0].flows, 3000);
    plan_deinit(&plan);
    matrix_free(now);
    matrix_free(then);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),  cmocka_unit_test(test_kept),    cmocka_unit_test(test_words),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_traffic), cmocka_unit_test(test_many_sources),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
