/* SPDX-License-Identifier: MIT */
/* sonde guard plan: what a policy would change, in verdicts, and what it would have done to recorded traffic.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "cmd/guard/guard.h"
#include "cmd/guard/trial/candidate.h"
#include "net/guard/live/fingerprint.h"
#include "net/guard/plan_file.h"
#include "net/guard/replay.h"
#include "net/program/nft.h"
#include "policy/plan.h"

struct config {
    const char *traffic, *interface;
    struct option_texts locals;
    bool all;
};

#define OPTION(member) offsetof(struct config, member)

static const struct option_row options[] = {
    {"all", 'a', OPTION_FLAG, OPTION(all),
     .help = "show people also what nobody will miss; programs get it anyway"},
    {"interface", 'I', OPTION_TEXT, OPTION(interface), "DEVICE",
     "where messages arrive (of an edge: its outside; else that of the default route)"},
    {"local", 0, OPTION_TEXTS, OPTION(locals), "ADDRESS",
     "an address that the traffic's machine has besides this machine's; may be given again"},
    {"traffic", 0, OPTION_TEXT, OPTION(traffic), "FILE",
     "count what the change would have hit: a capture, or what `sonde watch --json` wrote"},
    {0},
};

static const struct config defaults = {0};

/* The record sonde.guard.plan/1. */
struct planned {
    const char *said, *file, *rest;
    int64_t changes, refused, messages, traffic, changed, dropped, elapsed_ns;
    bool kept;
};

#define FIELD(member) offsetof(struct planned, member)

static const struct field fields[] = {
    {"said", FIELD_TEXT, FIELD(said), .doc = "What would change, one sentence", .style = STYLE_HEADLINE},
    {"file", FIELD_TEXT, FIELD(file), .doc = "The candidate", .style = STYLE_HIDDEN},
    {"changes", FIELD_INTEGER, FIELD(changes), .doc = "Groups of messages that would fare otherwise",
     .style = STYLE_HIDDEN},
    {"refused", FIELD_INTEGER, FIELD(refused), .doc = "Changes that drop a message which must pass",
     .style = STYLE_HIDDEN},
    {"messages", FIELD_INTEGER, FIELD(messages),
     .doc = "Types and codes, by family and direction, that change"},
    {"traffic", FIELD_INTEGER, FIELD(traffic), "packets", .doc = "ICMP messages in the traffic"},
    {"changed", FIELD_INTEGER, FIELD(changed), "packets", .doc = "Of these, with another fate than now"},
    {"dropped", FIELD_INTEGER, FIELD(dropped), "packets", .doc = "Of these, passing now and not then"},
    {"rest", FIELD_TEXT, FIELD(rest), .doc = "What the table leaves out", .title = "Not shown"},
    {"elapsed_ns", FIELD_INTEGER, FIELD(elapsed_ns), "ns", .doc = "How long the trial took"},
    {"kept", FIELD_BOOLEAN, FIELD(kept), .doc = "Whether the plan was kept for apply", .style = STYLE_HIDDEN},
    {0},
};

static const struct schema planned_schema = {"sonde.guard.plan/1", "What a policy would change",
                                             sizeof(struct planned), fields};

/* A plan in the making. */
struct planning {
    const struct session *session;
    const struct config *config;
    struct candidate candidate;
    struct scene scene;
    struct matrix *now, *then;
    struct plan plan;
    struct plan_file kept;
    struct planned said;
};

static int lost(const struct rehearsal_result *result, struct sonde_error *error)
{
    if (result->lost == 0)
        return 0;
    error_set(error, SONDE_E_BUSY, "the kernel's trace lost %" PRId64 " messages, so the plan cannot tell",
              result->lost);
    error_hint(error, "Try again when the machine is less busy");
    return SONDE_E_BUSY;
}

/* What runs now; without any rule everything passes, which needs no trial. */
static int try_now(struct planning *planning, struct sonde_error *error)
{
    struct rehearsal rehearsal = scene_now(&planning->scene);
    struct rehearsal_result result = {0};
    int code = 0;

    planning->now = matrix_new();
    if (machine_is_open(&planning->scene.machine))
        matrix_accept(planning->now);
    else
        code = rehearse(&rehearsal, planning->now, &result, error);
    planning->said.elapsed_ns += result.elapsed_ns;
    return code < 0 ? code : lost(&result, error);
}

static int try_then(struct planning *planning, struct sonde_error *error)
{
    struct matrix *promise = NULL;
    struct rehearsal rehearsal;
    struct rehearsal_result result = {0};
    int code;

    if (planning->candidate.is_policy) {
        promise = matrix_new();
        scene_promise(&planning->scene, &planning->candidate.policy, promise);
    }
    rehearsal = scene_with(&planning->scene, &planning->candidate);
    rehearsal.promise = promise;
    planning->then = matrix_new();
    code = rehearse(&rehearsal, planning->then, &result, error);
    matrix_free(promise);
    planning->said.elapsed_ns += result.elapsed_ns;
    return code < 0 ? code : lost(&result, error);
}

static void take(void *context, const struct plan_message *message)
{
    plan_count(context, message);
}

static int count_traffic(struct planning *planning, struct sonde_error *error)
{
    struct replay replay = {.directions = planning->scene.directions};
    const struct option_texts *locals = &planning->config->locals;

    planning->said.traffic = planning->said.changed = planning->said.dropped = INTEGER_ABSENT;
    if (!planning->config->traffic)
        return 0;
    (void)replay_add_locals(&replay); /* without them everything counts as forwarded, or as input */
    for (size_t i = 0; i < locals->count && replay.local_count < REPLAY_LOCALS_MAX; i++)
        if (sonde_address_parse(locals->items[i], &replay.locals[replay.local_count++]) < 0)
            return error_set(error, SONDE_E_USAGE, "--local wants an address, not '%s'", locals->items[i]);
    return replay_read(&replay, planning->config->traffic, take, &planning->plan, error);
}

static char *sentence(const struct planning *planning)
{
    const struct plan *plan = &planning->plan;

    if (plan->count == 0)
        return text_format("%s changes nothing: every message fares as it does now.",
                           planning->candidate.file);
    if (plan->refused > 0)
        return text_format("Refused: %s drops messages that must pass and that pass now.",
                           planning->candidate.file);
    if (planning->config->traffic)
        return text_format("%s changes the fate of %" PRId64 " messages; of the recorded ones, %" PRId64
                           " of %" PRId64 " would not have passed any more.",
                           planning->candidate.file, planning->said.messages, plan->dropped, plan->messages);
    return text_format("%s changes the fate of %" PRId64 " messages.", planning->candidate.file,
                       planning->said.messages);
}

/* Whoever may not write there can still look at the plan; apply then has nothing to hold it to, and says so.
 */
static void keep(struct planning *planning)
{
    struct sonde_error error = {0};

    planning->kept.policy =
        plan_file_hash(slice_of(planning->candidate.content.data, planning->candidate.content.length));
    planning->kept.time_s = planning->scene.now_s;
    planning->said.kept =
        planning->candidate.is_policy && plan_file_write(guard_state(), &planning->kept, &error) == 0;
    if (error.code)
        (void)complain(&error);
}

/* Messages that hardly anybody sends (tier 4 and 5), that nobody sent, and that will not pass. */
static bool is_dull(const struct plan_change *change)
{
    return change->tier > 3 && change->packets <= 0 && strcmp(change->to, verdict_name(VERDICT_ACCEPT)) != 0;
}

static int report(struct planning *planning)
{
    const struct session *session = planning->session;
    struct planned *said = &planning->said;
    _cleanup_free_ char *text = NULL, *rest = NULL;
    bool all = planning->config->all || session->json || session->csv;
    size_t left_out = 0;

    for (size_t i = 0; i < planning->plan.count; i++) {
        said->messages += planning->plan.changes[i].pairs;
        left_out += !all && is_dull(&planning->plan.changes[i]);
    }
    if (planning->config->traffic) {
        said->traffic = planning->plan.messages;
        said->changed = planning->plan.changed;
        said->dropped = planning->plan.dropped;
    }
    text = sentence(planning);
    said->said = text;
    said->file = planning->candidate.file;
    said->changes = (int64_t)planning->plan.count;
    said->refused = (int64_t)planning->plan.refused;
    if (left_out > 0)
        rest =
            text_format("%zu groups of deprecated, unassigned and rarely used messages, which pass now and "
                        "will not, or not always; --all shows them",
                        left_out);
    said->rest = rest;
    if (!session->csv)
        session->sink->record(session->sink, &planned_schema, said);
    for (size_t i = 0; i < planning->plan.count; i++)
        if (all || !is_dull(&planning->plan.changes[i]))
            session->sink->record(session->sink, &plan_change_schema, &planning->plan.changes[i]);
    return planning->plan.refused > 0 ? EXIT_HOLDS_NOT : EXIT_HOLDS;
}

static int make(struct planning *planning)
{
    struct sonde_error error = {0};
    enum policy_role role = planning->candidate.is_policy ? planning->candidate.policy.role : ROLE_ROUTER;
    int exit, code = fingerprint_others(&planning->kept.others, &error);

    if (code < 0)
        return complain(&error);
    (void)nft_generation(&planning->kept.generation);
    exit = scene_set(&planning->scene, planning->candidate.is_policy ? &planning->candidate.policy : NULL,
                     false, planning->config->interface);
    if (exit != 0)
        return exit;
    code = try_now(planning, &error);
    if (code == 0)
        code = try_then(planning, &error);
    if (code == 0) {
        plan_make(&planning->plan, planning->now, planning->then, planning->scene.directions, role);
        code = count_traffic(planning, &error);
    }
    if (code < 0)
        return complain(&error);
    keep(planning);
    return report(planning);
}

static int run(const struct session *session, const void *values, char **operands, size_t operand_count)
{
    struct planning planning = {.session = session, .config = values};
    int exit = candidate_read(&planning.candidate, operands[0]);

    if (exit == 0)
        exit = make(&planning);
    plan_deinit(&planning.plan);
    matrix_free(planning.now);
    matrix_free(planning.then);
    scene_deinit(&planning.scene);
    candidate_deinit(&planning.candidate);
    return exit;
}

static const struct schema *const records[] = {&planned_schema, &plan_change_schema, NULL};

const struct command command_guard_plan = {
    .name = "guard plan",
    .synopsis = "FILE",
    .least = 1,
    .most = 1,
    .summary = "what a policy would change, in verdicts, and what it would have hit",
    .details =
        "The rules that run now and the candidate are rehearsed on this kernel with every type and code, "
        "and the verdicts are compared. A change that drops a message which must pass is refused. The plan "
        "is kept, so that apply can refuse when somebody else changed the rules since.",
    .options = options,
    .config_size = sizeof(struct config),
    .defaults = &defaults,
    .records = records,
    .run = run,
};
