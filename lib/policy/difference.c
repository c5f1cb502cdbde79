/* SPDX-License-Identifier: MIT */
/* Where two matrices disagree: runs of codes, and runs of types that disagree alike in all their codes. */
#include "policy/difference.h"

#include <stdio.h>

/* A search in one shape, family and direction. */
struct search {
    struct matrix *before, *after;
    enum shape shape;
    uint8_t family;
    enum direction direction;
    struct difference open; /* the group under way; no pairs: none */
    difference_listener *listener;
    void *context;
    size_t pairs;
};

static enum fate unanswered(uint8_t family, uint8_t type, enum fate fate)
{
    return fate == FATE_REJECT && !policy_can_reject(family, type) ? FATE_DROP : fate;
}

bool difference_kept(uint8_t family, uint8_t type, enum fate promised, enum fate seen)
{
    if (promised == FATE_UNSEEN || seen == FATE_UNSEEN)
        return true;
    return unanswered(family, type, promised) == unanswered(family, type, seen);
}

static void close_group(struct search *search)
{
    if (search->open.pairs > 0 && search->listener)
        search->listener(search->context, &search->open);
    search->open.pairs = 0;
}

static bool is_alike(const struct difference *one, const struct difference *other)
{
    return one->before == other->before && one->after == other->after && one->rule == other->rule;
}

/* All codes of the next type join all codes of the types before it. */
static bool join_types(struct difference *open, const struct difference *next)
{
    if (open->pairs == 0 || !is_alike(open, next) || next->code != 0 || next->code_last != UINT8_MAX ||
        open->code != 0 || open->code_last != UINT8_MAX || open->type_last + 1 != next->type)
        return false;
    open->type_last = next->type;
    open->pairs += next->pairs;
    return true;
}

static void add_run(struct search *search, const struct difference *run)
{
    if (run->pairs == 0 || join_types(&search->open, run))
        return;
    close_group(search);
    search->open = *run;
}

static void search_type(struct search *search, uint8_t type)
{
    struct difference run = {0};

    for (unsigned code = 0; code <= UINT8_MAX; code++) {
        const struct matrix_cell *before =
            matrix_at(search->before, search->shape, search->family, search->direction, type, (uint8_t)code);
        const struct matrix_cell *after =
            matrix_at(search->after, search->shape, search->family, search->direction, type, (uint8_t)code);
        struct difference one = {
            search->family, search->direction,       search->shape,          type,        type, (uint8_t)code,
            (uint8_t)code,  (enum fate)before->fate, (enum fate)after->fate, after->rule, 1};

        if (difference_kept(search->family, type, one.before, one.after)) {
            add_run(search, &run);
            run.pairs = 0;
            continue;
        }
        search->pairs++;
        if (run.pairs > 0 && is_alike(&run, &one)) {
            run.code_last = (uint8_t)code;
            run.pairs++;
            continue;
        }
        add_run(search, &run);
        run = one;
    }
    add_run(search, &run);
}

static size_t search_all(struct search *search)
{
    search->pairs = 0;
    for (unsigned type = 0; type <= UINT8_MAX; type++)
        search_type(search, (uint8_t)type);
    close_group(search);
    return search->pairs;
}

size_t difference_find(struct matrix *before, struct matrix *after, unsigned directions,
                       difference_listener *listener, void *context)
{
    size_t pairs = 0;

    for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
        if (!(directions & 1u << direction))
            continue;
        for (uint8_t family = 4; family <= 6; family += 2)
            for (int shape = 0; shape < SHAPE_COUNT; shape++) {
                struct search search = {.before = before,
                                        .after = after,
                                        .shape = (enum shape)shape,
                                        .family = family,
                                        .direction = (enum direction)direction,
                                        .listener = listener,
                                        .context = context};

                pairs += search_all(&search);
            }
    }
    return pairs;
}

void matrix_accept(struct matrix *matrix)
{
    for (int shape = 0; shape < SHAPE_COUNT; shape++)
        for (uint8_t family = 4; family <= 6; family += 2)
            for (int direction = 0; direction < DIRECTION_COUNT; direction++)
                for (unsigned pair = 0; pair < MATRIX_PAIRS; pair++)
                    *matrix_at(matrix, (enum shape)shape, family, (enum direction)direction,
                               (uint8_t)(pair >> 8), (uint8_t)pair) =
                        (struct matrix_cell){.fate = FATE_ACCEPT};
}

size_t matrix_unseen(struct matrix *matrix, enum direction direction)
{
    size_t count = 0;

    for (uint8_t family = 4; family <= 6; family += 2)
        for (unsigned pair = 0; pair < MATRIX_PAIRS; pair++)
            count += matrix_at(matrix, SHAPE_PLAIN, family, direction, (uint8_t)(pair >> 8), (uint8_t)pair)
                         ->fate == FATE_UNSEEN;
    return count;
}

const char *difference_text(const struct difference *difference, char text[DIFFERENCE_TEXT_MAX])
{
    bool all = difference->code == 0 && difference->code_last == UINT8_MAX;

    if (difference->type != difference->type_last)
        snprintf(text, DIFFERENCE_TEXT_MAX, "%u-%u", difference->type, difference->type_last);
    else if (all)
        snprintf(text, DIFFERENCE_TEXT_MAX, "%u", difference->type);
    else if (difference->code == difference->code_last)
        snprintf(text, DIFFERENCE_TEXT_MAX, "%u/%u", difference->type, difference->code);
    else
        snprintf(text, DIFFERENCE_TEXT_MAX, "%u/%u-%u", difference->type, difference->code,
                 difference->code_last);
    return text;
}
