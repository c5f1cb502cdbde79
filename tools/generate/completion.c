/* SPDX-License-Identifier: MIT */
/* The completion script for bash: the words of each command as cases, and one function that chooses. */
#include "tools/generate/generate.h"

#include <string.h>

#include "cmd/commands.h"
#include "cmd/front/options.h"

static const char function[] =
    "_sonde()\n"
    "{\n"
    "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} "
    "command=${COMP_WORDS[1]}\n"
    "\n"
    "    COMPREPLY=()\n"
    "    # bash splits --name=value into three words\n"
    "    if [[ $current == = ]]; then\n"
    "        current=\n"
    "    elif [[ $previous == = ]]; then\n"
    "        previous=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n"
    "    if [[ $COMP_CWORD -gt 2 && -n $(_sonde_words \"$command ${COMP_WORDS[2]}\") ]]; then\n"
    "        command+=\" ${COMP_WORDS[2]}\"\n"
    "    fi\n"
    "    if [[ $COMP_CWORD -eq 1 || ( $COMP_CWORD -eq 2 && $command == help ) ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_sonde_words commands)\" -- \"$current\")\n"
    "    elif [[ $current != -* ]] && _sonde_values \"$command\" \"$previous\" \"$current\"; then\n"
    "        return\n"
    "    elif [[ $current != -* && $COMP_CWORD -eq 2 && -n $(_sonde_words \"$command actions\") ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_sonde_words \"$command actions\")\" -- "
    "\"$current\")\n"
    "    elif [[ $current == -* ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_sonde_words \"$command\")\" -- \"$current\")\n"
    "    fi\n"
    "}\n"
    "\n"
    "complete -F _sonde sonde\n";

static void add_option_word(struct text *text, const struct option_row *row)
{
    text_add(text, " --%s", row->name);
    if (row->letter)
        text_add(text, " -%c", row->letter);
}

static void add_command_words(struct text *text, const struct command *command)
{
    for (const struct option_row *row = command->options; row && row->name; row++)
        add_option_word(text, row);
    for (const struct option_row *row = common_options; row->name; row++)
        if (command_has_option(command, row))
            add_option_word(text, row);
}

/* A line for each command and each action: the options; and for a command with actions one that lists them.
 */
static void add_line(const struct command *command, void *data)
{
    struct text *text = data;

    text_add(text, "    '%s') echo '", command->name);
    add_command_words(text, command);
    text_add(text, "' ;;\n");
    if (!command->actions)
        return;
    text_add(text, "    '%s actions') echo '", command->name);
    for (const struct command *const *action = command->actions; *action; action++)
        text_add(text, "%s ", command_word(*action));
    text_add(text, "' ;;\n");
}

static void add_words(struct text *text)
{
    text_add(text, "# The words that may follow: commands, or the options of one.\n"
                   "_sonde_words()\n{\n    case $1 in\n    commands) echo 'help");
    for (const struct command *const *command = commands; *command; command++)
        text_add(text, " %s", (*command)->name);
    for (const struct option_row *row = global_options; row->name; row++)
        add_option_word(text, row);
    text_add(text, "' ;;\n");
    command_visit(add_line, text);
    text_add(text, "    esac\n}\n\n");
}

/* How bash finds values of an option: its choices, files, interfaces, or nothing. */
static const char *finder(const struct option_row *row)
{
    if (row->type == OPTION_CHOICE)
        return NULL;
    if (row->metavar && strstr(row->metavar, "FILE"))
        return "mapfile -t COMPREPLY < <(compgen -f -- \"$3\")";
    if (row->metavar && !strcmp(row->metavar, "DEVICE"))
        return "mapfile -t COMPREPLY < <(compgen -W \"$(ls /sys/class/net)\" -- \"$3\")";
    if (row->metavar && strstr(row->metavar, "HOST"))
        return "mapfile -t COMPREPLY < <(compgen -A hostname -- \"$3\")";
    return ":";
}

static void add_case(struct text *text, const char *command, const struct option_row *row)
{
    text_add(text, "    %s:--%s", command, row->name);
    if (row->letter)
        text_add(text, " | %s:-%c", command, row->letter);
    text_add(text, ") ");
    if (finder(row)) {
        text_add(text, "%s ;;\n", finder(row));
        return;
    }
    text_add(text, "mapfile -t COMPREPLY < <(compgen -W '");
    for (const char *letter = row->choices; *letter; letter++)
        text_add(text, "%c", *letter == '|' ? ' ' : *letter);
    text_add(text, "' -- \"$3\") ;;\n");
}

static void add_cases(struct text *text, const char *command, const struct option_row *rows)
{
    for (; rows && rows->name; rows++)
        if (option_takes_value(rows->type))
            add_case(text, command, rows);
}

static void add_cases_of(const struct command *command, void *text)
{
    _cleanup_free_ char *quoted = text_format("'%s'", command->name);

    add_cases(text, quoted, command->options);
}

static void add_values(struct text *text)
{
    text_add(text,
             "# Complete the value of an option; fails when the word before is no option that takes one.\n"
             "_sonde_values()\n{\n    case $1:$2 in\n");
    command_visit(add_cases_of, text);
    add_cases(text, "*", common_options);
    text_add(text, "    *) return 1 ;;\n    esac\n}\n\n");
}

void generate_completion(struct text *text)
{
    text_add(text, "# SPDX-License-Identifier: MIT\n"
                   "# bash completion for sonde, written by tools/update-generated from the option rows.\n"
                   "# shellcheck shell=bash\n\n");
    add_words(text);
    add_values(text);
    text_add(text, "%s", function);
}
