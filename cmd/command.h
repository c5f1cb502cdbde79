/* SPDX-License-Identifier: MIT */
/* What a command is: a row of words, options and one function. */
#ifndef SONDE_CMD_COMMAND_H
#define SONDE_CMD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/record.h"

/** Exit codes (the contract of every command). */
enum exit_code {
    EXIT_HOLDS = 0,     /* what was asked holds */
    EXIT_HOLDS_NOT = 1, /* it does not: unreachable, findings, something could not be done */
    EXIT_USAGE = 2,
    EXIT_PERMISSION = 3,
    EXIT_CANNOT_TELL = 4,
    EXIT_INTERRUPTED = 130,
};

/** What an option takes and where its value goes in the command's configuration struct. */
enum option_type {
    OPTION_FLAG,     /* bool */
    OPTION_FAMILY4,  /* uint8_t, set to 4 */
    OPTION_FAMILY6,  /* uint8_t, set to 6 */
    OPTION_TEXT,     /* const char * */
    OPTION_TEXTS,    /* struct option_texts; may be given again */
    OPTION_NUMBER,   /* int64_t between min and max */
    OPTION_DURATION, /* int64_t ns, "500ms", "2s" */
    OPTION_SIZE,     /* int64_t octets, "1K" */
    OPTION_CHOICE,   /* int, the index of a word of `choices` */
    OPTION_ADDRESS,  /* struct sonde_address */
};

/** Values of an option that may be given again. */
struct option_texts {
    const char **items;
    size_t count;
};

/** One option; the row drives parsing, --help, the manual's OPTIONS and completion. */
struct option_row {
    const char *name; /* without hyphens; NULL ends the list */
    char letter;      /* short form, or 0 */
    enum option_type type;
    size_t offset;
    const char *metavar; /* "FILE", or NULL */
    const char *help;    /* one line */
    int64_t min, max;    /* OPTION_NUMBER, OPTION_DURATION and OPTION_SIZE; both 0: 0 to INT64_MAX */
    const char *choices; /* "auto|always|never" */
};

/** What every command gets from main: where records and complaints go. */
struct session {
    struct sink *sink;   /* of the chosen output format */
    bool json, csv;      /* --json or --csv was given */
    const char *program; /* argv[0] */
    bool color;          /* standard output may be coloured */
};

/** What main knows about a command, or about an action of one ("lab run"). */
struct command {
    const char *name;                 /* "why"; an action's begins with its command's: "lab run" */
    const char *synopsis;             /* operands: "TARGET..."; NULL: none */
    const char *summary;              /* one line, a phrase: "say why ..." */
    const char *details;              /* paragraphs for --help and the manual, or NULL */
    const struct option_row *options; /* without the common ones (help, json, color) */
    size_t config_size;
    const void *defaults; /* a filled configuration to start from, or NULL for zeros */
    int (*run)(const struct session *session, const void *config, char **operands, size_t count);
    const struct schema *const *records;  /* NULL-ended: what it emits, for the JSON Schemas and --csv */
    const struct command *const *actions; /* NULL-ended, instead of `run`: the next word says which */
    size_t least, most;                   /* operands */
    bool feeds_programs; /* on no terminal its output is JSON, unless another format is asked for */
};

/**
 * Print an error as a person needs it, on standard error: "sonde: what failed. hint".
 * @return the exit code that belongs to the error's code
 */
int complain(const struct sonde_error *error);

extern const struct command command_why, command_watch, command_guard, command_explain, command_lab;

#endif
