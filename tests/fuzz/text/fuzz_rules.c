/* SPDX-License-Identifier: MIT */
/* Any text as rules of nft's JSON, of iptables-save, or of a file: nothing breaks, and what is found is
 * whole.
 * fuzz-runs: 6000
 * fuzz-libraries: -ljansson */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "policy/lint/lint.h"
#include "policy/ruleset/import.h"
#include "policy/ruleset/walk.h"

enum { RULES_MAX = 8, CHAINS_MAX = 8 /* a review of more takes too long to fuzz */ };

static void check_ways(const struct rules *rules)
{
    static const struct walk_question questions[] = {
        {.family = 4, .type = 8, .hook = HOOK_INPUT},
        {.family = 4, .type = 3, .code = 4, .hook = HOOK_FORWARD, .shape = SHAPE_ANSWER, .in = "eth0"},
        {.family = 6, .type = 135, .hook = HOOK_INPUT, .shape = SHAPE_LINK, .in = "eth0"},
        {.family = 6, .type = 128, .hook = HOOK_OUTPUT, .flood = true},
    };

    for (size_t i = 0; i < COUNT_OF(questions); i++) {
        struct walk_result result;
        const struct walk_hit *hit;

        walk(rules, &questions[i], &result);
        hit = walk_decider(&result);
        CHECK(!walk_stops(&result) || hit);
        if (!hit)
            continue;
        CHECK(hit->rule == RULES_NONE || hit->rule < rules->count);
        CHECK(hit->chain < rules->chain_count && hit->holds != HOLDS_NOT);
    }
}

static void check_model(const struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct rules_rule *rule = &rules->items[i];

        CHECK(rule->chain < rules->chain_count);
        CHECK(rule->to == RULES_NONE || rule->to < rules->chain_count);
        CHECK(i >= rules->chains[rule->chain].first && i < rules->chains[rule->chain].next);
    }
}

static void check_findings(const struct guard_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct guard_finding *finding = &findings->items[i];

        CHECK(guard_check_find(finding->id) && finding->message && *finding->message);
        CHECK(finding->type == INTEGER_ABSENT || (finding->type >= 0 && finding->type < 256));
    }
}

static void review(struct rules *rules, struct slice text)
{
    struct guard_findings findings = {0};
    struct lint_subject subject = {.rules = rules, .file = "rules", .text = text, .role = ROLE_EDGE};
    const char *why;

    rules_assume_hooks(rules);
    rules_arrange(rules);
    rules_locate_nft(rules, text);
    check_model(rules);
    check_ways(rules);
    (void)lint_guess_role(rules, NULL, &why);
    if (rules->count <= RULES_MAX && rules->chain_count <= CHAINS_MAX) {
        subject.file = text.length % 2 ? "rules" : NULL;
        lint_rules(&subject, &findings);
        lint_sort(&findings);
        check_findings(&findings);
    }
    guard_findings_deinit(&findings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of(data, size);
    struct rules rules = {0};
    char name[RULES_IFNAME_MAX];
    size_t offset = 0;
    uint32_t line;
    int result;

    if (rules_detect(text) == LANGUAGE_IPTABLES || rules_detect(text) == LANGUAGE_IP6TABLES)
        result = rules_import_xt(&rules, text, rules_detect(text) == LANGUAGE_IPTABLES ? 4 : 6,
                                 RULES_IPTABLES, NULL);
    else
        result = rules_import_nft(&rules, text, size % 2, NULL);
    if (result == 0)
        review(&rules, text);
    rules_deinit(&rules);
    while (rules_next_device(text, &offset, name, &line) && offset < size)
        CHECK(memchr(name, 0, sizeof(name)) != NULL);
    return 0;
}
