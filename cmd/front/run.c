/* SPDX-License-Identifier: MIT */
/* The life of one command: options, sink, work, and whether its output arrived. */
#include "cmd/front/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/commands.h"
#include "cmd/front/help.h"
#include "cmd/front/options.h"
#include "out/csv.h"
#include "out/json.h"
#include "out/terminal.h"
#include "out/text.h"

/* One of the formats. */
union any_sink {
    struct sink sink;
    struct text_sink text;
    struct json_sink json;
    struct csv_sink csv;
};

static int refuse_output(int code)
{
    struct sonde_error error;

    error_set(&error, EXIT_HOLDS_NOT, "the output could not be written: %s", sonde_error_text(code));
    error_hint(&error, "The answer is incomplete");
    return complain(&error);
}

int run_finish(int exit)
{
    errno = EIO; /* when stdio has forgotten the reason */
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit;
    return exit ? exit : refuse_output(-errno);
}

void run_keep_descriptors(void)
{
    for (int descriptor = 0; descriptor < 3; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF)
            open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY); /* using it still fails */
}

static void init_sink(union any_sink *sink, const struct command *command, const struct common_config *common)
{
    bool programs_read = command->feeds_programs && !isatty(STDOUT_FILENO);
    struct layout layout = {terminal_width(STDOUT_FILENO), terminal_has_color(common->color, STDOUT_FILENO)};

    if (common->csv)
        csv_sink_init(&sink->csv, stdout);
    else if (common->json || programs_read)
        json_sink_init(&sink->json, stdout);
    else
        text_sink_init(&sink->text, stdout, layout);
}

static int refuse_csv(const struct command *command, struct sonde_error *error)
{
    error_set(error, SONDE_E_USAGE, "the answer of '%s' is no table, so --csv cannot show it", command->name);
    error_hint(error, "Use --json");
    return SONDE_E_USAGE;
}

static int check_formats(const struct command *command, const struct common_config *common,
                         struct sonde_error *error)
{
    const struct option_row *csv = common_options;

    if (common->json && common->csv)
        return error_set(error, SONDE_E_USAGE, "--json and --csv exclude each other");
    while (csv->offset != offsetof(struct common_config, csv))
        csv++;
    return common->csv && !command_has_option(command, csv) ? refuse_csv(command, error) : 0;
}

static int run_parsed(const struct command *command, const struct common_config *common, const char *program,
                      const void *config, char **operands, size_t count)
{
    union any_sink sink;
    struct session session = {&sink.sink, common->json, common->csv, program,
                              terminal_has_color(common->color, STDOUT_FILENO)};
    struct sonde_error error;
    int exit, written;

    init_sink(&sink, command, common);
    exit = command->run(&session, config, operands, count);
    written = sink.sink.end(&sink.sink);
    if (written == -ENOTSUP) {
        refuse_csv(command, &error);
        return complain(&error);
    }
    if (written < 0) {
        int refused = refuse_output(written);

        return exit == EXIT_HOLDS ? refused : exit;
    }
    return exit;
}

/* Whether the number of operands is right; a command with actions has none of its own. */
static int check_operands(const struct command *command, size_t count, struct sonde_error *error)
{
    if (count >= command->least && count <= command->most)
        return 0;
    error_set(error, SONDE_E_USAGE, "%s",
              count < command->least ? "something is missing" : "there is more than belongs there");
    error_hint(error, "It is: sonde %s%s%s", command->name, command->synopsis ? " " : "",
               command->synopsis ? command->synopsis : "");
    return SONDE_E_USAGE;
}

static void *config_of(const struct command *command)
{
    void *config = calloc(1, command->config_size + 1);

    if (!config)
        abort();
    if (command->defaults)
        memcpy(config, command->defaults, command->config_size);
    return config;
}

int run_command(const struct command *command, const char *program, char **arguments, size_t count)
{
    _cleanup_free_ void *config = config_of(command);
    struct common_config common = {0};
    struct option_set sets[] = {{command->options, config}, {common_options, &common}};
    struct sonde_error error = {0};
    size_t operands = 0;
    int result = options_parse(sets, COUNT_OF(sets), arguments, count, &operands, &error);

    if (result == 0 && !common.help && command->actions) {
        options_deinit(sets, COUNT_OF(sets));
        return command_refuse(command, operands > 0 ? arguments[0] : NULL);
    }
    if (result == 0 && !common.help)
        result = check_formats(command, &common, &error);
    if (result == 0 && !common.help)
        result = check_operands(command, operands, &error);
    if (result < 0) {
        if (!error.hint[0])
            error_hint(&error, "'sonde %s --help' shows the options", command->name);
        result = complain(&error);
    } else if (common.help)
        help_command(stdout, command);
    else
        result = run_parsed(command, &common, program, config, arguments, operands);
    options_deinit(sets, COUNT_OF(sets));
    return result;
}
