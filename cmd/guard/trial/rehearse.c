/* SPDX-License-Identifier: MIT */
/* sonde guard rehearse: every message sent through the rules in a scratch namespace of this kernel. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/guard/guard.h"
#include "cmd/guard/trial/candidate.h"
#include "cmd/guard/trial/verdict.h"

struct config {
    const char *promise, *interface;
    struct option_texts directions;
    bool all, alone;
};

#define OPTION(member) offsetof(struct config, member)

static const struct option_row options[] = {
    {"all", 0, OPTION_FLAG, OPTION(all), NULL, "a verdict for every type and code, not only for mismatches"},
    {"alone", 0, OPTION_FLAG, OPTION(alone), NULL, "without this machine's own rules; needs no privilege"},
    {"direction", 'd', OPTION_TEXTS, OPTION(directions), "WAY",
     "only input, forward, output, forward-in or forward-out; may be given again"},
    {"interface", 'I', OPTION_TEXT, OPTION(interface), "DEVICE",
     "where messages arrive (of an edge: its outside; else that of the default route)"},
    {"promise", 0, OPTION_TEXT, OPTION(promise), "POLICY", "hold rules of nft or iptables to this policy"},
    {0},
};

static const struct config defaults = {0};

/* The record sonde.guard.rehearsal/1. */
struct rehearsed {
    const char *said, *file, *interface, *other, *untried;
    int64_t pairs, sent, traced, lost, unseen, mismatches, changes, elapsed_ns;
};

#define FIELD(member) offsetof(struct rehearsed, member)

static const struct field fields[] = {
    {"said", FIELD_TEXT, FIELD(said), .doc = "How it went, one sentence", .style = STYLE_HEADLINE},
    {"file", FIELD_TEXT, FIELD(file), .doc = "What was rehearsed", .style = STYLE_HIDDEN},
    {"interface", FIELD_TEXT, FIELD(interface), .doc = "Where messages arrived"},
    {"other", FIELD_TEXT, FIELD(other), .doc = "By which forwarded ones left", .title = "Forwarded to"},
    {"untried", FIELD_TEXT, FIELD(untried),
     .doc = "Rules of the policy that ask for another interface; --interface tries them",
     .title = "Not tried"},
    {"pairs", FIELD_INTEGER, FIELD(pairs), .doc = "Messages in question: types, codes, families, directions"},
    {"sent", FIELD_INTEGER, FIELD(sent), "packets", .doc = "Messages sent, in all shapes"},
    {"traced", FIELD_INTEGER, FIELD(traced), "packets", .doc = "Messages followed to their end"},
    {"lost", FIELD_INTEGER, FIELD(lost), "packets", .doc = "Messages whose trace stayed incomplete"},
    {"unseen", FIELD_INTEGER, FIELD(unseen),
     .doc = "Messages that the kernel dropped before any rule saw them"},
    {"mismatches", FIELD_INTEGER, FIELD(mismatches), .doc = "Messages that fare otherwise than promised"},
    {"changes", FIELD_INTEGER, FIELD(changes), .doc = "Messages that would fare otherwise than they do now",
     .title = "Other than now"},
    {"elapsed_ns", FIELD_INTEGER, FIELD(elapsed_ns), "ns", .doc = "How long the rehearsal took"},
    {0},
};

static const struct schema rehearsed_schema = {"sonde.guard.rehearsal/1", "A rehearsal of rules",
                                               sizeof(struct rehearsed), fields};

/* A rehearsal under way. */
struct rehearsing {
    const struct session *session;
    const struct config *config;
    struct candidate candidate, law; /* law: the policy of --promise */
    struct scene scene;
    struct matrix *promise, *now, *seen;
    struct rehearsal_result result;
    struct rehearsed said;
};

static const struct policy *policy_of(const struct rehearsing *rehearsing)
{
    if (rehearsing->law.is_policy)
        return &rehearsing->law.policy;
    return rehearsing->candidate.is_policy ? &rehearsing->candidate.policy : NULL;
}

static int read_files(struct rehearsing *rehearsing, const char *path)
{
    const char *promise = rehearsing->config->promise;
    struct sonde_error error = {0};
    int exit = candidate_read(&rehearsing->candidate, path);

    if (exit != 0 || !promise)
        return exit;
    exit = candidate_read(&rehearsing->law, promise);
    if (exit == 0 && !rehearsing->law.is_policy) {
        error_set(&error, SONDE_E_USAGE, "--promise wants a policy, and %s is none", promise);
        exit = complain(&error);
    }
    return exit;
}

/* What runs now; without any rule everything passes, which needs no trial. */
static int rehearse_now(struct rehearsing *rehearsing, struct sonde_error *error)
{
    struct rehearsal rehearsal = scene_now(&rehearsing->scene);
    struct rehearsal_result result;

    if (rehearsing->config->alone)
        return 0;
    rehearsing->now = matrix_new();
    if (!machine_is_open(&rehearsing->scene.machine))
        return rehearse(&rehearsal, rehearsing->now, &result, error);
    matrix_accept(rehearsing->now);
    return 0;
}

static int rehearse_candidate(struct rehearsing *rehearsing, struct sonde_error *error)
{
    const struct policy *policy = policy_of(rehearsing);
    struct rehearsal rehearsal;

    if (policy) {
        rehearsing->promise = matrix_new();
        scene_promise(&rehearsing->scene, policy, rehearsing->promise);
    }
    rehearsal = scene_with(&rehearsing->scene, &rehearsing->candidate);
    rehearsal.promise = rehearsing->promise;
    rehearsing->seen = matrix_new();
    return rehearse(&rehearsal, rehearsing->seen, &rehearsing->result, error);
}

static void emit_difference(void *context, const struct difference *difference)
{
    struct rehearsing *rehearsing = context;
    struct verdict_row row;

    verdict_fill(&row, difference, rehearsing->seen);
    rehearsing->session->sink->record(rehearsing->session->sink, &verdict_schema, &row);
}

static void emit_cell(struct rehearsing *rehearsing, struct difference *one)
{
    struct matrix_cell *cell =
        matrix_at(rehearsing->seen, one->shape, one->family, one->direction, one->type, one->code);

    if (cell->fate == FATE_UNSEEN && one->shape != SHAPE_PLAIN)
        return;
    one->before = rehearsing->promise ? (enum fate)matrix_at(rehearsing->promise, one->shape, one->family,
                                                             one->direction, one->type, one->code)
                                            ->fate
                                      : FATE_UNSEEN;
    one->after = (enum fate)cell->fate;
    one->rule = cell->rule;
    emit_difference(rehearsing, one);
}

static void emit_all(struct rehearsing *rehearsing)
{
    for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
        if (!(rehearsing->scene.directions & 1u << direction))
            continue;
        for (int shape = 0; shape < SHAPE_COUNT; shape++)
            for (unsigned pair = 0; pair < 2 * MATRIX_PAIRS; pair++) {
                struct difference one = {.family = pair < MATRIX_PAIRS ? 4 : 6,
                                         .direction = (enum direction)direction,
                                         .shape = (enum shape)shape,
                                         .type = (uint8_t)(pair >> 8),
                                         .type_last = (uint8_t)(pair >> 8),
                                         .code = (uint8_t)pair,
                                         .code_last = (uint8_t)pair,
                                         .pairs = 1};

                emit_cell(rehearsing, &one);
            }
    }
}

/* A limit that let everything pass; a rehearsal fills in a limit once it is tried. */
static bool is_broken(const struct rehearsal_limit *limit)
{
    return limit->tried && !limit->held;
}

static void emit_limits(struct rehearsing *rehearsing)
{
    for (size_t i = 0; i < rehearsing->scene.limit_count; i++) {
        const struct rehearsal_limit *limit = &rehearsing->scene.limits[i];
        struct matrix_cell *cell = matrix_at(rehearsing->seen, SHAPE_PLAIN, limit->family, limit->direction,
                                             limit->type, limit->code);
        struct difference one = {limit->family,
                                 limit->direction,
                                 SHAPE_PLAIN,
                                 limit->type,
                                 limit->type,
                                 limit->code,
                                 limit->code,
                                 FATE_UNSEEN,
                                 FATE_ACCEPT,
                                 cell->rule,
                                 1};
        struct verdict_row row;

        if (!is_broken(limit))
            continue;
        verdict_fill(&row, &one, rehearsing->seen);
        row.promised = verdict_name(VERDICT_LIMIT);
        rehearsing->session->sink->record(rehearsing->session->sink, &verdict_schema, &row);
    }
}

/* A source in whose favour, or against which, an exception was made, and that met something else. */
static bool is_wronged(const struct rehearsal_source *source)
{
    return !difference_kept(source->family, source->type, source->promised, source->seen);
}

static void emit_sources(struct rehearsing *rehearsing)
{
    for (size_t i = 0; i < rehearsing->scene.source_count; i++) {
        const struct rehearsal_source *source = &rehearsing->scene.sources[i];
        struct difference one = {source->family,
                                 source->direction,
                                 SHAPE_PLAIN,
                                 source->type,
                                 source->type,
                                 source->code,
                                 source->code,
                                 source->promised,
                                 source->seen,
                                 source->rule,
                                 1};
        struct verdict_row row;
        char text[SONDE_ADDRESS_TEXT];

        if (!is_wronged(source))
            continue;
        verdict_fill(&row, &one, rehearsing->seen);
        row.source = sonde_address_format(&source->source, text);
        rehearsing->session->sink->record(rehearsing->session->sink, &verdict_schema, &row);
    }
}

static void count(struct rehearsing *rehearsing)
{
    struct rehearsed *said = &rehearsing->said;
    unsigned directions = rehearsing->scene.directions;
    struct matrix *measure = rehearsing->promise ? rehearsing->promise : rehearsing->now;

    said->sent = rehearsing->result.sent;
    said->traced = rehearsing->result.traced;
    said->lost = rehearsing->result.lost;
    said->elapsed_ns = rehearsing->result.elapsed_ns;
    for (int direction = 0; direction < DIRECTION_COUNT; direction++)
        if (directions & 1u << direction) {
            said->pairs += 2 * MATRIX_PAIRS;
            said->unseen += (int64_t)matrix_unseen(rehearsing->seen, (enum direction)direction);
        }
    said->mismatches = measure ? (int64_t)difference_find(measure, rehearsing->seen, directions, NULL, NULL)
                               : INTEGER_ABSENT;
    for (size_t i = 0; i < rehearsing->scene.limit_count; i++)
        said->mismatches += is_broken(&rehearsing->scene.limits[i]);
    for (size_t i = 0; i < rehearsing->scene.source_count; i++)
        said->mismatches += is_wronged(&rehearsing->scene.sources[i]);
    said->changes = rehearsing->now
                        ? (int64_t)difference_find(rehearsing->now, rehearsing->seen, directions, NULL, NULL)
                        : INTEGER_ABSENT;
}

static char *sentence(const struct rehearsing *rehearsing)
{
    const struct rehearsed *said = &rehearsing->said;
    const char *measure = rehearsing->law.is_policy         ? rehearsing->law.file
                          : rehearsing->candidate.is_policy ? rehearsing->candidate.file
                                                            : "what runs now";

    if (said->lost > 0)
        return text_format("The kernel's trace lost %" PRId64 " messages: the rehearsal cannot tell.",
                           said->lost);
    if (said->mismatches == INTEGER_ABSENT)
        return text_format("The kernel decided about every message; there is no policy to compare with.");
    if (said->mismatches == 0 && said->unseen == 0)
        return text_format("The kernel does what %s says with each of %" PRId64 " messages.", measure,
                           said->pairs);
    if (said->mismatches == 0)
        return text_format("The kernel does what %s says with every message that reaches a rule; %" PRId64
                           " of %" PRId64 " do not.",
                           measure, said->unseen, said->pairs);
    return text_format("The kernel does otherwise than %s says with %" PRId64 " messages.", measure,
                       said->mismatches);
}

static int report(struct rehearsing *rehearsing)
{
    const struct session *session = rehearsing->session;
    struct matrix *measure = rehearsing->promise ? rehearsing->promise : rehearsing->now;
    _cleanup_free_ char *said = NULL;

    count(rehearsing);
    said = sentence(rehearsing);
    rehearsing->said.said = said;
    rehearsing->said.file = rehearsing->candidate.file;
    rehearsing->said.interface = rehearsing->scene.interface;
    rehearsing->said.other = rehearsing->scene.other;
    rehearsing->said.untried = rehearsing->scene.untried.length ? text_get(&rehearsing->scene.untried) : NULL;
    if (!session->csv)
        session->sink->record(session->sink, &rehearsed_schema, &rehearsing->said);
    if (rehearsing->config->all)
        emit_all(rehearsing);
    else if (measure)
        difference_find(measure, rehearsing->seen, rehearsing->scene.directions, emit_difference, rehearsing);
    emit_limits(rehearsing);
    emit_sources(rehearsing);
    if (rehearsing->said.lost > 0)
        return EXIT_CANNOT_TELL;
    return rehearsing->said.mismatches > 0 ? EXIT_HOLDS_NOT : EXIT_HOLDS;
}

static int choose_directions(struct rehearsing *rehearsing)
{
    const struct option_texts *texts = &rehearsing->config->directions;
    struct sonde_error error = {0};
    unsigned wanted = 0;

    for (size_t i = 0; i < texts->count; i++) {
        enum direction direction;

        if (!direction_parse(texts->items[i], &direction) ||
            !(rehearsing->scene.directions & 1u << direction)) {
            error_set(&error, SONDE_E_USAGE, "--direction: '%s' is no way that these rules filter",
                      texts->items[i]);
            return complain(&error);
        }
        wanted |= 1u << direction;
    }
    if (wanted)
        rehearsing->scene.directions = wanted;
    return 0;
}

static int try_all(struct rehearsing *rehearsing)
{
    struct sonde_error error = {0};
    int exit = scene_set(&rehearsing->scene, policy_of(rehearsing), rehearsing->config->alone,
                         rehearsing->config->interface);

    if (exit != 0)
        return exit;
    exit = choose_directions(rehearsing);
    if (exit != 0)
        return exit;
    if (rehearse_now(rehearsing, &error) < 0 || rehearse_candidate(rehearsing, &error) < 0)
        return complain(&error);
    return report(rehearsing);
}

static int run(const struct session *session, const void *values, char **operands, size_t operand_count)
{
    struct rehearsing rehearsing = {.session = session, .config = values};
    int exit = read_files(&rehearsing, operands[0]);

    if (exit == 0)
        exit = try_all(&rehearsing);
    matrix_free(rehearsing.promise);
    matrix_free(rehearsing.now);
    matrix_free(rehearsing.seen);
    scene_deinit(&rehearsing.scene);
    candidate_deinit(&rehearsing.candidate);
    candidate_deinit(&rehearsing.law);
    return exit;
}

static const struct schema *const records[] = {&rehearsed_schema, &verdict_schema, NULL};

const struct command command_guard_rehearse = {
    .name = "guard rehearse",
    .synopsis = "FILE",
    .least = 1,
    .most = 1,
    .summary = "try rules on this kernel with every ICMP type and code, before they are in force",
    .details = "FILE is a policy, or rules for nft or iptables-restore. They are loaded together with this "
               "machine's "
               "rules into a scratch network namespace that has the same interface names and sysctls. Every "
               "type and "
               "code of both families is sent through input, forward and output, and the kernel's own trace "
               "says which "
               "rule decided. No rule of this machine is touched, and no packet leaves it.",
    .options = options,
    .config_size = sizeof(struct config),
    .defaults = &defaults,
    .records = records,
    .run = run,
};
