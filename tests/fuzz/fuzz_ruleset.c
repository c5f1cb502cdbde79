/* SPDX-License-Identifier: MIT */
/* Any text as what nft and the kernel's counter files say: nothing breaks, and what is found is whole.
 * fuzz-sources: lib/net/server/nft.c lib/net/server/ruleset.c lib/net/server/counters.c lib/net/sock.c
 * fuzz-libraries: -ljansson */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "net/server/counters.h"
#include "net/server/ruleset.h"

enum { RULES_MAX = 8 };

static void check_rules(const char *text, size_t size)
{
    static const struct ruleset_question questions[] = {{4, false, 22}, {6, true, 53}};
    struct ruleset ruleset = {0};
    struct ruleset_rule rules[RULES_MAX];

    if (ruleset_parse(&ruleset, text, size, NULL) != 0)
        return;
    for (size_t i = 0; i < COUNT_OF(questions); i++) {
        size_t count = ruleset_find(&ruleset, &questions[i], rules, RULES_MAX);

        CHECK(count == ruleset_find(&ruleset, &questions[i], NULL, 0));
        for (size_t k = 0; k < count && k < RULES_MAX; k++) {
            CHECK(memchr(rules[k].chain, 0, sizeof(rules[k].chain)) != NULL);
            CHECK(memchr(rules[k].comment, 0, sizeof(rules[k].comment)) != NULL);
            CHECK(rules[k].verdict != RULESET_ACCEPT);
        }
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
