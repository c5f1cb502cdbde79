/* SPDX-License-Identifier: MIT */
/* Policy files: what is understood, and what is said, with its place, about what is not. */
#include "tests/unit/unit.h"

#include <string.h>

#include "base/macro.h"
#include "policy/read.h"

#define PASSES                                                                                               \
    "ipv4:\n  fragmentation-needed: answer-only\nipv6:\n  packet-too-big: answer-only\n"                     \
    "  133-136: accept\n"

/* A file and the problem it has at a place. */
struct refusal {
    const char *file;
    uint32_t line, column;
    const char *message; /* a part of it */
};

static const struct refusal refusals[] = {
    {"", 1, 1, "empty"},
    {"# nothing\n", 1, 1, "empty"},
    {"role host\n", 1, 1, "a policy is a map"},
    {"- role\n", 1, 1, "a policy is a map"},
    {"role: hots\n" PASSES, 1, 7, "did you mean 'host'?"},
    {PASSES, 1, 1, "no role"},
    {"role: host\nrols: x\n" PASSES, 2, 1, "means nothing here; did you mean 'role'?"},
    {"role: host\nrole: edge\n" PASSES, 2, 1, "a second time; the first is in line 1"},
    {"role: host\noutside: [eth0]\n" PASSES, 2, 10, "only an edge"},
    {"role: edge\n" PASSES, 1, 1, "an edge must say"},
    {"role: edge\noutside: [a/b]\n" PASSES, 2, 11, "cannot be an interface"},
    {"role: host\ndefaults: {unlisted: limit}\n" PASSES, 2, 22, "cannot be said of everything"},
    {"role: host\ndefaults: {unlistet: drop}\n" PASSES, 2, 12, "did you mean 'unlisted'?"},
    {"role: host\nlimits: {source: fast}\n" PASSES, 2, 18, "no rate such as"},
    {"role: host\nlimits: {source: 0/second}\n" PASSES, 2, 18, "no rate such as"},
    {"role: host\n" PASSES "  echo-rquest: limit\n", 7, 3, "did you mean 'echo-request'?"},
    {"role: host\n" PASSES "  fragmentation-needed: limit\n", 7, 3, "belongs below ipv4"},
    {"role: host\n" PASSES "  256: drop\n", 7, 3, "is no type"},
    {"role: host\n" PASSES "  9-5: drop\n", 7, 3, "is no type"},
    {"role: host\n" PASSES "  3-4/0: drop\n", 7, 3, "a range of types has no codes"},
    {"role: host\n" PASSES "  128: acept\n", 7, 8, "did you mean 'accept'?"},
    {"role: host\n" PASSES "  128: limit 0/second\n", 7, 8, "is no limit"},
    {"role: host\n" PASSES "  128: limit 5/fortnight\n", 7, 8, "is no limit"},
    {"role: host\n" PASSES "  128: {inptu: drop}\n", 7, 9, "did you mean 'input'?"},
    {"role: host\n" PASSES "  128: {}\n", 7, 8, "no verdict"},
    {"role: host\n" PASSES "  128: {all: drop, input: drop}\n", 7, 14, "contradict each other"},
    {"role: host\n" PASSES "  128: {forward: drop}\n", 7, 9, "a host does not filter forward"},
    {"role: router\n" PASSES "  128: {forward-in: drop}\n", 7, 9, "an edge does"},
    {"role: router\n" PASSES "  128: {forward: link-only}\n", 7, 18, "contradict each other"},
    {"role: host\n" PASSES "  128: {input: drop, from: 2001:db8::1}\n", 7, 22, "for exceptions only"},
    {"role: host\n" PASSES "  128: [drop]\n", 7, 9, "an item of this list"},
    {"role: host\n" PASSES "  128: drop\n  128/*: limit\n", 8, 10, "line 7 says already"},
    {"role: host\n" PASSES "exceptions:\n  - {input: drop}\n", 8, 5, "names no message"},
    {"role: host\n" PASSES "exceptions:\n  - {ipv4: 8, input: drop, from: 2001:db8::/32}\n", 8, 12,
     "does not come from"},
    {"role: host\n" PASSES "exceptions:\n  - {ipv4: 8, input: drop, from: 192.0.2.1/24}\n", 8, 34,
     "did you mean 192.0.2.0/24?"},
    {"role: host\n" PASSES "exceptions:\n  - {ipv4: 8, input: drop, expires: 2027-02-30}\n", 8, 37,
     "is no date"},
    {"role: host\n" PASSES "exceptions: {ipv4: 8}\n", 7, 13, "exceptions must be a list"},
    /* YAML that is none, or more than a policy needs */
    {"role: host\n\tipv4:\n", 2, 1, "a tab"},
    {"role: [host\n", 2, 1, "no YAML"},
    {"role: &a host\nx: *a\n", 1, 7, "anchors"},
    {"role: !!str host\n", 1, 7, "tags"},
    {"role: host\n---\nrole: edge\n", 2, 1, "a second document"},
    {"role: {{a: b}: c}\n", 1, 8, "a key must be a word"},
    {"[[[[[[[[[[[[[[[[", 1, 9, "nested deeper"},
    {"role: \"\\0\"\n", 1, 7, "zero octet"},
    {"\xff\xff\n", 1, 1, "no text in UTF-8"},
    /* what breaks the network */
    {"role: host\nipv6: {2: accept, 133-136: accept}\n", 1, 1, "lets fragmentation-needed (ICMPv4 3/4) pass"},
    {"role: host\ndefaults: {unlisted: reject}\nipv6: {2: accept, 133-136: accept}\n", 2, 22,
     "add below ipv4: 'fragmentation-needed: {input: answer-only}'"},
    {"role: host\nipv4: {3/4: accept}\nipv6: {133-136: accept}\n", 1, 1, "lets packet-too-big"},
    {"role: host\nipv4: {3/4: accept}\nipv6: {2: accept}\n", 1, 1, "lets router-solicitation"},
    {"role: host\nipv4: {3: drop}\nipv6: {2: accept, 133-136: accept}\n", 2, 11,
     "drop of fragmentation-needed in input breaks path MTU discovery"},
    {"role: host\nipv4: {3/4: {input: accept, output: reject}}\nipv6: {2: accept, 133-136: accept}\n", 2, 37,
     "reject of fragmentation-needed in output"},
    {"role: host\nipv4: {3/4: accept}\nipv6: {2: accept, 133-136: answer-only}\n", 3, 28,
     "answer-only of router-solicitation in output"},
    {"role: host\n" PASSES "exceptions:\n  - {ipv6: 2/3, input: drop, from: 2001:db8::/32}\n", 8, 24,
     "i-know-this-breaks: path-mtu-discovery"},
    {"role: host\n" PASSES
     "exceptions:\n  - {ipv6: 135, all: drop, i-know-this-breaks: path-mtu-discovery}\n",
     8, 22, "i-know-this-breaks: neighbour-discovery"},
};

static bool has_problem(const struct policy_problems *problems, const struct refusal *refusal)
{
    for (size_t i = 0; i < problems->count && i < POLICY_PROBLEMS_MAX; i++)
        if (problems->items[i].place.line == refusal->line &&
            problems->items[i].place.column == refusal->column &&
            strstr(problems->items[i].message, refusal->message))
            return true;
    return false;
}

static int read_text(const char *file, struct policy *policy, struct policy_problems *problems,
                     struct sonde_error *error)
{
    return policy_read(slice_of(file, strlen(file)), "guard.yaml", policy, problems, error);
}

static void test_refusals(void **state)
{
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        struct policy_problems problems;
        struct sonde_error error = {0};
        struct policy policy = {0};

        if (read_text(refusals[i].file, &policy, &problems, &error) != SONDE_E_FORMAT)
            fail_msg("this was accepted:\n%s", refusals[i].file);
        assert_int_equal(strncmp(error.what, "guard.yaml:", 11), 0);
        if (!has_problem(&problems, &refusals[i]))
            fail_msg("%u:%u '%s' was not said, but %s, of\n%s", refusals[i].line, refusals[i].column,
                     refusals[i].message, error.what, refusals[i].file);
        policy_deinit(&policy);
    }
}

static const char whole[] =
    "role: edge\n"
    "outside: [eth0, ppp0]\n"
    "defaults:\n"
    "  unlisted: reject\n"
    "limits:\n"
    "  source: 5/minute\n"
    "  total: 100/hour burst 7\n"
    "ipv4:\n"
    "  echo-request: {input: limit 50/second burst 100, output: accept, forward-in: limit}\n"
    "  8/1-255: drop\n"
    "  \"13\": {all: drop}\n"
    "  3/*: answer-only\n"
    "  3/4: accept\n"
    "  40-50:\n"
    "    - {interface: eth1, input: accept, reason: tests}\n"
    "    - {input: limit total 5/s}\n"
    "ipv6:\n"
    "  packet-too-big: accept\n"
    "  133-136: {input: link-only, output: link-only}\n"
    "exceptions:\n"
    "  - ipv4: [timestamp-request, 3/4]\n"
    "    input: drop\n"
    "    from: 192.0.2.0/25\n"
    "    interface: eth0.7\n"
    "    owner: netops\n"
    "    reason: \"clock monitoring, TICKET-123\"\n"
    "    expires: 2027-03-31\n"
    "    i-know-this-breaks: [path-mtu-discovery]\n";

/* A question about the file above, and the rule that answers it. */
struct answer {
    uint8_t family;
    enum direction direction;
    uint8_t type, code;
    const char *interface, *source;
    enum verdict verdict;
    const char *rule;
};

static const struct answer answers[] = {
    {4, DIRECTION_INPUT, 8, 0, NULL, NULL, VERDICT_LIMIT, "v4.8.0.input"},
    {4, DIRECTION_INPUT, 8, 9, NULL, NULL, VERDICT_DROP, "v4.8.1-255.input"},
    {4, DIRECTION_FORWARD, 8, 0, NULL, NULL, VERDICT_REJECT, NULL},
    {4, DIRECTION_FORWARD_OUT, 13, 4, NULL, NULL, VERDICT_DROP, "v4.13.forward-out"},
    {4, DIRECTION_INPUT, 3, 4, NULL, NULL, VERDICT_ACCEPT, "v4.3.4.input"},
    {4, DIRECTION_INPUT, 3, 5, NULL, NULL, VERDICT_ANSWER, "v4.3.input"},
    {4, DIRECTION_INPUT, 45, 5, NULL, NULL, VERDICT_LIMIT, "v4.40-50.input"},
    {4, DIRECTION_INPUT, 45, 5, "eth1", NULL, VERDICT_ACCEPT, "v4.40-50.input.eth1"},
    {4, DIRECTION_INPUT, 3, 4, "eth0.7", "192.0.2.127", VERDICT_DROP, "x1.v4.3.4.input.eth0.7"},
    {4, DIRECTION_INPUT, 3, 4, "eth0.7", "192.0.2.128", VERDICT_ACCEPT, "v4.3.4.input"},
    {4, DIRECTION_INPUT, 3, 4, "eth0", "192.0.2.1", VERDICT_ACCEPT, "v4.3.4.input"},
    {4, DIRECTION_INPUT, 3, 4, NULL, "192.0.2.1", VERDICT_ACCEPT, "v4.3.4.input"},
    {6, DIRECTION_OUTPUT, 134, 0, NULL, NULL, VERDICT_LINK, "v6.133-136.output"},
    {6, DIRECTION_FORWARD, 134, 0, NULL, NULL, VERDICT_REJECT, NULL},
};

static void check_answer(const struct policy *policy, const struct answer *answer, int64_t now_s)
{
    struct policy_question question = {.family = answer->family,
                                       .type = answer->type,
                                       .code = answer->code,
                                       .direction = answer->direction,
                                       .interface = answer->interface};
    struct policy_decision decision;

    if (answer->source)
        sonde_address_parse(answer->source, &question.source);
    decision = policy_decide(policy, &question, now_s);
    assert_int_equal(decision.verdict, answer->verdict);
    if (answer->rule)
        assert_string_equal(decision.rule->id, answer->rule);
    else
        assert_null(decision.rule);
}

static void test_answers(void **state)
{
    static const struct answer after = {
        4, DIRECTION_INPUT, 3, 4, "eth0.7", "192.0.2.127", VERDICT_ACCEPT, "v4.3.4.input"};
    struct policy_problems problems;
    struct sonde_error error = {0};
    struct policy policy = {0};

    if (read_text(whole, &policy, &problems, &error) < 0)
        fail_msg("%s", error.what);
    assert_int_equal(policy.outside_count, 2);
    assert_string_equal(policy.outside[1], "ppp0");
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        check_answer(&policy, &answers[i], 1806537599); /* 2027-03-31T23:59:59Z */
    check_answer(&policy, &after, 1806537600);
    policy_deinit(&policy);
}

static const struct policy_rule *rule_of(const struct policy *policy, const char *id)
{
    for (size_t i = 0; i < policy->rule_count; i++)
        if (strcmp(policy->rules[i].id, id) == 0)
            return &policy->rules[i];
    fail_msg("no rule %s", id);
    return NULL;
}

static void check_rate(const struct policy_rate *rate, uint32_t packets, uint32_t period_s, uint32_t burst)
{
    assert_int_equal(rate->packets, packets);
    assert_int_equal(rate->period_s, period_s);
    assert_int_equal(rate->burst, burst);
}

static void test_rules(void **state)
{
    struct policy_problems problems;
    const struct policy_rule *rule;
    struct policy policy = {0};

    assert_int_equal(read_text(whole, &policy, &problems, NULL), 0);
    rule = rule_of(&policy, "v4.8.0.input");
    check_rate(&rule->limit.source, 50, 1, 100);
    check_rate(&rule->limit.total, 100, 3600, 7);
    assert_int_equal(rule->place.line, 9);
    rule = rule_of(&policy, "v4.8.0.forward-in");
    check_rate(&rule->limit.source, 5, 60, 5);
    rule = rule_of(&policy, "v4.40-50.input");
    check_rate(&rule->limit.source, 5, 60, 5);
    check_rate(&rule->limit.total, 5, 1, 5);
    assert_string_equal(rule_of(&policy, "v4.40-50.input.eth1")->reason, "tests");
    rule = rule_of(&policy, "x1.v4.3.4.input.eth0.7");
    assert_true(rule->exception && rule->override);
    assert_string_equal(rule->owner, "netops");
    assert_string_equal(rule->reason, "clock monitoring, TICKET-123");
    assert_int_equal(rule->source_length, 25);
    assert_true(policy.rules[0].exception && policy.rules[1].exception && !policy.rules[2].exception);
    policy_deinit(&policy);
}

static void test_large_files(void **state)
{
    size_t size = (size_t)10 * 1024 * 1024;
    char *file = malloc(size);
    struct policy_problems problems;
    struct sonde_error error = {0};
    struct policy policy = {0};

    assert_non_null(file);
    memset(file, '-', size);
    assert_int_equal(policy_read(slice_of(file, size), "big", &policy, &problems, &error), SONDE_E_FORMAT);
    assert_non_null(strstr(error.what, "big:1:1: 10485760 octets"));
    memset(file, '[', 1000000);
    assert_int_equal(policy_read(slice_of(file, 1000000), "deep", &policy, &problems, &error),
                     SONDE_E_FORMAT);
    for (size_t i = 0; i < 1000000; i += 2)
        memcpy(file + i, "- ", 2);
    assert_int_equal(policy_read(slice_of(file, 1000000), "list", &policy, &problems, &error),
                     SONDE_E_FORMAT);
    policy_deinit(&policy);
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_large_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
