/* SPDX-License-Identifier: MIT */
/* A policy file for every action that takes one: read, and each problem said with its place. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/front/input.h"
#include "cmd/guard/guard.h"
#include "out/human.h"
#include "policy/read.h"

enum { FILE_MAX = 16 * 1024 * 1024 }; /* octets; policy_read says what is too much */

static int read_all(const char *path, struct text *text, struct sonde_error *error)
{
    int code = input_read(path, FILE_MAX, text, error);

    if (code == -ENOENT)
        error_hint(error, "`sonde guard init --role host --output %s` writes a policy", path);
    return code;
}

static void show_problems(const char *name, const struct policy_problems *problems)
{
    for (size_t i = 0; i < problems->count && i < POLICY_PROBLEMS_MAX; i++) {
        const struct policy_problem *problem = &problems->items[i];
        _cleanup_text_ struct text message = {0};

        human_add_clean(&message, name);
        text_add(&message, ":%u:%u: ", problem->place.line, problem->place.column);
        human_add_clean(&message, problem->message);
        fprintf(stderr, "%s\n", text_get(&message));
    }
}

int guard_load_policy(const char *path, struct policy *policy)
{
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    _cleanup_text_ struct text text = {0};
    struct policy_problems problems;
    struct sonde_error error = {0};
    int code = read_all(path, &text, &error);

    if (code < 0)
        return complain(&error);
    code = policy_read(slice_of(text_get(&text), text.length), name, policy, &problems, &error);
    if (code == 0)
        return EXIT_HOLDS;
    show_problems(name, &problems);
    error = (struct sonde_error){0};
    error_set(&error, code, "%.100s is no policy: %zu problem%s", name, problems.count,
              problems.count == 1 ? "" : "s");
    return complain(&error);
}
