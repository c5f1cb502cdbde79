/* SPDX-License-Identifier: MIT */
/* The ICMP tables: complete, without overlaps, with the names and advice that others rely on. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "catalog/icmp.h"

static bool covers_type(const struct sonde_icmp_entry *row, unsigned type)
{
    return row->type <= type && type <= row->type_last;
}

static bool covers_code(const struct sonde_icmp_entry *row, unsigned code)
{
    return row->code <= (int)code && (int)code <= row->code_last;
}

/* Count by brute force what covers a pair, and the row that should win. */
static const struct sonde_icmp_entry *only_row(uint8_t family, unsigned type, unsigned code)
{
    const struct sonde_icmp_entry *row, *exact = NULL, *general = NULL;

    for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++) {
        const struct sonde_icmp_entry **place = row->code == ICMP_ANY_CODE ? &general : &exact;

        if (!covers_type(row, type) || (row->code != ICMP_ANY_CODE && !covers_code(row, code)))
            continue;
        if (*place)
            fail_msg("ICMPv%d %u/%u has two rows: %s and %s", family, type, code, (*place)->name, row->name);
        *place = row;
    }
    return exact ? exact : general;
}

static void check_family(uint8_t family)
{
    for (unsigned type = 0; type < 256; type++)
        for (unsigned code = 0; code < 256; code++) {
            const struct sonde_icmp_entry *row = sonde_icmp_find(family, (uint8_t)type, (uint8_t)code);

            assert_non_null(row);
            assert_int_equal(row->family, family);
            if (row != only_row(family, type, code))
                fail_msg("ICMPv%d %u/%u finds %s", family, type, code, row->name);
        }
}

static void test_every_pair_has_one_row(void **state)
{
    check_family(4);
    check_family(6);
}

static void test_rows_are_in_order_and_complete(void **state)
{
    for (uint8_t family = 4; family <= 6; family += 2) {
        const struct sonde_icmp_entry *row, *before = NULL;

        for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++) {
            const char *const texts[] = {row->name,   row->title,  row->says,          row->sender,
                                         row->causes, row->action, row->filter_reason, row->rfc};

            for (size_t j = 0; j < COUNT_OF(texts); j++)
                if (!texts[j] || !texts[j][0])
                    fail_msg("ICMPv%d %s lacks a text", family, row->name);
            assert_true(row->type <= row->type_last && row->code <= row->code_last);
            if (before && !(before->type_last < row->type || before->type == row->type))
                fail_msg("%s comes after %s", row->name, before->name);
            before = row;
        }
    }
}

/* Names are words that fit into a rule or a metric, and each means one row of its family. */
static void test_names_are_unique_words(void **state)
{
    for (uint8_t family = 4; family <= 6; family += 2) {
        const struct sonde_icmp_entry *row, *other;

        for (size_t i = 0; (row = sonde_icmp_row(family, i)) != NULL; i++) {
            assert_int_equal(strspn(row->name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(row->name));
            for (size_t j = 0; j < i; j++) {
                other = sonde_icmp_row(family, j);
                if (icmp_name_equal(row->name, other->name))
                    fail_msg("two rows are called %s", row->name);
            }
            assert_ptr_equal(sonde_icmp_find_name(family, row->name), row);
        }
    }
}

/* What other parts of sonde and people's scripts depend on. */
static const struct {
    uint8_t family, type, code;
    const char *name;
} named[] = {
    {4, 0, 0, "echo-reply"},
    {4, 3, 0, "net-unreachable"},
    {4, 3, 1, "host-unreachable"},
    {4, 3, 2, "protocol-unreachable"},
    {4, 3, 3, "port-unreachable"},
    {4, 3, 4, "fragmentation-needed"},
    {4, 3, 9, "net-prohibited"},
    {4, 3, 10, "host-prohibited"},
    {4, 3, 13, "admin-prohibited"},
    {4, 8, 0, "echo-request"},
    {4, 11, 0, "ttl-exceeded"},
    {4, 11, 1, "reassembly-time-exceeded"},
    {6, 1, 0, "no-route"},
    {6, 1, 1, "admin-prohibited"},
    {6, 1, 3, "address-unreachable"},
    {6, 1, 4, "port-unreachable"},
    {6, 2, 0, "packet-too-big"},
    {6, 2, 77, "packet-too-big"},
    {6, 3, 0, "hop-limit-exceeded"},
    {6, 3, 1, "reassembly-time-exceeded"},
    {6, 128, 0, "echo-request"},
    {6, 129, 0, "echo-reply"},
    {6, 155, 130, "rpl-secure"},
    {6, 157, 3, "extended-duplicate-address-request"},
};

static void test_names(void **state)
{
    for (size_t i = 0; i < COUNT_OF(named); i++)
        assert_string_equal(sonde_icmp_find(named[i].family, named[i].type, named[i].code)->name,
                            named[i].name);
}

/* How many codes of each type the registries assign; a type whose code field has no meaning counts 256. */
static const struct {
    uint8_t family, first, last;
    unsigned assigned; /* codes of each type that are not unassigned */
} registry[] = {
    {4, 0, 0, 1},      {4, 1, 2, 0},       {4, 3, 3, 16},      {4, 4, 4, 1},       {4, 5, 5, 4},
    {4, 6, 6, 256},    {4, 7, 7, 0},       {4, 8, 8, 1},       {4, 9, 9, 2},       {4, 10, 10, 1},
    {4, 11, 11, 2},    {4, 12, 12, 3},     {4, 13, 14, 1},     {4, 15, 39, 256},   {4, 40, 40, 6},
    {4, 41, 41, 256},  {4, 42, 42, 1},     {4, 43, 43, 5},     {4, 44, 252, 0},    {4, 253, 255, 256},
    {6, 0, 0, 256},    {6, 1, 1, 10},      {6, 2, 2, 256},     {6, 3, 3, 2},       {6, 4, 4, 11},
    {6, 5, 99, 0},     {6, 100, 101, 256}, {6, 102, 126, 0},   {6, 127, 127, 256}, {6, 128, 137, 1},
    {6, 138, 140, 3},  {6, 141, 142, 1},   {6, 143, 143, 256}, {6, 144, 149, 1},   {6, 150, 154, 256},
    {6, 155, 155, 20}, {6, 156, 156, 1},   {6, 157, 158, 5},   {6, 159, 160, 1},   {6, 161, 161, 5},
    {6, 162, 199, 0},  {6, 200, 201, 256}, {6, 202, 254, 0},   {6, 255, 255, 256},
};

static void test_registry(void **state)
{
    unsigned types[7] = {0};

    for (size_t i = 0; i < COUNT_OF(registry); i++)
        for (unsigned type = registry[i].first; type <= registry[i].last; type++) {
            unsigned assigned = 0;

            for (unsigned code = 0; code < 256; code++)
                assigned += sonde_icmp_find(registry[i].family, (uint8_t)type, (uint8_t)code)->status !=
                            ICMP_UNASSIGNED;
            if (assigned != registry[i].assigned)
                fail_msg("ICMPv%d type %u: %u codes are assigned", registry[i].family, type, assigned);
            types[registry[i].family]++;
        }
    assert_int_equal(types[4], 256);
    assert_int_equal(types[6], 256);
}

static void test_status(void **state)
{
    assert_int_equal(sonde_icmp_find(4, 3, 3)->status, ICMP_CURRENT);
    assert_int_equal(sonde_icmp_find(4, 4, 0)->status, ICMP_DEPRECATED);
    assert_int_equal(sonde_icmp_find(4, 17, 0)->status, ICMP_DEPRECATED);
    assert_int_equal(sonde_icmp_find(4, 253, 0)->status, ICMP_EXPERIMENTAL);
    assert_int_equal(sonde_icmp_find(6, 100, 0)->status, ICMP_EXPERIMENTAL);
    assert_int_equal(sonde_icmp_find(6, 127, 0)->status, ICMP_RESERVED);
    assert_int_equal(sonde_icmp_find(4, 3, 16)->status, ICMP_UNASSIGNED);
    assert_string_equal(icmp_status_name(ICMP_CURRENT), "current");
    assert_string_equal(icmp_status_name(ICMP_DEPRECATED), "deprecated");
    assert_string_equal(icmp_status_name(ICMP_EXPERIMENTAL), "experimental");
    assert_string_equal(icmp_status_name(ICMP_RESERVED), "reserved");
    assert_string_equal(icmp_status_name(ICMP_UNASSIGNED), "unassigned");
}

/* What must never be dropped, and what must never leave the link. */
static void test_advice(void **state)
{
    const struct sonde_icmp_entry *row;

    assert_int_equal(sonde_icmp_find(4, 3, 4)->filter.transit, ADVISE_ACCEPT);
    assert_int_equal(sonde_icmp_find(6, 2, 0)->filter.transit, ADVISE_ACCEPT);
    assert_int_equal(sonde_icmp_find(6, 2, 0)->filter.host_in, ADVISE_STATE);
    assert_int_equal(sonde_icmp_find(6, 135, 0)->filter.host_in, ADVISE_LINK);
    for (uint8_t type = 130; type <= 143; type++) {
        row = sonde_icmp_find(6, type, 0);
        assert_int_equal(row->filter.transit, ADVISE_DROP);
        assert_int_equal(row->filter.edge_in, ADVISE_DROP);
    }
    for (uint8_t code = 0; code < 4; code++)
        assert_int_equal(sonde_icmp_find(4, 5, code)->filter.host_in, ADVISE_DROP);
    assert_string_equal(icmp_advice_name(ADVISE_ACCEPT), "accept");
    assert_string_equal(icmp_advice_name(ADVISE_LIMIT), "limit");
    assert_string_equal(icmp_advice_name(ADVISE_STATE), "answer-only");
    assert_string_equal(icmp_advice_name(ADVISE_LINK), "link-only");
    assert_string_equal(icmp_advice_name(ADVISE_DROP), "drop");
    assert_string_equal(icmp_advice_name(ADVISE_POLICY), "site-policy");
}

static void test_find_name(void **state)
{
    assert_int_equal(sonde_icmp_find_name(0, "port-unreachable")->family, 4);
    assert_int_equal(sonde_icmp_find_name(6, "Port Unreachable")->type, 1);
    assert_int_equal(sonde_icmp_find_name(0, "PACKET_TOO_BIG")->family, 6);
    assert_ptr_equal(sonde_icmp_find_name(4, "portunreachable"), sonde_icmp_find(4, 3, 3));
    assert_null(sonde_icmp_find_name(0, "port-unreach"));
    assert_null(sonde_icmp_find_name(4, "packet-too-big"));
    assert_null(sonde_icmp_find_name(0, ""));
}

static void test_beyond_the_last_row(void **state)
{
    size_t count = 0;

    while (sonde_icmp_row(4, count))
        count++;
    assert_true(count > 70);
    assert_null(sonde_icmp_row(4, count));
    assert_null(sonde_icmp_row(4, SIZE_MAX));
    assert_null(sonde_icmp_row(6, 100000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair_has_one_row),
        cmocka_unit_test(test_rows_are_in_order_and_complete),
        cmocka_unit_test(test_names_are_unique_words),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_registry),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_advice),
        cmocka_unit_test(test_find_name),
        cmocka_unit_test(test_beyond_the_last_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
