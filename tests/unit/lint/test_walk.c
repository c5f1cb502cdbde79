/* SPDX-License-Identifier: MIT */
/* Which rule decides about a message, and for how many of the packets. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "policy/lint/cover.h"
#include "policy/ruleset/import.h"
#include "policy/ruleset/walk.h"

/* Conntrack's view of what nobody asked for, as Linux 6.18 said of every type sent to it. */
static const struct {
    uint8_t family, type;
    enum shape shape;
    uint32_t state;
} states[] = {
    {4, 8, SHAPE_PLAIN, RULES_NEW},          {4, 13, SHAPE_PLAIN, RULES_NEW},
    {4, 17, SHAPE_PLAIN, RULES_NEW},         {4, 3, SHAPE_PLAIN, RULES_INVALID},
    {4, 5, SHAPE_PLAIN, RULES_INVALID},      {4, 42, SHAPE_PLAIN, RULES_INVALID},
    {4, 0, SHAPE_ANSWER, RULES_ESTABLISHED}, {4, 3, SHAPE_ANSWER, RULES_RELATED},
    {4, 5, SHAPE_ANSWER, RULES_RELATED},     {4, 8, SHAPE_ANSWER, RULES_ESTABLISHED},
    {6, 135, SHAPE_LINK, RULES_UNTRACKED},   {6, 143, SHAPE_PLAIN, RULES_UNTRACKED},
    {6, 137, SHAPE_LINK, RULES_INVALID},     {6, 141, SHAPE_LINK, RULES_INVALID},
    {6, 144, SHAPE_PLAIN, RULES_INVALID},    {6, 151, SHAPE_LINK, RULES_UNTRACKED},
    {6, 153, SHAPE_LINK, RULES_INVALID},     {6, 139, SHAPE_PLAIN, RULES_NEW},
    {6, 129, SHAPE_PLAIN, RULES_INVALID},    {6, 2, SHAPE_ANSWER, RULES_RELATED},
};

static void conntrack(void **state)
{
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        struct walk_question question = {
            .family = states[i].family, .type = states[i].type, .shape = states[i].shape, .tracked = true};

        assert_int_equal(walk_state(&question), states[i].state);
        question.tracked = false;
        assert_int_equal(walk_state(&question), RULES_UNTRACKED);
    }
}

/* Rules of the chain INPUT of iptables or ip6tables, a question, and what becomes of it. */
static const struct {
    const char *rules;
    struct walk_question question;
    enum fate fate;
    enum holds holds; /* that it is stopped */
    int line;         /* of the rule that decides; 0: the policy */
} cases[] = {
    {"", {4, 8, 0}, FATE_DROP, HOLDS_ALWAYS, 0},
    {"-A INPUT -p icmp -j ACCEPT\n", {4, 8, 0}, FATE_ACCEPT, HOLDS_NOT, 3},
    {"-A INPUT -p tcp -j ACCEPT\n", {4, 8, 0}, FATE_DROP, HOLDS_ALWAYS, 0},
    {"-A INPUT -p icmp -m icmp --icmp-type 3/4 -j ACCEPT\n", {4, 3, 4}, FATE_ACCEPT, HOLDS_NOT, 3},
    {"-A INPUT -p icmp -m icmp --icmp-type 3/4 -j ACCEPT\n", {4, 3, 3}, FATE_DROP, HOLDS_ALWAYS, 0},
    {"-A INPUT ! -i eth0 -j ACCEPT\n", {4, 8, 0, .in = "eth0"}, FATE_DROP, HOLDS_ALWAYS, 0},
    {"-A INPUT -i eth+ -j ACCEPT\n", {4, 8, 0, .in = "eth0"}, FATE_ACCEPT, HOLDS_NOT, 3},
    {"-A INPUT -i eth+ -j ACCEPT\n", {4, 8, 0}, FATE_DROP, HOLDS_ALWAYS, 0},
    {"-A INPUT -s 10.0.0.0/8 -j ACCEPT\n", {4, 8, 0}, FATE_DROP, HOLDS_ALWAYS, 0},
    {"-A INPUT -s 0.0.0.0/0 -j ACCEPT\n", {4, 8, 0}, FATE_ACCEPT, HOLDS_NOT, 3},
    {"-A INPUT -d 10.0.0.1 -j ACCEPT\n", {4, 8, 0}, FATE_DROP, HOLDS_SOMETIMES, 0},
    {"-A INPUT -m length --length 0:100 -j DROP\n-A INPUT -j ACCEPT\n",
     {4, 8, 0},
     FATE_DROP,
     HOLDS_SOMETIMES,
     3},
    {"-A INPUT -m bpf --bytecode x -j ACCEPT\n", {4, 8, 0}, FATE_DROP, HOLDS_UNKNOWN, 0},
    {"-A INPUT -p icmp -m limit --limit 5/s -j ACCEPT\n", {4, 8, 0}, FATE_ACCEPT, HOLDS_NOT, 3},
    {"-A INPUT -p icmp -m limit --limit 5/s -j ACCEPT\n",
     {4, 8, 0, .flood = true},
     FATE_DROP,
     HOLDS_ALWAYS,
     0},
    {"-A INPUT -m state --state RELATED -j ACCEPT\n",
     {4, 3, 4, .shape = SHAPE_ANSWER},
     FATE_ACCEPT,
     HOLDS_NOT,
     3},
    {"-A INPUT -m state --state RELATED -j ACCEPT\n", {4, 3, 4}, FATE_DROP, HOLDS_ALWAYS, 0},
    {"-A INPUT -j sub\n-A INPUT -j ACCEPT\n-A sub -p icmp -j RETURN\n-A sub -j DROP\n",
     {4, 8, 0},
     FATE_ACCEPT,
     HOLDS_NOT,
     4},
    {"-A INPUT -g sub\n-A INPUT -j ACCEPT\n-A sub -p icmp -j RETURN\n-A sub -j ACCEPT\n",
     {4, 8, 0},
     FATE_DROP,
     HOLDS_ALWAYS,
     0},
    {"-A INPUT -j sub\n-A sub -j sub\n", {4, 8, 0}, FATE_DROP, HOLDS_NOT, -1},
    {"-A INPUT -p icmp -j REJECT\n", {4, 8, 0}, FATE_REJECT, HOLDS_ALWAYS, 3},
    {"-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j ACCEPT\n",
     {6, 135, 0, .shape = SHAPE_LINK},
     FATE_ACCEPT,
     HOLDS_NOT,
     3},
    {"-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -m hl --hl-eq 255 -j ACCEPT\n",
     {6, 135, 0},
     FATE_DROP,
     HOLDS_ALWAYS,
     0},
    {"-A INPUT -s fe80::/10 -p ipv6-icmp -j ACCEPT\n",
     {6, 130, 0, .shape = SHAPE_LINK},
     FATE_ACCEPT,
     HOLDS_NOT,
     3},
    {"-A INPUT -m rt --rt-type 0 -j ACCEPT\n", {6, 128, 0}, FATE_DROP, HOLDS_ALWAYS, 0},
    {"-A INPUT -p icmp -j ACCEPT\n", {6, 128, 0}, FATE_DROP, HOLDS_ALWAYS, 0},
    {"-A INPUT -j NFQUEUE --queue-num 1\n", {4, 8, 0}, FATE_DROP, HOLDS_UNKNOWN, 3},
};

static void ways(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[1024];
        struct rules rules = {0};
        struct walk_result result;
        const struct walk_hit *hit;

        snprintf(text, sizeof(text), "*filter\n:INPUT DROP\n:sub -\n%s", cases[i].rules);
        assert_int_equal(rules_import_xt(&rules, slice_of(text, strlen(text)), cases[i].question.family,
                                         RULES_IPTABLES, NULL),
                         0);
        rules_arrange(&rules);
        walk(&rules, &cases[i].question, &result);
        if (result.stopped != cases[i].holds)
            fail_msg("case %zu: stopped %d", i, (int)result.stopped);
        hit = walk_decider(&result);
        if (cases[i].line >= 0) {
            int line = hit->rule == RULES_NONE ? 0 : (int)rules.items[hit->rule].line - 1;

            if (hit->fate != cases[i].fate || line != cases[i].line)
                fail_msg("case %zu: %s by line %d", i, fate_name(hit->fate), line);
        }
        rules_deinit(&rules);
    }
}

static void several_chains(void **state)
{
    static const char text[] =
        "*mangle\n:INPUT ACCEPT\n-A INPUT -p icmp -m icmp --icmp-type 5 -j DROP\nCOMMIT\n"
        "*filter\n:INPUT DROP\n-A INPUT -p icmp -j ACCEPT\nCOMMIT\n"
        "*raw\n:PREROUTING ACCEPT\n-A PREROUTING -p icmp -m icmp --icmp-type 8 -j CT --notrack\n";
    struct walk_question redirect = {.family = 4, .type = 5}, echo = {.family = 4, .type = 8};
    struct rules rules = {0};
    struct walk_result result;

    assert_int_equal(rules_import_xt(&rules, slice_of(text, strlen(text)), 4, RULES_IPTABLES, NULL), 0);
    rules_arrange(&rules);
    walk(&rules, &redirect, &result);
    assert_true(walk_stops(&result));
    assert_int_equal(rules.items[walk_decider(&result)->rule].line, 3);
    walk(&rules, &echo, &result);
    assert_true(walk_passes(&result));
    assert_int_equal(rules.items[walk_decider(&result)->rule].line, 7);
    rules_deinit(&rules);
}

static void covers(void **state)
{
    static const char text[] =
        "*filter\n:INPUT DROP\n-A INPUT -p icmp -m icmp --icmp-type 3/4 -j ACCEPT\n"
        "-A INPUT -p icmp -m icmp ! --icmp-type 8 -j ACCEPT\n-A INPUT -p tcp -j ACCEPT\n";
    struct rules rules = {0};
    struct cover one, other;
    uint8_t family, type, code;

    assert_int_equal(rules_import_xt(&rules, slice_of(text, strlen(text)), 4, RULES_IPTABLES, NULL), 0);
    rules_arrange(&rules);
    cover_of(&one, &rules, &rules.items[0]);
    assert_true(cover_first(&one, &family, &type, &code));
    assert_true(family == 4 && type == 3 && code == 4);
    cover_of(&other, &rules, &rules.items[1]);
    assert_true(cover_has(&other, 4, 200, 255) && !cover_has(&other, 4, 8, 0) && !cover_has(&other, 6, 1, 0));
    assert_true(cover_subtract(&one, &other));
    assert_true(cover_is_empty(&one));
    assert_false(cover_subtract(&one, &other));
    cover_of(&one, &rules, &rules.items[2]);
    assert_true(cover_is_empty(&one));
    rules_deinit(&rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conntrack),
        cmocka_unit_test(ways),
        cmocka_unit_test(several_chains),
        cmocka_unit_test(covers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
