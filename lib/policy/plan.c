/* SPDX-License-Identifier: MIT */
/* What a change of rules would change: each matrix is read as words, and the words are compared. */
#include "policy/plan.h"

#include <string.h>

#include "base/hash.h"
#include "base/list.h"
#include "base/macro.h"
#include "catalog/icmp.h"

/* What a message of all shapes meets. The numbers stand in cells whose fate they are not, from one upwards.
 */
enum word { WORD_UNSEEN, WORD_ACCEPT, WORD_ANSWER, WORD_LINK, WORD_DROP, WORD_REJECT, WORD_COUNT };

enum { REFUSED_BIT = 0x100, TIER_MASK = 0xff, WORDS_FROM = 16 };

static const char *const words[WORD_COUNT] = {
    [WORD_UNSEEN] = "unseen",  [WORD_ACCEPT] = "accept", [WORD_ANSWER] = "answer-only",
    [WORD_LINK] = "link-only", [WORD_DROP] = "drop",     [WORD_REJECT] = "reject",
};

/* Who was seen under which change: (change, address) and (change, flow), each once. */
struct plan_seen {
    uint64_t *keys; /* 0: empty */
    size_t count, capacity;
};

#define CHANGE(member) offsetof(struct plan_change, member)

static const struct field change_fields[] = {
    DIFFERENCE_FIELDS(struct plan_change),
    {"direction", FIELD_TEXT, CHANGE(direction), .doc = "input, forward, output, forward-in or forward-out"},
    {"from", FIELD_TEXT, CHANGE(from), .doc = "What becomes of it now"},
    {"to", FIELD_TEXT, CHANGE(to), .doc = "What would become of it"},
    {"tier", FIELD_INTEGER, CHANGE(tier),
     .doc = "1: must not be dropped, 2: should not, 3 and 4: a choice of the site, 5: drop"},
    {"refused", FIELD_BOOLEAN, CHANGE(refused),
     .doc = "Whether the change is refused: it drops a message that must pass"},
    {"packets", FIELD_INTEGER, CHANGE(packets), "packets",
     .doc = "Of the traffic whose fate would have changed"},
    {"flows", FIELD_INTEGER, CHANGE(flows), .doc = "Flows that these packets belong to"},
    {"sources", FIELD_INTEGER, CHANGE(sources), .doc = "Senders of these packets"},
    {"rule", FIELD_TEXT, CHANGE(rule), .doc = "The rule that would decide", .style = STYLE_HIDDEN},
    {"pairs", FIELD_INTEGER, CHANGE(pairs), .doc = "Types and codes in the group", .style = STYLE_HIDDEN},
    {0},
};

const struct schema plan_change_schema = {
    "sonde.guard.change/1", "A change of what becomes of a message, with what it would have hit",
    sizeof(struct plan_change), change_fields, .tabular = true};

/* The fate in a shape; what was not sent in it fares as a plain message. */
static enum fate fate_in(struct matrix *matrix, enum shape shape, uint8_t family, enum direction direction,
                         uint8_t type, uint8_t code)
{
    enum fate fate = (enum fate)matrix_at(matrix, shape, family, direction, type, code)->fate;

    if (fate == FATE_UNSEEN)
        fate = (enum fate)matrix_at(matrix, SHAPE_PLAIN, family, direction, type, code)->fate;
    return fate == FATE_REJECT && !policy_can_reject(family, type) ? FATE_DROP : fate;
}

static enum word word_of(struct matrix *matrix, uint8_t family, enum direction direction, uint8_t type,
                         uint8_t code)
{
    enum fate plain = fate_in(matrix, SHAPE_PLAIN, family, direction, type, code);

    if (plain == FATE_UNSEEN)
        return WORD_UNSEEN;
    if (plain == FATE_ACCEPT)
        return WORD_ACCEPT;
    if (fate_in(matrix, SHAPE_ANSWER, family, direction, type, code) == FATE_ACCEPT)
        return WORD_ANSWER;
    if (fate_in(matrix, SHAPE_LINK, family, direction, type, code) == FATE_ACCEPT)
        return WORD_LINK;
    return plain == FATE_REJECT ? WORD_REJECT : WORD_DROP;
}

const char *plan_word(struct matrix *matrix, uint8_t family, enum direction direction, uint8_t type,
                      uint8_t code)
{
    return words[word_of(matrix, family, direction, type, code)];
}

/* Whether a message that somebody needs passes now and would not pass then. */
static bool blocks(enum word from, enum word to, enum verdict advice)
{
    if (advice == VERDICT_DROP || from == WORD_UNSEEN || from >= WORD_DROP)
        return false;
    return to >= WORD_DROP || (to == WORD_LINK && advice != VERDICT_LINK);
}

/* Both matrices as words, plain cells only; the rule of a cell of `then` is the tier, with a bit. */
static void put_words(struct plan *plan, enum policy_role role, uint8_t family, enum direction direction,
                      struct matrix *from, struct matrix *to)
{
    for (unsigned pair = 0; pair < MATRIX_PAIRS; pair++) {
        uint8_t type = (uint8_t)(pair >> 8), code = (uint8_t)pair;
        enum word before = word_of(plan->now, family, direction, type, code);
        enum word after = word_of(plan->then, family, direction, type, code);
        uint8_t tier = sonde_icmp_find(family, type, code)->tier;
        bool refused = tier == 1 && blocks(before, after, policy_advice(role, direction, family, type, code));

        if (before == WORD_UNSEEN || after == WORD_UNSEEN)
            continue;
        matrix_at(from, SHAPE_PLAIN, family, direction, type, code)->fate = (uint8_t)(WORDS_FROM + before);
        *matrix_at(to, SHAPE_PLAIN, family, direction, type, code) = (struct matrix_cell){
            (uint8_t)(WORDS_FROM + after), (uint16_t)(tier | (refused ? REFUSED_BIT : 0))};
    }
}

static void remember(struct plan *plan, const struct plan_change *change, enum direction direction)
{
    for (int64_t type = change->type; type <= change->type_last; type++)
        for (int64_t code = change->code; code <= change->code_last; code++)
            plan->index[change->family == 6][direction][type << 8 | code] = (uint16_t)plan->count;
}

static void hear(void *context, const struct difference *difference)
{
    struct plan *plan = context;
    uint16_t rule = matrix_at(plan->then, SHAPE_PLAIN, difference->family, difference->direction,
                              difference->type, difference->code)
                        ->rule;
    struct plan_change *change;

    if (plan->count == UINT16_MAX - 1)
        return;
    plan->changes = list_grown(plan->changes, plan->count, &plan->capacity, sizeof(*plan->changes));
    change = &plan->changes[plan->count++];
    *change = (struct plan_change){
        .family = difference->family,
        .type = difference->type,
        .type_last = difference->type_last,
        .code = difference->code,
        .code_last = difference->code_last,
        .pairs = (int64_t)difference->pairs,
        .tier = difference->rule & TIER_MASK,
        .refused = difference->rule & REFUSED_BIT,
        .name = sonde_icmp_find(difference->family, difference->type, difference->code)->name,
        .direction = direction_name(difference->direction),
        .from = words[(int)difference->before - WORDS_FROM],
        .to = words[(int)difference->after - WORDS_FROM],
        .rule = rule ? plan->then->rules[rule] : NULL,
        .packets = INTEGER_ABSENT,
        .flows = INTEGER_ABSENT,
        .sources = INTEGER_ABSENT,
    };
    plan->refused += change->refused;
    difference_text(difference, change->messages_text);
    remember(plan, change, difference->direction);
}

void plan_make(struct plan *plan, struct matrix *now, struct matrix *then, unsigned directions,
               enum policy_role role)
{
    struct matrix *from = matrix_new(), *to = matrix_new();

    plan->now = now;
    plan->then = then;
    plan->index = calloc(2, sizeof(*plan->index));
    plan->seen = calloc(1, sizeof(*plan->seen));
    if (!plan->index || !plan->seen)
        abort(); /* as base/text.c */
    for (uint8_t family = 4; family <= 6; family += 2)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++)
            if (directions & 1u << direction)
                put_words(plan, role, family, (enum direction)direction, from, to);
    difference_find(from, to, directions, hear, plan);
    for (size_t i = 0; i < plan->count; i++) /* they have moved while the list grew */
        plan->changes[i].messages = plan->changes[i].messages_text;
    matrix_free(from);
    matrix_free(to);
}

static void put(struct plan_seen *seen, uint64_t key)
{
    size_t at = key & (seen->capacity - 1);

    while (seen->keys[at] != 0)
        at = (at + 1) & (seen->capacity - 1);
    seen->keys[at] = key;
}

static void grow(struct plan_seen *seen)
{
    uint64_t *old = seen->keys;
    size_t old_capacity = seen->capacity;

    seen->capacity = old_capacity ? 2 * old_capacity : 1024;
    seen->keys = calloc(seen->capacity, sizeof(*seen->keys));
    if (!seen->keys)
        abort(); /* as base/text.c */
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i])
            put(seen, old[i]);
    free(old);
}

/* Whether a key is new; it is not any more afterwards. */
static bool is_new(struct plan_seen *seen, uint64_t key)
{
    key |= key == 0;
    if (2 * (seen->count + 1) > seen->capacity)
        grow(seen);
    for (size_t at = key & (seen->capacity - 1); seen->keys[at] != 0; at = (at + 1) & (seen->capacity - 1))
        if (seen->keys[at] == key)
            return false;
    put(seen, key);
    seen->count++;
    return true;
}

static void add(int64_t *number, int64_t more)
{
    *number = (*number == INTEGER_ABSENT ? 0 : *number) + more;
}

void plan_count(struct plan *plan, const struct plan_message *message)
{
    uint16_t at = plan->index[message->family == 6][message->direction][message->type << 8 | message->code];
    enum fate before =
        fate_in(plan->now, message->shape, message->family, message->direction, message->type, message->code);
    enum fate after = fate_in(plan->then, message->shape, message->family, message->direction, message->type,
                              message->code);
    struct plan_change *change;

    plan->messages += (int64_t)message->packets;
    if (at == 0 || before == after)
        return;
    change = &plan->changes[at - 1];
    plan->changed += (int64_t)message->packets;
    if (before == FATE_ACCEPT)
        plan->dropped += (int64_t)message->packets;
    add(&change->packets, (int64_t)message->packets);
    if (message->source.family)
        add(&change->sources,
            is_new(plan->seen, XXH3_64bits_withSeed(&message->source, sizeof(message->source), at)));
    if (message->flow)
        add(&change->flows, is_new(plan->seen, XXH3_64bits_withSeed(&message->flow, sizeof(message->flow),
                                                                    (uint64_t)at << 32)));
}

void plan_deinit(struct plan *plan)
{
    free(plan->changes);
    free(plan->index);
    if (plan->seen)
        free(plan->seen->keys);
    free(plan->seen);
    memset(plan, 0, sizeof(*plan));
}
