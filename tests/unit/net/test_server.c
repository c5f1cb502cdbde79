/* SPDX-License-Identifier: MIT */
/* Counters and rulesets from text: what they say, and that damaged text says nothing. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "net/server/counters.h"
#include "net/server/rules/ruleset.h"

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

/* How many of the packets to TCP port 22 over IPv4 a chain with this one rule stops. */
static enum truth stopped_by(const char *expression)
{
    struct ruleset ruleset = {0};
    struct ruleset_trace trace;
    char text[1024];

    snprintf(
        text, sizeof(text),
        "{\"nftables\":[{\"chain\":{\"family\":\"inet\",\"table\":\"t\",\"name\":\"c\",\"hook\":\"input\"}},"
        "{\"set\":{\"family\":\"inet\",\"table\":\"t\",\"name\":\"s\",\"elem\":[21,{\"range\":[22,25]}]}},"
        "{\"set\":{\"family\":\"inet\",\"table\":\"t\",\"name\":\"pairs\",\"elem\":[{\"concat\":[\"10.0.0."
        "1\",22]}]}},"
        "{\"set\":{\"family\":\"inet\",\"table\":\"t\",\"name\":\"empty\"}},"
        "{\"rule\":{\"family\":\"inet\",\"table\":\"t\",\"chain\":\"c\",\"handle\":9,\"expr\":[%s]}}]}",
        expression);
    assert_int_equal(ruleset_parse(&ruleset, text, strlen(text), NULL), 0);
    ruleset_trace(&ruleset, &(struct ruleset_question){4, false, 22}, "input", &trace);
    for (size_t i = 0; i < trace.count; i++)
        assert_int_equal(trace.rules[i].handle, 9);
    assert_int_equal(trace.count > 0, trace.stopped != TRUTH_NO || strstr(expression, "accept") != NULL);
    ruleset_deinit(&ruleset);
    return trace.stopped;
}

#define MATCH(left, op, right)                                                                               \
    "{\"match\":{\"left\":" left ",\"op\":\"" op "\",\"right\":" right "}},{\"drop\":null}"
#define PORT(protocol) "{\"payload\":{\"protocol\":\"" protocol "\",\"field\":\"dport\"}}"
#define SADDR          "{\"payload\":{\"protocol\":\"ip\",\"field\":\"saddr\"}}"
#define FLAGS          "{\"payload\":{\"protocol\":\"tcp\",\"field\":\"flags\"}}"
#define META(key)      "{\"meta\":{\"key\":\"" key "\"}}"

static void conditions_exclude_or_not(void **state)
{
    static const struct {
        const char *expression;
        enum truth stopped;
    } cases[] = {
        {"{\"drop\":null}", TRUTH_YES},
        {"{\"accept\":null}", TRUTH_NO},
        {"{\"counter\":null},{\"log\":null},{\"reject\":{\"type\":\"tcp reset\"}}", TRUTH_YES},
        {"{\"limit\":{\"rate\":5}},{\"drop\":null}", TRUTH_OFTEN},
        {"{\"limit\":{\"rate\":5,\"inv\":true}},{\"drop\":null}", TRUTH_RARELY},
        {"{\"set\":{\"op\":\"add\",\"set\":\"@s\",\"stmt\":[{\"limit\":{\"inv\":true}}]}},{\"drop\":null}",
         TRUTH_RARELY},
        {"{\"ct count\":{\"val\":9,\"inv\":true}},{\"drop\":null}", TRUTH_RARELY},
        {MATCH(PORT("tcp"), "==", "22"), TRUTH_YES},
        {MATCH(PORT("tcp"), "==", "23"), TRUTH_NO},
        {MATCH(PORT("udp"), "==", "22"), TRUTH_NO},
        {MATCH(PORT("th"), "==", "22"), TRUTH_YES},
        {MATCH(PORT("tcp"), "!=", "22"), TRUTH_NO},
        {MATCH(PORT("tcp"), "!=", "23"), TRUTH_YES},
        {MATCH(PORT("tcp"), ">", "22"), TRUTH_NO},
        {MATCH(PORT("tcp"), ">=", "22"), TRUTH_YES},
        {MATCH(PORT("tcp"), "<", "22"), TRUTH_NO},
        {MATCH(PORT("tcp"), "<=", "22"), TRUTH_YES},
        {MATCH(PORT("tcp"), "==", "{\"set\":[1,2,{\"range\":[20,30]}]}"), TRUTH_YES},
        {MATCH(PORT("tcp"), "==", "{\"set\":[1,2]}"), TRUTH_NO},
        {MATCH(PORT("tcp"), "==", "\"@s\""), TRUTH_YES},
        {MATCH(PORT("tcp"), "==", "\"@unknown\""), TRUTH_MAYBE},
        {MATCH(PORT("tcp"), "==", "\"ssh\""), TRUTH_MAYBE},
        {MATCH(META("l4proto"), "==", "\"tcp\""), TRUTH_YES},
        {MATCH(META("l4proto"), "==", "6"), TRUTH_YES},
        {MATCH(META("l4proto"), "==", "{\"set\":[\"udp\",\"icmp\"]}"), TRUTH_NO},
        {MATCH(META("nfproto"), "==", "\"ipv6\""), TRUTH_NO},
        {MATCH(META("nfproto"), "==", "\"ipv4\""), TRUTH_YES},
        {MATCH(META("iifname"), "==", "\"lo\""), TRUTH_NO},
        {MATCH(META("iifname"), "!=", "\"lo\""), TRUTH_YES},
        {MATCH(META("iifname"), "==", "\"eth0\""), TRUTH_MAYBE},
        {MATCH("{\"payload\":{\"protocol\":\"ip6\",\"field\":\"saddr\"}}", "==", "\"::1\""), TRUTH_NO},
        {MATCH("{\"payload\":{\"protocol\":\"ip\",\"field\":\"saddr\"}}", "==", "\"10.0.0.1\""),
         TRUTH_RARELY},
        {MATCH(SADDR, "!=", "\"10.0.0.1\""), TRUTH_OFTEN},
        {MATCH(SADDR, "==", "\"127.0.0.1\""), TRUTH_NO},
        {MATCH(SADDR, "==", "{\"prefix\":{\"addr\":\"10.0.0.0\",\"len\":8}}"), TRUTH_RARELY},
        {MATCH(SADDR, "==", "{\"prefix\":{\"addr\":\"0.0.0.0\",\"len\":0}}"), TRUTH_YES},
        {MATCH(SADDR, "==", "\"@empty\""), TRUTH_NO},
        {MATCH("{\"concat\":[" SADDR "," PORT("tcp") "]}", "==", "\"@pairs\""), TRUTH_RARELY},
        {MATCH("{\"concat\":[" SADDR "," PORT("udp") "]}", "==", "\"@pairs\""), TRUTH_NO},
        {MATCH("{\"&\":[" FLAGS ",[\"fin\",\"syn\",\"rst\",\"ack\"]]}", "==", "\"syn\""), TRUTH_YES},
        {MATCH("{\"&\":[" FLAGS ",[\"fin\",\"syn\",\"rst\",\"ack\"]]}", "!=", "\"syn\""), TRUTH_NO},
        {MATCH("{\"&\":[" FLAGS ",[\"fin\",\"syn\"]]}", "==", "[\"fin\",\"syn\"]"), TRUTH_NO},
        {MATCH("{\"&\":[" FLAGS ",\"ack\"]}", "==", "\"ack\""), TRUTH_NO},
        {MATCH("{\"fib\":{\"result\":\"oif\",\"flags\":[\"saddr\",\"iif\"]}}", "==", "false"), TRUTH_RARELY},
        {MATCH("{\"fib\":{\"result\":\"type\",\"flags\":[\"daddr\"]}}", "!=", "\"local\""), TRUTH_NO},
        {MATCH(META("pkttype"), "==", "\"broadcast\""), TRUTH_NO},
        {MATCH("{\"ct\":{\"key\":\"status\"}}", "in", "\"dnat\""), TRUTH_NO},
        {MATCH(META("mark"), "==", "7"), TRUTH_MAYBE},
        {MATCH("{\"payload\":{\"protocol\":\"ip\",\"field\":\"protocol\"}}", "==", "\"udp\""), TRUTH_NO},
        {MATCH("{\"payload\":{\"protocol\":\"icmp\",\"field\":\"type\"}}", "==", "8"), TRUTH_NO},
        {MATCH("{\"ct\":{\"key\":\"state\"}}", "in", "[\"established\",\"related\"]"), TRUTH_NO},
        {MATCH("{\"ct\":{\"key\":\"state\"}}", "in", "[\"new\",\"untracked\"]"), TRUTH_YES},
        {"{\"vmap\":{\"key\":" PORT(
             "tcp") ",\"data\":{\"set\":[[21,{\"drop\":null}],[22,{\"drop\":null}]]}}}",
         TRUTH_YES},
        {"{\"vmap\":{\"key\":" PORT("tcp") ",\"data\":{\"set\":[[21,{\"drop\":null}]]}}}", TRUTH_NO},
        {"{\"xt\":{\"type\":\"match\",\"name\":\"multiport\"}},{\"drop\":null}", TRUTH_MAYBE},
        {"{\"xt\":{\"type\":\"target\",\"name\":\"REJECT\"}}", TRUTH_YES},
        {"{\"match\":null},{\"drop\":null}", TRUTH_MAYBE},
        {"{\"match\":{\"left\":7,\"op\":3}},{\"drop\":null}", TRUTH_MAYBE},
        {"17", TRUTH_NO},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (stopped_by(cases[i].expression) != cases[i].stopped)
            fail_msg("%s: %d, not %d", cases[i].expression, stopped_by(cases[i].expression),
                     cases[i].stopped);
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
