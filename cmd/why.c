/* SPDX-License-Identifier: MIT */
/* sonde why: say why a target cannot be reached, and prove it. */
#include "net/why.h"

#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/front/interrupt.h"
#include "cmd/front/report_file.h"
#include "cmd/why/exit.h"
#include "cmd/why/log.h"
#include "cmd/why/server.h"
#include "net/sandbox.h"
#include "net/server/server.h"

/** Values of the options. */
struct why_config {
    bool deep, from_server;
    uint8_t family;
    const char *interface, *file, *pcap, *compare, *report, *log;
    struct sonde_address source;
    int64_t watch_ns;
};

#define OPTION(member) offsetof(struct why_config, member)

static const struct option_row options[] = {
    {"deep", 0, OPTION_FLAG, OPTION(deep), .help = "ask slow questions too; takes up to 40 s"},
    {"ipv4", '4', OPTION_FAMILY4, OPTION(family), .help = "use IPv4 only"},
    {"ipv6", '6', OPTION_FAMILY6, OPTION(family), .help = "use IPv6 only"},
    {"interface", 'I', OPTION_TEXT, OPTION(interface), "DEVICE",
     "send through this interface; with --from-server: ask about what arrives there"},
    {"source", 'S', OPTION_ADDRESS, OPTION(source), "ADDRESS",
     "send from this address; with --from-server: ask about what it sends"},
    {"compare", 0, OPTION_TEXT, OPTION(compare), "HOST", "compare with another host on the way"},
    {"file", 'f', OPTION_TEXT, OPTION(file), "FILE",
     "read more targets from a file, one a line; - is standard input"},
    {"pcap", 0, OPTION_TEXT, OPTION(pcap), "FILE", "write the packets sent and received to a capture file"},
    {"firewall-log", 0, OPTION_TEXT, OPTION(log), "FILE",
     "look for the targets in this log of a firewall; - is standard input"},
    {"report", 0, OPTION_TEXT, OPTION(report), "FILE",
     "also write the answer to FILE, which ends in .html, .md or .json"},
    {"from-server", 0, OPTION_FLAG, OPTION(from_server),
     .help = "on the server: say what this machine does with packets to PORT[/tcp|/udp]; without one, to "
             "all ports in use"},
    {"watch-for", 0, OPTION_DURATION, OPTION(watch_ns), "TIME",
     "with --from-server: watch the counters for so long"},
    {0},
};

static int add(struct sonde_why *why, const char *target)
{
    struct sonde_error error = {0};

    return sonde_why_add(why, target, &error) < 0 ? complain(&error) : EXIT_HOLDS;
}

static int add_lines(struct sonde_why *why, FILE *file)
{
    _cleanup_free_ char *line = NULL;
    size_t capacity = 0;
    int exit = EXIT_HOLDS;

    while (getline(&line, &capacity, file) >= 0) {
        line[strcspn(line, "#\r\n")] = '\0';
        for (char *rest = NULL, *word = strtok_r(line, " \t", &rest); word;
             word = strtok_r(NULL, " \t", &rest))
            exit = exit_worse(exit, add(why, word));
    }
    return exit;
}

static int add_file(struct sonde_why *why, const char *path)
{
    FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
    struct sonde_error error;
    int exit;

    if (!file) {
        error_set(&error, SONDE_E_USAGE, "cannot read the target file %s: %m", path);
        return complain(&error);
    }
    exit = add_lines(why, file);
    if (file != stdin)
        fclose(file);
    return exit;
}

/** What there is besides the diagnosis. */
struct extras {
    struct report_file file; /* gets the answers too */
    struct why_log log;      /* adds evidence */
};

static int emit(const struct session *session, const struct sonde_why *why, struct extras *extras)
{
    int exit = EXIT_HOLDS;

    session->sink->begin(session->sink, &sonde_why_schema);
    for (size_t i = 0; i < sonde_why_count(why); i++) {
        const struct sonde_why_report *report = sonde_why_report(why, i);
        struct sonde_why_report told;

        why_log_tell(&extras->log, i, report, &told);
        session->sink->record(session->sink, &sonde_why_schema, &told);
        report_file_add(&extras->file, &sonde_why_schema, &told);
        why_log_release(report, &told);
        exit = exit_worse(exit, exit_of_state(report->state));
    }
    return exit;
}

static int diagnose(const struct session *session, struct sonde_why *why, struct extras *extras)
{
    struct sonde_error error = {0};

    interrupt_catch();
    if (sandbox_enter(SANDBOX_REFUSE, &error) < 0)
        return complain(&error);
    if (sonde_why_run(why) < 0) {
        emit(session, why, extras);
        return EXIT_INTERRUPTED;
    }
    why_log_read(&extras->log, why);
    return emit(session, why, extras);
}

/* Resolve, open what is needed, and only then diagnose. */
static int add_and_diagnose(const struct session *session, const struct why_config *config, char **operands,
                            size_t count, struct extras *extras)
{
    struct sonde_why_options how = {config->deep,   config->family,  config->interface,
                                    config->source, config->compare, config->pcap};
    struct sonde_error error = {0};
    struct sonde_why *why = NULL;
    int exit = EXIT_HOLDS;

    if (sonde_why_new(&how, &why, &error) < 0)
        return complain(&error);
    for (size_t i = 0; i < count; i++)
        exit = exit_worse(exit, add(why, operands[i]));
    if (config->file)
        exit = exit_worse(exit, add_file(why, config->file));
    if (sonde_why_count(why) > 0)
        exit = exit_worse(exit, diagnose(session, why, extras));
    sonde_why_free(why);
    return exit;
}

static bool is_standard_input(const char *path)
{
    return path && !strcmp(path, "-");
}

/* With --from-server nothing is sent, and without it nothing is watched. */
static int check_options(const struct why_config *config, size_t count, struct sonde_error *error)
{
    bool sends = config->deep || config->compare || config->pcap || config->file || config->log;

    if (!config->from_server && config->watch_ns > 0)
        return error_set(error, SONDE_E_USAGE, "--watch-for belongs to --from-server");
    if (config->from_server && sends)
        return error_set(error, SONDE_E_USAGE,
                         "--from-server sends nothing, so --deep, --compare, --pcap, --file and "
                         "--firewall-log exclude it");
    if (is_standard_input(config->file) && is_standard_input(config->log))
        return error_set(error, SONDE_E_USAGE, "--file and --firewall-log cannot both read standard input");
    if (count == 0 && !config->file && !config->from_server)
        return error_set(error, SONDE_E_USAGE, "no target");
    return 0;
}

static int answer(const struct session *session, const struct why_config *config, char **operands,
                  size_t count, struct extras *extras)
{
    struct why_server_options server = {config->family, config->interface, config->source, config->watch_ns};

    if (config->from_server)
        return why_server(session, &server, operands, count, &extras->file);
    return add_and_diagnose(session, config, operands, count, extras);
}

static int open_extras(const struct why_config *config, char **operands, size_t count, struct extras *extras,
                       struct sonde_error *error)
{
    int code = config->log ? why_log_open(&extras->log, config->log, error) : 0;

    if (code == 0 && config->report)
        code = report_file_open(&extras->file, config->report,
                                config->from_server ? "sonde why --from-server" : "sonde why", operands,
                                count, error);
    return code;
}

static int run(const struct session *session, const void *values, char **operands, size_t count)
{
    const struct why_config *config = values;
    struct extras extras = {0};
    struct sonde_error error = {0};
    int exit;

    if (check_options(config, count, &error) < 0)
        return complain(&error);
    if (open_extras(config, operands, count, &extras, &error) < 0) {
        why_log_close(&extras.log);
        return complain(&error);
    }
    exit = answer(session, config, operands, count, &extras);
    why_log_close(&extras.log);
    if (report_file_close(&extras.file, &error) < 0)
        exit = exit_worse(exit, complain(&error));
    return exit;
}

static const struct schema *const records[] = {&sonde_why_schema, &server_schema, NULL};

const struct command command_why = {
    .name = "why",
    .synopsis = "TARGET... | --from-server [PORT[/PROTO]]...",
    .most = SIZE_MAX,
    .summary = "say why a port or host cannot be reached, with evidence",
    .options = options,
    .config_size = sizeof(struct why_config),
    .records = records,
    .run = run,
};
