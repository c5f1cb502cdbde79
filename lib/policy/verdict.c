/* SPDX-License-Identifier: MIT */
/* Words for verdicts, directions and hooks. */
#include "policy/verdict.h"

#include <string.h>

static const char *const verdicts[VERDICT_COUNT] = {
    [VERDICT_ACCEPT] = "accept",  [VERDICT_LIMIT] = "limit", [VERDICT_ANSWER] = "answer-only",
    [VERDICT_LINK] = "link-only", [VERDICT_DROP] = "drop",   [VERDICT_REJECT] = "reject",
};

static const char *const directions[DIRECTION_COUNT] = {
    [DIRECTION_INPUT] = "input",
    [DIRECTION_FORWARD] = "forward",
    [DIRECTION_OUTPUT] = "output",
    [DIRECTION_FORWARD_IN] = "forward-in",
    [DIRECTION_FORWARD_OUT] = "forward-out",
};

static const char *const hooks[HOOK_COUNT] = {
    [HOOK_INPUT] = "input",
    [HOOK_FORWARD] = "forward",
    [HOOK_OUTPUT] = "output",
};

/* The index of a name, or the count. */
static size_t index_of(const char *const *names, size_t count, const char *name)
{
    size_t i = 0;

    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

const char *verdict_name(enum verdict verdict)
{
    return verdicts[verdict];
}

bool verdict_parse(const char *name, enum verdict *verdict)
{
    size_t index = index_of(verdicts, VERDICT_COUNT, name);

    if (index == VERDICT_COUNT)
        return false;
    *verdict = (enum verdict)index;
    return true;
}

const char *direction_name(enum direction direction)
{
    return directions[direction];
}

bool direction_parse(const char *name, enum direction *direction)
{
    size_t index = index_of(directions, DIRECTION_COUNT, name);

    if (index == DIRECTION_COUNT)
        return false;
    *direction = (enum direction)index;
    return true;
}

enum hook direction_hook(enum direction direction)
{
    static const enum hook hook_of[DIRECTION_COUNT] = {
        [DIRECTION_INPUT] = HOOK_INPUT,         [DIRECTION_FORWARD] = HOOK_FORWARD,
        [DIRECTION_OUTPUT] = HOOK_OUTPUT,       [DIRECTION_FORWARD_IN] = HOOK_FORWARD,
        [DIRECTION_FORWARD_OUT] = HOOK_FORWARD,
    };

    return hook_of[direction];
}

const char *hook_name(enum hook hook)
{
    return hooks[hook];
}
