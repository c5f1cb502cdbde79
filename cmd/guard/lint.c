/* SPDX-License-Identifier: MIT */
/* sonde guard lint: what is wrong with a policy, a file of rules, or the rules of this machine. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/front/input.h"
#include "cmd/guard/guard.h"
#include "cmd/guard/lint_text.h"
#include "net/guard/load.h"
#include "net/guard/running.h"
#include "policy/lint/lint.h"
#include "policy/read.h"
#include "policy/ruleset/import.h"

enum { FILE_MAX_OCTETS = 16 << 20, DEVICES_MAX = 64 };

struct config {
    bool running;
    int family, role;
    const char *ignore;
};

#define OPTION(member) offsetof(struct config, member)

static const struct option_row options[] = {
    {"running", 0, OPTION_FLAG, OPTION(running), NULL,
     "review this machine: its rules of every firewall, programs, sysctls"},
    {"family", 0, OPTION_CHOICE, OPTION(family), NULL, "only this family of IP", .choices = "both|4|6"},
    {"role", 0, OPTION_CHOICE, OPTION(role), NULL, "what the rules are for (guess: by what they do)",
     .choices = "guess|host|router|edge"},
    {"ignore", 0, OPTION_TEXT, OPTION(ignore), "ID,...", "leave these findings out (G039,G052)"},
    {0},
};

static const struct config defaults = {0};

static const struct schema *const records[] = {&guard_finding_schema, NULL};

/* A review under way. */
struct reviewing {
    const struct session *session;
    const struct config *config;
    struct text file; /* its text */
    const char *name;
    struct guard_findings findings;
    struct lint_summary summary;
    struct rules rules;
    struct running running;
    struct lint_host host;
    struct lint_sysctl *sysctls;
    struct lint_interface *interfaces;
};

static struct slice text_of(const struct text *text)
{
    return slice_of(text_get(text), text->length);
}

/* What the pure rules may know of the machine. */
static void describe_host(struct reviewing *reviewing)
{
    struct running *running = &reviewing->running;

    reviewing->sysctls = calloc(running->sysctl_count + 1, sizeof(*reviewing->sysctls));
    reviewing->interfaces = calloc(running->interface_count + 1, sizeof(*reviewing->interfaces));
    if (!reviewing->sysctls || !reviewing->interfaces)
        abort();
    for (size_t i = 0; i < running->sysctl_count; i++)
        reviewing->sysctls[i] = (struct lint_sysctl){running->sysctls[i].name, running->sysctls[i].value};
    for (size_t i = 0; i < running->interface_count; i++) {
        const struct running_interface *from = &running->interfaces[i];

        reviewing->interfaces[i] = (struct lint_interface){
            from->name,           from->up, from->loopback, from->xdp, from->tc, from->default_route4,
            from->default_route6, from->mtu};
    }
    reviewing->host = (struct lint_host){.sysctls = reviewing->sysctls,
                                         .sysctl_count = running->sysctl_count,
                                         .interfaces = reviewing->interfaces,
                                         .interface_count = running->interface_count,
                                         .forwards4 = running->forwards4,
                                         .forwards6 = running->forwards6,
                                         .unread = text_get(&running->unread)};
}

static uint8_t family_of(const struct config *config)
{
    return config->family == 0 ? 0 : config->family == 1 ? 4 : 6;
}

static void count_rules(struct reviewing *reviewing)
{
    reviewing->summary.tables = reviewing->rules.table_count;
    reviewing->summary.chains = reviewing->rules.chain_count;
    for (size_t i = 0; i < reviewing->rules.chain_count; i++)
        reviewing->summary.rules += reviewing->rules.chains[i].rules;
}

static void review_rules(struct reviewing *reviewing, struct lint_subject *subject)
{
    subject->rules = &reviewing->rules;
    subject->family = family_of(reviewing->config);
    subject->role =
        lint_guess_role(subject->rules, subject->file ? NULL : subject->host, &reviewing->summary.why);
    if (reviewing->config->role > 0) {
        subject->role = (enum policy_role)(reviewing->config->role - 1);
        reviewing->summary.why = "as you say";
    }
    reviewing->summary.role = policy_role_name(subject->role);
    count_rules(reviewing);
    lint_rules(subject, &reviewing->findings);
    if (!subject->file)
        lint_machine(subject, &reviewing->findings);
}

static int review_policy(struct reviewing *reviewing, struct sonde_error *error)
{
    struct policy_problems problems = {0};
    struct policy policy = {0};
    int result = policy_read(text_of(&reviewing->file), reviewing->name, &policy, &problems, error);

    if (result == 0)
        lint_policy(&policy, reviewing->name, text_of(&reviewing->file), (int64_t)time(NULL),
                    &reviewing->findings);
    for (size_t i = 1; i < problems.count && i < POLICY_PROBLEMS_MAX; i++)
        fprintf(stderr, "sonde: %s:%u:%u: %s\n", reviewing->name, problems.items[i].place.line,
                problems.items[i].place.column, problems.items[i].message);
    reviewing->summary.role = policy_role_name(policy.role);
    reviewing->summary.why = "as it says";
    reviewing->summary.rules = policy.rule_count;
    policy_deinit(&policy);
    return result;
}

/* Only the whole rule set tells what else decides. */
static void tell_part(struct reviewing *reviewing)
{
    struct guard_finding *finding =
        guard_findings_add(&reviewing->findings, "G018",
                           "no chain is hooked in: this is a part of a rule set, judged as if its chains "
                           "stood at the hooks that "
                           "they are named after; what the rest does cannot be judged");

    guard_finding_set(&finding->severity, "cannot-judge");
    guard_finding_set(&finding->rule, "%s", reviewing->name);
    guard_finding_set(&finding->advice, "Give the whole of it: iptables-save, or --running.");
}

static int review_xt(struct reviewing *reviewing, uint8_t family, struct sonde_error *error)
{
    struct lint_subject subject = {.file = reviewing->name, .text = text_of(&reviewing->file)};
    int result = rules_import_xt(&reviewing->rules, subject.text, family, RULES_IPTABLES, error);

    if (result < 0)
        return result;
    if (rules_assume_hooks(&reviewing->rules))
        tell_part(reviewing);
    rules_arrange(&reviewing->rules);
    review_rules(reviewing, &subject);
    return 0;
}

/* The kernel finds what nft -c lets pass: jumps in circles. */
static bool is_loop(const struct sonde_error *error)
{
    return strstr(error->what, "Too many links") != NULL;
}

static void tell_loop(struct reviewing *reviewing)
{
    struct guard_finding *finding = guard_findings_add(
        &reviewing->findings, "G018", "jumps go in circles; the kernel refuses these rules (too many links)");

    guard_finding_set(&finding->rule, "%s", reviewing->name);
    guard_finding_set(&finding->witness, "loading the file in an empty namespace: Too many links");
}

static void list_devices(const struct reviewing *reviewing, char names[DEVICES_MAX][RULES_IFNAME_MAX],
                         const char *devices[DEVICES_MAX + 1])
{
    size_t offset = 0, count = 0;
    uint32_t line;

    while (count < DEVICES_MAX &&
           rules_next_device(text_of(&reviewing->file), &offset, names[count], &line)) {
        devices[count] = names[count];
        count += names[count][0] != '$';
    }
    devices[count] = NULL;
}

static int review_nft(struct reviewing *reviewing, struct sonde_error *error)
{
    struct lint_subject subject = {
        .file = reviewing->name, .text = text_of(&reviewing->file), .host = &reviewing->host, .here = true};
    char names[DEVICES_MAX][RULES_IFNAME_MAX];
    const char *devices[DEVICES_MAX + 1];
    struct text json = {0};
    int result;

    list_devices(reviewing, names, devices);
    result = load_in_scratch(text_get(&reviewing->file), devices, &json, error);
    if (result == SONDE_E_FORMAT && is_loop(error)) {
        tell_loop(reviewing);
        text_deinit(&json);
        return 0;
    }
    if (result == 0)
        result = rules_import_nft(&reviewing->rules, text_of(&json), false, error);
    text_deinit(&json);
    if (result < 0)
        return result;
    rules_arrange(&reviewing->rules);
    rules_locate_nft(&reviewing->rules, subject.text);
    running_read(&reviewing->running);
    describe_host(reviewing);
    review_rules(reviewing, &subject);
    return 0;
}

static int review_running(struct reviewing *reviewing, struct sonde_error *error)
{
    struct running *running = &reviewing->running;
    struct lint_subject subject = {.host = &reviewing->host};
    static const struct {
        uint8_t family;
        enum rules_origin origin;
    } kinds[IPTABLES_COUNT] = {
        [IPTABLES_4] = {4, RULES_IPTABLES},
        [IPTABLES_6] = {6, RULES_IPTABLES},
        [IPTABLES_LEGACY_4] = {4, RULES_IPTABLES_LEGACY},
        [IPTABLES_LEGACY_6] = {6, RULES_IPTABLES_LEGACY},
    };
    const struct text *texts = running->iptables;
    int result = 0;

    running_read(running);
    if (running->nft_json.length > 0)
        result = rules_import_nft(&reviewing->rules, text_of(&running->nft_json),
                                  texts[IPTABLES_4].length + texts[IPTABLES_6].length > 0, error);
    for (int which = 0; result == 0 && which < IPTABLES_COUNT; which++)
        result = rules_import_xt(&reviewing->rules, text_of(&texts[which]), kinds[which].family,
                                 kinds[which].origin, error);
    if (result < 0)
        return result;
    rules_arrange(&reviewing->rules);
    describe_host(reviewing);
    review_rules(reviewing, &subject);
    return 0;
}

static int review_file(struct reviewing *reviewing, struct sonde_error *error)
{
    int result = input_read(reviewing->name, FILE_MAX_OCTETS, &reviewing->file, error);

    if (result < 0)
        return result;
    switch (rules_detect(text_of(&reviewing->file))) {
    case LANGUAGE_POLICY:
        return review_policy(reviewing, error);
    case LANGUAGE_NFT:
        return review_nft(reviewing, error);
    case LANGUAGE_IPTABLES:
        return review_xt(reviewing, reviewing->config->family == 2 ? 6 : 4, error);
    case LANGUAGE_IP6TABLES:
        return review_xt(reviewing, reviewing->config->family == 1 ? 4 : 6, error);
    default:
        error_set(error, SONDE_E_FORMAT,
                  "%s is neither a policy, nor rules for nft, nor what iptables-save writes",
                  reviewing->name);
        error_hint(error, "Write a policy with: sonde guard init");
        return SONDE_E_FORMAT;
    }
}

static bool is_ignored(const struct config *config, const char *id)
{
    const char *found = config->ignore ? strstr(config->ignore, id) : NULL;

    return found && (found == config->ignore || found[-1] == ',') &&
           (found[strlen(id)] == '\0' || found[strlen(id)] == ',');
}

static int check_ignored(const struct config *config)
{
    const char *list = config->ignore;
    struct sonde_error error = {0};

    while (list && *list) {
        size_t length = strcspn(list, ",");
        char id[8];

        snprintf(id, sizeof(id), "%.*s", (int)(length < 7 ? length : 7), list);
        if (!guard_check_find(id)) {
            error_set(&error, SONDE_E_USAGE, "there is no finding '%s'", id);
            error_hint(&error, "They are called G001 to G052");
            return complain(&error);
        }
        list += length + (list[length] == ',');
    }
    return 0;
}

static void count(struct reviewing *reviewing, const struct guard_finding *finding)
{
    struct lint_summary *summary = &reviewing->summary;

    summary->errors += strcmp(finding->severity, "error") == 0;
    summary->warnings += strcmp(finding->severity, "warning") == 0;
    summary->notes += strcmp(finding->severity, "note") == 0;
    summary->unknown += strcmp(finding->severity, "cannot-judge") == 0;
}

/* What was found, worst first; for people with a summary. */
static int tell(struct reviewing *reviewing)
{
    struct sink *sink = reviewing->session->sink;
    bool text = !reviewing->session->json && !reviewing->session->csv;

    lint_sort(&reviewing->findings);
    if (text)
        lint_print_head(reviewing->name, &reviewing->summary);
    else
        sink->begin(sink, &guard_finding_schema);
    for (size_t i = 0; i < reviewing->findings.count; i++) {
        const struct guard_finding *finding = &reviewing->findings.items[i];

        if (is_ignored(reviewing->config, finding->id))
            continue;
        count(reviewing, finding);
        if (text)
            lint_print_finding(finding, reviewing->session->color);
        else
            sink->record(sink, &guard_finding_schema, finding);
    }
    if (text)
        lint_print_end(&reviewing->summary);
    if (reviewing->summary.errors + reviewing->summary.warnings > 0)
        return EXIT_HOLDS_NOT;
    return reviewing->summary.unknown > 0 ? EXIT_CANNOT_TELL : EXIT_HOLDS;
}

/* Not being allowed to look is not knowing. */
static int fail(const struct sonde_error *error)
{
    int exit = complain(error);

    return error->code == SONDE_E_PERMISSION ? EXIT_CANNOT_TELL : exit;
}

static void finish(struct reviewing *reviewing)
{
    guard_findings_deinit(&reviewing->findings);
    rules_deinit(&reviewing->rules);
    running_deinit(&reviewing->running);
    text_deinit(&reviewing->file);
    free(reviewing->sysctls);
    free(reviewing->interfaces);
}

static int run(const struct session *session, const void *data, char **operands, size_t operand_count)
{
    const struct config *config = data;
    struct reviewing reviewing = {.session = session, .config = config};
    struct sonde_error error = {0};
    char own[512];
    int result = check_ignored(config);

    if (result != 0)
        return result;
    if (operand_count == 1 && config->running) {
        error_set(&error, SONDE_E_USAGE, "one file at a time, or --running");
        return complain(&error);
    }
    snprintf(own, sizeof(own), "%s/guard.yaml", guard_etc());
    reviewing.name = config->running ? "this machine" : operand_count == 1 ? operands[0] : own;
    result = config->running ? review_running(&reviewing, &error) : review_file(&reviewing, &error);
    result = result < 0 ? fail(&error) : tell(&reviewing);
    finish(&reviewing);
    return result;
}

const struct command command_guard_lint = {
    .name = "guard lint",
    .synopsis = "[FILE]",
    .summary = "find what is wrong with rules about ICMP",
    .details =
        "FILE is a policy, rules for nft, or what iptables-save or ip6tables-save wrote; without it, the "
        "policy "
        "of this machine. Each finding (G001 to G052) names the rule, the packet that proves it, who says "
        "so, "
        "and a fix. Rules for nft are judged by what the kernel makes of them: they are loaded in a network "
        "namespace of their own. What cannot be judged is said, and is never passed.",
    .options = options,
    .config_size = sizeof(struct config),
    .defaults = &defaults,
    .run = run,
    .most = 1,
    .records = records,
};
