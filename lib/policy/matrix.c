/* SPDX-License-Identifier: MIT */
/* Verdicts of every type and code: the cells, the names of the rules, and what a policy promises. */
#include "policy/matrix.h"

#include <stdio.h>
#include <string.h>

#include "base/list.h"
#include "base/macro.h"
#include "base/text.h"

static void *need(void *memory)
{
    if (memory == NULL)
        abort(); /* as base/text.c: nothing sensible is left to do */
    return memory;
}

struct matrix *matrix_new(void)
{
    struct matrix *matrix = need(calloc(1, sizeof(*matrix)));

    matrix_rule(matrix, "no rule");
    return matrix;
}

struct matrix *matrix_free(struct matrix *matrix)
{
    if (matrix == NULL)
        return NULL;
    for (size_t i = 0; i < matrix->rule_count; i++)
        free(matrix->rules[i]);
    free(matrix->rules);
    free(matrix);
    return NULL;
}

uint16_t matrix_rule(struct matrix *matrix, const char *name)
{
    for (size_t i = matrix->rule_count; i > 0; i--) /* the same rule often decides again */
        if (strcmp(matrix->rules[i - 1], name) == 0)
            return (uint16_t)(i - 1);
    if (matrix->rule_count == UINT16_MAX)
        return 0;
    matrix->rules =
        list_grown(matrix->rules, matrix->rule_count, &matrix->rule_capacity, sizeof(*matrix->rules));
    matrix->rules[matrix->rule_count] = need(strdup(name));
    return (uint16_t)matrix->rule_count++;
}

const char *fate_name(enum fate fate)
{
    static const char *const names[] = {
        [FATE_UNSEEN] = "unseen",
        [FATE_ACCEPT] = "accept",
        [FATE_DROP] = "drop",
        [FATE_REJECT] = "reject",
    };

    return names[fate];
}

const char *shape_name(enum shape shape)
{
    static const char *const names[SHAPE_COUNT] = {
        [SHAPE_PLAIN] = "plain",
        [SHAPE_ANSWER] = "answer",
        [SHAPE_LINK] = "link",
    };

    return names[shape];
}

enum fate verdict_fate(enum verdict verdict, enum shape shape)
{
    switch (verdict) {
    case VERDICT_ANSWER:
        return shape == SHAPE_ANSWER ? FATE_ACCEPT : FATE_DROP;
    case VERDICT_LINK:
        return shape == SHAPE_LINK ? FATE_ACCEPT : FATE_DROP;
    case VERDICT_DROP:
        return FATE_DROP;
    case VERDICT_REJECT:
        return FATE_REJECT;
    default:
        return FATE_ACCEPT;
    }
}

/* The index of the name of what decides. */
static uint16_t rule_of(struct matrix *matrix, const struct policy_question *question,
                        const struct policy_decision *decision)
{
    char name[256];

    if (decision->rule != NULL)
        snprintf(name, sizeof(name), "sg:%s", decision->rule->id);
    else
        snprintf(name, sizeof(name), "sg:v%d.unlisted.%s", question->family,
                 direction_name(question->direction));
    return matrix_rule(matrix, name);
}

/* The cells of a message, one for each shape. */
static void promise(struct matrix *matrix, const struct policy *policy,
                    const struct policy_question *question, int64_t now_s)
{
    struct policy_decision decision = policy_decide(policy, question, now_s);
    uint16_t rule = rule_of(matrix, question, &decision);

    if (decision.verdict == VERDICT_REJECT && !policy_can_reject(question->family, question->type))
        decision.verdict = VERDICT_DROP;
    for (int shape = 0; shape < SHAPE_COUNT; shape++)
        *matrix_at(matrix, (enum shape)shape, question->family, question->direction, question->type,
                   question->code) =
            (struct matrix_cell){(uint8_t)verdict_fate(decision.verdict, (enum shape)shape), rule};
}

void matrix_promise_on(struct matrix *matrix, const struct policy *policy, const char *interface,
                       int64_t now_s)
{
    for (uint8_t family = 4; family <= 6; family += 2)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
            if (!policy_filters(policy, (enum direction)direction))
                continue;
            for (size_t pair = 0; pair < MATRIX_PAIRS; pair++) {
                struct policy_question question = {.family = family,
                                                   .type = (uint8_t)(pair >> 8),
                                                   .code = (uint8_t)pair,
                                                   .direction = (enum direction)direction,
                                                   .interface = interface};

                promise(matrix, policy, &question, now_s);
            }
        }
}

void matrix_promise(struct matrix *matrix, const struct policy *policy, int64_t now_s)
{
    matrix_promise_on(matrix, policy, NULL, now_s);
}
