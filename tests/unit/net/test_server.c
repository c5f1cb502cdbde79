/* SPDX-License-Identifier: MIT */
/* Counters and rulesets from text: what they say, and that damaged text says nothing. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "net/server/counters.h"
#include "net/server/ruleset.h"

static void counters_come_in_two_forms(void **state)
{
    struct counters before = {0}, after = {0};
    struct counter grown[2];

    assert_int_equal(counters_parse(&before, "Udp: InDatagrams NoPorts\nUdp: 7 1\nIp6InReceives   \t5\n"), 0);
    assert_int_equal(counters_parse(&after, "Udp: InDatagrams NoPorts\nUdp: 9 1\nIp6InReceives 6\nNew 3\n"),
                     0);
    assert_int_equal(counters_get(&before, "UdpNoPorts"), 1);
    assert_int_equal(counters_get(&before, "Ip6InReceives"), 5);
    assert_int_equal(counters_get(&before, "NoPorts"), -1);
    assert_int_equal(counters_growth(&before, &after, grown, 2), 3);
    assert_string_equal(grown[0].name, "UdpInDatagrams");
    assert_int_equal(grown[0].value, 2);
    assert_string_equal(grown[1].name, "Ip6InReceives");
    counters_deinit(&before);
    counters_deinit(&after);
}

static void damaged_counters_are_passed_over(void **state)
{
    static const char *const texts[] = {"",         "\n\n",  "Udp:", "Udp: A B\n", "Udp: A B\nTcp: 1 2\n",
                                        "Lonely\n", ":\n:\n"};

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct counters counters = {0};

        assert_int_equal(counters_parse(&counters, texts[i]), 0);
        assert_int_equal(counters.count, 0);
        counters_deinit(&counters);
    }
}

/* How many rules of a chain with this one expression could stop TCP to port 22 over IPv4. */
static size_t count_of(const char *expression, bool *certain)
{
    struct ruleset ruleset = {0};
    struct ruleset_rule rules[4] = {0};
    char text[1024];
    size_t count;

    snprintf(
        text, sizeof(text),
        "{\"nftables\":[{\"chain\":{\"family\":\"inet\",\"table\":\"t\",\"name\":\"c\",\"hook\":\"input\"}},"
        "{\"set\":{\"family\":\"inet\",\"table\":\"t\",\"name\":\"s\",\"elem\":[21,{\"range\":[22,25]}]}},"
        "{\"rule\":{\"family\":\"inet\",\"table\":\"t\",\"chain\":\"c\",\"handle\":9,\"expr\":[%s]}}]}",
        expression);
    assert_int_equal(ruleset_parse(&ruleset, text, strlen(text), NULL), 0);
    count = ruleset_find(&ruleset, &(struct ruleset_question){4, false, 22}, rules, 4);
    *certain = rules[0].certain;
    if (count > 0)
        assert_int_equal(rules[0].handle, 9);
    ruleset_deinit(&ruleset);
    return count;
}

#define MATCH(left, op, right)                                                                               \
    "{\"match\":{\"left\":" left ",\"op\":\"" op "\",\"right\":" right "}},{\"drop\":null}"
#define PORT(protocol) "{\"payload\":{\"protocol\":\"" protocol "\",\"field\":\"dport\"}}"
#define META(key)      "{\"meta\":{\"key\":\"" key "\"}}"

static void conditions_exclude_or_not(void **state)
{
    static const struct {
        const char *expression;
        size_t count;
        bool certain;
    } cases[] = {
        {"{\"drop\":null}", 1, true},
        {"{\"accept\":null}", 0, false},
        {"{\"counter\":null},{\"log\":null},{\"reject\":{\"type\":\"tcp reset\"}}", 1, true},
        {"{\"limit\":{\"rate\":5}},{\"drop\":null}", 1, false},
        {MATCH(PORT("tcp"), "==", "22"), 1, true},
        {MATCH(PORT("tcp"), "==", "23"), 0, false},
        {MATCH(PORT("udp"), "==", "22"), 0, false},
        {MATCH(PORT("th"), "==", "22"), 1, true},
        {MATCH(PORT("tcp"), "!=", "22"), 0, false},
        {MATCH(PORT("tcp"), "!=", "23"), 1, true},
        {MATCH(PORT("tcp"), ">", "22"), 0, false},
        {MATCH(PORT("tcp"), ">=", "22"), 1, true},
        {MATCH(PORT("tcp"), "<", "22"), 0, false},
        {MATCH(PORT("tcp"), "<=", "22"), 1, true},
        {MATCH(PORT("tcp"), "==", "{\"set\":[1,2,{\"range\":[20,30]}]}"), 1, true},
        {MATCH(PORT("tcp"), "==", "{\"set\":[1,2]}"), 0, false},
        {MATCH(PORT("tcp"), "==", "\"@s\""), 1, true},
        {MATCH(PORT("tcp"), "==", "\"@unknown\""), 1, false},
        {MATCH(PORT("tcp"), "==", "\"ssh\""), 1, false},
        {MATCH(META("l4proto"), "==", "\"tcp\""), 1, true},
        {MATCH(META("l4proto"), "==", "6"), 1, true},
        {MATCH(META("l4proto"), "==", "{\"set\":[\"udp\",\"icmp\"]}"), 0, false},
        {MATCH(META("nfproto"), "==", "\"ipv6\""), 0, false},
        {MATCH(META("nfproto"), "==", "\"ipv4\""), 1, true},
        {MATCH(META("iifname"), "==", "\"lo\""), 1, false},
        {MATCH("{\"payload\":{\"protocol\":\"ip6\",\"field\":\"saddr\"}}", "==", "\"::1\""), 0, false},
        {MATCH("{\"payload\":{\"protocol\":\"ip\",\"field\":\"saddr\"}}", "==", "\"10.0.0.1\""), 1, false},
        {MATCH("{\"payload\":{\"protocol\":\"ip\",\"field\":\"protocol\"}}", "==", "\"udp\""), 0, false},
        {MATCH("{\"payload\":{\"protocol\":\"icmp\",\"field\":\"type\"}}", "==", "8"), 0, false},
        {MATCH("{\"ct\":{\"key\":\"state\"}}", "in", "[\"established\",\"related\"]"), 0, false},
        {MATCH("{\"ct\":{\"key\":\"state\"}}", "in", "[\"new\",\"untracked\"]"), 1, true},
        {"{\"vmap\":{\"key\":" PORT(
             "tcp") ",\"data\":{\"set\":[[21,{\"drop\":null}],[22,{\"drop\":null}]]}}}",
         1, true},
        {"{\"vmap\":{\"key\":" PORT("tcp") ",\"data\":{\"set\":[[21,{\"drop\":null}]]}}}", 0, false},
        {"{\"xt\":{\"type\":\"match\",\"name\":\"multiport\"}},{\"drop\":null}", 1, false},
        {"{\"xt\":{\"type\":\"target\",\"name\":\"REJECT\"}}", 1, true},
        {"{\"match\":null},{\"drop\":null}", 1, false},
        {"{\"match\":{\"left\":7,\"op\":3}},{\"drop\":null}", 1, false},
        {"17", 0, false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool certain;

        if (count_of(cases[i].expression, &certain) != cases[i].count || certain != cases[i].certain)
            fail_msg("%s: not %zu, %s", cases[i].expression, cases[i].count,
                     cases[i].certain ? "certain" : "perhaps");
    }
}

static void what_is_no_ruleset_is_refused(void **state)
{
    static const char *const texts[] = {"", "{", "[]", "{}", "{\"nftables\":{}}", "{\"nftables\":[]} more"};
    struct ruleset ruleset = {0};

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(ruleset_parse(&ruleset, texts[i], strlen(texts[i]), NULL), SONDE_E_FORMAT);
    assert_null(ruleset.root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_come_in_two_forms),
        cmocka_unit_test(damaged_counters_are_passed_over),
        cmocka_unit_test(conditions_exclude_or_not),
        cmocka_unit_test(what_is_no_ruleset_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
