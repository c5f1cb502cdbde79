/* SPDX-License-Identifier: MIT */
/* The program, from above:
 *   cmd/commands.c    the list of commands; cmd/NAME.c is the command NAME
 *   cmd/front/        what all commands share: options, help, output format, exit codes
 *   out/              records to text, JSON, CSV
 *   lib/              the library that knows the answers; lib/net is all that touches the network */
#include <stdio.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/front/help.h"
#include "cmd/front/options.h"
#include "cmd/front/run.h"

/* What comes before any command: --help and --version. */
static int run_global(char **arguments, size_t count)
{
    struct global_config config = {0};
    struct option_set set = {global_options, &config};
    struct sonde_error error = {0};
    size_t operands;

    if (options_parse(&set, 1, arguments, count, &operands, &error) < 0) {
        if (!error.hint[0])
            error_hint(&error, "Options follow the command: sonde COMMAND [OPTION]...");
        return complain(&error);
    }
    if (config.version)
        printf("sonde %s\n", SONDE_VERSION);
    else
        help_program(stdout);
    return EXIT_HOLDS;
}

static int run_help(char **names, size_t count)
{
    size_t used;
    const struct command *command = command_find(names, count, &used);

    if (used < count)
        return command_refuse(command && command->actions ? command : NULL, names[used]);
    if (command)
        help_command(stdout, command);
    else
        help_program(stdout);
    return EXIT_HOLDS;
}

static int dispatch(const char *program, char **arguments, size_t count)
{
    const struct command *command;
    size_t used;

    if (count == 0) {
        help_program(stderr);
        return EXIT_USAGE;
    }
    if (arguments[0][0] == '-')
        return run_global(arguments, count);
    if (!strcmp(arguments[0], "help"))
        return run_help(arguments + 1, count - 1);
    command = command_find(arguments, count, &used);
    if (!command)
        return command_refuse(NULL, arguments[0]);
    return run_command(command, program, arguments + used, count - used);
}

int main(int argc, char **argv)
{
    run_keep_descriptors();
    return run_finish(dispatch(argv[0], argv + 1, argc > 0 ? (size_t)argc - 1 : 0));
}
