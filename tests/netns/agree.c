/* SPDX-License-Identifier: MIT */
/* Asks the symbolic walk and the kernel itself what becomes of every ICMP message under the same rules.
 *
 * agree FILE INTERFACE [OTHER]
 * FILE is for nft or of iptables-save; messages arrive at INTERFACE, forwarded ones leave by OTHER. It prints
 * each message on which they differ, and at the end: agreed N differ N undecided N. Exit 1 when they differ.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/guard/load.h"
#include "net/guard/rehearse.h"
#include "policy/ruleset/import.h"
#include "policy/ruleset/walk.h"

enum { CODES = 18 /* of each type: 0 to 16 and 255 */, TOLD_MAX = 20 };

/** Both answers, and how often they are the same. */
struct comparison {
    struct rules rules;
    struct matrix *matrix;
    const char *interface, *other;
    int64_t agreed, differ, undecided;
};

static void compare(struct comparison *comparison, const struct walk_question *question)
{
    const struct matrix_cell *cell =
        matrix_at(comparison->matrix, question->shape, question->family, (enum direction)question->hook,
                  question->type, question->code);
    struct walk_result result;
    bool stopped;

    if (cell->fate == FATE_UNSEEN || strstr(comparison->matrix->rules[cell->rule], " ("))
        return; /* not sent, or it is another form of the message that fares otherwise (rehearse.h) */
    walk(&comparison->rules, question, &result);
    if (!walk_stops(&result) && !walk_passes(&result)) {
        comparison->undecided++;
        return;
    }
    stopped = cell->fate != FATE_ACCEPT;
    if (stopped == walk_stops(&result)) {
        comparison->agreed++;
        return;
    }
    if (comparison->differ++ < TOLD_MAX)
        printf("ICMPv%u %u/%u %s to %s: the kernel says %s by %s\n", question->family, question->type,
               question->code, shape_name(question->shape), hook_name(question->hook), fate_name(cell->fate),
               comparison->matrix->rules[cell->rule]);
}

static void compare_all(struct comparison *comparison)
{
    for (unsigned type = 0; type < 256 * CODES; type++) {
        unsigned code = type % CODES;

        for (int way = 0; way < 2 * HOOK_COUNT * SHAPE_COUNT; way++) {
            struct walk_question question = {.family = way % 2 ? 6 : 4,
                                             .type = (uint8_t)(type / CODES),
                                             .code = (uint8_t)(code == CODES - 1 ? 255 : code),
                                             .hook = (enum hook)(way / 2 % HOOK_COUNT),
                                             .shape = (enum shape)(way / 2 / HOOK_COUNT)};

            question.in = question.hook == HOOK_OUTPUT ? NULL : comparison->interface;
            question.out = question.hook == HOOK_OUTPUT    ? comparison->interface
                           : question.hook == HOOK_FORWARD ? comparison->other
                                                           : NULL;
            compare(comparison, &question);
        }
    }
}

static int read_file(const char *name, struct text *text)
{
    FILE *file = fopen(name, "re");
    char part[4096];
    size_t count;

    if (!file)
        return -1;
    while ((count = fread(part, 1, sizeof(part), file)) > 0)
        text_add_octets(text, part, count);
    fclose(file);
    return 0;
}

static int import(struct comparison *comparison, const struct text *text, enum rules_language language,
                  struct sonde_error *error)
{
    static const char *const devices[] = {NULL};
    struct slice slice = slice_of(text_get(text), text->length);
    struct text json = {0};
    int result;

    if (language == LANGUAGE_NFT)
        result = load_in_scratch(text_get(text), devices, &json, error);
    else
        result = rules_import_xt(&comparison->rules, slice, language == LANGUAGE_IPTABLES ? 4 : 6,
                                 RULES_IPTABLES, error);
    if (result == 0 && language == LANGUAGE_NFT)
        result = rules_import_nft(&comparison->rules, slice_of(text_get(&json), json.length), false, error);
    rules_arrange(&comparison->rules);
    text_deinit(&json);
    return result;
}

static int ask_kernel(struct comparison *comparison, const struct text *text, enum rules_language language,
                      struct sonde_error *error)
{
    const char *const nft[] = {language == LANGUAGE_NFT ? text_get(text) : NULL, NULL};
    const char *const interfaces[] = {comparison->interface, comparison->other, NULL};
    struct rehearsal rehearsal = {
        .rules = nft,
        .iptables = {[IPTABLES_4] = language == LANGUAGE_IPTABLES ? text_get(text) : NULL,
                     [IPTABLES_6] = language == LANGUAGE_IP6TABLES ? text_get(text) : NULL},
        .interfaces = interfaces,
        .interface = comparison->interface,
        .other = comparison->other,
        .directions = 1U << DIRECTION_INPUT | 1U << DIRECTION_OUTPUT,
        .shapes = 1U << SHAPE_PLAIN | 1U << SHAPE_ANSWER | 1U << SHAPE_LINK};
    struct rehearsal_result result;

    if (comparison->other)
        rehearsal.directions |= 1U << DIRECTION_FORWARD;
    return rehearse(&rehearsal, comparison->matrix, &result, error);
}

int main(int argc, char **argv)
{
    struct comparison comparison = {.matrix = matrix_new(), .interface = argv[argc > 2 ? 2 : 0]};
    struct sonde_error error = {0};
    struct text text = {0};
    enum rules_language language;
    int result;

    if (argc < 3 || read_file(argv[1], &text) < 0)
        return 2;
    comparison.other = argv[3];
    language = rules_detect(slice_of(text_get(&text), text.length));
    result = import(&comparison, &text, language, &error);
    if (result == 0)
        result = ask_kernel(&comparison, &text, language, &error);
    if (result == 0)
        compare_all(&comparison);
    else
        printf("%s\n", error.what);
    printf("agreed %" PRId64 " differ %" PRId64 " undecided %" PRId64 "\n", comparison.agreed,
           comparison.differ, comparison.undecided);
    matrix_free(comparison.matrix);
    rules_deinit(&comparison.rules);
    text_deinit(&text);
    return result < 0 ? 2 : comparison.differ > 0;
}
