/* SPDX-License-Identifier: MIT */
/* Reading what is to be tried, and setting the scene for it. */
#include "cmd/guard/trial/candidate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/command.h"
#include "cmd/front/input.h"
#include "cmd/guard/guard.h"
#include "policy/read.h"
#include "policy/target/nft.h"

enum { FILE_MAX = 16 << 20 };

/* The first line that is no comment. */
static const char *first_line(const char *text)
{
    while (*text) {
        text += strspn(text, " \t\n");
        if (*text != '#')
            break;
        text += strcspn(text, "\n");
    }
    return text;
}

static bool begins(const char *text, const char *word)
{
    size_t length = strlen(word);

    return !strncmp(text, word, length) && strchr(" \t", text[length]) && text[length];
}

/* The words with which a line of nft begins (nft(8)); no line of a policy does. */
static bool is_nft(const char *text)
{
    static const char *const words[] = {"table",   "add",     "create", "flush", "delete", "define",
                                        "include", "destroy", "insert", "list",  "reset",  "undefine"};
    const char *line = first_line(text);

    if (!strncmp(text, "#!", 2) && strstr(text, "nft") && strstr(text, "nft") < text + strcspn(text, "\n"))
        return true;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (begins(line, words[i]))
            return true;
    return false;
}

static int complain_problems(const char *path, const struct policy_problems *problems,
                             const struct sonde_error *error)
{
    int exit = complain(error);

    for (size_t i = 1; i < problems->count && i < POLICY_PROBLEMS_MAX; i++)
        fprintf(stderr, "%s:%u:%u: %s\n", path, problems->items[i].place.line,
                problems->items[i].place.column, problems->items[i].message);
    return exit;
}

static int read_policy(struct candidate *candidate)
{
    struct policy_problems problems = {0};
    struct sonde_error error = {0};

    candidate->is_policy = true;
    if (policy_read(slice_of(candidate->content.data, candidate->content.length), candidate->file,
                    &candidate->policy, &problems, &error) == 0) {
        nft_render(&candidate->policy, time(NULL), &candidate->nft, NULL);
        return 0;
    }
    return complain_problems(candidate->file, &problems, &error);
}

int candidate_read(struct candidate *candidate, const char *path)
{
    struct sonde_error error = {0};
    const char *text;

    candidate->file = strcmp(path, "-") ? path : "standard input";
    if (input_read(path, FILE_MAX, &candidate->content, &error) < 0)
        return complain(&error);
    text = text_get(&candidate->content);
    if (is_nft(text))
        text_add(&candidate->nft, "%s", text);
    else if (*first_line(text) == '*' && strstr(text, "icmp6"))
        candidate->iptables[IPTABLES_6] = text;
    else if (*first_line(text) == '*')
        candidate->iptables[IPTABLES_4] = text;
    else
        return read_policy(candidate);
    return 0;
}

void candidate_deinit(struct candidate *candidate)
{
    policy_deinit(&candidate->policy);
    text_deinit(&candidate->content);
    text_deinit(&candidate->nft);
}

static bool has(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (!strcmp(*names, name))
            return true;
    return false;
}

static void add_name(struct scene *scene, const char *name)
{
    size_t count = 0;

    while (scene->names[count])
        count++;
    if (count < SCRATCH_INTERFACES_MAX && !has(scene->names, name))
        scene->names[count] = name;
}

/* The names that a policy uses must exist here, unless it is tried alone. */
static int check_names(const struct scene *scene, const struct policy *policy)
{
    const char *missing = NULL;
    struct sonde_error error = {0};

    for (size_t i = 0; i < policy->outside_count && !missing; i++)
        if (!has(scene->names, policy->outside[i]))
            missing = policy->outside[i];
    for (size_t i = 0; i < policy->rule_count && !missing; i++)
        if (policy->rules[i].interface[0] && !has(scene->names, policy->rules[i].interface))
            missing = policy->rules[i].interface;
    if (!missing)
        return 0;
    error_set(&error, SONDE_E_NOT_FOUND,
              "the policy names the interface %s, which this machine does not have", missing);
    error_hint(&error, "Correct the name, or try the policy without this machine: --alone");
    return complain(&error);
}

static void add_policy_names(struct scene *scene, const struct policy *policy)
{
    for (size_t i = 0; i < policy->outside_count && i < SCRATCH_INTERFACES_MAX; i++) {
        scene->outside[i] = policy->outside[i];
        add_name(scene, policy->outside[i]);
    }
    for (size_t i = 0; i < policy->rule_count; i++)
        if (policy->rules[i].interface[0])
            add_name(scene, policy->rules[i].interface);
}

/* Where messages arrive: what the user says, an edge's outside, the interface of the default route. */
static void choose_interfaces(struct scene *scene, const char *interface)
{
    scene->interface = interface          ? interface
                       : scene->outside[0] ? scene->outside[0]
                       : scene->machine.uplink ? scene->machine.uplink
                                               : "eth0";
    add_name(scene, scene->interface);
    for (size_t i = 0; scene->names[i] && !scene->other; i++)
        if (strcmp(scene->names[i], scene->interface) != 0 && !has(scene->outside, scene->names[i]))
            scene->other = scene->names[i];
    if (!scene->other)
        scene->other = strcmp(scene->interface, "inside0") ? "inside0" : "inside1";
    add_name(scene, scene->other);
}

static unsigned directions_of(const struct policy *policy)
{
    unsigned directions = 0;

    for (int direction = 0; direction < DIRECTION_COUNT; direction++)
        if (!policy ? direction <= DIRECTION_OUTPUT : policy_filters(policy, (enum direction)direction))
            directions |= 1u << direction;
    return directions;
}

static int read_machine(struct scene *scene)
{
    struct sonde_error error = {0};
    int code = machine_read(&scene->machine, &error);

    if (code == SONDE_E_PERMISSION)
        error_hint(&error, "Run it with sudo, or without this machine's rules: --alone");
    return code < 0 ? complain(&error) : 0;
}

int scene_set(struct scene *scene, const struct policy *policy, bool alone, const char *interface)
{
    int exit = 0;

    scene->now_s = time(NULL);
    scene->directions = directions_of(policy);
    if (!alone)
        exit = read_machine(scene);
    else
        (void)machine_read_interfaces(&scene->machine); /* without them the names are made up */
    for (size_t i = 0; i < scene->machine.interface_count; i++)
        add_name(scene, scene->machine.interfaces[i]);
    if (exit == 0 && policy && !alone)
        exit = check_names(scene, policy);
    if (exit == 0 && policy)
        add_policy_names(scene, policy);
    if (exit == 0)
        choose_interfaces(scene, interface);
    return exit;
}

static struct rehearsal around(struct scene *scene)
{
    struct rehearsal rehearsal = {
        .rules = scene->rules,
        .interfaces = scene->names,
        .interface = scene->interface,
        .other = scene->other,
        .outside = scene->outside,
        .directions = scene->directions,
        .shapes = (1u << SHAPE_COUNT) - 1,
        .limits = scene->limits,
        .limit_count = scene->limit_count,
        .sources = scene->sources,
        .source_count = scene->source_count,
    };

    for (int which = 0; which < IPTABLES_COUNT; which++)
        rehearsal.iptables[which] = scene->machine.iptables[which].data;
    return rehearsal;
}

struct rehearsal scene_with(struct scene *scene, const struct candidate *candidate)
{
    struct rehearsal rehearsal = around(scene);

    scene->rules[0] = text_get(&scene->machine.nft);
    scene->rules[1] = text_get(&candidate->nft);
    scene->rules[2] = NULL;
    for (int which = 0; which < IPTABLES_COUNT; which++)
        if (candidate->iptables[which])
            rehearsal.iptables[which] = candidate->iptables[which];
    return rehearsal;
}

struct rehearsal scene_now(struct scene *scene)
{
    scene->rules[0] = text_get(&scene->machine.nft);
    scene->rules[1] = text_get(&scene->machine.own);
    scene->rules[2] = NULL;
    return around(scene);
}

static const char *interface_of(const struct scene *scene, const struct policy *policy,
                                enum direction direction)
{
    return policy->role == ROLE_EDGE && direction == DIRECTION_FORWARD ? scene->other : scene->interface;
}

/* The first message that a rule of a policy decides on the interfaces of the scene. */
static bool find_message(const struct scene *scene, const struct policy *policy,
                         const struct policy_rule *rule, struct rehearsal_limit *limit)
{
    const char *interface = interface_of(scene, policy, rule->direction);

    for (unsigned type = rule->type; type <= rule->type_last; type++)
        for (unsigned code = 0; code <= UINT8_MAX; code++) {
            struct policy_question question = {rule->family,    (uint8_t)type, (uint8_t)code,
                                               rule->direction, interface,     {0}};

            if (policy_decide(policy, &question, scene->now_s).rule != rule)
                continue;
            *limit = (struct rehearsal_limit){.family = rule->family,
                                              .type = (uint8_t)type,
                                              .code = (uint8_t)code,
                                              .direction = rule->direction,
                                              .burst = rule->limit.source.burst};
            return true;
        }
    return false;
}

/* A host of a prefix: its first one, as hosts are numbered. */
static struct sonde_address host_of(const struct policy_rule *rule)
{
    struct sonde_address host = rule->source;
    size_t last = address_length(host.family) - 1;

    if (rule->source_length < 8 * (last + 1) && !(host.bytes[last] & 1))
        host.bytes[last] |= 1;
    return host;
}

/* Exceptions for a source: a message from there must meet the verdict. What this host sends has its own
 * source. */
static void list_sources(struct scene *scene, const struct policy *policy)
{
    scene->sources = calloc(policy->rule_count + 1, sizeof(*scene->sources));
    if (!scene->sources)
        abort(); /* as base/text.c */
    for (size_t i = 0; i < policy->rule_count; i++) {
        const struct policy_rule *rule = &policy->rules[i];
        const char *interface = interface_of(scene, policy, rule->direction);
        struct policy_question question = {.family = rule->family,
                                           .type = rule->type,
                                           .code = rule->code < 0 ? 0 : (uint8_t)rule->code,
                                           .direction = rule->direction,
                                           .interface = interface};
        struct policy_decision decision;

        if (!rule->source.family || rule->direction == DIRECTION_OUTPUT ||
            !policy_filters(policy, rule->direction) || policy_rule_expired(rule, scene->now_s) ||
            (rule->interface[0] && strcmp(rule->interface, interface) != 0))
            continue;
        question.source = host_of(rule);
        decision = policy_decide(policy, &question, scene->now_s);
        if (decision.verdict == VERDICT_REJECT && !policy_can_reject(rule->family, rule->type))
            decision.verdict = VERDICT_DROP;
        scene->sources[scene->source_count++] =
            (struct rehearsal_source){question.family, question.type,
                                      question.code,   question.direction,
                                      question.source, verdict_fate(decision.verdict, SHAPE_PLAIN),
                                      FATE_UNSEEN,     0};
    }
}

/* What a rehearsal on these interfaces says nothing about. */
static void list_untried(struct scene *scene, const struct policy *policy)
{
    for (size_t i = 0; i < policy->rule_count; i++) {
        const struct policy_rule *rule = &policy->rules[i];

        if (rule->interface[0] && strcmp(rule->interface, interface_of(scene, policy, rule->direction)) != 0)
            text_add(&scene->untried, "%s%s (%s)", scene->untried.length ? ", " : "", rule->id,
                     rule->interface);
    }
}

static void list_limits(struct scene *scene, const struct policy *policy)
{
    scene->limits = calloc(policy->rule_count + 1, sizeof(*scene->limits));
    if (!scene->limits)
        abort(); /* as base/text.c */
    for (size_t i = 0; i < policy->rule_count; i++)
        if (policy->rules[i].verdict == VERDICT_LIMIT && policy_filters(policy, policy->rules[i].direction) &&
            find_message(scene, policy, &policy->rules[i], &scene->limits[scene->limit_count]))
            scene->limit_count++;
}

/* What an edge forwards without its outside passes by the other interface. */
static void promise_inside(const struct scene *scene, const struct policy *policy, struct matrix *promise)
{
    struct matrix *inside = matrix_new();

    matrix_promise_on(inside, policy, scene->other, scene->now_s);
    for (int shape = 0; shape < SHAPE_COUNT; shape++)
        for (int six = 0; six < 2; six++)
            for (unsigned pair = 0; pair < MATRIX_PAIRS; pair++)
                promise->cells[shape][six][DIRECTION_FORWARD][pair].fate =
                    inside->cells[shape][six][DIRECTION_FORWARD][pair].fate;
    matrix_free(inside);
}

void scene_promise(struct scene *scene, const struct policy *policy, struct matrix *promise)
{
    matrix_promise_on(promise, policy, scene->interface, scene->now_s);
    if (policy->role == ROLE_EDGE)
        promise_inside(scene, policy, promise);
    list_limits(scene, policy);
    list_sources(scene, policy);
    list_untried(scene, policy);
}

void scene_deinit(struct scene *scene)
{
    free(scene->limits);
    free(scene->sources);
    text_deinit(&scene->untried);
    machine_deinit(&scene->machine);
}
