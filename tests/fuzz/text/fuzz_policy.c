/* SPDX-License-Identifier: MIT */
/* Any octets as a policy file: a mistake has a place, and what is accepted decides every message, breaks
 * nothing that it does not name, and becomes rules whose words nftables takes. */
/* fuzz-libraries: -lyaml -ljansson */
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <string.h>

#include "policy/matrix.h"
#include "policy/read.h"
#include "policy/target/target.h"

static void check_rule(const struct policy *policy, const struct policy_rule *rule)
{
    CHECK(rule->family == 4 || rule->family == 6);
    CHECK(rule->type <= rule->type_last && rule->code <= rule->code_last && rule->code_last <= 255);
    CHECK(policy_filters(policy, rule->direction) && rule->verdict < VERDICT_COUNT);
    CHECK(rule->limit.source.packets > 0 && rule->limit.total.packets > 0 && rule->limit.source.burst > 0);
    CHECK(rule->place.line > 0 && rule->place.column > 0);
    CHECK(rule->source.family == 0 || rule->source.family == rule->family);
    CHECK(rule->id[0] == 'v' || (rule->exception && rule->id[0] == 'x'));
    for (const char *letter = rule->id; *letter != '\0'; letter++)
        CHECK(isalnum((unsigned char)*letter) || strchr(".-_", *letter));
}

/* Path MTU discovery passes unless the rule that stops it says that it knows. */
static void check_pmtud(const struct policy *policy, uint8_t family, uint8_t type, uint8_t code)
{
    for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
        struct policy_question question = {
            .family = family, .type = type, .code = code, .direction = (enum direction)direction};
        struct policy_decision decision = policy_decide(policy, &question, 0);

        CHECK(decision.verdict == VERDICT_ACCEPT || decision.verdict == VERDICT_LIMIT ||
              decision.verdict == VERDICT_ANSWER || (decision.rule && decision.rule->override));
    }
}

/* Into one of the languages, which each input chooses for itself. */
static void check_target(const struct policy *policy, size_t index)
{
    static const int64_t now_s = 1800000000;
    struct text text = {0}, omissions = {0};

    CHECK(policy_target_row(index));
    policy_target_row(index)->render(policy, now_s, &text, &omissions);
    CHECK(text.length > 0 && strlen(text.data) == text.length);
    text_deinit(&text);
    text_deinit(&omissions);
}

static void check_policy(const struct policy *policy, size_t size)
{
    for (size_t i = 0; i < policy->rule_count; i++)
        check_rule(policy, &policy->rules[i]);
    check_pmtud(policy, 4, 3, 4);
    check_pmtud(policy, 6, 2, 0);
    check_target(policy, size % 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct policy_problems problems;
    struct sonde_error error = {0};
    struct policy policy = {0};
    int rc = policy_read(slice_of(data, size), "fuzz", &policy, &problems, &error);

    if (rc == 0) {
        CHECK(problems.count == 0);
        check_policy(&policy, size);
    } else {
        CHECK(rc == SONDE_E_FORMAT && error.code == rc && strncmp(error.what, "fuzz:", 5) == 0);
        CHECK(problems.count > 0 && problems.items[0].place.line > 0 && problems.items[0].place.column > 0);
    }
    policy_deinit(&policy);
    return 0;
}
