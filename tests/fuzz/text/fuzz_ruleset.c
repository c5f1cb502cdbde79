/* SPDX-License-Identifier: MIT */
/* Any text as what nft and the kernel's counter files say: nothing breaks, and what is found is whole.
 * fuzz-sources: lib/net/server/rules/nft.c lib/net/server/rules/ruleset.c
 * fuzz-sources: lib/net/server/rules/ruletext.c lib/net/server/rules/condition.c
 * fuzz-sources: lib/net/server/rules/xt.c lib/net/server/counters.c lib/net/sock.c
 * fuzz-sources: lib/net/program/nft.c lib/net/program/child.c lib/net/netlink.c
 * fuzz-libraries: -ljansson -lmnl */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "net/server/counters.h"
#include "net/server/rules/ruleset.h"

enum { RULES_MAX = 8 };

static void check_rule(const struct ruleset *ruleset, const struct ruleset_rule *rule)
{
    struct text words = {0};

    CHECK(memchr(rule->chain, 0, sizeof(rule->chain)) != NULL);
    CHECK(memchr(rule->comment, 0, sizeof(rule->comment)) != NULL);
    CHECK(rule->applies != TRUTH_NO);
    ruleset_add_text(ruleset, rule, &words);
    text_deinit(&words);
}

/* The JSON ends at an octet 1; what follows is what nft writes for people. */
static void check_rules(const char *text, size_t size)
{
    static const struct ruleset_question questions[] = {
        {4, false, 22}, {6, true, 53, .interface = "eth0"}, {4, false, 80, {4, {10, 0, 0, 1}}, {4, {10}}}};
    static const char *const hooks[] = {"input", "prerouting"};
    const char *end = memchr(text, 1, size);
    struct ruleset ruleset = {0};
    struct ruleset_trace trace;

    if (ruleset_parse(&ruleset, text, end ? (size_t)(end - text) : size, NULL) != 0)
        return;
    ruleset.text = end ? strdup(end + 1) : NULL;
    for (size_t i = 0; i < COUNT_OF(questions) * COUNT_OF(hooks); i++) {
        ruleset_trace(&ruleset, &questions[i / COUNT_OF(hooks)], hooks[i % COUNT_OF(hooks)], &trace);
        CHECK(trace.stopped != TRUTH_NO || trace.passed != TRUTH_NO);
        CHECK(trace.stopped == TRUTH_NO || trace.count > 0 || trace.incomplete);
        for (size_t k = 0; k < trace.count && k < RULESET_TRACE_MAX; k++)
            check_rule(&ruleset, &trace.rules[k]);
    }
    ruleset_deinit(&ruleset);
}

static void check_counters(const char *text)
{
    struct counters counters = {0}, nothing = {0};
    struct counter grown[RULES_MAX];

    CHECK(counters_parse(&counters, text) == 0);
    for (size_t i = 0; i < counters.count; i++)
        CHECK(memchr(counters.items[i].name, 0, sizeof(counters.items[i].name)) != NULL);
    CHECK(counters_growth(&nothing, &counters, grown, RULES_MAX) <= counters.count);
    CHECK(counters_growth(&counters, &nothing, grown, RULES_MAX) == 0);
    counters_deinit(&counters);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    CHECK(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    check_rules(text, size);
    check_counters(text);
    free(text);
    return 0;
}
