/* SPDX-License-Identifier: MIT */
/* A rehearsal: a thread and a scratch namespace for each family, every message in every direction and shape.
 */
#include "net/guard/rehearse.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/icmp.h"
#include "net/guard/kernel/forms.h"
#include "net/sock.h"

/* One family's half. */
struct half {
    const struct rehearsal *rehearsal;
    uint8_t family;
    struct scratch scratch;
    struct stage stage;
    struct matrix *matrix;
    pthread_mutex_t *names; /* of the matrix, which both halves share */
    struct message *messages;
    struct outcome *outcomes;
    bool (*formed)[MATRIX_PAIRS]; /* by direction: some form fared otherwise */
    size_t count;
    int code;
    struct sonde_error error;
};

static uint16_t name_rule(struct half *half, const char *name)
{
    uint16_t index;

    pthread_mutex_lock(half->names);
    index = matrix_rule(half->matrix, name);
    pthread_mutex_unlock(half->names);
    return index;
}

/* The number of a deciding rule in the matrix, which the rulebook remembers. */
static uint16_t rule_index(struct half *half, const struct outcome *outcome, const char *name)
{
    struct rulebook_rule *rule = outcome->dropped ? outcome->dropped : outcome->accepted;
    struct rulebook_chain *chain = outcome->dropped_end ? outcome->dropped_end : outcome->accepted_end;
    int *index = rule && rule->name == name       ? &rule->index
                 : chain && chain->policy == name ? &chain->index
                                                  : NULL;

    if (!index)
        return name_rule(half, name);
    if (*index < 0)
        *index = name_rule(half, name);
    return (uint16_t)*index;
}

static int flush(struct half *half)
{
    size_t count = half->count;
    int result = count ? stage_play(&half->stage, half->messages, count, half->outcomes) : 0;

    for (size_t i = 0; i < count && result == 0; i++) {
        const struct message *message = &half->messages[i];
        struct matrix_cell *cell = matrix_at(half->matrix, message->shape, half->family, message->direction,
                                             message->type, message->code);
        const char *rule;

        cell->fate = (uint8_t)stage_fate(&half->stage, &half->outcomes[i], &rule);
        cell->rule = rule ? rule_index(half, &half->outcomes[i], rule) : 0;
    }
    half->count = 0;
    return result;
}

static bool promises_otherwise(const struct half *half, enum shape shape, enum direction direction,
                               uint8_t type, uint8_t code)
{
    struct matrix *promise = half->rehearsal->promise;

    return promise && matrix_at(promise, shape, half->family, direction, type, code)->fate !=
                          matrix_at(promise, SHAPE_PLAIN, half->family, direction, type, code)->fate;
}

static bool is_wanted(const struct half *half, enum shape shape, enum direction direction, uint8_t type,
                      uint8_t code)
{
    if (shape == SHAPE_LINK && direction_hook(direction) == HOOK_FORWARD)
        return false;
    if (shape == SHAPE_ANSWER && !message_can_answer(half->family, type))
        return false;
    return message_has_shape(half->family, type, shape, direction) ||
           promises_otherwise(half, shape, direction, type, code);
}

static int play(struct half *half, enum shape shape, enum direction direction)
{
    enum opener opener = OPENER_UDP;
    int result = 0;

    if (shape == SHAPE_ANSWER)
        opener = stage_opener(&half->stage, half->family, direction);
    for (unsigned pair = 0; pair < MATRIX_PAIRS && result == 0; pair++) {
        uint8_t type = (uint8_t)(pair >> 8), code = (uint8_t)pair;
        bool reply = message_is_reply(half->family, type);

        if (!is_wanted(half, shape, direction, type, code))
            continue;
        half->messages[half->count++] = (struct message){.family = half->family,
                                                         .type = type,
                                                         .code = code,
                                                         .shape = shape,
                                                         .direction = direction,
                                                         .opener = reply ? OPENER_REQUEST : opener};
        if (half->count == SEND_BATCH_MAX)
            result = flush(half);
    }
    return result == 0 ? flush(half) : result;
}

/* A form that fares otherwise than the plain message, or the first of several. */
static void hear_form(void *context, const struct message *message, const struct outcome *outcome,
                      const char *form)
{
    struct half *half = context;
    struct matrix_cell *cell =
        matrix_at(half->matrix, SHAPE_PLAIN, half->family, message->direction, message->type, message->code);
    bool *formed = &half->formed[message->direction][message->type << 8 | message->code];
    _cleanup_free_ char *name = NULL;
    const char *rule;
    enum fate fate = stage_fate(&half->stage, outcome, &rule);

    if (fate == FATE_UNSEEN || cell->fate == FATE_UNSEEN || fate == (enum fate)cell->fate)
        return;
    if (*formed)
        return;
    *formed = true;
    name = text_format("%s (%s)", rule ? rule : "no rule", form);
    *cell = (struct matrix_cell){.fate = (uint8_t)fate, .rule = name_rule(half, name)};
}

static int play_source(struct half *half, struct rehearsal_source *source)
{
    const struct message_ends ends = {.source = source->source};
    struct message message = {.family = source->family,
                              .type = source->type,
                              .code = source->code,
                              .direction = source->direction,
                              .ends = &ends};
    struct outcome outcome;
    const char *rule;
    int result = stage_play(&half->stage, &message, 1, &outcome);

    if (result < 0)
        return result;
    source->seen = stage_fate(&half->stage, &outcome, &rule);
    source->rule = rule ? name_rule(half, rule) : 0;
    return 0;
}

static int play_forms(struct half *half, enum direction direction)
{
    const struct rehearsal *rehearsal = half->rehearsal;
    int result = forms_play(&half->stage, half->family, direction, hear_form, half);

    for (size_t i = 0; i < rehearsal->limit_count && result == 0; i++)
        if (rehearsal->limits[i].family == half->family && rehearsal->limits[i].direction == direction)
            result = forms_try_limit(&half->stage, &rehearsal->limits[i]);
    for (size_t i = 0; i < rehearsal->source_count && result == 0; i++)
        if (rehearsal->sources[i].family == half->family && rehearsal->sources[i].direction == direction)
            result = play_source(half, &rehearsal->sources[i]);
    return result;
}

static int play_all(struct half *half)
{
    const struct rehearsal *rehearsal = half->rehearsal;
    int result = 0;

    for (enum direction direction = 0; direction < DIRECTION_COUNT; direction++) {
        if (!(rehearsal->directions & 1u << direction) || !message_can(&half->stage.map, direction))
            continue;
        for (enum shape shape = 0; shape < SHAPE_COUNT && result == 0; shape++)
            if (rehearsal->shapes & 1u << shape)
                result = play(half, shape, direction);
        if (result == 0)
            result = play_forms(half, direction);
    }
    return result;
}

/* Each half stays on a processor of its own, so that what it sends is worked on in order. */
static void settle(const struct half *half)
{
    cpu_set_t allowed, one;
    int wanted = half->family == 6;

    if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0 || CPU_COUNT(&allowed) < 1)
        return;
    wanted %= CPU_COUNT(&allowed);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed) && wanted-- == 0) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            (void)sched_setaffinity(0, sizeof(one), &one);
            return;
        }
}

static void *run_half(void *context)
{
    struct half *half = context;

    settle(half);
    half->messages = calloc(SEND_BATCH_MAX, sizeof(*half->messages));
    half->outcomes = calloc(SEND_BATCH_MAX, sizeof(*half->outcomes));
    half->formed = calloc(DIRECTION_COUNT, sizeof(*half->formed));
    if (!half->messages || !half->outcomes || !half->formed)
        abort(); /* as base/text.c */
    half->code = stage_open(&half->stage, half->rehearsal, &half->scratch, &half->error);
    if (half->code == 0) {
        half->code = play_all(half);
        if (half->code < 0)
            error_set(&half->error, half->code, "the rehearsal broke off: %s", sonde_error_text(half->code));
    }
    free(half->messages);
    free(half->outcomes);
    free(half->formed);
    return NULL;
}

static int run_both(struct half halves[2])
{
    pthread_t threads[2];
    int started = 0, error = 0;

    while (started < 2 && error == 0) {
        error = pthread_create(&threads[started], NULL, run_half, &halves[started]);
        started += error == 0;
    }
    while (started > 0)
        pthread_join(threads[--started], NULL);
    return -error;
}

int rehearse(const struct rehearsal *rehearsal, struct matrix *matrix, struct rehearsal_result *result,
             struct sonde_error *error)
{
    pthread_mutex_t names = PTHREAD_MUTEX_INITIALIZER;
    struct half halves[2] = {{.family = 4}, {.family = 6}};
    int64_t begin = sock_now();
    int code = stage_build(rehearsal, &halves[0].scratch, &halves[1].scratch, error);

    *result = (struct rehearsal_result){0};
    for (size_t i = 0; i < 2; i++) {
        halves[i].rehearsal = rehearsal;
        halves[i].matrix = matrix;
        halves[i].names = &names;
    }
    if (code == 0 && (code = run_both(halves)) < 0)
        error_set(error, code, "no thread can be started: %s", sonde_error_text(code));
    for (size_t i = 0; i < 2; i++) {
        result->sent += halves[i].stage.result.sent;
        result->traced += halves[i].stage.result.traced;
        result->lost += halves[i].stage.result.lost;
        if (code == 0 && halves[i].code < 0) {
            code = halves[i].code;
            if (error)
                *error = halves[i].error;
        }
        stage_close(&halves[i].stage);
    }
    for (size_t i = 2; i-- > 0;)
        scratch_close(&halves[i].scratch);
    result->elapsed_ns = sock_now() - begin;
    return code;
}
