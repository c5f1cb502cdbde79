/* SPDX-License-Identifier: MIT */
/* sonde guard trace: which rule decides a packet like this, asked of the kernel in a scratch namespace. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalog/icmp.h"
#include "cmd/guard/guard.h"
#include "cmd/guard/trial/candidate.h"
#include "net/guard/kernel/single.h"
#include "net/resolve.h"
#include "probe/target.h"

enum { STEPS_MAX = 256 };

struct config {
    const char *type, *interface, *policy;
    struct sonde_address from;
    int hook, family;
    bool alone;
};

#define OPTION(member) offsetof(struct config, member)

static const struct option_row options[] = {
    {"alone", 0, OPTION_FLAG, OPTION(alone), NULL, "without this machine's own rules; needs no privilege"},
    {"from", 0, OPTION_ADDRESS, OPTION(from), "ADDRESS", "the sender (to input it is TARGET)"},
    {"hook", 0, OPTION_CHOICE, OPTION(hook), "HOOK",
     "output to TARGET, input from TARGET, or forward to TARGET", .choices = "output|input|forward"},
    {"interface", 'I', OPTION_TEXT, OPTION(interface), "DEVICE",
     "by which TARGET is reached (else that of the default route)"},
    {"ipv4", '4', OPTION_FAMILY4, OPTION(family), .help = "of a name, the IPv4 address"},
    {"ipv6", '6', OPTION_FAMILY6, OPTION(family), .help = "of a name, the IPv6 address"},
    {"policy", 0, OPTION_TEXT, OPTION(policy), "FILE", "with this policy, or these rules, in force"},
    {"type", 0, OPTION_TEXT, OPTION(type), "T/C", "ICMP type and code, or a name (echo-request)"},
    {0},
};

static const struct config defaults = {0};

/* A step of the packet. */
struct step_row {
    const char *chain, *rule, *verdict;
};

/* The record sonde.guard.trace/1. */
struct traced {
    const char *said, *fate, *rule, *owner, *reason, *place;
    int64_t family, type, code;
    struct record_list steps;
};

static const struct field step_fields[] = {
    {"chain", FIELD_TEXT, offsetof(struct step_row, chain), .doc = "family/table/chain"},
    {"rule", FIELD_TEXT, offsetof(struct step_row, rule), .doc = "Handle and comment, or policy"},
    {"verdict", FIELD_TEXT, offsetof(struct step_row, verdict),
     .doc = "accept ends the base chain, and the next one looks; drop ends the packet"},
    {0},
};

static const struct schema step_schema = {"step", "A rule that the packet met", sizeof(struct step_row),
                                          step_fields};

#define FIELD(member) offsetof(struct traced, member)

static const struct field fields[] = {
    {"said", FIELD_TEXT, FIELD(said), .doc = "What becomes of the packet, one sentence",
     .style = STYLE_HEADLINE},
    {"family", FIELD_INTEGER, FIELD(family), .doc = "4 or 6", .style = STYLE_HIDDEN},
    {"type", FIELD_INTEGER, FIELD(type), .doc = "ICMP type; absent: no ICMP", .style = STYLE_HIDDEN},
    {"code", FIELD_INTEGER, FIELD(code), .doc = "ICMP code", .style = STYLE_HIDDEN},
    {"fate", FIELD_TEXT, FIELD(fate), .doc = "accept, drop, reject or unseen", .style = STYLE_HIDDEN},
    {"rule", FIELD_TEXT, FIELD(rule), .doc = "What decided"},
    {"owner", FIELD_TEXT, FIELD(owner), .doc = "Who answers for the rule, as the policy says"},
    {"reason", FIELD_TEXT, FIELD(reason), .doc = "Why it is there, as the policy says"},
    {"place", FIELD_TEXT, FIELD(place), .doc = "Where the policy says it"},
    {"steps", FIELD_LIST, FIELD(steps), .doc = "Every rule that matched, through every base chain",
     .of = &step_schema, .style = STYLE_TABLE, .title = "Way"},
    {0},
};

static const struct schema traced_schema = {"sonde.guard.trace/1", "Which rule decides a packet",
                                            sizeof(struct traced), fields};

/* A question under way. */
struct tracing {
    const struct config *config;
    char *path;                      /* of the policy in force */
    struct candidate candidate, law; /* law: the policy in force, for owner and reason */
    struct scene scene;
    struct message message;
    struct message_ends ends;
    char *texts[2 * STEPS_MAX];
    struct step_row steps[STEPS_MAX];
    size_t count;
};

static const char *verdict_word(int32_t verdict)
{
    static const char *const words[] = {"continue", "break", "jump", "goto", "return"}; /* -1 to -5 */
    static const char *const finals[] = {"drop", "accept", "stolen", "queue"};

    if (verdict < 0)
        return verdict >= -5 ? words[-verdict - 1] : "?";
    return verdict < 4 ? finals[verdict] : "?";
}

static void hear_step(void *context, size_t message, const struct trace_event *event,
                      const struct rulebook_rule *rule, const struct rulebook_chain *chain)
{
    struct tracing *tracing = context;
    struct step_row *step = &tracing->steps[tracing->count];
    const char *verdict = verdict_word(event->verdict);

    if (tracing->count == STEPS_MAX || (chain && chain->ours))
        return;
    if (!event->handle && event->kind != TRACE_POLICY) /* the end of a chain that was jumped to */
        return;
    step->chain = tracing->texts[2 * tracing->count] =
        text_format("%s/%s/%s", rulebook_family_name(event->family), event->table, event->chain);
    step->rule = tracing->texts[2 * tracing->count + 1] =
        event->kind == TRACE_POLICY
            ? text_format("policy%s", chain && chain->hook >= 0 ? "" : " of the base chain")
        : rule && rule->comment
            ? text_format("handle %llu \"%s\"", (unsigned long long)event->handle, rule->comment)
        : event->handle ? text_format("handle %llu", (unsigned long long)event->handle)
                        : text_format("end of chain");
    step->verdict = rule && rule->rejects && event->verdict == 0 ? "reject" : verdict;
    tracing->count++;
}

static int wrong(const char *before, const char *text, const char *behind)
{
    struct sonde_error error = {0};

    error_set(&error, SONDE_E_USAGE, "%s'%s'%s", before, text, behind);
    return complain(&error);
}

/* A decimal number at the beginning of a text, which is moved behind it. */
static bool take_number(const char **text, uint64_t most, uint64_t *number)
{
    char *end;

    if (**text < '0' || **text > '9')
        return false;
    *number = strtoull(*text, &end, 10);
    *text = end;
    return *number <= most;
}

/* "3/4", "8", "echo-request" */
static int read_type(struct tracing *tracing, uint8_t family)
{
    const char *text = tracing->config->type;
    const struct sonde_icmp_entry *entry;
    uint64_t type, code = 0;

    if (!text)
        text = "echo-request";
    entry = sonde_icmp_find_name(family, text);
    if (entry) {
        tracing->message.type = entry->type;
        tracing->message.code = entry->code == ICMP_ANY_CODE ? 0 : (uint8_t)entry->code;
        return 0;
    }
    if (!take_number(&text, 255, &type) || (*text == '/' && (text++, !take_number(&text, 255, &code))) ||
        *text)
        return wrong("--type wants TYPE, TYPE/CODE or a name that `sonde explain` knows, not ",
                     tracing->config->type, "");
    tracing->message.type = (uint8_t)type;
    tracing->message.code = (uint8_t)code;
    return 0;
}

static int read_message(struct tracing *tracing, const struct target *target)
{
    struct message *message = &tracing->message;

    if (!target->port)
        return read_type(tracing, message->family);
    if (tracing->config->type)
        return wrong("a packet to the port of ", target->host, " is no ICMP: leave out the port, or --type");
    message->protocol = target->udp ? IPPROTO_UDP : IPPROTO_TCP;
    message->port = target->port;
    message->type = MESSAGE_PORT_TYPE;
    message->code = MESSAGE_PORT_CODE;
    return 0;
}

/* The family of --from is that of the packet. */
static int find_address(const struct config *config, const struct target *target,
                        struct sonde_address *address)
{
    uint8_t family = config->family ? (uint8_t)config->family : config->from.family;
    struct sonde_error error = {0};

    if (resolve(target->host, family, address, 1, &error) < 0) {
        complain(&error);
        return EXIT_CANNOT_TELL;
    }
    if (config->from.family && config->from.family != address->family)
        return wrong("--from is of another family than ", target->host, "");
    if (address_is_loopback(address))
        return wrong("", target->host, " is this host itself, and the loopback interface is not rehearsed");
    return 0;
}

static void place_ends(struct tracing *tracing, const struct sonde_address *address)
{
    static const enum direction directions[] = {DIRECTION_OUTPUT, DIRECTION_INPUT, DIRECTION_FORWARD_OUT};
    const struct config *config = tracing->config;
    enum direction direction = directions[config->hook];

    tracing->message.family = address->family;
    tracing->message.direction = direction;
    tracing->message.ends = &tracing->ends;
    if (direction == DIRECTION_INPUT)
        tracing->ends.source = *address;
    else
        tracing->ends.destination = *address;
    if (config->from.family && direction != DIRECTION_INPUT)
        tracing->ends.source = config->from;
}

static int read_question(struct tracing *tracing, const char *text)
{
    struct sonde_error error = {0};
    struct sonde_address address;
    struct target target;
    int exit;

    if (target_parse(text, &target, &error) < 0)
        return complain(&error);
    exit = find_address(tracing->config, &target, &address);
    if (exit != 0)
        return exit;
    place_ends(tracing, &address);
    return read_message(tracing, &target);
}

/* The policy that a rule of our table comes from: that of --policy, else the one in force. */
static const struct policy *policy_behind(struct tracing *tracing)
{
    if (tracing->config->policy)
        return tracing->candidate.is_policy ? &tracing->candidate.policy : NULL;
    tracing->path = text_format("%s/guard.yaml", guard_etc());
    if (access(tracing->path, R_OK) < 0)
        return NULL;
    return candidate_read(&tracing->law, tracing->path) == 0 && tracing->law.is_policy ? &tracing->law.policy
                                                                                       : NULL;
}

static const struct policy_rule *rule_behind(struct tracing *tracing, const char *name)
{
    const char *id = strstr(name, "\"sg:");
    const struct policy *policy = id ? policy_behind(tracing) : NULL;

    for (size_t i = 0; policy && i < policy->rule_count; i++) {
        size_t length = strlen(policy->rules[i].id);

        if (!strncmp(id + 4, policy->rules[i].id, length) && id[4 + length] == '"')
            return &policy->rules[i];
    }
    return NULL;
}

static char *sentence(const struct tracing *tracing, enum fate fate, const char *rule)
{
    static const char *const become[] = {
        [FATE_UNSEEN] = "The kernel drops the packet itself, without a rule: no route, no such address, or a "
                        "check such as rp_filter.",
        [FATE_ACCEPT] = "The packet passes",
        [FATE_DROP] = "The packet is dropped",
        [FATE_REJECT] = "The packet is rejected, and its sender is told",
    };
    bool policy = strstr(rule, " policy ") != NULL;

    if (fate == FATE_UNSEEN)
        return text_format("%s", become[fate]);
    if (!*rule)
        return text_format("%s: no rule says anything of it.", become[fate]);
    return text_format("%s: %s %s decides.", become[fate], policy ? "the policy" : "the rule", rule);
}

/* What the policy says, else what the catalog says of the message; of others' rules nothing is known. */
static const char *why(const struct tracing *tracing, const struct policy_rule *rule, const char *name)
{
    const struct message *message = &tracing->message;

    if (rule && rule->reason)
        return rule->reason;
    if (!strstr(name, "\"sg:"))
        return NULL;
    return sonde_icmp_find(message->family, message->type, message->code)->filter_reason;
}

static void emit(struct tracing *tracing, const struct session *session, enum fate fate, const char *name)
{
    const struct policy_rule *rule = rule_behind(tracing, name);
    const char *file = tracing->config->policy ? tracing->candidate.file : tracing->law.file;
    _cleanup_free_ char *said = sentence(tracing, fate, name);
    _cleanup_free_ char *place =
        rule && rule->place.line ? text_format("%s:%u:%u", file, rule->place.line, rule->place.column) : NULL;
    const struct traced traced = {
        .said = said,
        .fate = fate_name(fate),
        .rule = *name ? name : NULL,
        .owner = rule ? rule->owner : NULL,
        .reason = why(tracing, rule, name),
        .place = place,
        .family = tracing->message.family,
        .type = tracing->message.protocol ? INTEGER_ABSENT : tracing->message.type,
        .code = tracing->message.protocol ? INTEGER_ABSENT : tracing->message.code,
        .steps = {tracing->steps, tracing->count},
    };

    session->sink->record(session->sink, &traced_schema, &traced);
}

static int ask(struct tracing *tracing, const struct session *session)
{
    const struct config *config = tracing->config;
    _cleanup_text_ struct text rule = {0};
    struct sonde_error error = {0};
    struct rehearsal rehearsal;
    enum fate fate = FATE_UNSEEN;
    int exit = scene_set(&tracing->scene, NULL, config->alone, config->interface);

    if (exit != 0)
        return exit;
    tracing->scene.directions = 1u << tracing->message.direction;
    rehearsal =
        config->policy ? scene_with(&tracing->scene, &tracing->candidate) : scene_now(&tracing->scene);
    if (single_play(&rehearsal, &tracing->message, hear_step, tracing, &fate, &rule, &error) < 0)
        return complain(&error);
    emit(tracing, session, fate, text_get(&rule));
    return fate == FATE_ACCEPT ? EXIT_HOLDS : fate == FATE_UNSEEN ? EXIT_CANNOT_TELL : EXIT_HOLDS_NOT;
}

static int run(const struct session *session, const void *values, char **operands, size_t operand_count)
{
    struct tracing *tracing = calloc(1, sizeof(*tracing));
    int exit;

    if (!tracing)
        abort(); /* as base/text.c */
    tracing->config = values;
    exit = read_question(tracing, operands[0]);
    if (exit == 0 && tracing->config->policy)
        exit = candidate_read(&tracing->candidate, tracing->config->policy);
    if (exit == 0)
        exit = ask(tracing, session);
    for (size_t i = 0; i < 2 * tracing->count; i++)
        free(tracing->texts[i]);
    scene_deinit(&tracing->scene);
    candidate_deinit(&tracing->candidate);
    candidate_deinit(&tracing->law);
    free(tracing->path);
    free(tracing);
    return exit;
}

static const struct schema *const records[] = {&traced_schema, NULL};

const struct command command_guard_trace = {
    .name = "guard trace",
    .synopsis = "TARGET",
    .least = 1,
    .most = 1,
    .summary = "which rule decides a packet like this, and why the rule is there",
    .details =
        "This machine's rules are loaded into a scratch network namespace of this kernel, the packet is sent "
        "through them there, and the kernel's own trace says which rules it met. Nothing is sent on a real "
        "network, but a name is resolved. TARGET is as of sonde-why(1); with a port the packet is the first "
        "one to it, else it is ICMP.",
    .options = options,
    .config_size = sizeof(struct config),
    .defaults = &defaults,
    .records = records,
    .run = run,
};
