/* SPDX-License-Identifier: MIT */
/* The way through chains, what only nft's text tells, and what is asked about a port. */
#include "tests/unit/unit.h"

#include <string.h>

#include "net/server/rules/ruleset.h"
#include "net/server/server.h"

#define CHAIN(name) "{\"chain\":{\"family\":\"ip\",\"table\":\"f\",\"name\":\"" name "\"}},"
#define BASE(name, hook)                                                                                     \
    "{\"chain\":{\"family\":\"ip\",\"table\":\"f\",\"name\":\"" name "\",\"hook\":\"" hook "\",\"prio\":0}}" \
    ","
#define RULE(chain, handle, expression)                                                                      \
    "{\"rule\":{\"family\":\"ip\",\"table\":\"f\",\"chain\":\"" chain "\",\"handle\":" handle                \
    ",\"expr\":[" expression "]}},"
#define END "{\"metainfo\":{}}]}"

/* What nft -a writes; the handles are those of the rules in the tests. */
static const char words[] =
    "table ip filter { # handle 8\n"
    "\tchain i { # handle 1\n"
    "\t\ttype filter hook input priority filter; policy accept;\n"
    "\t\ttcp dport 1 accept # handle 4\n"
    "\t}\n"
    "}\n"
    "table ip f { # handle 9\n"
    "\tchain i { # handle 1\n"
    "\t\ttype filter hook ingress device \"eth0\" priority filter; policy accept;\n"
    "\t\tct state related,established counter packets 3 bytes 180 accept # handle 4\n"
    "\t\tmeta l4proto tcp tcp dport { 80, 1000-2000 }  counter packets 1 bytes 2 drop # handle 5\n"
    "\t\tfib daddr type != local drop # handle 6\n"
    "\t\ttcp dport 8443 counter packets 0 bytes 0 dnat to 172.17.0.2:80 # handle 7\n"
    "\t\tlog prefix \" # handle 99 \" # handle 10\n"
    "\t}\n"
    "}\n"
    "table ip sleeping {\n"
    "\tflags dormant\n"
    "\tchain i {\n"
    "\t}\n"
    "}\n";

static struct ruleset new_ruleset(const char *json)
{
    struct ruleset ruleset = {0};

    assert_int_equal(ruleset_parse(&ruleset, json, strlen(json), NULL), 0);
    ruleset.text = strdup(words);
    return ruleset;
}

static struct ruleset_trace trace_of(const char *json, const struct ruleset_question *question,
                                     const char *hook)
{
    struct ruleset ruleset = new_ruleset(json);
    struct ruleset_trace trace;

    ruleset_trace(&ruleset, question, hook, &trace);
    ruleset_deinit(&ruleset);
    return trace;
}

static const struct ruleset_question ssh = {4, false, 22};

static void chains_that_jump_in_circles_end(void **state)
{
    struct ruleset_trace trace = trace_of(
        "{\"nftables\":[" BASE("i", "input") CHAIN("a") CHAIN("b")
            RULE("i", "1", "{\"jump\":{\"target\":\"a\"}}") RULE("a", "2", "{\"jump\":{\"target\":\"b\"}}")
                RULE("a", "3", "{\"jump\":{\"target\":\"b\"}}")
                    RULE("b", "4", "{\"jump\":{\"target\":\"a\"}}")
                        RULE("b", "5", "{\"jump\":{\"target\":\"a\"}}") END,
        &ssh, "input");

    assert_true(trace.incomplete);
    assert_int_equal(trace.count, 0);
    assert_int_equal(trace.stopped, TRUTH_RARELY); /* nothing can be promised */
    assert_int_equal(trace.passed, TRUTH_MAYBE);
}

static void more_rules_than_fit_are_counted(void **state)
{
    struct text json = {0};
    struct ruleset_trace trace;

    text_add(&json, "%s", "{\"nftables\":[" BASE("i", "input"));
    for (int i = 0; i < 2 * RULESET_TRACE_MAX; i++)
        text_add(&json, "%s", RULE("i", "1", "{\"limit\":{\"rate\":1,\"inv\":true}},{\"drop\":null}"));
    text_add(&json, "%s", END);
    trace = trace_of(text_get(&json), &ssh, "input");
    text_deinit(&json);
    assert_int_equal(trace.count, 2 * RULESET_TRACE_MAX);
    assert_int_equal(trace.stopped, TRUTH_RARELY);
}

static void words_of_a_rule_are_found_by_its_handle(void **state)
{
    static const struct {
        int64_t handle;
        const char *words;
    } cases[] = {
        {4, "ct state related,established accept"},
        {5, "meta l4proto tcp tcp dport { 80, 1000-2000 } drop"},
        {10, "log prefix \" # handle 99 \""},
        {11, ""},
        {99, ""},
    };
    struct ruleset ruleset = new_ruleset("{\"nftables\":[" END);
    struct ruleset_rule rule = {.family = "ip", .table = "f", .chain = "i"};

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text text = {0};

        rule.handle = cases[i].handle;
        ruleset_add_text(&ruleset, &rule, &text);
        assert_string_equal(text_get(&text), cases[i].words);
        text_deinit(&text);
    }
    ruleset_deinit(&ruleset);
}

static void devices_and_sleep_are_in_the_text_only(void **state)
{
    struct ruleset ruleset = new_ruleset("{\"nftables\":[" END);
    struct ruleset_rule chain = {.family = "ip", .table = "f", .chain = "i"};

    assert_true(ruleset_hooks_device(&ruleset, &chain, "eth0"));
    assert_false(ruleset_hooks_device(&ruleset, &chain, "eth"));
    assert_false(ruleset_hooks_device(&ruleset, &chain, "eth1"));
    assert_false(ruleset_is_dormant(&ruleset, &chain));
    strcpy(chain.table, "filter"); /* without a device */
    assert_true(ruleset_hooks_device(&ruleset, &chain, "eth1"));
    strcpy(chain.table, "sleeping");
    assert_true(ruleset_is_dormant(&ruleset, &chain));
    ruleset_deinit(&ruleset);
}

#define XT(name) "{\"xt\":{\"type\":\"match\",\"name\":\"" name "\"}}"

static void matches_of_iptables_are_read_from_the_text(void **state)
{
    static const struct {
        const char *json;
        uint16_t port;
        enum truth stopped;
    } cases[] = {
        {RULE("i", "5", XT("multiport") ",{\"drop\":null}"), 80, TRUTH_YES},
        {RULE("i", "5", XT("multiport") ",{\"drop\":null}"), 1999, TRUTH_YES},
        {RULE("i", "5", XT("multiport") ",{\"drop\":null}"), 81, TRUTH_NO},
        {RULE("i", "4", XT("conntrack") ",{\"drop\":null}"), 80, TRUTH_NO},
        {RULE("i", "6", XT("addrtype") ",{\"drop\":null}"), 80, TRUTH_NO},
        {RULE("i", "6", XT("comment") ",{\"drop\":null}"), 80, TRUTH_YES},
        {RULE("i", "6", XT("recent") ",{\"drop\":null}"), 80, TRUTH_MAYBE},
        {RULE("i", "77", XT("conntrack") ",{\"drop\":null}"), 80, TRUTH_MAYBE},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text json = {0};
        struct ruleset_trace trace;

        text_add(&json, "%s%s%s", "{\"nftables\":[" BASE("i", "input"), cases[i].json, END);
        trace = trace_of(text_get(&json), &(struct ruleset_question){4, false, cases[i].port}, "input");
        text_deinit(&json);
        if (trace.stopped != cases[i].stopped)
            fail_msg("case %zu: %d, not %d", i, trace.stopped, cases[i].stopped);
    }
}

static void translations_say_where_to(void **state)
{
    struct ruleset_trace trace =
        trace_of("{\"nftables\":[" BASE("i", "prerouting")
                     RULE("i", "7", "{\"xt\":{\"type\":\"target\",\"name\":\"DNAT\"}}") END,
                 &ssh, "prerouting");
    char address[SONDE_ADDRESS_TEXT];

    assert_int_equal(trace.count, 1);
    assert_int_equal(trace.rules[0].verdict, RULESET_TRANSLATE);
    assert_string_equal(sonde_address_format(&trace.rules[0].to, address), "172.17.0.2");
    assert_int_equal(trace.rules[0].to_port, 80);
    assert_int_equal(trace.stopped, TRUTH_NO);
}

static void a_device_chain_concerns_its_device(void **state)
{
    static const char json[] = "{\"nftables\":[" BASE("i", "ingress") RULE("i", "4", "{\"drop\":null}") END;
    struct ruleset_question question = {4, false, 22, .interface = "eth0"};

    assert_int_equal(trace_of(json, &question, "ingress").stopped, TRUTH_YES);
    question.interface = "eth1";
    assert_int_equal(trace_of(json, &question, "ingress").stopped, TRUTH_NO);
    question.interface = NULL;
    assert_int_equal(trace_of(json, &question, "ingress").stopped, TRUTH_MAYBE);
    assert_int_equal(trace_of(json, &question, "ingress").passed, TRUTH_MAYBE);
}

static void ports_are_understood_or_refused(void **state)
{
    static const struct {
        const char *text, *address;
        uint16_t port;
        bool udp;
    } rows[] = {
        {"8443", "-", 8443, false},
        {"8443/tcp", "-", 8443, false},
        {"53/udp", "-", 53, true},
        {"192.0.2.1:80", "192.0.2.1", 80, false},
        {"[2001:db8::1]:53/udp", "2001:db8::1", 53, true},
        {"65535", "-", 65535, false},
    };
    static const char *const wrong[] = {"",
                                        "x",
                                        "0",
                                        "65536",
                                        "80/",
                                        "80/icmp",
                                        "80 ",
                                        ":80",
                                        "[::1]80",
                                        "::1:80",
                                        "[::1:80",
                                        "[]:80",
                                        "192.0.2.1:",
                                        "-1",
                                        "99999999999999999999",
                                        "[2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8:2001:db8]:1"};
    struct server_question question;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char address[SONDE_ADDRESS_TEXT];

        assert_int_equal(server_question_parse(rows[i].text, &question, NULL), 0);
        assert_string_equal(sonde_address_format(&question.address, address), rows[i].address);
        assert_int_equal(question.port, rows[i].port);
        assert_int_equal(question.udp, rows[i].udp);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        if (server_question_parse(wrong[i], &question, NULL) != SONDE_E_USAGE)
            fail_msg("'%s' is taken for a port", wrong[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_that_jump_in_circles_end),
        cmocka_unit_test(more_rules_than_fit_are_counted),
        cmocka_unit_test(words_of_a_rule_are_found_by_its_handle),
        cmocka_unit_test(devices_and_sleep_are_in_the_text_only),
        cmocka_unit_test(matches_of_iptables_are_read_from_the_text),
        cmocka_unit_test(translations_say_where_to),
        cmocka_unit_test(a_device_chain_concerns_its_device),
        cmocka_unit_test(ports_are_understood_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
