/* SPDX-License-Identifier: MIT */
/* sonde watch: see every ICMP message by type and code, and know when it is an attack. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/suggest.h"
#include "cmd/front/interrupt.h"
#include "cmd/watch/report/content.h"
#include "cmd/watch/watching.h"
#include "net/capture/pages.h"
#include "net/sandbox.h"

#define OPTION(member) offsetof(struct watch_config, member)
#define MIB            (INT64_C(1) << 20)

static const struct option_row options[] = {
    {"interface", 'i', OPTION_TEXTS, OPTION(interfaces), "DEVICE",
     "watch this interface; any is all of them, nflog:GROUP what the firewall copies there; may be given "
     "again"},
    {"read", 'r', OPTION_TEXTS, OPTION(files), "FILE",
     "read a capture file, pcap or pcapng; - is standard input; may be given again, the older file first"},
    {"once", 0, OPTION_DURATION, OPTION(once_ns), "TIME", "watch an interface for so long", .min = NS_PER_MS,
     .max = 8760 * 3600 * NS_PER_S},
    {"detect", 0, OPTION_TEXT, OPTION(detect), "KINDS",
     "look for these kinds of findings only, with commas; all or none: only count"},
    {"internal", 0, OPTION_TEXTS, OPTION(internal), "PREFIX", "this prefix is ours; may be given again"},
    {"dark", 0, OPTION_TEXTS, OPTION(dark), "PREFIX", "nobody lives in this prefix; may be given again"},
    {"allow", 0, OPTION_TEXTS, OPTION(allow), "PREFIX", "these hosts may scan and flood; may be given again"},
    {"learn", 0, OPTION_TEXT, OPTION(learn), "FILE",
     "first read this capture of a quiet network: what it shows is normal"},
    {"history", 0, OPTION_FLAG, OPTION(history),
     .help = "print how many messages of each type there were over time"},
    {"print", 0, OPTION_FLAG, OPTION(print), .help = "print each ICMP packet as a line, findings among them"},
    {"write", 0, OPTION_TEXT, OPTION(write), "FILE",
     "write the packets that prove each finding to a pcapng file"},
    {"report", 0, OPTION_TEXT, OPTION(report), "FILE",
     "write a report with pictures to a file that ends in .html, .md or .json"},
    {"hook", 0, OPTION_TEXT, OPTION(hook), "COMMAND",
     "run this shell command for each finding, with its JSON on standard input"},
    {"hook-post", 0, OPTION_TEXT, OPTION(hook_post), "URL",
     "send each finding's JSON there (HTTP POST, by curl)"},
    {"hook-rate", 0, OPTION_NUMBER, OPTION(hook_rate), "N", "at most so many hooks a minute (10)", .min = 1,
     .max = 6000},
    {"metrics", 0, OPTION_TEXT, OPTION(metrics), "ADDRESS:PORT",
     "serve the counts to Prometheus at /metrics"},
    {"kernel", 0, OPTION_FLAG, OPTION(kernel),
     .help = "let the kernel count, without copying packets: only totals, no findings"},
    {"memory", 0, OPTION_SIZE, OPTION(memory), "SIZE", "memory for all tables, fixed at the start (16M)",
     .min = 8 * MIB, .max = 1024 * 1024 * MIB},
    {"ring", 0, OPTION_SIZE, OPTION(ring), "SIZE", "memory of each interface for packets that wait (4M)",
     .min = MIB / 4, .max = 1024 * MIB},
    {0},
};

static const struct watch_config defaults = {
    .detect = "all", .memory = 16 * MIB, .ring = 4 * MIB, .hook_rate = 10};

static int parse_prefixes(const char *option, const struct option_texts *texts, struct prefixes *prefixes,
                          struct sonde_error *error)
{
    for (size_t i = 0; i < texts->count; i++) {
        int code = prefixes_add(prefixes, texts->items[i]);

        if (code == -ENOSPC)
            return error_set(error, SONDE_E_USAGE, "--%s: more than %d prefixes", option, PREFIXES_MAX);
        if (code < 0)
            return error_set(error, SONDE_E_USAGE,
                             "--%s wants a prefix such as 10.0.0.0/8 or 2001:db8::/32, not '%s'", option,
                             texts->items[i]);
    }
    return 0;
}

static int refuse_kind(const char *word, struct sonde_error *error)
{
    struct suggestion suggestion = {.typed = word};

    for (size_t kind = 0; kind < KIND_COUNT; kind++)
        suggestion_consider(&suggestion, kind_row((enum finding_kind)kind)->name);
    error_set(error, SONDE_E_USAGE, "--detect: there is no kind '%s'", word);
    if (suggestion.nearest)
        error_hint(error, "Did you mean %s?", suggestion.nearest);
    else
        error_hint(error, "The manual lists the kinds: man sonde-watch");
    return SONDE_E_USAGE;
}

static int parse_kinds(const char *words, uint64_t *kinds, struct sonde_error *error)
{
    _cleanup_free_ char *copy = text_format("%s", words);

    *kinds = !strcmp(words, "all") ? (UINT64_C(1) << KIND_COUNT) - 1 : 0;
    if (*kinds || !strcmp(words, "none"))
        return 0;
    for (char *rest = copy, *word = strsep(&rest, ","); word; word = strsep(&rest, ",")) {
        enum finding_kind kind;

        if (kind_find(word, &kind) < 0)
            return refuse_kind(word, error);
        *kinds |= UINT64_C(1) << kind;
    }
    return 0;
}

static void hear_packets(void *context, const struct packet *packets, size_t count)
{
    struct watching *watching = context;

    for (size_t i = 0; i < watching->output_count; i++)
        if (watching->outputs[i]->packets)
            watching->outputs[i]->packets(watching->output_states[i], packets, count);
}

static void hear_finding(void *context, const struct finding *finding)
{
    struct watching *watching = context;

    watching->worst |= UINT64_C(1) << finding->severity;
    if (watching->streams)
        watching_emit_finding(watching, finding);
    for (size_t i = 0; i < watching->output_count; i++)
        if (watching->outputs[i]->finding)
            watching->outputs[i]->finding(watching->output_states[i], finding);
}

static void hear_problem(void *context, const struct capture *capture, const struct sonde_error *error)
{
    struct watching *watching = context;
    bool shown = false;

    for (size_t i = 0; i < watching->output_count; i++)
        if (watching->outputs[i]->problem) {
            watching->outputs[i]->problem(watching->output_states[i], capture, error);
            shown = true;
        }
    if (!shown)
        complain(error);
    watching->problems += capture && !capture->live;
}

/* The kernel tells which connections there are, but not how far they have come. */
static int ask_sockets(void *context, const struct packet_quote *quote, uint32_t *unacknowledged,
                       uint32_t *next_sequence)
{
    struct watching *watching = context;

    return socket_table_find(&watching->sockets, quote);
}

static bool wants_packets(const struct watching *watching)
{
    for (size_t i = 0; i < watching->output_count; i++)
        if (watching->outputs[i]->packets)
            return true;
    return false;
}

static int make_engine(struct watching *watching, struct sonde_error *error)
{
    const struct watch_config *config = watching->config;
    struct watch_options how = {.memory = (size_t)config->memory,
                                .live = watching->live,
                                .take_pages = pages_take,
                                .give_pages = pages_give};
    int code = parse_kinds(config->kernel ? "none" : config->detect, &how.kinds, error);

    if (code == 0)
        code = parse_prefixes("internal", &config->internal, &how.profile.internal, error);
    if (code == 0)
        code = parse_prefixes("dark", &config->dark, &how.profile.dark, error);
    if (code == 0)
        code = parse_prefixes("allow", &config->allow, &how.profile.allowed, error);
    if (code < 0)
        return code;
    if (getrandom(&how.key, sizeof(how.key), 0) != sizeof(how.key))
        return error_set(error, -EIO, "the kernel gives no random numbers");
    how.listener = (struct watch_listener){.context = watching,
                                           .packets = wants_packets(watching) ? hear_packets : NULL,
                                           .finding = hear_finding,
                                           .socket = watching->live ? ask_sockets : NULL};
    code = watch_new(&how, &watching->watch);
    if (code == -EINVAL)
        return error_set(error, SONDE_E_USAGE, "--memory %" PRId64 " is too small for the tables",
                         config->memory);
    return code < 0 ? error_set(error, code, "no memory for the tables") : 0;
}

static int open_outputs(struct watching *watching, struct sonde_error *error)
{
    for (const struct watch_output *const *output = watch_outputs; *output; output++) {
        void *state = NULL;
        int code = (*output)->open(watching, &state, error);

        if (code < 0)
            return code;
        if (!state)
            continue;
        watching->outputs[watching->output_count] = *output;
        watching->output_states[watching->output_count++] = state;
    }
    return 0;
}

static int close_outputs(struct watching *watching)
{
    int exit = EXIT_HOLDS;

    for (size_t i = 0; i < watching->output_count; i++) {
        struct sonde_error error = {0};

        if (watching->outputs[i]->close(watching->output_states[i], &error) < 0)
            exit = complain(&error);
    }
    return exit;
}

/* Read the quiet capture. */
static int learn(struct watching *watching, struct capture *quiet)
{
    struct drive drive = {.watch = watching->watch,
                          .captures = {quiet},
                          .capture_count = 1,
                          .stop = watching->drive.stop,
                          .problem = hear_problem,
                          .context = watching};
    int code;

    watch_learn(watching->watch);
    code = drive_run(&drive);
    watch_learned(watching->watch);
    return code;
}

static int work(struct watching *watching, struct capture *quiet)
{
    const uint64_t accused = UINT64_C(1) << SEVERITY_WARNING | UINT64_C(1) << SEVERITY_ALERT;
    struct drive *drive = &watching->drive;
    int code = quiet ? learn(watching, quiet) : 0, exit;

    if (code != -EINTR)
        code = drive_run(drive);
    interrupt_release(drive->stop);
    watch_finish(watching->watch);
    exit = close_outputs(watching);
    if (!watching->silent)
        watching_emit(watching);
    if (code == -EINTR)
        return EXIT_INTERRUPTED;
    return exit == EXIT_HOLDS && (watching->problems || (watching->worst & accused)) ? EXIT_HOLDS_NOT : exit;
}

/* Open everything, give up every privilege, and only then look at strangers' octets. */
static int prepare(struct watching *watching, char **operands, size_t count, struct capture **quiet,
                   struct sonde_error *error)
{
    const struct watch_config *config = watching->config;
    int code = watching_open_captures(watching, operands, count, error);

    if (code == 0 && config->once_ns && !watching->live)
        return error_set(error, SONDE_E_USAGE, "--once is for interfaces; a file ends by itself");
    if (code == 0 && config->learn)
        code = capture_open_file(config->learn, quiet, error);
    if (code == 0)
        code = open_outputs(watching, error);
    watching->streams =
        watching->live && !config->once_ns && !watching->rows && !watching->silent && !watching->drawn;
    if (code == 0)
        code = make_engine(watching, error);
    if (code < 0)
        return code;
    if (watching->live) /* without it, what errors quote is judged by the flows alone */
        (void)socket_table_open(&watching->sockets);
    watching->drive.watch = watching->watch;
    watching->drive.length_ns = config->once_ns;
    watching->drive.problem = hear_problem;
    watching->drive.context = watching;
    watching->drive.stop = interrupt_descriptor();
    if (watching->drive.stop < 0)
        return error_set(error, watching->drive.stop, "signals cannot be caught");
    return sandbox_enter(SANDBOX_REFUSE, error);
}

static void release(struct watching *watching, struct capture *quiet)
{
    for (size_t i = 0; i < watching->drive.capture_count; i++)
        watching->drive.captures[i]->free(watching->drive.captures[i]);
    if (quiet)
        quiet->free(quiet);
    socket_table_close(&watching->sockets);
    watch_free(watching->watch);
}

static int run(const struct session *session, const void *values, char **operands, size_t count)
{
    struct watching watching = {
        .session = session, .config = values, .sink = session->sink, .rows = session->csv};
    struct capture *quiet = NULL;
    struct sonde_error error = {0};
    int exit;

    if (prepare(&watching, operands, count, &quiet, &error) < 0) {
        close_outputs(&watching); /* gives the terminal back */
        exit = complain(&error);
    } else {
        exit = work(&watching, quiet);
    }
    release(&watching, quiet);
    return exit;
}

static const struct schema *const records[] = {&watch_count_schema,   &watch_interface_schema,
                                               &watch_talker_schema,  &watch_complaint_schema,
                                               &watch_history_schema, &watch_finding_schema,
                                               &watch_summary_schema, &watch_finding_row_schema,
                                               &watch_report_schema,  NULL};

const struct command command_watch = {
    .name = "watch",
    .synopsis = "-i DEVICE... | -r FILE... | -",
    .most = SIZE_MAX,
    .summary = "see every ICMP message by type and code, and know when it is an attack",
    .options = options,
    .config_size = sizeof(struct watch_config),
    .defaults = &defaults,
    .records = records,
    .feeds_programs = true,
    .run = run,
};
