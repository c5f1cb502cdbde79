/* SPDX-License-Identifier: MIT */
/* The statements of scenario files, and the state of reading one. */
#ifndef SONDE_NET_LAB_GRAMMAR_H
#define SONDE_NET_LAB_GRAMMAR_H

#include <errno.h>
#include <stdarg.h>

#include "net/lab/scenario.h"

enum { PARSER_WORDS_MAX = 512 };

/** Reading one file. */
struct parser {
    struct scenario *scenario;
    const struct scenario_reader *reader;
    struct sonde_error *error;
    unsigned depth; /* of files that extend files */
    const char *file, *text;
    size_t length;   /* octets of text */
    const char *end; /* of the current statement */
    size_t prefix;   /* the word of the current statement that is a prefix; 0: none is */
    size_t count;    /* words of the current statement */
    struct slice words[PARSER_WORDS_MAX];
};

/**
 * Record what is wrong with a word.
 * @param word its index; beyond the last: the end of the statement
 * @return SONDE_E_FORMAT
 */
int parser_fail(struct parser *parser, size_t word, const char *format, ...) FORMAT(3, 4);

/** Give a heap string to the scenario. Returns the string. */
const char *parser_keep(struct scenario *scenario, char *string);

/** The words from an index on, joined by single spaces; owned by the scenario. */
const char *parser_join(struct parser *parser, size_t first);

/**
 * Read a file as if its statements stood here.
 * @param word the index of the word that names it, for messages
 * @return 0 or an error with its context
 */
int parser_include(struct parser *parent, size_t word, const char *file);

/**
 * Check the current statement against the grammar and add what it says to the scenario.
 * @return 0 or SONDE_E_FORMAT with its context
 */
int grammar_apply(struct parser *parser);

#endif
