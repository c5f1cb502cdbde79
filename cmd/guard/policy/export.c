/* SPDX-License-Identifier: MIT */
/* sonde guard export: the policy in another language, and on standard error what that cannot express. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/suggest.h"
#include "base/text.h"
#include "cmd/guard/guard.h"
#include "out/human.h"
#include "policy/target/target.h"

static int refuse_language(const char *name)
{
    struct suggestion suggestion = {name};
    _cleanup_text_ struct text names = {0};
    const struct policy_target *target;
    struct sonde_error error;

    for (size_t i = 0; (target = policy_target_row(i)) != NULL; i++) {
        text_add(&names, "%s%s", i > 0 ? ", " : "", target->name);
        suggestion_consider(&suggestion, target->name);
    }
    error_set(&error, SONDE_E_USAGE, "a policy cannot be exported to '%.40s'", name);
    if (suggestion.nearest != NULL)
        error_hint(&error, "Did you mean '%s'? There are %s", suggestion.nearest, text_get(&names));
    else
        error_hint(&error, "There are %s", text_get(&names));
    return complain(&error);
}

/* What the language cannot express, a line each. */
static void show_omissions(const char *language, const char *omissions)
{
    while (*omissions != '\0') {
        size_t length = strcspn(omissions, "\n");

        fprintf(stderr, "sonde: %s: %.*s\n", language, (int)length, omissions);
        omissions += length + (omissions[length] == '\n');
    }
}

static int run(const struct session *session, const void *config, char **operands, size_t count)
{
    const struct policy_target *target = policy_target_find(operands[0]);
    _cleanup_text_ struct text text = {0}, omissions = {0}, path = {0};
    struct policy policy = {0};
    struct sonde_error error;
    int exit;

    (void)config;
    if (target == NULL)
        return refuse_language(operands[0]);
    if (session->json && strcmp(target->name, "json") != 0) {
        error_set(&error, SONDE_E_USAGE, "--json and the language %s contradict each other", target->name);
        error_hint(&error, "`sonde guard export json` writes JSON");
        return complain(&error);
    }
    text_add(&path, "%s/guard.yaml", guard_etc());
    exit = guard_load_policy(count > 1 ? operands[1] : text_get(&path), &policy);
    if (exit == EXIT_HOLDS) {
        target->render(&policy, time(NULL), &text, &omissions);
        fwrite(text.data, 1, text.length, stdout);
        show_omissions(target->name, text_get(&omissions));
    }
    policy_deinit(&policy);
    return exit;
}

const struct command command_guard_export = {
    .name = "guard export",
    .synopsis = "nft|iptables|ip6tables|pf|json [FILE]",
    .summary = "write a policy as rules of another firewall, or as JSON",
    .details =
        "What the language cannot express is said on standard error, a line each. Without FILE it is the "
        "policy in force. The policy in the form of `nft` stands alone: `nft -f` loads it, and it touches no "
        "table but its own.",
    .run = run,
    .least = 1,
    .most = 2,
};
