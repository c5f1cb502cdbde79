/* SPDX-License-Identifier: MIT */
/* sonde lab: build a faulty network, look at it from inside, and take it away again. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/command.h"
#include "cmd/lab/decode.h"
#include "cmd/lab/demo.h"
#include "net/lab/enter.h"
#include "net/lab/instance.h"
#include "net/lab/library.h"

/* What the options say. */
struct config {
    const char *host;
};

/* One call of the command. */
struct call {
    const struct session *session;
    const struct config *config;
    char **operands; /* behind the word that names the action */
    size_t count;
    char *library;
};

/* A row of `sonde lab list`. */
struct listed {
    const char *name, *title, *target, *cause;
    bool up;
};

static const struct field listed_fields[] = {
    {"name", FIELD_TEXT, offsetof(struct listed, name), .doc = "What the scenario is called"},
    {"title", FIELD_TEXT, offsetof(struct listed, title), .doc = "What is wrong in it"},
    {"target", FIELD_TEXT, offsetof(struct listed, target), .doc = "What the client wants to reach",
     .style = STYLE_HIDDEN},
    {"cause", FIELD_TEXT, offsetof(struct listed, cause), .doc = "What a diagnosis should find",
     .style = STYLE_HIDDEN},
    {"up", FIELD_BOOLEAN, offsetof(struct listed, up), .doc = "Whether it stands now"},
    {0},
};

static const struct schema listed_schema = {"sonde.lab.scenario/1", "A scenario of the library",
                                            sizeof(struct listed), listed_fields, .tabular = true};

/* One right answer. */
struct answer {
    const char *cause, *at;
};

static const struct field answer_fields[] = {
    {"cause", FIELD_TEXT, offsetof(struct answer, cause), .doc = "A cause of the diagnosis vocabulary",
     .style = STYLE_HEADLINE},
    {"at", FIELD_TEXT, offsetof(struct answer, at), .doc = "local, target or the host to blame"},
    {0},
};

static const struct schema answer_schema = {"answer", "A diagnosis that is right", sizeof(struct answer),
                                            answer_fields};

/* `sonde lab show`. */
struct shown {
    const char *name, *title, *teaching, *target;
    struct record_list hosts, network, fault, answers;
};

static const struct field shown_fields[] = {
    {"title", FIELD_TEXT, offsetof(struct shown, title), .doc = "What is wrong in it",
     .style = STYLE_HEADLINE},
    {"name", FIELD_TEXT, offsetof(struct shown, name), .doc = "What the scenario is called"},
    {"target", FIELD_TEXT, offsetof(struct shown, target), .doc = "What the client wants to reach"},
    {"hosts", FIELD_LIST, offsetof(struct shown, hosts), .doc = "The hosts of the network"},
    {"teaching", FIELD_TEXT, offsetof(struct shown, teaching), .doc = "What there is to learn",
     .style = STYLE_PARAGRAPH, .title = "What happens"},
    {"fault", FIELD_LIST, offsetof(struct shown, fault), .doc = "The steps that break the network",
     .style = STYLE_BULLETS},
    {"answers", FIELD_LIST, offsetof(struct shown, answers), .doc = "What a diagnosis should find",
     .of = &answer_schema, .style = STYLE_BULLETS, .title = "A diagnosis should find"},
    {"network", FIELD_LIST, offsetof(struct shown, network), .doc = "The steps that build the network",
     .style = STYLE_BULLETS},
    {0},
};

static const struct schema shown_schema = {"sonde.lab.plan/1", "A scenario in full", sizeof(struct shown),
                                           shown_fields};

static void emit_listed(const struct call *call, const struct scenario *scenario)
{
    const struct listed listed = {
        .name = scenario->name,
        .title = scenario->title,
        .target = scenario->target.text,
        .cause = scenario->expects[0].cause,
        .up = instance_is_up(scenario->name),
    };

    call->session->sink->record(call->session->sink, &listed_schema, &listed);
}

static int run_list(const struct call *call)
{
    struct library_names names;
    struct sonde_error error = {0};
    int result = library_list(call->library, &names, &error);

    if (result < 0)
        return complain(&error);
    call->session->sink->begin(call->session->sink, &listed_schema);
    result = EXIT_HOLDS;
    for (size_t i = 0; i < names.count; i++) {
        _cleanup_scenario_ struct scenario scenario = {0};

        if (library_load(call->library, names.items[i], &scenario, &error) < 0)
            result = complain(&error);
        else
            emit_listed(call, &scenario);
    }
    library_names_deinit(&names);
    return result;
}

/* The sources of the steps that belong to the fault, or of those that do not. */
static struct record_list list_steps(const struct scenario *scenario, bool fault)
{
    const char **items = calloc(scenario->step_count + 1, sizeof(*items));
    size_t count = 0;

    if (!items)
        abort();
    for (size_t i = 0; i < scenario->step_count; i++)
        if (scenario->steps[i].fault == fault)
            items[count++] = scenario->steps[i].source;
    return (struct record_list){items, count};
}

static int run_show(const struct call *call)
{
    _cleanup_scenario_ struct scenario scenario = {0};
    const char *hosts[SCENARIO_HOSTS_MAX];
    struct sonde_error error = {0};
    struct shown shown;

    if (library_load(call->library, call->operands[0], &scenario, &error) < 0)
        return complain(&error);
    for (size_t i = 0; i < scenario.host_count; i++)
        hosts[i] = scenario.hosts[i];
    shown = (struct shown){
        .name = scenario.name,
        .title = scenario.title,
        .teaching = scenario.teach,
        .target = scenario.target.text,
        .hosts = {hosts, scenario.host_count},
        .network = list_steps(&scenario, false),
        .fault = list_steps(&scenario, true),
        .answers = {scenario.expects, scenario.expect_count},
    };
    call->session->sink->record(call->session->sink, &shown_schema, &shown);
    free((void *)shown.network.items);
    free((void *)shown.fault.items);
    return EXIT_HOLDS;
}

static int run_up(const struct call *call)
{
    _cleanup_scenario_ struct scenario scenario = {0};
    struct sonde_error error = {0};
    struct instance instance;
    int result = library_load(call->library, call->operands[0], &scenario, &error);

    if (result == 0)
        result = instance_start(&instance, &scenario, scenario.name, &error);
    if (result == 0)
        result = instance_leave(&instance);
    if (result < 0)
        return complain(&error);
    fprintf(stderr, "%s is up. The target is %s; look at it with: sonde lab exec %s client -- COMMAND\n",
            scenario.name, scenario.target.text, scenario.name);
    return EXIT_HOLDS;
}

static int run_down(const struct call *call)
{
    struct sonde_error error = {0};

    return instance_take_down(call->operands[0], &error) < 0 ? complain(&error) : EXIT_HOLDS;
}

/* A copy of the command with {target} replaced; ends with NULL. */
static char **fill_command(char **words, size_t count, const char *target)
{
    static const char mark[] = "{target}";
    char **command = calloc(count + 1, sizeof(*command));

    if (!command)
        abort();
    for (size_t i = 0; i < count; i++) {
        struct text text = {0};
        char *rest = words[i], *at;

        while ((at = strstr(rest, mark))) {
            text_add_octets(&text, rest, (size_t)(at - rest));
            text_add(&text, "%s", target);
            rest = at + strlen(mark);
        }
        text_add(&text, "%s", rest);
        command[i] = text_take(&text);
    }
    return command;
}

static void free_command(char **command)
{
    for (char **word = command; *word; word++)
        free(*word);
    free(command);
}

static int run_exec(const struct call *call)
{
    char **command = fill_command(call->operands + 2, call->count - 2, "{target}");
    struct sonde_error error = {0};

    if (!instance_is_up(call->operands[0])) {
        error_set(&error, SONDE_E_NOT_FOUND, "the lab %s is not up", call->operands[0]);
        error_hint(&error, "Run: sonde lab up %s", call->operands[0]);
    } else if (enter_host(call->operands[0], call->operands[1], &error) == 0) {
        execvp(command[0], command);
        error_set(&error, -errno, "the command %s cannot be run: %s", command[0], sonde_error_text(-errno));
    }
    free_command(command);
    return complain(&error);
}

static int run_command_in(const struct call *call, const struct scenario *scenario, char **command)
{
    const char *host = call->config->host ? call->config->host : "client";
    _cleanup_free_ char *name = text_format("%s-%d", scenario->name, (int)getpid());
    struct sonde_error error = {0};
    struct instance instance;
    int status = 0, result;

    if (scenario_find_host(scenario, host) < 0) {
        error_set(&error, SONDE_E_USAGE, "the scenario %s has no host %s", scenario->name, host);
        return complain(&error);
    }
    enter_hold_signals();
    result = instance_start(&instance, scenario, name, &error);
    if (result == 0) {
        result = enter_run(name, host, command, &status, &error);
        instance_end(&instance);
    }
    return result < 0 ? complain(&error) : status;
}

static int run_run(const struct call *call)
{
    _cleanup_scenario_ struct scenario scenario = {0};
    struct sonde_error error = {0};
    char **command;
    int result;

    if (library_load(call->library, call->operands[0], &scenario, &error) < 0)
        return complain(&error);
    command = fill_command(call->operands + 1, call->count - 1, scenario.target.text);
    result = run_command_in(call, &scenario, command);
    free_command(command);
    return result;
}

static int run_demo(const struct call *call)
{
    return demo_run(call->session, call->library);
}

/* Every action needs the library, and ends what an earlier run left behind. */
static int act(int (*run)(const struct call *call), const struct session *session, const void *config,
               char **operands, size_t count)
{
    struct sonde_error error = {0};
    struct call call = {session, config, operands, count, library_find(getenv("SONDE_SCENARIOS"), &error)};
    int result;

    if (!call.library)
        return complain(&error);
    instance_sweep();
    result = run(&call);
    free(call.library);
    return result;
}

#define ACTION(verb)                                                                                         \
    static int act_##verb(const struct session *session, const void *config, char **operands, size_t count)  \
    {                                                                                                        \
        return act(run_##verb, session, config, operands, count);                                            \
    }

ACTION(list)
ACTION(show)
ACTION(up)
ACTION(down)
ACTION(exec)
ACTION(run)
ACTION(demo)

static const struct option_row no_options[] = {{0}};

static const struct option_row run_options[] = {
    {"host", 0, OPTION_TEXT, offsetof(struct config, host), "HOST",
     "the host to run the command on (client)"},
    {0},
};

static const struct schema *const list_records[] = {&listed_schema, NULL};
static const struct schema *const show_records[] = {&shown_schema, NULL};
static const struct schema *const demo_records[] = {&decode_schema, &demo_scene_schema, &demo_told_schema,
                                                    NULL};

static const struct command list = {
    .name = "lab list",
    .summary = "list the scenarios: name, what is wrong, and whether it is up",
    .options = no_options,
    .run = act_list,
    .records = list_records,
};

static const struct command show = {
    .name = "lab show",
    .synopsis = "NAME",
    .least = 1,
    .most = 1,
    .summary = "say what there is to learn, what is built and broken, and what the right diagnosis is",
    .options = no_options,
    .run = act_show,
    .records = show_records,
};

static const struct command up = {
    .name = "lab up",
    .synopsis = "NAME",
    .least = 1,
    .most = 1,
    .summary = "build the network and leave it there",
    .options = no_options,
    .run = act_up,
};

static const struct command down = {
    .name = "lab down",
    .synopsis = "NAME",
    .least = 1,
    .most = 1,
    .summary = "take the network away, and end what runs in it",
    .options = no_options,
    .run = act_down,
};

static const struct command exec = {
    .name = "lab exec",
    .synopsis = "NAME HOST -- COMMAND...",
    .least = 3,
    .most = SIZE_MAX,
    .summary = "run a command on a host of a network that is up",
    .options = no_options,
    .run = act_exec,
};

static const struct command run = {
    .name = "lab run",
    .synopsis = "NAME -- COMMAND...",
    .least = 2,
    .most = SIZE_MAX,
    .summary = "build the network, run a command in it, take it away",
    .details = "In the command, {target} becomes what the scenario wants to reach.",
    .options = run_options,
    .config_size = sizeof(struct config),
    .run = act_run,
};

static const struct command demo = {
    .name = "lab demo",
    .summary = "show \"Destination unreachable (Port unreachable)\" happen, packet by packet",
    .options = no_options,
    .run = act_demo,
    .records = demo_records,
};

static const struct command *const actions[] = {&list, &show, &up, &down, &exec, &run, &demo, NULL};

const struct command command_lab = {
    .name = "lab",
    .synopsis = "ACTION [OPERAND]...",
    .summary = "build a faulty network in namespaces, use it, and take it away again",
    .actions = actions,
};
