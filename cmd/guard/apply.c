/* SPDX-License-Identifier: MIT */
/* sonde guard apply: a policy in force, for as long as it is not confirmed only under a lease. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/front/interrupt.h"
#include "cmd/guard/gate.h"
#include "cmd/guard/guard.h"
#include "cmd/guard/ledger.h"
#include "cmd/guard/wait.h"
#include "net/guard/apply/folder.h"
#include "net/guard/apply/force.h"
#include "policy/read.h"

struct config {
    int64_t lease_ns;
    struct option_texts probes;
    bool absent_interfaces, despite_errors;
    int engine; /* enum engine */
    struct option_texts interfaces;
};

enum engine { ENGINE_NFT, ENGINE_XDP };

/* The record sonde.guard.apply/1. */
struct applied {
    const char *said, *outcome, *file, *slot, *before;
    int64_t lease_ns;
    struct record_list probes;
};

/* A probe in it. */
struct probed {
    const char *name, *before, *after;
};

static const struct field probed_fields[] = {
    {"name", FIELD_TEXT, offsetof(struct probed, name), .doc = "What was asked"},
    {"before", FIELD_TEXT, offsetof(struct probed, before),
     .doc = "green or red, before the policy was applied"},
    {"after", FIELD_TEXT, offsetof(struct probed, after),
     .doc = "green or red, while it was on trial; absent: red before, so not asked again"},
    {0},
};

static const struct schema probed_schema = {"probe", "Something that must go on working",
                                            sizeof(struct probed), probed_fields};

static const struct field fields[] = {
    {"said", FIELD_TEXT, offsetof(struct applied, said), .doc = "What became of it, one sentence",
     .style = STYLE_HEADLINE},
    {"outcome", FIELD_TEXT, offsetof(struct applied, outcome),
     .doc = "confirmed, lease-ended, withdrawn, probe-red or left", .style = STYLE_HIDDEN},
    {"file", FIELD_TEXT, offsetof(struct applied, file), .doc = "The policy's file", .style = STYLE_HIDDEN},
    {"slot", FIELD_TEXT, offsetof(struct applied, slot), .doc = "The generation of the policy on trial",
     .style = STYLE_HIDDEN},
    {"before", FIELD_TEXT, offsetof(struct applied, before), .doc = "The generation before it",
     .style = STYLE_HIDDEN},
    {"lease_ns", FIELD_INTEGER, offsetof(struct applied, lease_ns), "ns",
     .doc = "For how long it was on trial at most", .style = STYLE_HIDDEN},
    {"probes", FIELD_LIST, offsetof(struct applied, probes), .doc = "What had to go on working",
     .of = &probed_schema, .style = STYLE_TABLE, .title = "Probes"},
    {0},
};

static const struct schema applied_schema = {"sonde.guard.apply/1", "A policy that was put on trial",
                                             sizeof(struct applied), fields};

static const struct {
    const char *outcome, *said;
    int exit;
} outcomes[] = {
    [WAIT_CONFIRMED] = {"confirmed", "The policy is confirmed and in force for good.", EXIT_HOLDS},
    [WAIT_ENDED] = {"lease-ended",
                    "Nobody confirmed: the lease has ended, and what was in force before is in force again.",
                    EXIT_HOLDS_NOT},
    [WAIT_WITHDRAWN] = {"withdrawn", "The trial was ended: what was in force before is in force again.",
                        EXIT_HOLDS_NOT},
    [WAIT_RED] = {"probe-red", "A probe went red: what was in force before is in force again.",
                  EXIT_HOLDS_NOT},
    [WAIT_LEFT] = {"left",
                   "The policy stays on trial until the lease ends; `sonde guard confirm` makes it firm, "
                   "`sonde guard rollback` ends it.",
                   EXIT_INTERRUPTED},
};

static int read_file(const char *path, struct text *text, struct sonde_error *error)
{
    int code = strcmp(path, "-") == 0 ? folder_read("/dev", "stdin", text, error)
                                      : folder_read(path[0] == '/' ? "" : ".", path, text, error);

    if (code == SONDE_E_NOT_FOUND)
        error_set(error, code, "there is no file %s", path);
    return code;
}

static const char *light(bool green)
{
    return green ? "green" : "red";
}

static size_t list_probes(const struct guard_probes *probes, struct probed *list)
{
    for (size_t i = 0; i < probes->count; i++)
        list[i] = (struct probed){
            .name = probes->items[i].name,
            .before = light(probes->items[i].was_green),
            .after = probes->items[i].was_green ? light(probes->items[i].is_green) : NULL,
        };
    return probes->count;
}

static void emit(const struct session *session, const struct trial *trial, const struct guard_probes *probes,
                 enum wait_end end)
{
    struct probed list[PROBES_LIST_MAX];
    const struct guard_probe *red = guard_probes_red(probes);
    _cleanup_free_ char *said =
        red && end == WAIT_RED
            ? text_format("No answer any more: %s. What was in force before is in force again.", red->name)
            : text_format("%s", outcomes[end].said);
    const struct applied applied = {
        .said = said,
        .outcome = outcomes[end].outcome,
        .file = trial->file,
        .slot = trial->slot,
        .before = trial->old[0] ? trial->old : NULL,
        .lease_ns = trial->lease_ms * NS_PER_MS,
        .probes = {list, list_probes(probes, list)},
    };

    session->sink->record(session->sink, &applied_schema, &applied);
}

/* What answers before; the rest can tell nothing. */
static int take_baseline(const struct config *config, struct guard_probes *probes, struct sonde_error *error)
{
    struct session_of session;
    int code = 0;

    session_read(&session);
    guard_probes_usual(probes, &session);
    for (size_t i = 0; i < config->probes.count && code == 0; i++)
        code = guard_probes_add(probes, config->probes.items[i], error);
    if (code == 0)
        code = guard_probes_ask(probes, false);
    guard_probes_keep(probes);
    return code < 0 && !error->what[0] ? error_set(error, code, "nothing was changed") : code;
}

/* For the review: when a policy was on trial, and what came of it. */
static void note(const struct trial *trial, enum wait_end end)
{
    _cleanup_free_ char *text = text_format("%s: %s", trial->file, outcomes[end].outcome);

    guard_note("apply", text);
}

static int apply(const struct session *session, const struct config *config, const struct policy *policy,
                 const struct text *text, const char *file)
{
    uint64_t others;
    const struct guard_order order = {
        .planned_others = gate_plan(guard_state(), text, &others) ? &others : NULL,
        .folders = {guard_state(), guard_etc()},
        .policy = policy,
        .text = text,
        .file = file,
        .lease_ms = config->lease_ns / NS_PER_MS,
        .now_s = time(NULL),
        .absent_interfaces = config->absent_interfaces,
        .early = config->interfaces.items,
        .early_count = config->interfaces.count,
    };
    _cleanup_trial_ struct trial trial = {0};
    struct guard_probes probes = {0};
    struct sonde_error error = {0};
    enum wait_end end;
    int code = gate_lint(policy, file, text, order.now_s, config->despite_errors, &error);

    if (code == 0)
        code = take_baseline(config, &probes, &error);
    if (code == 0)
        code = guard_put(&order, &trial, &error);
    if (code == 0)
        code = wait_for_end(&order.folders, &trial, &probes, &end, &error);
    if (code < 0)
        return complain(&error);
    note(&trial, end);
    emit(session, &trial, &probes, end);
    return outcomes[end].exit;
}

static int refuse_policy(const char *file, const struct policy_problems *problems,
                         const struct sonde_error *error)
{
    for (size_t i = 1; i < problems->count && i < POLICY_PROBLEMS_MAX; i++) {
        struct sonde_error more = {0};

        error_set(&more, SONDE_E_FORMAT, "%s:%u:%u: %s", file, problems->items[i].place.line,
                  problems->items[i].place.column, problems->items[i].message);
        complain(&more);
    }
    return complain(error);
}

static int run(const struct session *session, const void *data, char **operands, size_t count)
{
    const struct config *config = data;
    _cleanup_text_ struct text text = {0};
    struct policy policy = {0};
    struct policy_problems problems = {0};
    struct sonde_error error = {0};
    int code = (config->engine == ENGINE_XDP) == (config->interfaces.count > 0)
                   ? read_file(operands[0], &text, &error)
                   : error_set(&error, SONDE_E_USAGE, "--engine xdp and --interface go together"),
        exit;

    interrupt_catch();
    if (code == 0)
        code = policy_read(slice_of(text_get(&text), text.length), operands[0], &policy, &problems, &error);
    exit = code < 0 ? refuse_policy(operands[0], &problems, &error)
                    : apply(session, config, &policy, &text, operands[0]);
    policy_deinit(&policy);
    return exit;
}

static const struct config defaults = {.lease_ns = 60 * NS_PER_S};

static const struct option_row options[] = {
    {"confirm-within", 0, OPTION_DURATION, offsetof(struct config, lease_ns), "TIME",
     "go back unless it is confirmed within this time (default 60s)", .min = NS_PER_S,
     .max = 24 * 3600 * NS_PER_S},
    {"probe", 0, OPTION_TEXTS, offsetof(struct config, probes), "TARGET",
     "what must go on answering, too: HOST (echo, and the largest packet) or HOST:PORT (a new connection); "
     "may be "
     "given again"},
    {"absent-interfaces", 0, OPTION_FLAG, offsetof(struct config, absent_interfaces),
     .help = "interfaces that the policy names need not be there yet"},
    {"despite-errors", 0, OPTION_FLAG, offsetof(struct config, despite_errors),
     .help = "apply it although `sonde guard lint` finds errors in it"},
    {"engine", 0, OPTION_CHOICE, offsetof(struct config, engine), "ENGINE",
     "nft, or xdp: besides, drop early at the interfaces of -I what needs no state", .choices = "nft|xdp"},
    {"interface", 'I', OPTION_TEXTS, offsetof(struct config, interfaces), "DEVICE",
     "an interface to filter early (with --engine xdp); may be given again"},
    {0},
};

static const struct schema *const records[] = {&applied_schema, NULL};

const struct command command_guard_apply = {
    .name = "guard apply",
    .synopsis = "FILE",
    .summary = "put a policy in force under a lease, and go back unless it is confirmed",
    .details =
        "The policy is loaded beside the one in force, in one transaction, and a lease that the kernel keeps "
        "chooses it. When the lease ends, the kernel itself goes back: that needs no process, and no "
        "connection. `sonde guard confirm` from a new connection makes it firm.\n"
        "It is refused when lint finds errors in it, when another guard is at work or a policy is on trial, "
        "and "
        "when somebody changed other rules of nftables since `sonde guard plan` looked at them.\n"
        "Before, at once afterwards and every two seconds, probes are asked: each "
        "default gateway (on the link, by echo, by the largest packet, which must get through or be told to "
        "be "
        "too big), under ssh its peer and a new connection to its port, and what --probe names. One that "
        "answered before and does not any more ends the trial within a second.\n"
        "With --engine xdp, an XDP program drops at the interfaces named, before nftables sees it, what "
        "arrives "
        "for this machine and the policy drops without asking for state: drop, link-only, what is over a "
        "limit. "
        "Everything else goes on to nftables. It has a lease of its own, is kept by a pin under "
        "/sys/fs/bpf/sonde, and is gone after a reboot: then nftables alone filters, by the same policy.",
    .options = options,
    .config_size = sizeof(struct config),
    .defaults = &defaults,
    .run = run,
    .records = records,
    .least = 1,
    .most = 1,
};
