/* SPDX-License-Identifier: MIT */
/* The policy's table from nft's listing: its counters, and whether two listings say the same. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "net/guard/counters.h"
#include "net/guard/drift.h"

#define HEAD                                                                                                 \
    "{\"nftables\":[{\"metainfo\":{\"version\":\"1.0.6\"}},{\"table\":{\"name\":\"sonde_guard\",\"handle\":" \
    "3}},"
#define BASE(slot)                                                                                           \
    "{\"chain\":{\"name\":\"input\",\"handle\":1,\"hook\":\"input\",\"prio\":0,\"policy\":\"accept\"}},"     \
    "{\"rule\":{\"chain\":\"input\",\"handle\":2,\"expr\":[{\"jump\":{\"target\":\"" slot ".input\"}}]}},"
#define CHAIN(slot) "{\"chain\":{\"name\":\"" slot ".input\",\"handle\":5}},"
#define RULE(slot, comment, verdict)                                                                         \
    "{\"rule\":{\"chain\":\"" slot ".input\",\"handle\":9,\"comment\":\"" comment "\",\"expr\":[{\"" verdict \
    "\":null}]}},"
#define TAIL "{\"chain\":{\"name\":\"g99.nowhere\",\"handle\":77}}]}"

static struct slice text(const char *words)
{
    return slice_of(words, strlen(words));
}

static void counters_have_names_numbers_and_an_identity(void **state)
{
    struct guard_counters counters = {0};
    int64_t identity;

    assert_int_equal(
        guard_counters_parse(&counters,
                             text(HEAD "{\"counter\":{\"name\":\"v4.8.0.input.accept\",\"handle\":4,"
                                       "\"packets\":7,\"bytes\":588}}]}"),
                             NULL),
        0);
    assert_int_equal(counters.count, 1);
    assert_int_equal(counters.items[0].packets, 7);
    assert_int_equal(counters.items[0].bytes, 588);
    identity = counters.items[0].identity;
    assert_int_not_equal(identity, 0);
    guard_counters_add(&counters, "v4.8.0.input.accept", 3, 30, 1); /* of another engine */
    assert_int_equal(counters.count, 1);
    assert_int_equal(guard_counters_find(&counters, "v4.8.0.input.accept")->packets, 10);
    assert_int_not_equal(counters.items[0].identity, identity);
    assert_null(guard_counters_find(&counters, "v4.8.0.input"));
    guard_counters_deinit(&counters);
}

static void what_is_no_listing_is_an_error(void **state)
{
    static const char *const texts[] = {"", "{", "[]", "{}", "{\"nftables\":7}", "table inet sonde_guard {}"};

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct guard_counters counters = {0};
        struct guard_form form = {0};
        struct sonde_error error = {0};

        assert_int_equal(guard_counters_parse(&counters, text(texts[i]), &error), SONDE_E_FORMAT);
        assert_int_equal(guard_form_parse(&form, text(texts[i]), &error), SONDE_E_FORMAT);
        assert_int_equal(counters.count + form.count, 0);
    }
}

static struct guard_form form_of(const char *json)
{
    struct guard_form form = {0};

    assert_int_equal(guard_form_parse(&form, text(json), NULL), 0);
    return form;
}

/* What the comparison says of two listings. */
static void compare(const char *should, const char *is, size_t count, const char *words)
{
    struct guard_form left = form_of(should), right = form_of(is);
    struct text said = {0};

    assert_int_equal(guard_form_compare(&left, &right, 3, &said), count);
    assert_string_equal(text_get(&said), words);
    assert_int_equal(!strcmp(left.digest, right.digest), count == 0);
    text_deinit(&said);
    guard_form_deinit(&left);
    guard_form_deinit(&right);
}

static void slots_handles_counts_and_dead_chains_do_not_matter(void **state)
{
    compare(HEAD BASE("g1") CHAIN("g1") RULE("g1", "sg:a", "accept") TAIL,
            HEAD "{\"counter\":{\"name\":\"x\",\"handle\":40,\"packets\":9,\"bytes\":9}}," BASE("g12")
                CHAIN("g12") CHAIN("g13") RULE("g12", "sg:a", "accept") RULE("g13", "sg:b", "drop") TAIL,
            0, "");
}

static void filled_sets_are_compared_without_their_elements(void **state)
{
#define SETS(elements, size)                                                                                 \
    HEAD "{\"set\":{\"name\":\"limit.a\",\"handle\":2,\"size\":" size                                        \
         ",\"flags\":[\"timeout\"],\"timeout\":10" elements                                                  \
         "}},{\"chain\":{\"name\":\"input\",\"hook\":\"input\"}},{\"rule\":{\"chain\":\"input\","            \
         "\"expr\":[{\"set\":{\"op\":\"update\",\"set\":\"@limit.a\"}}]}},{\"set\":{\"name\":\"unused\"}}]}"
    compare(SETS("", "100"), SETS(",\"elem\":[\"192.0.2.1\"]", "100"), 0, "");
    compare(SETS("", "100"), SETS("", "200"), 1, "changed: set limit.a\n");
}

static void maps_are_compared_with_their_elements_in_any_order(void **state)
{
#define MAP(elements)                                                                                        \
    HEAD "{\"map\":{\"name\":\"g1.v4\",\"handle\":2,\"map\":\"verdict\",\"elem\":[" elements "]}},"          \
         "{\"chain\":{\"name\":\"input\",\"hook\":\"input\"}},"                                              \
         "{\"rule\":{\"chain\":\"input\",\"expr\":[{\"vmap\":{\"data\":\"@g1.v4\"}}]}}]}"
    compare(MAP("[\"8\",{\"accept\":null}],[\"13\",{\"drop\":null}]"),
            MAP("[\"13\",{\"drop\":null}],[\"8\",{\"accept\":null}]"), 0, "");
    compare(MAP("[\"8\",{\"accept\":null}],[\"13\",{\"drop\":null}]"), MAP("[\"8\",{\"accept\":null}]"), 1,
            "changed: map slot.v4\n");
}

static void differences_are_named(void **state)
{
#define THREE(a, b, c) HEAD BASE("g1") CHAIN("g1") a b c TAIL
    const char *should = THREE(RULE("g1", "sg:a", "accept"), RULE("g1", "sg:b", "drop"), );

    compare(should, THREE(RULE("g1", "sg:a", "drop"), RULE("g1", "sg:b", "drop"), ), 1,
            "changed: rule in chain slot.input sg:a\n");
    compare(should, THREE(RULE("g1", "sg:b", "drop"), , ), 1, "gone: rule in chain slot.input sg:a\n");
    compare(THREE(RULE("g1", "sg:b", "drop"), , ), should, 1, "new: rule in chain slot.input sg:a\n");
    compare(should, THREE(RULE("g1", "sg:b", "drop"), RULE("g1", "sg:a", "accept"), ), 1,
            "in another order: rule in chain slot.input sg:a\n");
    compare(should, HEAD TAIL, 5,
            "gone: chain input\ngone: chain slot.input\ngone: rule in chain input\n"
            "and 2 more\n");
}

static void a_trial_is_seen_while_its_lease_lasts(void **state)
{
#define LEASE(elements)                                                                                      \
    HEAD "{\"set\":{\"name\":\"lease\",\"flags\":[\"timeout\"]" elements "}},"                               \
         "{\"chain\":{\"name\":\"input\",\"hook\":\"input\"}},{\"rule\":{\"chain\":\"input\",\"expr\":["     \
         "{\"match\":{\"right\":\"@lease\"}},{\"goto\":{\"target\":\"g2.input\"}}]}},"                       \
         "{\"rule\":{\"chain\":\"input\",\"expr\":[{\"jump\":{\"target\":\"g1.input\"}}]}}," CHAIN("g1")     \
             CHAIN("g2") RULE("g2", "sg:new", "drop") TAIL
    struct guard_form on = form_of(LEASE(",\"elem\":[\"icmp\"]")), over = form_of(LEASE(""));

    assert_true(on.leased);
    assert_false(over.leased);
    assert_string_not_equal(on.digest, over.digest);
    guard_form_deinit(&on);
    guard_form_deinit(&over);
    compare(LEASE(""),
            HEAD "{\"chain\":{\"name\":\"input\",\"hook\":\"input\"}},{\"rule\":{\"chain\":\"input\","
                 "\"expr\":[{\"jump\":{\"target\":\"g7.input\"}}]}}," CHAIN("g7") TAIL,
            0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_have_names_numbers_and_an_identity),
        cmocka_unit_test(what_is_no_listing_is_an_error),
        cmocka_unit_test(slots_handles_counts_and_dead_chains_do_not_matter),
        cmocka_unit_test(filled_sets_are_compared_without_their_elements),
        cmocka_unit_test(maps_are_compared_with_their_elements_in_any_order),
        cmocka_unit_test(differences_are_named),
        cmocka_unit_test(a_trial_is_seen_while_its_lease_lasts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
