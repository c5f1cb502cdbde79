/* SPDX-License-Identifier: MIT */
/* Errno rows agree with this system and with the ICMP tables; symptoms are complete. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "catalog/errors.h"
#include "catalog/icmp.h"
#include "catalog/symptoms.h"

static void test_rows(void **state)
{
    size_t count;
    const struct sonde_errno_entry *rows = sonde_errno_table(&count);

    assert_true(count >= 17);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(rows[i].text, strerror(rows[i].number));
        assert_string_equal(rows[i].name, strerrorname_np(rows[i].number));
        assert_true(rows[i].says[0] && rows[i].causes[0] && rows[i].action[0]);
        assert_ptr_equal(sonde_errno_find(rows[i].number), &rows[i]);
        assert_ptr_equal(sonde_errno_find_name(rows[i].name), &rows[i]);
    }
    assert_null(sonde_errno_find(0));
    assert_null(sonde_errno_find(ENOENT));
    assert_null(sonde_errno_find_name("ENOSUCH"));
    assert_int_equal(sonde_errno_find_name("econnrefused")->number, ECONNREFUSED);
}

/* Each "TYPE/CODE" or "TYPE" of a row; returns how many. */
static unsigned check_messages(uint8_t family, const char *messages, const char *name)
{
    unsigned count = 0, type, code;

    for (int length = 0; *messages; messages += length) {
        code = 0;
        if (sscanf(messages, " %u/%u%n", &type, &code, &length) < 2 &&
            sscanf(messages, " %u%n", &type, &length) < 1)
            fail_msg("%s: \"%s\" is no message", name, messages);
        if (sonde_icmp_find(family, (uint8_t)type, (uint8_t)code)->status == ICMP_UNASSIGNED)
            fail_msg("%s: %u/%u is not assigned", name, type, code);
        count++;
    }
    return count;
}

static void test_messages_exist(void **state)
{
    size_t count;
    const struct sonde_errno_entry *rows = sonde_errno_table(&count);
    unsigned messages = 0;

    for (size_t i = 0; i < count; i++)
        messages +=
            check_messages(4, rows[i].icmp4, rows[i].name) + check_messages(6, rows[i].icmp6, rows[i].name);
    assert_true(messages > 30);
}

/* The kernel's icmp_err_convert[] and tab_unreach[]: which row names a message. */
static const struct {
    int number;
    const char *icmp4, *icmp6;
} converted[] = {
    {ECONNREFUSED, "3/3", "1/4"}, {EHOSTUNREACH, "3/1", "1/3"}, {EHOSTUNREACH, "3/13", "3/0"},
    {ENETUNREACH, "3/0", "1/0"},  {EMSGSIZE, "3/4", "2"},       {EACCES, "", "1/1"},
    {ENOPROTOOPT, "3/2", ""},     {EPROTO, "12/0", "4"},        {EOPNOTSUPP, "3/5", ""},
    {EHOSTDOWN, "3/7", ""},       {ENONET, "3/8", ""},
};

static void test_conversion(void **state)
{
    for (size_t i = 0; i < COUNT_OF(converted); i++) {
        const struct sonde_errno_entry *row = sonde_errno_find(converted[i].number);

        assert_non_null(strstr(row->icmp4, converted[i].icmp4));
        assert_non_null(strstr(row->icmp6, converted[i].icmp6));
    }
}

static void test_symptoms(void **state)
{
    const struct symptom_entry *row;
    size_t count = 0;

    for (; (row = symptom_row(count)) != NULL; count++) {
        assert_true(row->title[0] && row->says[0] && row->sender[0] && row->causes[0] && row->action[0]);
        assert_ptr_equal(symptom_find_name(row->name), row);
    }
    assert_true(count >= 10);
    assert_null(symptom_find_name("nonsense"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_messages_exist),
        cmocka_unit_test(test_conversion),
        cmocka_unit_test(test_symptoms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
